"""The memory that a training needs against what is free: one line, and a warning with its mend (no Qt)."""

from __future__ import annotations

from collections.abc import Iterator

from ptychopinn_app.checks.finding import Check, check, set_to
from ptychopinn_app.checks.memory import training_bytes
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Scan
from ptychopinn_app.services.memory import in_gb


def memory_line(need: int | None, free: int | None, on_gpu: bool) -> str:
    """Say 'Needs about 2.1 GB of 21 GB free'; empty while nothing can be said."""
    if need is None:
        return ""
    of = f" of {in_gb(free)} GB {'on GPU' if on_gpu else 'free'}" if free is not None else ""
    return f"Needs about {in_gb(need)} GB{of}"


def memory_checks(
    config: JobSettings, scan: Scan | None, test: Scan | None, free: int | None, on_gpu: bool
) -> Iterator[Check]:
    """Warn of a training that needs more than is free, and offer the largest batch that fits."""
    need = training_bytes(config, scan, test, gpu=on_gpu)
    if need is None or free is None or need <= free:
        return
    where = "on the GPU" if on_gpu else "in memory"
    words = f"Training needs about {in_gb(need)} GB, and {in_gb(free)} GB are free {where}."
    batch = config.values("training").get("batch_size")
    smaller = batch if isinstance(batch, int) else 1
    while smaller > 1:
        smaller = 2 ** ((smaller - 1).bit_length() - 1)
        less = training_bytes(config, scan, test, batch_size=smaller, gpu=on_gpu)
        if less is not None and less <= free:
            yield check("warning", "memory", words, set_to("batch size", "training", "batch_size", smaller))
            return
    yield check("warning", "memory", f"{words} Take a smaller grid size or a narrower network, or close programs.")
