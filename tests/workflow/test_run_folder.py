"""The log of a run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ptychopinn.workflow.run_folder import log_to


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_log_on_a_full_disk_prints_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with log_to(Path("/dev/full")) as logger:
        logger.info("reading")
    assert capsys.readouterr().err == ""
