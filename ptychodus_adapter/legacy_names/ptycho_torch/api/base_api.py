"""Historic name of :mod:`ptychopinn.backends.torch.base_api`."""

import sys

from ptychopinn.backends.torch import base_api

sys.modules[__name__] = base_api
