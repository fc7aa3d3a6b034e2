"""The ``.dill`` members of archives: plain data, written by dill and read without executing code."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any, ClassVar

import numpy as np

from ptychopinn.archive import numpy_pickles
from ptychopinn.errors import ArchiveError

_PROTOCOL = 4  # The newest that every supported Python reads.


class _Callable:
    """A wrapper that lets a pickle call a function but not set its attributes."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any) -> Any:
        return self._function(*args)

    def __setstate__(self, state: Any) -> None:
        raise TypeError("a pickled function must not have state")


def _dill_type(name: str) -> type:
    """Return the built-in type that dill stored by name."""
    return _BUILTINS[name]


# Types written in C: a pickle cannot set their attributes.
_BUILTINS: dict[str, type] = {kind.__name__: kind for kind in (complex, set, frozenset)}

_ALLOWED: dict[tuple[str, str], Any] = {
    **{("builtins", name): kind for name, kind in _BUILTINS.items()},
    ("collections", "OrderedDict"): _Callable(dict),
    ("numpy", "ndarray"): _Callable(numpy_pickles.PickledArray),
    ("numpy", "dtype"): _Callable(numpy_pickles.PickledDtype),
    ("dill._dill", "_create_array"): _Callable(numpy_pickles.array_from_state),
    ("dill._dill", "_load_type"): _Callable(_dill_type),
}
for _core in ("numpy.core", "numpy._core"):
    _ALLOWED[f"{_core}.multiarray", "_reconstruct"] = _Callable(numpy_pickles.PickledArray)
    _ALLOWED[f"{_core}.multiarray", "scalar"] = _Callable(numpy_pickles.scalar)
    _ALLOWED[f"{_core}.numeric", "_frombuffer"] = _Callable(numpy_pickles.array_from_buffer)
# A pickled path names the system it was written on; any of them becomes a path of this one.
for _module in ("pathlib", "pathlib._local"):
    for _name in ("Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath"):
        _ALLOWED[_module, _name] = _Callable(Path)

# What the unpickler raises on damaged or forged bytes.
_DAMAGE = (pickle.UnpicklingError, struct.error, EOFError, AssertionError, TypeError, ValueError, LookupError)
_RARE_DAMAGE = (AttributeError, ImportError, OverflowError, MemoryError, RecursionError)
_CONTAINERS: tuple[type, ...] = (dict, list, tuple, set, frozenset)


def dumps(value: Any) -> bytes:
    """Serialise plain data with dill: containers, numbers, text, bytes and numpy arrays. Paths become text.

    Raises
    ------
    ArchiveError
        ``value`` contains something other than plain data; the message names the type and the place.
    """
    import dill  # Only needed to write; it takes longer to import than an archive takes to open.

    return bytes(dill.dumps(_rebuilt(value, _plain, "value", {}), protocol=_PROTOCOL))


def loads(data: bytes, source: str = "the archive") -> Any:
    """Return plain data from a pickle; nothing in the pickle is ever executed.

    Only plain containers, numbers, text, bytes, paths and numpy arrays are built. Python's own pickle would call any
    function that the bytes name.

    Raises
    ------
    ArchiveError
        The bytes are damaged or refer to anything else; the message names ``source``.
    """
    try:
        return _rebuilt(_PlainUnpickler(data, source).load(), _finished, source, {}, paths=False)
    except ArchiveError:
        raise
    except (*_DAMAGE, *_RARE_DAMAGE) as error:
        detail = str(error) or type(error).__name__
        raise ArchiveError(
            f"{source} is damaged and cannot be read ({detail})", mend="Save or copy the model again."
        ) from error


# The unpickler written in Python: forged bytes cannot reach memory faults of the one written in C, which
# for instance loses track of a truncated bytearray. Archives are too small for speed to matter.
class _PlainUnpickler(pickle._Unpickler):
    def __init__(self, data: bytes, source: str) -> None:
        super().__init__(io.BytesIO(data))
        self._source = source

    def find_class(self, module: str, name: str, /) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise _refused(self._source, f"{module}.{name}") from None

    def load_bytearray8(self) -> None:
        """Read a bytearray (pickle protocol 5); Python's own method would allocate any declared length."""
        (length,) = struct.unpack("<Q", self.read(8))  # type: ignore[attr-defined]
        self.append(bytearray(self.read(length)))  # type: ignore[attr-defined]

    dispatch: ClassVar[dict[int, Callable[..., None]]] = {
        **pickle._Unpickler.dispatch,
        pickle.BYTEARRAY8[0]: load_bytearray8,
    }

    def persistent_load(self, pid: Any, /) -> Any:
        raise _refused(self._source, f"the external object {pid!r}")


def _refused(source: str, what: str) -> ArchiveError:
    return ArchiveError(
        f"{source} requests {what}, which is not plain data",
        "only containers, numbers, text, paths and numpy arrays",
        "Opening it could run code, so it was refused and nothing was executed. "
        "Use a model from a source that you trust, saved by PtychoPINN Studio.",
    )


def _rebuilt(
    value: Any, leaf: Callable[[Any, str], Any], where: str, done: dict[int, Any], *, paths: bool = True
) -> Any:
    """Return a copy made of built-in containers, with everything else replaced by the result of ``leaf``.

    ``done`` maps the id of each container to its copy, so that shared containers stay shared. While a container is
    being copied, its id maps to ``done`` itself, which reveals circular references. With ``paths=False``, keys are not
    appended to ``where``, because forged keys could be arbitrarily long.
    """
    kind = next((kind for kind in _CONTAINERS if isinstance(value, kind)), None)
    if kind is None:
        return leaf(value, where)
    if done.get(id(value)) is done:
        remedy = "Remove the circular reference before saving the model."
        raise ArchiveError(f"{where} contains itself", "plain data", remedy)
    if id(value) not in done:
        done[id(value)] = done
        parts = []
        for key, item in value.items() if kind is dict else enumerate(value):
            inside = f"{where}[{key!r}]" if paths else where
            part = _rebuilt(item, leaf, inside, done, paths=paths)
            parts.append((_rebuilt(key, leaf, f"a key of {where}", done, paths=paths), part) if kind is dict else part)
        done[id(value)] = kind(parts)
    return done[id(value)]


def _plain(value: Any, where: str) -> Any:
    """Convert a value to a plain built-in type or a numpy value before writing."""
    if value is None or type(value) in (bool, int, float, complex, str, bytes):
        return value
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufcSU":
        return np.asarray(value) if isinstance(value, np.ndarray) else value
    for base in (bool, int, float, str):  # Subclasses such as enumerations of text.
        if isinstance(value, base):
            return base(value)
    raise ArchiveError(
        f"{where} is a {type(value).__module__}.{type(value).__qualname__}",
        "plain data: containers, numbers, text, bytes, paths or numpy arrays",
        "Convert it before saving the model.",
    )


def _finished(value: Any, source: str) -> Any:
    """Return a value that was read, or the array that it describes; reject anything but plain data."""
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | Path | np.generic):
        return value
    if isinstance(value, numpy_pickles.PickledArray) and value.array is not None:
        return value.array
    raise _refused(source, f"{type(value).__module__}.{type(value).__qualname__}")
