"""Names of the files that a run writes and reads; this module imports nothing."""

from __future__ import annotations

# A training.
MODEL_FILE = "wts.h5.zip"
METRICS_FILE = "metrics.csv"
THUMBNAIL_FILE = "thumbnail.png"
# Every run: its log, and what repeats it.
LOG_FILE = "log.txt"
CONFIG_FILE = "config.yaml"
# A reconstruction.
OBJECT_FILE = "object.npz"
PRODUCT_FILE = "product.h5"
REPORT_FILE = "report.json"
AMPLITUDE_PNG, PHASE_PNG = "amplitude.png", "phase.png"
# A quality report; the last file replaces config.yaml in the folder of the object.
QUALITY_JSON, QUALITY_ARRAYS, QUALITY_PAGE = "quality.json", "quality.npz", "quality.png"
QUALITY_CONFIG = "quality.yaml"
# A calibration.
PROBE_FILE, PROBE_PNG, CALIBRATION_FILE = "probe.npz", "probe.png", "calibration.json"
# Files that the app adds to each run.
NOTE_FILE = "run.json"
PROCESS_LOG = "process.log"
# A simulated scan, and scans that a host exports.
SCAN_FILE = "scan.npz"
TRAIN_DATA_FILE, TEST_DATA_FILE = "train_data.npz", "test_data.npz"

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf", ".nxs", ".cxi")
