"""Historic name of :mod:`ptychopinn.historic.metadata`."""

from ptychopinn.historic.metadata import *
