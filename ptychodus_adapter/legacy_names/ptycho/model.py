"""Historic name of :mod:`ptychopinn.historic.model`."""

from ptychopinn.historic.model import *
