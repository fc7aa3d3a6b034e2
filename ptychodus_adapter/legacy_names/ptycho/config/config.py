"""Historic name of :mod:`ptychopinn.config.legacy_api`."""

import sys

from ptychopinn.config import legacy_api

sys.modules[__name__] = legacy_api
