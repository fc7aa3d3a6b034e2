"""Where the amplitude of an untrained network begins, the same for every framework."""

# An untrained network should begin at full transmission: scale times activation(logit) is 1. From a dark
# start, the likelihood pushes the amplitude far beyond, and the phase is lost on the way.
START_LOGIT = {"sigmoid": 0.511, "softplus": 0.541, "swish": 1.278, "relu": 1.0}
# A sigmoid ends at 1, but the amplitude of a transmission near 1 fluctuates above it.
START_SCALE = {"sigmoid": 1.6, "softplus": 1.0, "swish": 1.0, "relu": 1.0}
