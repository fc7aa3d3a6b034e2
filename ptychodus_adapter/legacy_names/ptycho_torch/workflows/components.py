"""Historic name of :mod:`ptychopinn.historic.torch.components`."""

from ptychopinn.historic.torch.components import *
