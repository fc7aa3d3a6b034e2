"""Historic name of :mod:`ptychopinn.historic.torch.config_bridge`."""

import sys

from ptychopinn.historic.torch.config_bridge import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.torch.config_bridge"]
