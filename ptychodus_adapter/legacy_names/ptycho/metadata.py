"""Historic name of :mod:`ptychopinn.legacy.metadata`."""

import sys

from ptychopinn.legacy import metadata

sys.modules[__name__] = metadata
