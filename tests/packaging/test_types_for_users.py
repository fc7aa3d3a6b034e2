"""A user's type checker and editor see the library's types in the installed wheel."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import ptychopinn

ROOT = Path(__file__).parents[2]
PACKAGES = ("ptycho", "ptycho_torch", "ptychodus_adapter", "ptychopinn", "ptychopinn_app", "ptychopinn_resources")
SCRIPT = """\
import ptycho.config.config
import ptycho.params
import ptychopinn
from ptychopinn import ModelConfig, TrainingConfig, train

config = TrainingConfig(ModelConfig(N=64), nepoch=3)
ptychopinn.trian
reveal_type(train)
reveal_type(config.nepochs)
reveal_type(ptychopinn.reconstruct)
reveal_type(ptychopinn.RawData)
reveal_type(ptycho.params.get)
reveal_type(ptycho.config.config.update_legacy_dict)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Interpreter of an environment that holds the wheel, before the packages of this one."""
    source, environment = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("environment")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    files = [ROOT / name for name in names] or [path for path in ROOT.rglob("*") if ".venv" not in path.parts]
    for file in filter(Path.is_file, files):
        copy = source / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    wheel = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(environment)]
    subprocess.run([*wheel, "."], cwd=source, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
    zipfile.ZipFile(next(environment.glob("*.whl"))).extractall(packages)
    # numpy's types come from here; a line of a .pth file stands behind the wheel on the path.
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    return python


@pytest.fixture(scope="module")
def answers(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """What mypy says of each line of the user's script."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "script.py").write_text(SCRIPT)
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MYPYPATH")}
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(installed), "script.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    said: dict[int, str] = {}
    for line in done.stdout.splitlines():
        if line.startswith("script.py:"):
            number = int(line.split(":")[1])
            said[number] = said.get(number, "") + line
    return said


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(SCRIPT.splitlines(), 1) if text in line)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_of_the_wheel_says_that_it_is_typed(installed: Path, package: str) -> None:
    assert list(installed.parents[1].rglob(f"{package}/py.typed"))


def test_a_typo_in_a_field_is_an_error_in_the_users_script(answers: dict[int, str]) -> None:
    assert 'Unexpected keyword argument "nepoch" for "TrainingConfig"' in answers[line_of("nepoch=3")]


def test_a_typo_in_a_public_name_is_an_error_in_the_users_script(answers: dict[int, str]) -> None:
    assert 'no attribute "trian"' in answers[line_of("ptychopinn.trian")]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("(train)", ("train_file: pathlib.Path", "ptychopinn.config.training.TrainingConfig", "TrainResult")),
        ("(config.nepochs)", ("int",)),
        ("(ptychopinn.reconstruct)", ("model_path: pathlib.Path", "ReconstructResult")),
        ("(ptychopinn.RawData)", ("ptychopinn.historic.raw_data.RawData", "numpy.ndarray")),
        ("(ptycho.params.get)", ("key: str",)),
        ("(ptycho.config.config.update_legacy_dict)", ("cfg: dict[str, Any]",)),
    ],
)
def test_the_users_type_checker_shows_real_types(
    answers: dict[int, str], expression: str, words: tuple[str, ...]
) -> None:
    answer = answers[line_of(f"reveal_type{expression}")]
    assert not [word for word in words if word not in answer], answer


def test_only_the_two_typos_are_errors(answers: dict[int, str]) -> None:
    errors = [line for line, answer in answers.items() if "error:" in answer]
    assert errors == [line_of("nepoch=3"), line_of("ptychopinn.trian")]


@pytest.mark.parametrize("name", ptychopinn.__all__)
def test_every_public_name_can_be_read(name: str) -> None:
    assert getattr(ptychopinn, name) is not None
    assert name in dir(ptychopinn)


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="trian"):
        _ = ptychopinn.trian  # type: ignore[attr-defined]


def test_a_scan_of_the_public_name_writes_and_reads_its_file(tmp_path: Path) -> None:
    scan = ptychopinn.RawData(**ptychopinn.simulate_scan(n=32, positions=9, photons=1e5), diff3d_units="amplitude")
    scan.to_file(tmp_path / "scan.npz")
    assert ptychopinn.RawData.from_file(tmp_path / "scan.npz").n_patterns == 9
