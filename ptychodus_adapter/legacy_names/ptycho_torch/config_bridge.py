"""Historic name of :mod:`ptychopinn.backends.torch.config_bridge`."""

import sys

from ptychopinn.backends.torch import config_bridge

sys.modules[__name__] = config_bridge
