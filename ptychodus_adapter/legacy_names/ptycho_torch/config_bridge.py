"""Historic name of :mod:`ptychopinn.historic.torch.config_bridge`."""

from ptychopinn.historic.torch.config_bridge import *
