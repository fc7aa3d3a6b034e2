"""Adapter for ptychodus: a trainable reconstructor over this library, and what it takes to embed it.

Works with ptychodus' own types where ptychodus is installed and with light stand-ins where it is not; loads
no framework until a job runs.
"""

from ptychodus_adapter.arrays import create_raw_data
from ptychodus_adapter.library import PtychoPINNReconstructorLibrary
from ptychodus_adapter.reconstructor import PtychoPINNTrainableReconstructor

__all__ = ["PtychoPINNReconstructorLibrary", "PtychoPINNTrainableReconstructor", "create_raw_data"]
