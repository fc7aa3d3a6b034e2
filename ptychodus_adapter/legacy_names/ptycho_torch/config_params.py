"""Historic name of :mod:`ptychopinn.historic.torch.config_params`."""

import sys

from ptychopinn.historic.torch.config_params import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.torch.config_params"]
