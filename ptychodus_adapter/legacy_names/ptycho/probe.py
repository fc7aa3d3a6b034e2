"""Historic name of :mod:`ptychopinn.historic.probe`."""

import sys

from ptychopinn.historic.probe import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.probe"]
