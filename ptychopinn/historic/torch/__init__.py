"""Historic modules that need PyTorch."""
