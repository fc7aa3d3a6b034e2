"""Historic name of :mod:`ptychopinn.historic.torch.model_manager`."""

from ptychopinn.historic.torch.model_manager import *
