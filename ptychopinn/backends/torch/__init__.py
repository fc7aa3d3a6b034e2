"""The PyTorch and Lightning backend."""

import os

# OpenMP threads that spin at barriers waste whole time slices when another program uses a core:
# on two cores, small tensors were 10 to 30 times slower. torch reads the variable when it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
