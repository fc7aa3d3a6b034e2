"""Two distributions must not share the import names ``ptycho`` and ``ptycho_torch``."""

from __future__ import annotations

import importlib.metadata
from pathlib import PurePosixPath

_OWN = "ptychopinn"
_NAMES = ("ptycho", "ptycho_torch")


def other_owner() -> str | None:
    """Return another installed distribution that brings a package named like ours, or None.

    Only distributions with "ptycho" in their name are looked into: reading the files of all would take seconds.
    """
    for distribution in importlib.metadata.distributions():
        name = str(distribution.metadata["Name"] or "").lower()
        if "ptycho" not in name or name == _OWN:
            continue
        for file in distribution.files or ():
            if PurePosixPath(file).name == "__init__.py" and str(PurePosixPath(file).parent) in _NAMES:
                return name
    return None


def refuse_to_shadow() -> None:
    """Refuse to stand in for another distribution's package of the same name.

    Raises
    ------
    RuntimeError
        Another installed distribution brings it.
    """
    owner = other_owner()
    if owner is not None:
        raise RuntimeError(
            f"The distributions {owner!r} and {_OWN!r} both bring the package 'ptycho', and one hides the other; "
            f"expected one of them. Uninstall one: pip uninstall {owner}, or pip uninstall {_OWN}."
        )


def require_own(package: object) -> None:
    """Refuse a package of our name that another distribution owns.

    Raises
    ------
    RuntimeError
        ``package`` is not this distribution's.
    """
    # A module without a file was made by the program itself, which knows what it does.
    place = getattr(package, "__file__", None)
    if place is not None and not getattr(package, "PTYCHOPINN_STUDIO", False):
        raise RuntimeError(
            f"The package 'ptycho' that Python found in {place} is not this distribution's and hides it; expected "
            f"ours. Remove it from the path, or uninstall its distribution."
        )
