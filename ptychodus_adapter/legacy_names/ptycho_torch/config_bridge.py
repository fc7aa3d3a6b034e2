"""Historic name of :mod:`ptychopinn.historic.torch.config_bridge`."""

import sys

from ptychopinn.historic.torch import config_bridge

sys.modules[__name__] = config_bridge
