from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ptychopinn.errors import DataError
from ptychopinn.product.colour_maps import COLOUR_MAPS, colour_table
from ptychopinn.product.images import render, write_png, write_tiff

RAMP = np.linspace(-2, 3, 7 * 11).reshape(7, 11)


def test_tiff_keeps_the_values(tmp_path: Path) -> None:
    write_tiff(tmp_path / "phase.tiff", RAMP)
    with Image.open(tmp_path / "phase.tiff") as image:
        assert np.asarray(image).dtype == np.float32
        np.testing.assert_array_equal(np.asarray(image), RAMP.astype(np.float32))


@pytest.mark.parametrize(("cmap", "mode"), [("gray", "L"), ("viridis", "RGB"), ("twilight", "RGB")])
def test_png_has_the_image_upright(tmp_path: Path, cmap: str, mode: str) -> None:
    write_png(tmp_path / "amplitude.png", RAMP, cmap, levels=(-2, 3))
    with Image.open(tmp_path / "amplitude.png") as image:
        assert image.mode == mode and image.size == (11, 7)
        pixels = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(pixels[0, 0], colour_table(cmap)[0])
    np.testing.assert_array_equal(pixels[-1, -1], colour_table(cmap)[255])
    assert os.listdir(tmp_path) == ["amplitude.png"]


def test_masked_and_unknown_values_are_transparent_and_do_not_count() -> None:
    image = RAMP.copy()
    image[0, 0], image[1, 1] = np.nan, 1e9
    mask = np.ones(RAMP.shape, dtype=bool)
    mask[1, 1] = False
    pixels = render(image, levels=(image[0, 1], image[-1, -1]), mask=mask)
    assert pixels[0, 0, 3] == pixels[1, 1, 3] == 0
    assert (pixels[..., 3] == 0).sum() == 2
    assert pixels[-1, -1, 0] == 255 and pixels[0, 1, 0] == 0


def test_transparency_reaches_the_file(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", RAMP, mask=RAMP > 0)
    with Image.open(tmp_path / "a.png") as image:
        np.testing.assert_array_equal(np.asarray(image)[..., 3] == 255, RAMP > 0)


def test_percentiles_set_black_and_white() -> None:
    image = np.linspace(0, 1, 1001)[None].copy()
    image[0, -1] = 1000
    grey = render(image)[0, :, 0]
    assert grey[5] == 0 and grey[995] == 255 and 125 <= grey[500] <= 130


@pytest.mark.parametrize("value", [0.0, 5.0, np.nan])
def test_a_constant_image_is_drawn(value: float) -> None:
    assert render(np.full((3, 4), value)).shape == (3, 4, 4)


def test_arrays_other_than_real_images_are_refused(tmp_path: Path) -> None:
    for array in (np.ones((2, 3, 4)), np.ones((2, 3), dtype=complex), np.ones((0, 3))):
        with pytest.raises(DataError, match="expected a real image"):
            write_png(tmp_path / "a.png", array)
        with pytest.raises(DataError, match="expected a real image"):
            write_tiff(tmp_path / "a.tiff", array)
    with pytest.raises(DataError, match="mask has shape"):
        render(np.ones((2, 3)), mask=np.ones((3, 2), dtype=bool))
    with pytest.raises(DataError, match=r"Unknown colour map 'jet'.*gray, viridis"):
        render(np.ones((2, 3)), "jet")


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_colour_tables_have_no_jumps(name: str) -> None:
    table = colour_table(name).astype(int)
    assert table.shape == (256, 3)
    assert np.abs(np.diff(table, axis=0)).max() <= 6


def test_the_phase_map_is_cyclic() -> None:
    np.testing.assert_array_equal(colour_table("twilight")[0], colour_table("twilight")[255])
