"""The TensorFlow and Keras backend."""

import os

# TensorFlow reports every optional accelerator that is absent; its warnings and errors still come through.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Keras reads its backend once, when it is imported.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
