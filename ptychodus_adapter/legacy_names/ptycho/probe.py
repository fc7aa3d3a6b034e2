"""Historic name of :mod:`ptychopinn.historic.probe`."""

from ptychopinn.historic.probe import *
