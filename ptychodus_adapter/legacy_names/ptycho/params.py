"""Historic name of :mod:`ptychopinn.config.legacy_params`."""

import sys

from ptychopinn.config import legacy_params

sys.modules[__name__] = legacy_params
