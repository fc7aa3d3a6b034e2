"""Historic name of the command-line helpers of the PyTorch backend."""
