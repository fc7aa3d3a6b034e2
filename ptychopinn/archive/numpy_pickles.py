"""Rebuild numpy arrays and scalars from an untrusted pickle.

numpy's own functions read the flags of a dtype from the pickle, so a forged pickle could declare raw bytes to be Python
objects, which amounts to running code. Here a dtype is created from its name alone, and only numeric and text dtypes
are accepted.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

# bool, integers, floats, complex numbers, bytes and text; with the item size in bytes or characters.
_PLAIN_DTYPE = re.compile(r"[biufcSU]\d{1,6}")
_BYTE_ORDERS = ("<", ">", "=", "|")


class PickledDtype:
    """A dtype described by a pickle."""

    __slots__ = ("dtype",)

    def __init__(self, name: Any, *_: Any) -> None:
        if not isinstance(name, str) or not _PLAIN_DTYPE.fullmatch(name):
            raise ValueError(f"arrays of dtype {name!r} are not plain numbers or text")
        self.dtype: np.dtype[Any] = np.dtype(name)

    def __setstate__(self, state: Any) -> None:
        order = state[1]
        if order not in _BYTE_ORDERS:
            raise ValueError(f"unknown byte order {order!r}")
        if order in "<>":
            self.dtype = self.dtype.newbyteorder(order)


class PickledArray:
    """An array described by a pickle; ``array`` is None until its state is read."""

    __slots__ = ("array",)

    def __init__(self, *_: Any) -> None:
        self.array: NDArray[Any] | None = None

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, fortran, data = state
        self.array = _from_bytes(data, dtype, shape, "F" if fortran else "C")


def array_from_state(function: Any, args: Any, state: Any, _: Any = None) -> PickledArray:
    """Rebuild an array from the function, arguments and state that dill stores."""
    array = function(*args)
    if not isinstance(array, PickledArray):
        raise TypeError("the pickled object is not an array")
    array.__setstate__(state)
    return array


def array_from_buffer(data: Any, dtype: Any, shape: Any, order: Any) -> PickledArray:
    """Rebuild an array from the bytes, dtype, shape and order that pickle protocol 5 stores."""
    result = PickledArray()
    result.array = _from_bytes(data, dtype, shape, order)
    return result


def scalar(dtype: Any, data: Any) -> Any:
    """Rebuild a numpy scalar from its dtype and bytes."""
    return _from_bytes(data, dtype, (), "C")[()]


def _from_bytes(data: Any, dtype: Any, shape: Any, order: Any) -> NDArray[Any]:
    if not isinstance(dtype, PickledDtype) or not isinstance(data, bytes | bytearray):
        raise TypeError("an array has no dtype or no bytes")
    if not isinstance(shape, tuple) or not all(type(side) is int and side >= 0 for side in shape):
        raise ValueError(f"{shape!r} is not the shape of an array")
    size = int(np.prod(shape, dtype=object))
    if size * dtype.dtype.itemsize != len(data):
        raise ValueError(f"an array of shape {shape} cannot have {len(data)} bytes")
    if not data:
        return np.empty(shape, dtype.dtype)
    return np.frombuffer(data, dtype.dtype).copy().reshape(shape, order="F" if order == "F" else "C")
