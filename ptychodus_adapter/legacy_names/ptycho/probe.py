"""Historic name of :mod:`ptychopinn.historic.probe`."""

import sys

from ptychopinn.historic import probe

sys.modules[__name__] = probe
