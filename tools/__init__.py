"""What people run from a checkout. The services' packages and the layer are importable here, as they are in Lambda."""

import sys

from tools.base.services import import_folders

sys.path.extend(folder for folder in map(str, import_folders()) if folder not in sys.path)
