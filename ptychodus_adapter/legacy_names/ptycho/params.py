"""Historic name of :mod:`ptychopinn.historic.params`."""

from ptychopinn.historic.params import *
