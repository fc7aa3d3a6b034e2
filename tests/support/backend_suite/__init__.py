"""Tests for every backend; the test module of a backend subclasses `BackendSuite` and sets its name."""

from __future__ import annotations

from backend_suite.archives import ArchiveTests
from backend_suite.options import OptionTests
from backend_suite.reconstruction import ReconstructionTests
from backend_suite.training import TrainingTests
from backend_suite.truth import TruthTests


class BackendSuite(ArchiveTests, TrainingTests, TruthTests, ReconstructionTests, OptionTests):
    """All tests of one backend."""
