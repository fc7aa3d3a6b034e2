"""Historic name of :mod:`ptychopinn.historic.torch.config_params`."""

from ptychopinn.historic.torch.config_params import *
