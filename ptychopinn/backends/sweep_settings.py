"""Settings of the sweeps inside the ``unrolled`` architecture, the same for every framework.

Chosen on measured and simulated scans alike: less regularisation or more momentum is faster on perfect
data but overshoots on a partially coherent beam. The floor of the modelled intensity falls from the mean
intensity to 1e-4 of it: bright pixels are fitted first, dark ones once the object gives them a phase.
"""

# More sweeps help a trained network on every scan tried; training with as many would see fewer patterns in
# the same time and gain nothing.
TRAINING_SWEEPS = 16
PREDICTION_SWEEPS = 40
ALPHA = 0.3
MOMENTUM = 0.7
LAST_FLOOR = -4.0
# Resolution levels of the U-Net below the canvas itself.
LEVELS = 3
