"""Historic name of :mod:`ptychopinn.historic.backend_selector`."""

import sys

from ptychopinn.historic.backend_selector import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.backend_selector"]
