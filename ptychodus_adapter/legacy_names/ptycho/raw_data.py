"""Historic name of :mod:`ptychopinn.legacy.raw_data`."""

import sys

from ptychopinn.legacy import raw_data

sys.modules[__name__] = raw_data
