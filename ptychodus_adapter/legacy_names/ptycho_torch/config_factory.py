"""Historic name of :mod:`ptychopinn.historic.torch.config_factory`."""

from ptychopinn.historic.torch.config_factory import *
