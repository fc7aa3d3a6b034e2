"""Lightning checkpoints of the best epochs."""

from __future__ import annotations

from pathlib import Path

from lightning.pytorch.callbacks import ModelCheckpoint

from ptychopinn.config.execution import PyTorchExecutionConfig


def build_checkpoint(output_dir: Path, execution: PyTorchExecutionConfig, metric: str) -> ModelCheckpoint:
    """Return the callback that writes ``checkpoints/*.ckpt`` of the best epochs by a metric (Specification §4.9)."""
    return ModelCheckpoint(
        dirpath=output_dir / "checkpoints",
        filename="epoch-{epoch:04d}",
        monitor=metric,
        mode=execution.checkpoint_mode,
        save_top_k=execution.checkpoint_save_top_k,
        auto_insert_metric_name=False,
    )
