"""Historic name of :mod:`ptychopinn.historic.torch.api.base_api`."""

from ptychopinn.historic.torch.api.base_api import *
