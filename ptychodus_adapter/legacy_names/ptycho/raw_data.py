"""Historic name of :mod:`ptychopinn.historic.raw_data`."""

import sys

from ptychopinn.historic.raw_data import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.raw_data"]
