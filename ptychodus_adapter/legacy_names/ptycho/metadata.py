"""Historic name of :mod:`ptychopinn.historic.metadata`."""

import sys

from ptychopinn.historic import metadata

sys.modules[__name__] = metadata
