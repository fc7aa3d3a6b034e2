"""Poisson likelihood of counts, in forms that are stable for zero counts and for any dose."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy


def poisson_nll(counts: ArrayLike, rate: ArrayLike) -> NDArray[np.float64]:
    """Return the negative log-likelihood per pixel, without the term that depends on the counts alone.

    Parameters
    ----------
    counts, rate : arrays of one shape
        Measured counts (>= 0) and expected counts (> 0).
    """
    rate = np.asarray(rate, float)
    return rate - xlogy(np.asarray(counts, float), rate)


def poisson_deviance(counts: ArrayLike, rate: ArrayLike) -> NDArray[np.float64]:
    """Return half the Poisson deviance per pixel: zero for a perfect model, about 0.5 for pure noise.

    It differs from :func:`poisson_nll` by a constant of the data, so both have the same gradient;
    it keeps its digits where the likelihood is a small difference of large numbers.
    """
    counts, rate = np.asarray(counts, float), np.asarray(rate, float)
    return rate - counts + xlogy(counts, counts) - xlogy(counts, rate)
