"""Fake jobs without a backend: they are pickled by name and report like real jobs."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ptychopinn.config.iterative import IterativeConfig
from ptychopinn.events import Batch, Epoch, Phase, Preview
from ptychopinn.results import ReconstructResult, TrainResult
from ptychopinn_app.jobs.tasks import ScanWork

Emit = Callable[[object], None]
Stop = Callable[[], bool]
SIZE = 48


def ok(emit: Emit, stop: Stop, n: int = 3) -> int:
    for index in range(n):
        emit(Phase(f"step {index}"))
    return n


def boom(emit: Emit, stop: Stop) -> None:
    raise ValueError("gridsize must be positive")


def doubled(n: int) -> int:
    return 2 * n


def refused() -> None:
    raise ValueError("gridsize must be positive")


def dying() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def own_error(emit: Emit, stop: Stop) -> None:
    from ptychopinn.errors import DataError

    raise DataError("The scan has 3 patterns", "10 or more", "Measure longer.")


def segv(emit: Emit, stop: Stop) -> None:
    print("about to crash")
    ctypes.string_at(0)


def killed(emit: Emit, stop: Stop) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def loop(emit: Emit, stop: Stop) -> str:
    emit(Phase("looping"))
    while not stop():
        time.sleep(0.01)
    return "kept"


def deaf(emit: Emit, stop: Stop) -> None:
    emit(Phase("deaf"))
    while True:
        time.sleep(0.05)


def family(emit: Emit, stop: Stop) -> None:
    """Start another process, as training on several devices does, and wait."""
    import subprocess
    import sys

    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    emit(Phase(str(other.pid)))
    time.sleep(600)


def environment(emit: Emit, stop: Stop, name: str) -> str | None:
    return os.environ.get(name)


def modules(emit: Emit, stop: Stop, names: tuple[str, ...]) -> tuple[str, ...]:
    import sys

    return tuple(name for name in names if name in sys.modules)


def train(
    emit: Emit, stop: Stop, on: ScanWork, *, config: Any, epochs: int = 3, pause: float = 0.0, **others: Any
) -> TrainResult:
    """Report a falling loss and an object that sharpens; write the files of a training run."""
    emit(Phase("reading the scan"))
    print("INFO  fake training begins", flush=True)
    losses, val_losses = [], []
    done = 0
    for epoch in range(1, epochs + 1):
        for batch in range(1, 4):
            time.sleep(pause)
            emit(Batch(epoch, epochs, batch, 3, 1 / epoch))
        losses.append(1 / epoch)
        val_losses.append(1.2 / epoch)
        done = epoch
        emit(Epoch(epoch, epochs, losses[-1], val_losses[-1], 0.1, 0.1 * (epochs - epoch), 1e-3, True))
        emit(Preview(epoch, *picture(epoch)))
        if stop():
            break
    model = write_model(on.run_dir / "wts.h5.zip", config.model.N, config.model.gridsize)
    lines = [f"{n + 1},{loss},{val}" for n, (loss, val) in enumerate(zip(losses, val_losses, strict=True))]
    (on.run_dir / "metrics.csv").write_text("\n".join(["epoch,loss,val_loss", *lines]) + "\n")
    return TrainResult(
        on.run_dir, model, {"loss": tuple(losses), "val_loss": tuple(val_losses)}, done, done, 0.3, done < epochs
    )


def endless_train(emit: Emit, stop: Stop, on: ScanWork, **arguments: Any) -> TrainResult:
    return train(emit, stop, on, epochs=100_000, pause=0.01, **arguments)


def reconstruct(emit: Emit, stop: Stop, on: ScanWork, **others: Any) -> ReconstructResult:
    """Write the files of a reconstruction."""
    import json

    from ptychopinn.product import hdf5, npz
    from ptychopinn.product.product import Product

    emit(Phase("stitching"))
    output_dir = on.run_dir
    amplitude, phase = picture(5)
    product = Product(amplitude * np.exp(1j * phase), np.ones((1, 16, 16)), np.full((4, 2), 20.0), 2e-8)
    npz.write(output_dir / "object.npz", product)
    hdf5.write(output_dir / "product.h5", product)
    report = {"r_factor": 0.081, "noise_floor": 0.046, "n_patterns": 516, "seconds": 3.2, "notices": []}
    (output_dir / "report.json").write_text(json.dumps(report))
    names = ("object.npz", "product.h5", "amplitude.png", "phase.png", "report.json")
    return ReconstructResult(output_dir, *(output_dir / name for name in names), 0.081, 0.046, 3.2, 516)


def picture(epoch: int) -> tuple[Any, Any]:
    """Return amplitude and phase of an object that sharpens with the epochs."""
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32) / SIZE
    contrast = min(1.0, epoch / 4)
    amplitude = 1.0 + 0.3 * contrast * np.sin(18 * x) * np.sin(14 * y)
    return amplitude.astype(np.float32), (contrast * np.cos(16 * (x + y))).astype(np.float32)


def write_model(path: Path, size: int = 32, gridsize: int = 1) -> Path:
    """Write an archive with a manifest and an empty payload."""
    from ptychopinn.archive.bundle import write_bundle
    from ptychopinn.archive.manifest import new_manifest

    config = {"model": {"N": size, "gridsize": gridsize}}
    write_bundle(path, {"payload.bin": b"weights"}, new_manifest("pytorch", "a test", config))
    return path


def quick_look(emit: Emit, stop: Stop, on: ScanWork, config: IterativeConfig) -> ReconstructResult:
    return reconstruct(emit, stop, on)


def keeping_train(emit: Emit, stop: Stop, on: ScanWork, **arguments: Any) -> TrainResult:
    """Train as the real job does, which stores its previews."""
    from ptychopinn_app.runs.preview_store import PreviewStore

    store = PreviewStore(on.run_dir)

    def keep(event: object) -> None:
        if isinstance(event, Preview):
            store.add(event)
        emit(event)

    return train(keep, stop, on, **arguments)


def keeping_endless_train(emit: Emit, stop: Stop, on: ScanWork, **arguments: Any) -> TrainResult:
    # Slow enough that a busy machine can follow before the first previews are thinned out.
    return keeping_train(emit, stop, on, epochs=100_000, pause=0.04, **arguments)


def keeping_long_train(emit: Emit, stop: Stop, on: ScanWork, **arguments: Any) -> TrainResult:
    """Report more previews than are stored."""
    return keeping_train(emit, stop, on, epochs=125, **arguments)


def keeping_quick_look(emit: Emit, stop: Stop, on: ScanWork, config: IterativeConfig) -> ReconstructResult:
    """Iterate three sweeps and store a preview of each."""
    from ptychopinn_app.runs.preview_store import PreviewStore

    store = PreviewStore(on.run_dir)
    for sweep in range(1, 4):
        preview = Preview(sweep, *picture(sweep))
        store.add(preview)
        emit(preview)
    return quick_look(emit, stop, on, config)


def train_that_cannot_be_saved(emit: Emit, stop: Stop, *arguments: Any, **named: Any) -> None:
    """Train until stopped, then find the disk full."""
    loop(emit, stop)
    raise OSError(errno.ENOSPC, "No space left on device")


def endless_job(emit: Emit, stop: Stop, *arguments: Any, **named: Any) -> None:
    loop(emit, stop)


def missing(emit: Emit, stop: Stop, *arguments: Any, **named: Any) -> None:
    """Import a module that is not installed."""
    raise ModuleNotFoundError("No module named 'no_such_module'")


def failing_train(emit: Emit, stop: Stop, *arguments: Any, **named: Any) -> None:
    own_error(emit, stop)


def stopped_train(emit: Emit, stop: Stop, *arguments: Any, **named: Any) -> None:
    """Stop responding, like a process that hangs in a driver."""
    emit(Phase("hanging"))
    os.kill(os.getpid(), signal.SIGSTOP)


def crashing_train(emit: Emit, stop: Stop, on: ScanWork, **arguments: Any) -> None:
    """Crash after the first weights were saved."""
    write_model(on.run_dir / "wts.h5.zip")
    print("about to end", flush=True)
    segv(emit, stop)


def killed_train(emit: Emit, stop: Stop, *arguments: Any, **named: Any) -> None:
    print("about to end", flush=True)
    killed(emit, stop)
