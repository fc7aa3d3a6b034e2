"""Settings that will run but not do what is wanted with the open scan, one rule each (no Qt)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ptychopinn_app.checks.finding import Check, Mend, check, mend_by, set_to
from ptychopinn_app.job_settings.values import JobSettings
from ptychopinn_app.records import Scan

# An epoch passes every pattern about this many times, as ptychopinn.backends.epoch_groups has it.
PASSES = 4
LEAST_BATCHES = 4
LEAST_STEPS = 100
LEAST_SECONDS_PER_EPOCH = 0.2
# Neighbours within a group should overlap by this part of the probe's diameter.
LEAST_OVERLAP = 0.3
FEW_COUNTS = 3000.0
OTHER_SCALE = 10.0


@dataclass(frozen=True)
class Case:
    """What the rules look at: settings, a usable scan, and how many of its patterns a training takes."""

    config: JobSettings
    scan: Scan
    count: int
    seconds_per_epoch: float | None = None

    def number(self, section: str, field: str) -> float | None:
        """Give the value of a field if it is a number."""
        value = self.config.values(section).get(field)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def whole(self, section: str, field: str) -> int | None:
        """Give the value of a field if it is a whole number above zero."""
        value = self.config.values(section).get(field)
        return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None

    def value(self, section: str, field: str) -> object:
        """Give the value of a field."""
        return self.config.values(section).get(field)

    @property
    def probe_diameter_px(self) -> float | None:
        """Diameter of the probe that trains, None while another than the file's is used."""
        return self.scan.summary.probe_diameter_px if self.value("training", "probe_file") is None else None


def groups_per_epoch(case: Case) -> int:
    """Give how many groups an epoch of training has."""
    members = case.config.gridsize**2
    fraction = min(0.5, max(0.0, case.number("training", "validation_fraction") or 0.0))
    kept = case.count - round(case.count * fraction)
    kept = kept if kept > members else case.count
    wanted = case.whole("training", "n_groups") or math.ceil(PASSES * kept / members)
    return wanted if case.value("training", "enable_oversampling") and members > 1 else min(wanted, kept)


def position_pitch_px(scan: Scan) -> float | None:
    """Give the pitch of the square grid that would cover the scanned area with as many positions."""
    facts = scan.summary
    if facts.y_range_px is None or facts.x_range_px is None or not facts.n_patterns:
        return facts.median_step_px
    area = (facts.y_range_px[1] - facts.y_range_px[0]) * (facts.x_range_px[1] - facts.x_range_px[0])
    return math.sqrt(area / facts.n_patterns) if area > 0 else facts.median_step_px


def _spread(case: Case) -> Iterator[Check]:
    """Members of a group that are drawn from so far away that they do not see common light."""
    gridsize, neighbours = case.config.gridsize, case.whole("training", "neighbor_count")
    pitch, diameter = position_pitch_px(case.scan), case.probe_diameter_px
    if gridsize == 1 or neighbours is None or not pitch or not diameter:
        return
    members = gridsize**2
    apart = pitch * math.sqrt(max(1.0, (neighbours + 1) / members))
    if apart <= (1 - LEAST_OVERLAP) * diameter:
        return
    room = int(members * ((1 - LEAST_OVERLAP) * diameter / pitch) ** 2) - 1
    drawn = f"Groups of {members} drawn from {neighbours} neighbours lie about {apart:.0f} px apart"
    probe = f"the probe is {diameter:.0f} px wide"
    if room >= members:
        mend = set_to("neighbours", "training", "neighbor_count", room)
        yield check("warning", "group_spread", f"{drawn}, {probe}: their patterns share little light.", mend)
    else:
        words = f"Positions are about {pitch:.0f} px apart, {probe}: too little overlap for grouping to help."
        yield check("warning", "group_overlap", words, set_to("grid size", "model", "gridsize", 1))


def _not_shared(case: Case) -> Iterator[Check]:
    gridsize = case.config.gridsize
    if gridsize > 1 and case.value("model", "object_big") is False and case.value("model", "architecture") != "cnn":
        words = f"Grid size {gridsize} without a shared object: each pattern is worked on alone all the same."
        yield check("warning", "not_shared", words, mend_by("Share object in group", "model", "object_big", True))


def _groups(case: Case) -> Iterator[Check]:
    groups, gridsize = case.whole("training", "n_groups"), case.config.gridsize
    if groups is None:
        return
    if gridsize == 1 and groups > case.count:
        words = f"{groups} groups are asked for, the scan has {case.count} positions; each is used once per epoch."
        yield check("info", "groups_single", words, set_to("groups per epoch", "training", "n_groups", case.count))
    elif groups * gridsize**2 < case.count:
        words = f"An epoch of {groups} groups sees {groups * gridsize**2} of {case.count} patterns at most."
        mend = mend_by("Use the whole scan", "training", "n_groups", None)
        yield check("info", "groups_few", words, mend)


def _partial(case: Case) -> Iterator[Check]:
    groups, members = case.whole("inference", "n_groups"), case.config.gridsize**2
    total = case.scan.summary.n_patterns or 0
    if groups is not None and groups * members < total:
        words = f"Reconstruct takes {groups} groups, {groups * members} of {total} patterns at most: part is left out."
        mend = mend_by("Reconstruct the whole scan", "inference", "n_groups", None)
        yield check("warning", "partial_result", words, mend)


def _steps(case: Case) -> Iterator[Check]:
    batch, epochs = case.whole("training", "batch_size"), case.whole("training", "nepochs")
    if batch is None or epochs is None:
        return
    groups = groups_per_epoch(case)
    batches = math.ceil(groups / batch)
    fitting = 2 ** max(0, (groups // (2 * LEAST_BATCHES)).bit_length() - 1) if groups >= 2 * LEAST_BATCHES else 1
    if batches < LEAST_BATCHES and fitting < batch:
        plural = "es" if batches != 1 else ""
        words = (
            f"An epoch of {case.count} patterns makes {groups} groups, {batches} batch{plural} of {batch}: few steps."
        )
        yield check("warning", "batch_large", words, set_to("batch size", "training", "batch_size", fitting))
    elif batches * epochs < LEAST_STEPS:
        wanted = -(-LEAST_STEPS // (10 * batches)) * 10
        words = f"{epochs} epochs are {batches * epochs} steps of the optimiser; expect a coarse object."
        yield check("info", "steps_few", words, set_to("epochs", "training", "nepochs", wanted))


def _time(case: Case) -> Iterator[Check]:
    minutes, epochs = case.number("training", "max_minutes"), case.whole("training", "nepochs")
    if minutes is None or minutes <= 0 or epochs is None:
        return
    each = 60 * minutes / epochs
    if case.seconds_per_epoch is not None and case.seconds_per_epoch > 1.5 * each:
        done = max(1, int(60 * minutes / case.seconds_per_epoch))
        words = f"At {case.seconds_per_epoch:.2g} s an epoch, {minutes:g} min is enough for {done} of {epochs} epochs."
        needed = math.ceil(epochs * case.seconds_per_epoch / 60)
        mend = set_to("time limit", "training", "max_minutes", float(needed))
        yield check("warning", "time_short", words, Mend(f"{mend.words} min", mend.edits))
    elif case.seconds_per_epoch is None and each < LEAST_SECONDS_PER_EPOCH:
        words = f"A limit of {minutes:g} min leaves {each:.2g} s for each of {epochs} epochs."
        fitting = max(1, int(60 * minutes))
        yield check("warning", "time_short", words, set_to("epochs", "training", "nepochs", fitting))


def _photons(case: Case) -> Iterator[Check]:
    counts, photons = case.scan.summary.mean_counts, case.number("training", "nphotons")
    if not counts or not photons:
        return
    default = case.config.defaults["training"]["nphotons"]
    if photons != default and not 1 / OTHER_SCALE < photons / counts < OTHER_SCALE:
        words = f"Photons are set to {photons:.3g}, a pattern holds {counts:.3g}; programs that read the model use it."
        mend = set_to("photons", "training", "nphotons", float(f"{counts:.3g}"))
        yield check("warning", "photons", words, mend)
    if counts >= FEW_COUNTS:
        return
    few = f"A pattern holds only {counts:.0f} counts, where"
    if case.value("training", "torch_loss_mode") == "mae" and case.config.backend == "pytorch":
        mend = set_to("PyTorch loss", "training", "torch_loss_mode", "poisson")
        yield check("warning", "few_counts", f"{few} the loss 'mae' weighs noise like signal.", mend)
    elif case.number("training", "nll_weight") == 0:
        mend = set_to("Poisson loss weight", "training", "nll_weight", 1.0)
        yield check("warning", "few_counts", f"{few} the Poisson loss should count; its weight is 0.", mend)


def _modes(case: Case) -> Iterator[Check]:
    modes, wanted = case.scan.summary.probe_modes, case.whole("iterations", "modes")
    if modes is not None and wanted is not None and wanted < modes and case.value("training", "probe_file") is None:
        words = f"The probe has {modes} modes, quick look and refinement keep {wanted}: light is left unexplained."
        yield check("warning", "modes", words, mend_by("Take the modes as given", "iterations", "modes", None))


def _probe_cut(case: Case) -> Iterator[Check]:
    diameter, size = case.probe_diameter_px, case.whole("model", "N")
    if diameter is None or size is None or diameter <= size / 2:
        return
    if case.value("model", "probe_mask") is True:
        words = f"The probe is {diameter:.0f} px wide, its mask {size // 2} px: part of the light is cut away."
        yield check("warning", "probe_cut", words, mend_by("Do not mask the probe", "model", "probe_mask", False))
    central = case.value("model", "pad_object") is True and case.value("model", "probe_big") is False
    if central and case.value("model", "architecture") == "cnn":
        words = f"The probe is {diameter:.0f} px wide, the network's field {size // 2} px: light falls outside."
        mend = mend_by("Reconstruct outer region", "model", "probe_big", True)
        yield check("warning", "probe_outside", words, mend)


def _truth(case: Case) -> Iterator[Check]:
    if (case.number("training", "realspace_mae_weight") or 0) > 0 and case.scan.summary.object_shape is None:
        words = "Truth loss weight has no effect: the scan has no objectGuess."
        mend = set_to("truth loss weight", "training", "realspace_mae_weight", 0.0)
        yield check("warning", "no_truth", words, mend)


def second_scan(scan: Scan, test: Scan) -> Iterator[Check]:
    """Judge whether a test scan tells anything about the training scan."""
    if scan.path == test.path:
        words = "The test data are the training data; they cannot tell learning from remembering."
        yield check("warning", "test_same", words, Mend("Close the test data", closes_test=True))
    counts, other = scan.summary.mean_counts, test.summary.mean_counts
    if counts and other and not 1 / OTHER_SCALE < other / counts < OTHER_SCALE:
        words = f"A pattern holds {counts:.3g} counts in training, {other:.3g} in the test data: check the units."
        yield check("warning", "test_counts", words)


RULES: tuple[Callable[[Case], Iterator[Check]], ...] = (
    _spread,
    _not_shared,
    _groups,
    _partial,
    _steps,
    _time,
    _photons,
    _modes,
    _probe_cut,
    _truth,
)
