"""Historic name of :mod:`ptychopinn.historic.torch.lightning_utils`."""

from ptychopinn.historic.torch.lightning_utils import *
