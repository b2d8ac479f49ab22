"""What a TTP and its participants both need: networks, objectives, statistics, and the arithmetic of agreeing.

Nothing here opens a file with rows or speaks HTTP.
"""
