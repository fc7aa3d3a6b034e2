"""Historic name of :mod:`ptychopinn.historic.raw_data`."""

from ptychopinn.historic.raw_data import *
