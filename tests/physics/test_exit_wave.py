"""Laws of the float64 reference: propagation, positions, scaling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptychopinn.errors import DataError
from ptychopinn.physics.exit_wave import cut_patch, fourier_shift, model_intensities, patch_corner
from ptychopinn.physics.far_field import back_propagate, propagate
from ptychopinn.physics.scaling import normalise_probe
from strategies import seeds

SIDES = st.sampled_from([7, 8, 15, 16])


def fields(seed: int, *shape: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


@given(seeds, SIDES)
def test_propagation_keeps_the_energy_and_is_undone(seed: int, n: int) -> None:
    wave = fields(seed, 3, n, n)
    far = propagate(wave)
    assert np.sum(np.abs(far) ** 2) == pytest.approx(np.sum(np.abs(wave) ** 2))
    assert np.allclose(back_propagate(far), wave)


@given(seeds, SIDES)
def test_back_propagation_is_the_adjoint(seed: int, n: int) -> None:
    a, b = fields(seed, 2, n, n)
    assert np.vdot(b, propagate(a)) == pytest.approx(np.vdot(back_propagate(b), a))


@pytest.mark.parametrize("n", [8, 9])
def test_a_flat_wave_lands_in_the_centre(n: int) -> None:
    far = np.abs(propagate(np.ones((n, n))))
    assert np.unravel_index(far.argmax(), far.shape) == (n // 2, n // 2)


@given(seeds, st.tuples(st.floats(-3, 3), st.floats(-3, 3)), st.tuples(st.floats(-3, 3), st.floats(-3, 3)))
def test_shifts_add_up(seed: int, first: tuple, second: tuple) -> None:
    image = fields(seed, 9, 9)
    twice = fourier_shift(fourier_shift(image, first), second)
    assert np.allclose(twice, fourier_shift(image, np.add(first, second)))


def test_a_whole_shift_moves_towards_larger_indices() -> None:
    image = fields(0, 9, 9)
    assert np.allclose(fourier_shift(image, (2, -1)), np.roll(image, (2, -1), (0, 1)))


@given(st.floats(-50, 50), st.floats(-50, 50), SIDES)
def test_a_position_is_a_corner_and_a_fraction(y: float, x: float, n: int) -> None:
    corner, fraction = patch_corner((y, x), n)
    assert np.allclose(corner + n // 2 + fraction, (y, x))
    assert np.all(np.abs(fraction) <= 0.5)


def test_the_position_is_the_object_pixel_under_the_middle_of_the_probe() -> None:
    n, obj = 8, np.zeros((30, 40), complex)
    obj[17, 23] = 1
    probe = np.zeros((n, n), complex)
    probe[n // 2, n // 2] = 2
    lit = next(model_intensities(obj, probe, [(17, 23)]))
    assert lit.sum() == pytest.approx(4)
    assert next(model_intensities(obj, probe, [(23, 17)])).sum() == pytest.approx(0)


def test_beyond_the_object_is_vacuum() -> None:
    patch = cut_patch(np.full((4, 4), 5.0), (-2, 3), 4)
    assert patch[2, 0] == 5
    assert (patch[:2] == 1).all() and (patch[:, 1:] == 1).all()


@given(seeds)
def test_modes_add_in_intensity(seed: int) -> None:
    obj, modes = fields(seed, 20, 20), fields(seed + 1, 3, 8, 8)
    position = [(9.3, 10.8)]
    total = next(model_intensities(obj, modes, position))
    assert np.allclose(total, sum(next(model_intensities(obj, mode, position)) for mode in modes))


@given(seeds)
def test_shifting_object_and_position_together_changes_nothing(seed: int) -> None:
    obj, probe = fields(seed, 24, 24), fields(seed + 1, 8, 8)
    here = next(model_intensities(obj, probe, [(10.4, 11.2)]))
    there = next(model_intensities(np.roll(obj, (3, 2), (0, 1)), probe, [(13.4, 13.2)]))
    assert np.allclose(here, there)


@given(seeds, st.floats(1e-3, 1e6))
def test_the_scale_of_a_probe_has_no_effect(seed: int, scale: float) -> None:
    probe = fields(seed, 2, 9, 9)
    one, other = (normalise_probe(factor * probe, 1e5) for factor in (1.0, scale))
    assert np.allclose(one, other, rtol=1e-5)
    assert np.sum(np.abs(one.astype(complex)) ** 2) == pytest.approx(1e5, rel=1e-5)


@pytest.mark.parametrize(
    ("probe", "counts"), [(np.zeros((4, 4)), 1.0), (np.full((4, 4), np.nan), 1.0), (np.ones((4, 4)), 0.0)]
)
def test_a_zero_probe_or_dose_is_refused(probe: np.ndarray, counts: float) -> None:
    with pytest.raises(DataError, match="expected"):
        normalise_probe(probe, counts)
