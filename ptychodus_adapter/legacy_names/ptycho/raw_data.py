"""Historic name of :mod:`ptychopinn.historic.raw_data`."""

import sys

from ptychopinn.historic import raw_data

sys.modules[__name__] = raw_data
