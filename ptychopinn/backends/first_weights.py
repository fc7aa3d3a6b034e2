"""First weights of the ``cnn`` architecture, the same for every framework: their mean square times the inputs.

With the small weights that PyTorch begins with (1/3), a dozen layers lose the pattern, and hundreds of steps pass
before the object shows.
"""

# Features keep their size through a layer and its ReLU: He, Zhang, Ren and Sun, ICCV 2015, eq. 10.
BLOCK_POWER = 2.0
# The first object is nearly flat, whatever the features are.
HEAD_POWER = 0.01
