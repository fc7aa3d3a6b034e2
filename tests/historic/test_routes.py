"""Each backend's route leaves the other framework alone; the configuration needs neither."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELVES = [str(ROOT), str(ROOT / "ptychodus_adapter" / "legacy_names")]
OTHERS = {"tensorflow": ("torch", "lightning"), "pytorch": ("tensorflow", "keras")}


def _run(code: str) -> str:
    text = f"import sys; sys.path[:0] = {SHELVES!r}\n{code}"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("backend", OTHERS)
def test_training_saving_and_loading_never_import_the_other_framework(backend: str, tmp_path: Path) -> None:
    # The other framework is made impossible to import: the route works where it is not installed.
    code = f"""
for name in {OTHERS[backend]!r}:
    sys.modules[name] = None
from pathlib import Path
from ptycho.config.config import InferenceConfig, ModelConfig, PyTorchExecutionConfig, TrainingConfig
from ptycho.raw_data import RawData
from ptycho.workflows import backend_selector
from ptychopinn.physics.simulate import simulate_scan
folder = Path({str(tmp_path)!r})
data = RawData(**simulate_scan(16, 30, 1e5, 0))
model = ModelConfig(N=16, n_filters_scale=1)
config = TrainingConfig(model, nepochs=1, n_groups=16, output_dir=folder, backend={backend!r})
execution = PyTorchExecutionConfig(logger_backend="csv")
amplitude, phase, results = backend_selector.run_cdi_example_with_backend(
    data, data, config, do_stitching=True, torch_execution_config=execution
)
if {backend!r} == "tensorflow":
    from ptycho import model_manager
    model_manager.save(folder)
inference = InferenceConfig(model, folder, folder, backend={backend!r})
model, params = backend_selector.load_inference_bundle_with_backend(folder, inference)
loaded = [name for name in {OTHERS[backend]!r} if sys.modules.get(name) is not None]
print(amplitude.ndim, results["backend"], params["N"], loaded)
"""
    assert _run(code) == f"2 {backend} 16 []"


def test_the_configuration_loads_no_framework() -> None:
    names = ("torch", "lightning", "tensorflow", "keras", "scipy", "h5py", "PyQt6")
    code = f"import ptycho.config.config, ptycho.params\nprint([n for n in {names!r} if n in sys.modules])"
    assert _run(code) == "[]"


# Settings are read by programs that have no Lightning.
SETTINGS_ONLY = {"", ".api", ".cli", ".workflows", ".cli.shared", ".config_bridge", ".config_factory", ".config_params"}


@pytest.mark.parametrize(("missing", "spared"), [("torch", set()), ("lightning", SETTINGS_ONLY)])
def test_every_module_of_the_torch_package_refuses_without_its_frameworks(missing: str, spared: set[str]) -> None:
    package = ROOT / "ptychodus_adapter" / "legacy_names" / "ptycho_torch"
    names = sorted(
        ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in package.rglob("*.py")
    )
    code = f"""
import importlib, importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == {missing!r} else real(name, package)
wrong = []
for name in {names!r}:
    try:
        importlib.import_module(name)
        wrong.append(name)
    except RuntimeError as error:
        if "pip install" not in str(error) or "torch>=2.2" not in str(error):
            wrong.append(str(error))
print(len({names!r}) > 10, sorted(wrong))
"""
    assert _run(code) == f"True {sorted('ptycho_torch' + name for name in spared)}"


def test_the_packages_are_found_without_being_imported() -> None:
    code = "import importlib.util as u\nprint(*(u.find_spec(n) is not None for n in ('ptycho', 'ptycho_torch')))"
    assert _run(code) == "True True"
