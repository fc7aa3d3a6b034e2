"""Rules that flag valid settings likely to give poor results with the open scan (no Qt)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ptychopinn.backends.method import groups_per_epoch
from ptychopinn.data.split import validation_count
from ptychopinn.wording import counted
from ptychopinn_app.binder.values import value_text
from ptychopinn_app.checks.finding import Check, Fix, check, fix_by, set_to
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Scan

LEAST_BATCHES = 4
LEAST_STEPS = 100
LEAST_SECONDS_PER_EPOCH = 0.2
# Neighbours in a group should overlap by this fraction of the probe diameter.
LEAST_OVERLAP = 0.3
FEW_COUNTS = 3000.0
OTHER_SCALE = 10.0


@dataclass(frozen=True)
class TrainingCase:
    """Input to the rules.

    Attributes
    ----------
    config : the settings
    scan : a scan without errors
    count : number of patterns used for training
    seconds_per_epoch : duration of an epoch, measured in a training run with these settings; None if not measured
    """

    config: JobSettings
    scan: Scan
    count: int
    seconds_per_epoch: float | None = None

    def number(self, section: str, field: str) -> float | None:
        """Return the value of a field as a float; None if it is not a number."""
        value = self.config.values(section).get(field)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def whole(self, section: str, field: str) -> int | None:
        """Return the value of a field; None if it is not a positive whole number."""
        value = self.config.values(section).get(field)
        return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None

    def value(self, section: str, field: str) -> object:
        """Return the value of a field."""
        return self.config.values(section).get(field)

    @property
    def probe_diameter_px(self) -> float | None:
        """Diameter of the scan's probe in pixels; None if it is unknown or another file provides the probe."""
        return self.scan.summary.probe_diameter_px if self.value("training", "probe_file") is None else None

    @property
    def groups_per_epoch(self) -> int:
        """Number of groups per training epoch."""
        members = self.config.gridsize**2
        fraction = min(0.5, max(0.0, self.number("training", "validation_fraction") or 0.0))
        patterns = self.count - validation_count(self.count, fraction)
        # A scan that is hardly larger than a group trains on all its patterns.
        patterns = patterns if patterns > members else self.count
        oversampling = self.value("training", "enable_oversampling") is True
        return groups_per_epoch(patterns, members, self.whole("training", "n_groups"), oversampling)


def position_pitch_px(scan: Scan) -> float | None:
    """Return the pitch in pixels of a square grid that covers the scanned area with as many positions as the scan."""
    facts = scan.summary
    if facts.y_range_px is None or facts.x_range_px is None or not facts.n_patterns:
        return facts.median_step_px
    area = (facts.y_range_px[1] - facts.y_range_px[0]) * (facts.x_range_px[1] - facts.x_range_px[0])
    return math.sqrt(area / facts.n_patterns) if area > 0 else facts.median_step_px


def _spread(case: TrainingCase) -> Iterator[Check]:
    """Warn if the members of a group are too far apart to overlap."""
    gridsize, neighbours = case.config.gridsize, case.whole("training", "neighbor_count")
    pitch, diameter = position_pitch_px(case.scan), case.probe_diameter_px
    if gridsize == 1 or neighbours is None or not pitch or not diameter:
        return
    members = gridsize**2
    apart = pitch * math.sqrt(max(1.0, (neighbours + 1) / members))
    if apart <= (1 - LEAST_OVERLAP) * diameter:
        return
    room = int(members * ((1 - LEAST_OVERLAP) * diameter / pitch) ** 2) - 1
    probe = f"but the probe is {diameter:.0f} px wide"
    if room >= members:
        fix = set_to("neighbours", "training", "neighbor_count", room)
        words = f"Patterns in a group are about {apart:.0f} px apart, {probe}. The illuminated areas hardly overlap."
        yield check("warning", "group_spread", words, fix)
    else:
        words = f"Positions are about {pitch:.0f} px apart, {probe}. Grouping needs more overlap."
        yield check("warning", "group_overlap", words, set_to("grid size", "model", "gridsize", 1))


def _not_shared(case: TrainingCase) -> Iterator[Check]:
    gridsize = case.config.gridsize
    if gridsize > 1 and case.value("model", "object_big") is False and case.value("model", "architecture") != "cnn":
        words = f"Without a shared object, grid size {gridsize} has no effect: each pattern is processed independently."
        yield check("warning", "not_shared", words, fix_by("Share object in group", "model", "object_big", True))


def _groups(case: TrainingCase) -> Iterator[Check]:
    groups, gridsize = case.whole("training", "n_groups"), case.config.gridsize
    if groups is None:
        return
    if gridsize == 1 and groups > case.count:
        words = f"{groups} groups were requested, but the scan has {case.count} positions, each used once per epoch."
        yield check("info", "groups_single", words, set_to("groups per epoch", "training", "n_groups", case.count))
    elif groups * gridsize**2 < case.count:
        words = f"An epoch of {groups} groups uses at most {groups * gridsize**2} of {case.count} patterns."
        yield check("info", "groups_few", words, fix_by("Use the whole scan", "training", "n_groups", None))


def _partial(case: TrainingCase) -> Iterator[Check]:
    groups, members = case.whole("inference", "n_groups"), case.config.gridsize**2
    total = case.scan.summary.n_patterns or 0
    if groups is not None and groups * members < total:
        words = f"Reconstruct uses {groups} groups, which cover at most {groups * members} of {total} patterns."
        fix = fix_by("Reconstruct the whole scan", "inference", "n_groups", None)
        yield check("warning", "partial_result", words, fix)


def _steps(case: TrainingCase) -> Iterator[Check]:
    batch, epochs = case.whole("training", "batch_size"), case.whole("training", "nepochs")
    if batch is None or epochs is None:
        return
    groups = case.groups_per_epoch
    batches = math.ceil(groups / batch)
    fitting = 2 ** max(0, (groups // (2 * LEAST_BATCHES)).bit_length() - 1) if groups >= 2 * LEAST_BATCHES else 1
    if batches < LEAST_BATCHES and fitting < batch:
        words = f"With {groups} groups and batch size {batch}, an epoch has only {counted(batches, 'step')}."
        yield check("warning", "batch_large", words, set_to("batch size", "training", "batch_size", fitting))
    elif batches * epochs < LEAST_STEPS:
        enough = -(-LEAST_STEPS // (10 * batches)) * 10
        steps = counted(batches * epochs, "step")
        words = f"Training takes only {steps} in {counted(epochs, 'epoch')}. The object will be blurry."
        yield check("info", "steps_few", words, set_to("epochs", "training", "nepochs", enough))


def _time(case: TrainingCase) -> Iterator[Check]:
    minutes, epochs = case.number("training", "max_minutes"), case.whole("training", "nepochs")
    if minutes is None or minutes <= 0 or epochs is None:
        return
    each = 60 * minutes / epochs
    if case.seconds_per_epoch is not None and case.seconds_per_epoch > 1.5 * each:
        done = max(1, int(60 * minutes / case.seconds_per_epoch))
        words = f"At {case.seconds_per_epoch:.2g} s per epoch, only {done} of {epochs} epochs fit into {minutes:g} min."
        needed = float(math.ceil(epochs * case.seconds_per_epoch / 60))
        set_limit = f"Set time limit to {value_text(needed, unit='min')}"
        yield check("warning", "time_short", words, fix_by(set_limit, "training", "max_minutes", needed))
    elif case.seconds_per_epoch is None and each < LEAST_SECONDS_PER_EPOCH:
        words = f"A time limit of {minutes:g} min leaves only {each:.2g} s per epoch for {epochs} epochs."
        fitting = max(1, int(60 * minutes))
        yield check("warning", "time_short", words, set_to("epochs", "training", "nepochs", fitting))


def _photons(case: TrainingCase) -> Iterator[Check]:
    counts, photons = case.scan.summary.mean_counts, case.number("training", "nphotons")
    if not counts or not photons:
        return
    default = case.config.defaults["training"]["nphotons"]
    if photons != default and not 1 / OTHER_SCALE < photons / counts < OTHER_SCALE:
        words = (
            f"Photons is set to {photons:.3g}, but the patterns have {counts:.3g} counts on average."
            " Other programs that read the model use this setting."
        )
        fix = set_to("photons", "training", "nphotons", float(f"{counts:.3g}"))
        yield check("warning", "photons", words, fix)
    if counts >= FEW_COUNTS:
        return
    few = f"The patterns have only {counts:.0f} counts on average."
    if case.value("training", "torch_loss_mode") == "mae" and case.config.backend == "pytorch":
        fix = set_to("PyTorch loss", "training", "torch_loss_mode", "poisson")
        yield check("warning", "few_counts", f"{few} The 'mae' loss weights noise and signal alike.", fix)
    elif case.number("training", "nll_weight") == 0:
        fix = set_to("Poisson loss weight", "training", "nll_weight", 1.0)
        yield check("warning", "few_counts", f"{few} The Poisson loss suits weak patterns, but its weight is 0.", fix)


def _modes(case: TrainingCase) -> Iterator[Check]:
    modes, used = case.scan.summary.probe_modes, case.whole("iterations", "modes")
    if modes is not None and used is not None and used < modes and case.value("training", "probe_file") is None:
        words = f"Quick look and refinement use only {used} of {modes} probe modes."
        yield check("warning", "modes", words, fix_by("Use all modes of the probe", "iterations", "modes", None))


def _probe_cut(case: TrainingCase) -> Iterator[Check]:
    diameter, size = case.probe_diameter_px, case.whole("model", "N")
    if diameter is None or size is None or diameter <= size / 2:
        return
    if case.value("model", "probe_mask") is True:
        words = f"The mask is {size // 2} px wide and cuts off part of the probe, which is {diameter:.0f} px wide."
        yield check("warning", "probe_cut", words, fix_by("Do not mask the probe", "model", "probe_mask", False))
    central = case.value("model", "pad_object") is True and case.value("model", "probe_big") is False
    if central and case.value("model", "architecture") == "cnn":
        words = (
            f"The probe is {diameter:.0f} px wide, but the network reconstructs only the central {size // 2} px."
            " The signal outside this region is lost."
        )
        fix = fix_by("Reconstruct outer region", "model", "probe_big", True)
        yield check("warning", "probe_outside", words, fix)


def _truth(case: TrainingCase) -> Iterator[Check]:
    if (case.number("training", "realspace_mae_weight") or 0) > 0 and case.scan.summary.object_shape is None:
        words = "The truth loss weight has no effect, because the scan has no objectGuess."
        fix = set_to("truth loss weight", "training", "realspace_mae_weight", 0.0)
        yield check("warning", "no_truth", words, fix)


def checks_of_test_data(scan: Scan, test: Scan) -> Iterator[Check]:
    """Warn if the test scan is the training scan, or if their mean counts differ widely."""
    if scan.path == test.path:
        words = "Test data and training data are the same file, so they cannot reveal overfitting."
        yield check("warning", "test_same", words, Fix("Close the test data", closes_test=True))
    counts, other = scan.summary.mean_counts, test.summary.mean_counts
    if counts and other and not 1 / OTHER_SCALE < other / counts < OTHER_SCALE:
        words = f"The training data have {counts:.3g} counts per pattern, the test data {other:.3g}. Check the units."
        yield check("warning", "test_counts", words)


RULES: tuple[Callable[[TrainingCase], Iterator[Check]], ...]
RULES = (_spread, _not_shared, _groups, _partial, _steps, _time, _photons, _modes, _probe_cut, _truth)
