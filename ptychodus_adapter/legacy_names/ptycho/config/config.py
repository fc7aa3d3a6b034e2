"""Historic name of :mod:`ptychopinn.historic.config`."""

from ptychopinn.historic.config import *
