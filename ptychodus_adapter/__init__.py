"""Adapter for ptychodus: a trainable reconstructor built on this library, and the data types it uses.

The types are those of ptychodus if it is installed, otherwise lightweight stand-ins. No framework is loaded until a
job runs.
"""

from ptychodus_adapter.arrays import create_raw_data
from ptychodus_adapter.library import PtychoPINNReconstructorLibrary
from ptychodus_adapter.reconstructor import PtychoPINNTrainableReconstructor

__all__ = ["PtychoPINNReconstructorLibrary", "PtychoPINNTrainableReconstructor", "create_raw_data"]
