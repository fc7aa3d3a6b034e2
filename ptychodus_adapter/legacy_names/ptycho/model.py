"""Historic name of :mod:`ptychopinn.historic.model`."""

import sys

from ptychopinn.historic.model import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.model"]
