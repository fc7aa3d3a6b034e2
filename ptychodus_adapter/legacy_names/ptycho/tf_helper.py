"""Historic name of :mod:`ptychopinn.historic.tensorflow.tf_helper`."""

from ptychopinn.historic.tensorflow.tf_helper import *
