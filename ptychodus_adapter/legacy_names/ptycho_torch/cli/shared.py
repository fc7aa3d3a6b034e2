"""Historic name of :mod:`ptychopinn.historic.cli.shared`."""

from ptychopinn.historic.cli.shared import *
