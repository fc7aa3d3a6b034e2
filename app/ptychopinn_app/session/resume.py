"""Training that goes on from the open model (no Qt)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptychopinn.config.model import NETWORK_FIELDS

if TYPE_CHECKING:
    from ptychopinn_app.session.session import Session


class Resume:
    """Starts a training whose first weights are those of the open model."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def why_not(self) -> str:
        """Give the reason why the training cannot go on, empty when it can."""
        session, model = self._session, self._session.model
        if model is None:
            return "Open a model first, or train one."
        if reason := session.why_not_train():
            return reason
        if model.backend != session.config.backend:
            return f"The model belongs to the {model.backend} backend; choose that one."
        values = session.config.values("model")
        for field in NETWORK_FIELDS:
            if field in model.settings and model.settings[field] != values.get(field):
                return f"The model was trained with {field} {model.settings[field]}, the settings say {values[field]}."
        return ""

    def start(self) -> None:
        """Go on training the open model on the open scan."""
        session = self._session
        if (reason := self.why_not()) or session.dataset is None:
            session.notified.emit("warning", reason)
            return
        session.queue.add("train", scan=session.dataset, test=session.test_dataset, start_from=session.model)
