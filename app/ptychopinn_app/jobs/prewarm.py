"""A child process that imports the chosen backend while the user is idle, so that a job starts quickly."""

from __future__ import annotations

from ptychopinn_app.jobs.process import ChildProcess

WORKFLOW = ("ptychopinn.workflow.train", "ptychopinn.workflow.reconstruct")
MODULES: dict[str, tuple[str, ...]] = {
    "pytorch": ("ptychopinn.backends.torch.backend", *WORKFLOW),
    "tensorflow": ("ptychopinn.backends.tensorflow.backend", *WORKFLOW),
}


class Prewarmer:
    """Keeps at most one idle child ready."""

    def __init__(self) -> None:
        self._child: ChildProcess | None = None
        self._backend = ""

    @property
    def ready(self) -> bool:
        """Whether a child is waiting."""
        return self._child is not None and self._child.alive

    def start(self, backend: str, modules: tuple[str, ...] | None = None) -> None:
        """Start a child for a backend; first end a child for another backend."""
        if self.ready and self._backend == backend:
            return
        self.close()
        self._backend = backend
        self._child = ChildProcess()
        self._child.send("warm", MODULES.get(backend, ()) if modules is None else modules)

    def take(self, backend: str) -> ChildProcess | None:
        """Hand over the waiting child; None if there is none for this backend."""
        if not self.ready or self._backend != backend:
            return None
        child, self._child = self._child, None
        return child

    def close(self) -> None:
        """End the waiting child."""
        if self._child is not None:
            self._child.kill()
            self._child.close()
            self._child = None
