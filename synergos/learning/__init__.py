"""What a TTP and its participants both need: networks, objectives, statistics, and the arithmetic of agreeing.

Nothing here opens a file with rows or speaks HTTP.
"""

import os

# Flower reads these when it is imported, and both rooms that import it come here first.
os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")
os.environ.setdefault("FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION", "1")
