"""Historic name of :mod:`ptychopinn.historic.torch.ptycho_lightning`."""

from ptychopinn.historic.torch.ptycho_lightning import *
