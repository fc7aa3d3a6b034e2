"""Drive a stock ptychodus from outside: export, train, save, open, reconstruct. Runs in that release's environment.

Used as ``host_driver.py ACTION LIBRARY NAME SCAN FOLDER SETTINGS``; ACTION is 'train' or 'reconstruct' for one job,
'both' for the two in one process, 'batch' to write the folder that the batch mode of ptychodus reads, or 'read' to
look at the product that it left there. SETTINGS is a JSON list of settings by group and name: each is trained in turn,
the last one is used.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.metadata
import json
import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np

PIXEL_M = 1e-8
DETECTOR_PIXEL_M = 75e-6
PHOTON_ENERGY_EV = 8000.0
WAVELENGTH_M = 1.23984198e-6 / PHOTON_ENERGY_EV
LIBRARY_KEYS = {"tensorflow": "ptychopinn", "torch": "ptychopinn-torch"}


def api(*names: str) -> Any:
    """First of the modules of ptychodus.api that exists."""
    for name in names:
        try:
            return importlib.import_module(f"ptychodus.api.{name}")
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError(names)


def make(cls: type[Any], **known: Any) -> Any:
    """Build a dataclass whose fields differ between versions: known ones by name, others zero."""
    values = {}
    for field in dataclasses.fields(cls):
        if field.name in known:
            values[field.name] = known[field.name]
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            values[field.name] = 0.0
    return cls(**values)


def reconstruct_input(arrays: dict[str, np.ndarray]) -> Any:
    """ReconstructInput of a scan: raw counts, its probe, its object on a grid around the scan."""
    objects, probes, products = api("object"), api("probe"), api("product")
    positions, geometry = api("probe_positions"), api("geometry")
    reconstruct = api("reconstruct", "reconstructor")
    counts = np.rint(arrays["diff3d"].astype(np.float64) ** 2).astype(np.uint16)
    pixel = geometry.PixelGeometry(width_m=PIXEL_M, height_m=PIXEL_M)
    # The middle of the scan's bounding box is the middle of the object.
    x, y = arrays["xcoords"], arrays["ycoords"]
    n = counts.shape[-1]
    middle = (np.array([x.min(), y.min()]) + np.array([x.max(), y.max()])) / 2
    truth = arrays.get("objectGuess")
    side = int(2 * np.ceil(max(np.ptp(x), np.ptp(y)) / 2) + n + 4)
    low = np.round(middle - side / 2).astype(int)
    obj = np.ones((side, side), complex)
    if truth is not None:
        padded = np.pad(truth, side, constant_values=1)
        obj = padded[low[1] + side : low[1] + 2 * side, low[0] + side : low[0] + 2 * side]
    centre_values = (middle * PIXEL_M).tolist()
    centre_fields = [field.name for field in dataclasses.fields(objects.ObjectCenter)]
    centre = objects.ObjectCenter(**dict(zip(centre_fields, centre_values, strict=True)))
    point_fields = [field.name for field in dataclasses.fields(positions.ProbePosition)][:3]
    points = [
        positions.ProbePosition(**dict(zip(point_fields, (i, float(px * PIXEL_M), float(py * PIXEL_M)), strict=True)))
        for i, (px, py) in enumerate(zip(x, y, strict=True))
    ]
    guess = np.asarray(arrays["probeGuess"], complex).reshape(-1, n, n)
    probe = probes.ProbeSequence(array=guess[None], opr_weights=None, pixel_geometry=pixel)
    photons = counts.sum(axis=(1, 2)).mean()
    product = products.Product(
        metadata=make(
            products.ProductMetadata,
            name="scan",
            comments="",
            probe_photon_count=float(photons),
            photon_energy_eV=PHOTON_ENERGY_EV,
            probe_energy_eV=PHOTON_ENERGY_EV,
            # The application derives the object's pixel size from the distance.
            detector_distance_m=PIXEL_M * n * DETECTOR_PIXEL_M / WAVELENGTH_M,
            detector_object_distance_m=PIXEL_M * n * DETECTOR_PIXEL_M / WAVELENGTH_M,
        ),
        probe_positions=positions.ProbePositionSequence(points),
        probes=probe,
        object_=objects.Object(array=obj[None], pixel_geometry=pixel, center=centre),
        losses=[],
    )
    return reconstruct.ReconstructInput(diffraction_patterns=counts, bad_pixels=np.zeros((n, n), bool), product=product)


def libraries(core: Any, name: str) -> Any:
    return core.ptychopinn_torch_reconstructor_library if name == "torch" else core.ptychopinn_reconstructor_library


def configure(core: Any, changes: dict[str, dict[str, str]]) -> None:
    """Set the host's settings by group and name."""
    for group, values in changes.items():
        parameters = dict(core.settings_registry[group].parameters())
        for name, value in values.items():
            parameters[name].set_value_from_string(value)


def train(reconstructor: Any, parameters: Any, folder: Path) -> None:
    for name in ("train_data.npz", "test_data.npz"):
        reconstructor.export_training_data(folder / name, parameters)
    outputs = list(reconstructor.train(folder, folder))
    reconstructor.save_model(folder / f"model{reconstructor.get_model_file_extension()}")
    print("ptychodus", importlib.metadata.version("ptychodus"))
    print("trained", len(outputs))


def reconstruct(reconstructor: Any, parameters: Any, folder: Path) -> None:
    reconstructor.load_model_from_file(folder / f"model{reconstructor.get_model_file_extension()}")
    product = list(reconstructor.reconstruct(parameters))[-1].product
    given, found = parameters.product.object_, product.object_
    assert dataclasses.astuple(found.get_center()) == dataclasses.astuple(given.get_center())
    api("io").save_product(folder / "product.h5", product)
    read(folder / "product.h5", parameters, folder)


def read(file: Path, parameters: Any, folder: Path) -> None:
    """Read a product back; leave its object as ``object.npy``, the given one as ``given.npy``."""
    product = api("io").load_product(file)
    np.save(folder / "object.npy", np.asarray(product.object_.get_array()).squeeze())
    np.save(folder / "given.npy", np.asarray(parameters.product.object_.get_array()).squeeze())
    print("reconstructed", product.object_.get_array().shape)


def _either(holder: Any, *names: str) -> Any:
    return next(getattr(holder, name) for name in names if hasattr(holder, name))


def write_batch_folder(core: Any, library: str, reconstructor: Any, parameters: Any, folder: Path) -> None:
    """Write product, patterns, settings and training data in the formats and under the names of ptychodus."""
    io = api("io")
    layout = io.StandardFileLayout
    patterns, bad = parameters.diffraction_patterns, parameters.bad_pixels
    pixel = api("geometry").PixelGeometry(width_m=DETECTOR_PIXEL_M, height_m=DETECTOR_PIXEL_M)
    data = io.AssembledDiffractionData(np.arange(len(patterns)), patterns, pixel, bad)
    io.save_diffraction_data(folder / layout.DIFFRACTION, data)
    io.save_product(folder / _either(layout, "PRODUCT", "PRODUCT_IN"), parameters.product)
    algorithm = f"{LIBRARY_KEYS[library]}_{reconstructor.name}".lower()
    configure(core, {"Processing": {"Algorithm": algorithm}})
    core.settings_registry.save_settings(folder / layout.SETTINGS)
    for name in ("train_data.npz", "test_data.npz"):
        reconstructor.export_training_data(folder / name, parameters)


def main() -> None:
    action, which, name, scan, place = sys.argv[1:6]
    settings = json.loads(sys.argv[6])
    from ptychodus.model.core import ModelCore

    core = ModelCore(log_level=logging.INFO)
    reconstructor = next(each for each in libraries(core, which) if each.name == name)
    with np.load(scan) as content:
        arrays = {key: content[key] for key in content.files}
    parameters = reconstruct_input(arrays)
    folder = Path(place)
    configure(core, settings[-1])
    if action == "batch":
        write_batch_folder(core, which, reconstructor, parameters, folder)
    if action == "read":
        read(next(folder.glob("output/product*.h5")), parameters, folder)
    if action in ("train", "both"):
        for each in settings:
            configure(core, each)
            train(reconstructor, parameters, folder)
    if action in ("reconstruct", "both"):
        reconstruct(reconstructor, parameters, folder)
    assert not [module for module in sys.modules if module.startswith("PyQt6")]


if __name__ == "__main__":
    main()
