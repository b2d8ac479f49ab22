"""What both ends of a grid of machines need: Flower's processes, keys, certificates, and questions that travel.

Needs ``pip install '.[sandbox]'``.
"""
