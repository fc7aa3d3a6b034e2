"""Historic name of :mod:`ptychopinn.historic.metadata`."""

import sys

from ptychopinn.historic.metadata import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.metadata"]
