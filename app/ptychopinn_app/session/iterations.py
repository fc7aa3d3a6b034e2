"""Jobs of the iterative engine: quick look, probe calibration, refinement, report (no Qt)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ptychopinn.results import Calibration
from ptychopinn_app.checks import readiness
from ptychopinn_app.records import Scan
from ptychopinn_app.runs import folder as runs

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session


class Iterations:
    """Starts the jobs that need no network, and keeps track of the probe that one of them found."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._probed: Path | None = None

    def why_not(self) -> str:
        """Give the reason why a quick look or a calibration cannot start, empty when it can."""
        return self._why_not(self._session.dataset)

    def why_not_refine(self) -> str:
        """Give the reason why the shown object cannot be refined, empty when it can."""
        if self._session.result is None:
            return "Reconstruct an object first, or take a quick look."
        return self._why_not(self._session.test_dataset or self._session.dataset)

    def _why_not(self, scan: Scan | None) -> str:
        return readiness.scan_problem(self._session, scan) or readiness.first_problem(
            self._session, "iterations", "execution"
        )

    def quick_look(self) -> None:
        """Show the object after a few sweeps from nothing: do data, probe and positions belong together?"""
        self._on_scan("quick_look")

    def calibrate(self) -> None:
        """Find the probe from the data and use it for the next trainings and reconstructions of this scan."""
        self._on_scan("calibrate")

    def refine(self) -> None:
        """Go on from the shown object by sweeps over its patterns."""
        self._on_result("refine")

    def report(self) -> None:
        """Judge the shown object: R of every pattern, coverage, halves of the scan against each other."""
        self._on_result("report")

    def _on_scan(self, kind: str) -> None:
        session, scan = self._session, self._session.dataset
        if (reason := self.why_not()) or scan is None:
            session.notified.emit("warning", reason)
            return
        session.queue.add(kind, scan=scan)

    def _on_result(self, kind: str) -> None:
        session = self._session
        scan = session.test_dataset or session.dataset
        if (reason := self.why_not_refine()) or scan is None or session.result is None:
            session.notified.emit("warning", reason)
            return
        session.queue.add(kind, object_file=session.result.run_dir / runs.OBJECT_FILE, scan=scan)

    def use_probe(self, found: Calibration) -> None:
        """Take a probe into the settings and say what it is worth; that of another scan is only named."""
        scan = self._session.dataset
        if scan is None or not _found_for(scan, found.probe_path):
            words = f"The probe is in {found.run_dir.name}. It is not used, as another scan is open."
            self._session.notified.emit("info", words)
            return
        for section in ("training", "inference"):
            self._session.set_value(section, "probe_file", found.probe_path)
        self._session.notified.emit(
            "success",
            f"R {found.r_before:.3f} with the probe of the file, {found.r_after:.3f} with the new one, which is used"
            " from now on. Clear the field Probe in Training and Inference to undo this.",
        )

    def forget_probe(self, scan: Scan) -> None:
        """Drop a probe that was found or chosen for another scan; one of an earlier session stays with its scan."""
        if scan.path != self._probed:
            for section in ("training", "inference"):
                if not _found_for(scan, self._session.config.values(section).get("probe_file")):
                    self._session.config.set(section, "probe_file", None)
        self._probed = scan.path


def _found_for(scan: Scan, probe: object) -> bool:
    """Whether a file is the probe that a calibration found for a scan, as the note of its run says."""
    if not isinstance(probe, Path) or not probe.is_file():
        return False
    data = runs.read_note(probe.parent).get("data")
    return isinstance(data, str) and Path(data) == scan.path
