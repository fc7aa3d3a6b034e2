"""Mend what the checks find, and what comes to light only then."""

from __future__ import annotations

from collections.abc import Collection

from ptychopinn.data.checks.fixes import FIX_CODES, apply_fixes
from ptychopinn.data.checks.inspection import inspect
from ptychopinn.data.raw_data import RawData


def mend(raw: RawData, wanted: Collection[str] = FIX_CODES, gridsize: int = 1) -> tuple[RawData, dict[str, str]]:
    """Return a scan with those of the wanted fixes applied that its own findings offer, and what each of them did.

    A fix harms a scan that does not need it: a shift, an exchange of axes. The scan is looked at again after each
    round, since one fault can hide another. A sound scan comes back as it is.

    Parameters
    ----------
    raw : RawData
    wanted : codes of :data:`ptychopinn.data.checks.FIX_CODES`
    gridsize : int
        For the check that there are enough patterns.

    Returns
    -------
    RawData, dict
        What was done, by code.

    Raises
    ------
    DataError
        A code has no automatic fix.
    """
    done: dict[str, str] = {}
    while True:
        findings = inspect(raw, raw.units, gridsize).findings
        offered = {finding.code: finding.fix for finding in findings if finding.fix}
        codes = [code for code in wanted if code not in done and (code in offered or code not in FIX_CODES)]
        if not codes:
            return raw, done
        raw = apply_fixes(raw, codes)
        done |= {code: offered[code] for code in codes}
