"""Number of processes that train together, and the rank of the current process.

Several processes are started in one of three ways: by Lightning, which runs the command again for each extra device,
by a launcher (torchrun), or by SLURM. All of them set environment variables.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping
from dataclasses import dataclass

from ptychopinn.config.execution import PyTorchExecutionConfig
from ptychopinn.errors import ConfigError


@dataclass(frozen=True)
class Processes:
    """Processes of one training run.

    Attributes
    ----------
    per_node, nodes : int
        Number of processes per node, and number of nodes.
    rank : int
        Rank of this process, counted from 0; process 0 reports and writes.
    """

    per_node: int = 1
    nodes: int = 1
    rank: int = 0

    @property
    def world(self) -> int:
        """Total number of processes."""
        return self.per_node * self.nodes

    @property
    def is_main(self) -> bool:
        """Whether this process reports and writes."""
        return self.rank == 0

    @classmethod
    def from_config(
        cls, execution: PyTorchExecutionConfig | None, environment: Mapping[str, str] = os.environ
    ) -> Processes:
        """Determine the processes from an execution configuration and the environment.

        Raises
        ------
        ConfigError
            Several devices are requested in a child process, which cannot run the command again for each device.
            The exception is also a ValueError.
        """
        if execution is None or not (execution.devices > 1 or execution.strategy.startswith("ddp")):
            return cls()

        def number(name: str, default: int) -> int:
            text = environment.get(name, "")
            return int(text) if text.isdigit() else default

        if "LOCAL_WORLD_SIZE" in environment:  # torchrun
            local = number("LOCAL_WORLD_SIZE", 1)
            return cls(local, max(number("WORLD_SIZE", local) // local, 1), number("RANK", 0))
        tasks = number("SLURM_NTASKS", 1)
        if tasks > 1:
            nodes = number("SLURM_NNODES", 1)
            return cls(max(tasks // nodes, 1), nodes, number("SLURM_PROCID", 0))
        if execution.devices > 1 and multiprocessing.parent_process() is not None:
            raise ConfigError(
                f"training on {execution.devices} devices starts the program again for each device",
                "training to be started from the command line",
                "Train with the command 'ptychopinn train', or set devices to 1.",
            )
        return cls(execution.devices, 1, number("LOCAL_RANK", 0) if execution.devices > 1 else 0)
