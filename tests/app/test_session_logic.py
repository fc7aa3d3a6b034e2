"""The parts of the session that need no window: dropped files, settings, runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptychopinn_app.binder.values import Invalid
from ptychopinn_app.job_settings.sections import SECTIONS
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.runs import folder as runs
from ptychopinn_app.session.opened_paths import open_request


def touch(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.touch()
    return paths


def test_one_scan_becomes_training_data_whatever_its_name(tmp_path: Path) -> None:
    (path,) = touch(tmp_path, "test_run.npz")
    assert open_request([path]).scans == (("train", path),)


def test_the_names_of_two_scans_decide_their_roles(tmp_path: Path) -> None:
    test, train = touch(tmp_path, "a_test.npz", "b.npz")
    assert open_request([test, train]).scans == (("train", train), ("test", test))


def test_a_scan_and_a_model_are_both_opened(tmp_path: Path) -> None:
    scan, model = touch(tmp_path, "a.npz", "wts.h5.zip")
    found = open_request([scan, model])
    assert found.scans == (("train", scan),) and found.model == model and not found.refused


def test_the_folder_of_a_run_opens_its_model(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    touch(run, "wts.h5.zip", "log.txt")
    found = open_request([run])
    assert found.model == run / "wts.h5.zip"
    assert found.refused == ()


def test_a_folder_opens_training_and_test_data(tmp_path: Path) -> None:
    train, test = touch(tmp_path, "train_data.npz", "test_data.npz")
    assert open_request([tmp_path]).scans == (("train", train), ("test", test))


def test_files_that_cannot_be_opened_are_named_with_the_reason(tmp_path: Path) -> None:
    (other,) = touch(tmp_path, "notes.txt")
    (tmp_path / "empty").mkdir()
    refused = open_request([other, tmp_path / "empty", tmp_path / "gone.npz"]).refused
    assert [sentence.split(":")[0] for sentence in refused] == ["notes.txt", "empty", "gone.npz"]
    assert "NPZ" in refused[0] and "train_data.npz" in refused[1] and "no such file" in refused[2]


def test_all_sections_are_valid_at_their_defaults() -> None:
    settings = JobSettings()
    assert {section.name: settings.problems(section.name) for section in SECTIONS} == {
        section.name: {} for section in SECTIONS
    }


def test_an_unread_number_is_kept_shown_and_blocks() -> None:
    settings = JobSettings()
    settings.set("execution", "learning_rate", Invalid("1e", "'1e' is not a number; enter a number."))
    assert settings.problems("execution") == {"learning_rate": "'1e' is not a number; enter a number."}
    assert isinstance(settings.values("execution")["learning_rate"], Invalid)


def test_an_error_raised_on_construction_lands_at_the_field_it_names_first() -> None:
    settings = JobSettings()
    settings.set("execution", "learning_rate", -1.0)
    assert list(settings.problems("execution")) == ["learning_rate"]


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="wibble"):
        JobSettings().set("model", "wibble", 1)


def test_the_whole_scan_is_used_until_a_number_of_groups_is_set(tmp_path: Path) -> None:
    settings = JobSettings()
    assert settings.training(tmp_path / "a.npz", None, tmp_path, "auto").chosen_groups is None
    settings.set("training", "n_groups", 512)
    assert settings.training(tmp_path / "a.npz", None, tmp_path, "auto").chosen_groups == 512


def test_a_job_gets_the_values_at_its_creation(tmp_path: Path) -> None:
    settings = JobSettings()
    config = settings.training(tmp_path / "a.npz", None, tmp_path, "intensity")
    settings.set("model", "n_filters_scale", 7)
    assert config.model.n_filters_scale != 7 and config.diff3d_units == "intensity"


def test_settings_survive_a_restart() -> None:
    settings = JobSettings()
    settings.set("training", "nepochs", 7)
    settings.set("execution", "gradient_clip_val", 0.5)
    settings.set("model", "n_filters_scale", 3)
    again = JobSettings()
    again.restore(json.loads(json.dumps(settings.to_table(), default=str)))
    assert again.to_table() == settings.to_table()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["model", "training", "execution", "backend", "N", "nepochs", "learning_rate", "logger_backend"]
)


@given(st.dictionaries(NAMES, JSON | st.dictionaries(NAMES, JSON, max_size=4), max_size=4))
def test_garbage_in_the_store_never_makes_the_settings_invalid(table: dict[str, object]) -> None:
    settings = JobSettings()
    settings.restore(table)
    assert all(not settings.problems(section.name) for section in SECTIONS)


def test_runs_of_the_same_second_get_different_folders(tmp_path: Path) -> None:
    folders = {runs.new_run_folder(tmp_path / "new", "train", "a b/ü", now=1e9) for _ in range(3)}
    assert len(folders) == 3 and all(folder.is_dir() for folder in folders)


def test_runs_are_listed_newest_first_and_foreign_folders_are_skipped(tmp_path: Path) -> None:
    for started in (10.0, 30.0, 20.0):
        folder = runs.new_run_folder(tmp_path, "train", f"s{started:.0f}")
        runs.write_note(folder, kind="train", title=f"at {started:.0f}", started=started, status="done")
    (tmp_path / "holiday").mkdir()
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / runs.NOTE).write_text("{not json")
    assert [entry.title for entry in runs.list_runs(tmp_path)] == ["at 30", "at 20", "at 10"]


def test_a_missing_runs_folder_is_an_empty_list(tmp_path: Path) -> None:
    assert runs.list_runs(tmp_path / "nowhere") == ()


def test_a_note_is_added_to_not_replaced(tmp_path: Path) -> None:
    runs.write_note(tmp_path, kind="train", status="running")
    runs.write_note(tmp_path, status="done")
    assert runs.read_note(tmp_path) == {"kind": "train", "status": "done"}
