"""The TensorFlow and Keras backend."""

import logging
import os

# TensorFlow reports every optional accelerator that is absent; its warnings and errors still come through.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Keras reads its backend once, when it is imported.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# Each training run traces its own functions; TensorFlow mistakes this for repeated tracing of one function.
logging.getLogger("tensorflow").addFilter(lambda record: "retracing" not in record.getMessage())
