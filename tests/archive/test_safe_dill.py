from __future__ import annotations

import collections
import contextlib
import os
import pickle
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import dill
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptychopinn.archive.safe_dill import dumps, loads
from ptychopinn.errors import ArchiveError

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)

ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.asfortranarray(np.arange(6, dtype=np.complex64).reshape(2, 3)),
    np.array(["a", "bc"]),
    np.arange(3, dtype=">i4"),
    np.empty((0, 4)),
    np.array(3),
    np.float32(1.5),
    np.complex128(1 + 2j),
    np.bool_(True),
]


@given(plain)
def test_plain_data_comes_back_equal(value: Any) -> None:
    assert loads(dumps(value)) == value


@pytest.mark.parametrize("value", ARRAYS, ids=repr)
@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_arrays_of_every_pickle_protocol_are_read(value: Any, protocol: int) -> None:
    for data in (dumps(value), pickle.dumps(value, protocol)):
        again = loads(data)
        np.testing.assert_array_equal(again, value)
        assert again.dtype == value.dtype and type(again) is type(value)


@pytest.mark.parametrize("module", [b"numpy.core.multiarray", b"numpy._core.multiarray"])
def test_both_spellings_of_numpys_core_are_read(module: bytes) -> None:
    for spelling in (b"numpy._core.multiarray", b"numpy.core.multiarray"):
        data = pickle.dumps(np.arange(3), 2 + 1).replace(spelling, module)
    np.testing.assert_array_equal(loads(data), np.arange(3))


def test_sets_complex_numbers_and_ordered_dictionaries_are_read() -> None:
    value = [{1, 2}, frozenset({3}), 1 + 2j, collections.OrderedDict(a=1), b"x"]
    assert loads(pickle.dumps(value, 4)) == value


def test_what_is_written_is_what_dill_writes() -> None:
    value = {"N": 64, "intensity_scale": np.float64(3.5), "scale": 1j, "names": {"a"}, "path": "x/y"}
    for each in (value, *ARRAYS):
        assert dumps(each) == dill.dumps(each, protocol=4)
    assert dill.loads(dumps(value)) == loads(dumps(value)) == value
    np.testing.assert_array_equal(dill.loads(dumps(ARRAYS[0])), ARRAYS[0])


def test_equal_data_gives_equal_bytes() -> None:
    assert dumps({"a": [1, 2.5], "b": "x"}) == dumps({"a": [1, 2.5], "b": "x"})


def test_dill_is_imported_to_write_only() -> None:
    code = "import sys, pickle; from ptychopinn.archive import bundle, safe_dill; safe_dill.loads(pickle.dumps(1, 4)); "
    done = subprocess.run([sys.executable, "-c", code + "print('dill' in sys.modules)"], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


def test_paths_are_written_as_text_and_read_as_paths_of_this_system() -> None:
    assert loads(dumps({"model_path": Path("a") / "b"})) == {"model_path": str(Path("a") / "b")}
    assert loads(pickle.dumps(PurePosixPath("a/b"))) == Path("a/b")


def test_what_is_not_plain_is_named_with_its_place() -> None:
    with pytest.raises(ArchiveError, match=r"value\['config'\]\[1\] is a builtins\.function"):
        dumps({"config": [1, lambda: None]})
    with pytest.raises(ArchiveError, match=r"value\['a'\] is a numpy\.ndarray"):
        dumps({"a": np.array([None])})
    with pytest.raises(ArchiveError, match=r"value\['a'\] is a numpy\.ndarray"):
        dumps({"a": np.zeros(2, dtype=[("y", "f4")])})


def test_a_loop_is_named() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ArchiveError, match="contains itself"):
        dumps(loop)


def test_something_shared_is_no_loop() -> None:
    shared = [1, 2]
    assert loads(dumps({"a": shared, "b": [shared, shared]})) == {"a": [1, 2], "b": [[1, 2], [1, 2]]}


class Bomb:
    def __init__(self, function: Any, *args: Any) -> None:
        self.call = (function, args)

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


def bombs(target: Path) -> list[Any]:
    import builtins
    import subprocess

    command = f"open({str(target)!r}, 'w').close()"
    return [
        Bomb(os.system, f"touch {target}"),
        Bomb(os.mkdir, str(target)),
        Bomb(subprocess.call, ["touch", str(target)]),
        Bomb(builtins.exec, command),
        Bomb(builtins.eval, f"open({str(target)!r}, 'w')"),
        Bomb(Path.touch, target),
        Bomb(np.savetxt, str(target), [1]),
        {"models": [], "deep": [{"a": (Bomb(os.mkdir, str(target)),)}]},
    ]


@pytest.mark.parametrize("index", range(8))
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_nothing_in_a_pickle_is_executed(tmp_path: Path, index: int, protocol: int) -> None:
    target = tmp_path / "ran"
    data = pickle.dumps(bombs(target)[index], protocol)
    with pytest.raises(ArchiveError):
        loads(data, "manifest.dill")
    assert not target.exists()


def test_the_refusal_names_function_and_file() -> None:
    with pytest.raises(ArchiveError) as caught:
        loads(pickle.dumps(Bomb(os.mkdir, "x")), "manifest.dill in model.zip")
    assert "mkdir" in str(caught.value) and "manifest.dill in model.zip" in str(caught.value)
    assert "nothing was executed" in str(caught.value)


@pytest.mark.parametrize("value", [np.ndarray, np.dtype, collections.OrderedDict, complex, Path])
def test_a_class_by_itself_is_not_data(value: Any) -> None:
    with pytest.raises(ArchiveError, match="not plain data"):
        loads(pickle.dumps([value]))


@pytest.mark.parametrize("dtype", ["O", [("y", "f4"), ("x", "O")], [("y", "f4")]])
def test_only_arrays_of_numbers_and_text_are_read(dtype: Any) -> None:
    with pytest.raises(ArchiveError, match="not plain numbers or text"):
        loads(pickle.dumps(np.zeros(2, dtype=dtype)))


class Forged:
    """An array whose dtype says 'object' by name but declares flags under which numpy takes raw bytes."""

    def __reduce__(self) -> tuple[Any, ...]:
        rebuild, arguments, state = np.zeros(1, dtype=object).__reduce__()  # type: ignore[misc]
        return rebuild, arguments, (*state[:2], ForgedDtype(), False, b"\x41" * 8)


class ForgedDtype:
    def __reduce__(self) -> tuple[Any, ...]:
        return np.dtype, ("O8", False, True), (3, "|", None, None, None, -1, -1, 0)


def test_bytes_are_never_taken_for_python_objects() -> None:
    """numpy's own unpickling would build an array of wild pointers."""
    with pytest.raises(ArchiveError, match="not plain numbers or text"):
        loads(pickle.dumps(Forged()))


def test_a_pickle_cannot_alter_what_it_names() -> None:
    # GLOBAL pathlib.Path, then BUILD with a slot state: pickle would set attributes on the class.
    data = b"cpathlib\nPath\n(N}(X\x06\x00\x00\x00existsNutb."
    with pytest.raises(ArchiveError):
        loads(data)
    assert callable(Path.exists)


def test_a_loop_in_a_pickle_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ArchiveError, match="contains itself"):
        loads(pickle.dumps(loop))


def test_a_very_deep_pickle_is_refused() -> None:
    with pytest.raises(ArchiveError):
        loads(b"]" * 100_000 + b"a" * 99_999 + b".")


def test_external_objects_are_refused() -> None:
    # PERSID opcode: asks the reader for an object kept elsewhere.
    with pytest.raises(ArchiveError, match="external object"):
        loads(b"Psomewhere\n.")


def test_a_pickle_of_many_references_is_checked_quickly() -> None:
    """Each level holds the one below ten times: 10**40 leaves, 40 objects."""
    value: list[Any] = []
    for _ in range(40):
        value = [value] * 10
    assert len(loads(pickle.dumps(value, 4))) == 10


@pytest.mark.parametrize("length", [100, 2**40, 2**63])
def test_a_bytearray_cut_short_is_damage(length: int) -> None:
    # BYTEARRAY8 opcode with a length that the bytes after it do not have.
    with pytest.raises(ArchiveError, match="damaged"):
        loads(b"\x96" + length.to_bytes(8, "little") + b"ab")


@settings(max_examples=1000)
@given(st.binary(max_size=60))
def test_random_bytes_are_damage_and_nothing_else(data: bytes) -> None:
    with contextlib.suppress(ArchiveError):
        loads(data)


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_changed_byte_is_damage_and_nothing_else(place: int, value: int) -> None:
    data = bytearray(dumps({"models": ["autoencoder"], "array": np.arange(5.0), "scale": np.float32(2)}))
    data[place % len(data)] = value
    with contextlib.suppress(ArchiveError):
        loads(bytes(data))
