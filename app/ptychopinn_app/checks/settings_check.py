"""Check the settings against the data before a training run starts (no Qt)."""

from __future__ import annotations

from collections.abc import Iterator

from ptychopinn_app.checks.compatibility import fit_problems, judge_problem, pattern_size, patterns_used
from ptychopinn_app.checks.finding import ORDER, Check, Fix, check, fix_by, set_to
from ptychopinn_app.checks.training_rules import RULES, TrainingCase, checks_of_test_data
from ptychopinn_app.job_settings.sections import BY_NAME
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Scan


def settings_checks(
    config: JobSettings, scan: Scan | None, test: Scan | None = None, seconds_per_epoch: float | None = None
) -> list[Check]:
    """Check the settings against the scans; errors, which prevent a job from starting, come first.

    Parameters
    ----------
    seconds_per_epoch : duration of an epoch, measured in a training run with these settings; None if not measured
    """
    checks = list(_errors(config, scan, test))
    if scan is not None and scan.usable and (count := patterns_used(config, scan)):
        errors = {each.code for each in checks}
        case = TrainingCase(config, scan, count, seconds_per_epoch)
        for rule in RULES:
            # A field with an error is not checked further.
            checks += [each for each in rule(case) if not errors & set(_fields(each))]
        if test is not None:
            checks += checks_of_test_data(scan, test)
    return sorted(checks, key=lambda each: ORDER[each.severity])


def _errors(config: JobSettings, scan: Scan | None, test: Scan | None) -> Iterator[Check]:
    for section in BY_NAME:
        for field, sentence in _problems(section, config, scan).items():
            fixes = _fixes(section, field, config, scan)
            fix = next((each for each in fixes if _works(section, field, config, scan, each)), None)
            yield check("error", f"{section}.{field}", sentence, fix)
    if sentence := judge_problem(scan, test):
        yield check("error", "test_size", sentence, Fix("Close the test data", closes_test=True))


def _fixes(section: str, field: str, config: JobSettings, scan: Scan | None) -> Iterator[Fix]:
    """Yield candidate fixes for a field, best first."""
    place, value = f"{section}.{field}", config.values(section).get(field)
    count, size = patterns_used(config, scan), pattern_size(scan) if scan is not None else None
    if place == "model.N":
        if size is not None:
            yield set_to("N", section, field, size)
        yield set_to("architecture", section, "architecture", "unrolled")
    elif place == "model.gridsize" and count is not None:
        yield set_to("grid size", section, field, max(1, int(count**0.5)))
    elif place == "model.model_type":
        yield set_to("learning", section, field, "pinn")
    elif place == "training.neighbor_count":
        # 1.5 times the members of a group: enough to vary the groups, few enough to keep them compact.
        yield set_to("neighbours", section, field, config.gridsize**2 * 3 // 2)
    elif place == "training.n_groups" and count is not None:
        yield set_to("groups per epoch", section, field, count)
    elif place == "training.neighbor_pool_size":
        yield fix_by("Set oversampling pool to the number of neighbours", section, field, None)
    elif place == "training.batch_size" and isinstance(value, int) and value > 0:
        yield set_to("batch size", section, field, 2 ** (value.bit_length() - 1))
    info = next((each for each in BY_NAME[section].fields() if each.name == field), None)
    if info is not None:
        default = config.defaults[section][field]
        label = info.label[:1].lower() + info.label[1:]
        clear = fix_by(f"Clear {label}", section, field, None)
        yield clear if default is None else set_to(label, section, field, default)


def _works(section: str, field: str, config: JobSettings, scan: Scan | None, fix: Fix) -> bool:
    """Return whether a fix, applied to a copy of the settings, resolves a field's problem."""
    trial = config.copy()
    for edit in fix.edits:
        trial.set(edit.section, edit.field, edit.value)
    return field not in _problems(section, trial, scan)


def _problems(section: str, config: JobSettings, scan: Scan | None) -> dict[str, str]:
    return fit_problems(section, config, scan) | config.problems(section)


def _fields(each: Check) -> Iterator[str]:
    if each.fix is not None:
        yield from (f"{edit.section}.{edit.field}" for edit in each.fix.edits)
