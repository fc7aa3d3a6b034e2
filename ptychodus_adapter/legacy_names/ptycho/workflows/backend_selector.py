"""Historic name of :mod:`ptychopinn.historic.backend_selector`."""

from ptychopinn.historic.backend_selector import *
