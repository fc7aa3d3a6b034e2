"""Historic name of :mod:`ptychopinn.historic.config`."""

import sys

from ptychopinn.historic.config import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.config"]
