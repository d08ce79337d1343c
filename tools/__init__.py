"""What people run from a checkout. The services' packages and the layer are importable here, as they are in Lambda."""

import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_FOLDERS = ("layers/common/python", "users", "bet", "wallet", "payment", "notifications", "frontend-api")
sys.path.extend(str(_ROOT / folder) for folder in _FOLDERS if str(_ROOT / folder) not in sys.path)
