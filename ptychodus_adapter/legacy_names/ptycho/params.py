"""Historic name of :mod:`ptychopinn.historic.params`."""

import sys

from ptychopinn.historic.params import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.params"]
