"""Historic name of :mod:`ptychopinn.historic.backend_selector`."""

import sys

from ptychopinn.historic import backend_selector

sys.modules[__name__] = backend_selector
