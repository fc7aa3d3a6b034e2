"""Historic modules that need TensorFlow."""
