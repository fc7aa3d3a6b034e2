"""The TensorFlow and Keras backend."""

import logging
import os

# TensorFlow reports every optional accelerator that is absent; its warnings and errors still come through.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Keras reads its backend once, when it is imported.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# Every training traces functions of its own, which TensorFlow mistakes for one function that is traced again and again.
logging.getLogger("tensorflow").addFilter(lambda record: "retracing" not in record.getMessage())
