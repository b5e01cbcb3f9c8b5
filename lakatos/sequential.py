"""Sequential inference that may look after every batch: e-processes for a probability, confidence sequences for a mean.

An e-process is a nonnegative process whose expectation never exceeds one under the null hypothesis; by Ville's inequality
it ever reaches 1/a with probability at most a, however often one looks.
"""

from __future__ import annotations

import numpy as np
from scipy import integrate, special

Array = np.ndarray
# The mixing distribution over alternatives: Jeffreys' prior, as in H. Robbins, Statistical Methods Related to the Law of the
# Iterated Logarithm (1970), who mixes likelihood ratios over alternatives.
PRIOR = 0.5
# Runs longer than this are not foreseen.
LONGEST = 1e12


def log_e_below(successes: Array, failures: Array, bound: Array) -> Array:
    """Log e-value against "the success probability is at least ``bound``".

    The likelihood ratio of p against ``bound``, mixed over p below ``bound``. Each ratio has expectation at most one under every
    larger probability, because it is linear in that probability and decreasing.

    Parameters
    ----------
    successes, failures:
        Counts ``(...)``.
    bound:
        The claimed lower bound, in [0, 1] ``(...)``.
    """
    s, f, p = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (successes, failures, bound)))
    a, b = PRIOR + s, PRIOR + f
    with np.errstate(all="ignore"):
        mixed = (
            special.betaln(a, b)
            + np.log(special.betainc(a, b, p))
            - special.betaln(PRIOR, PRIOR)
            - np.log(special.betainc(PRIOR, PRIOR, p))
        )
        # A tail too small for betainc is a hopeless alternative: no evidence.
        mixed = np.where(special.betainc(a, b, p) == 0, -np.inf, mixed)
        null = special.xlogy(s, p) + special.xlog1py(f, -p)
        log_e = mixed - null
    log_e = np.where(p <= 0, -np.inf, log_e)  # every probability is at least zero
    return np.where((p >= 1) & (f > 0), np.inf, log_e)


def log_e_above(successes: Array, failures: Array, bound: Array) -> Array:
    """Log e-value against "the success probability is at most ``bound``"; see :func:`log_e_below`."""
    return log_e_below(failures, successes, 1 - np.asarray(bound, dtype=float))


def trials_to_decide(rate: Array, bound: Array, error: float, deviations: float = 0.0) -> Array:
    """About how many trials it takes to tell a success probability ``rate`` from ``bound``.

    In the median log(1/error), and what mixing over alternatives costs, over their divergence; more where the run of luck may be
    ``deviations`` standard deviations against it.
    """
    p, q = np.clip(rate, 1e-12, 1 - 1e-12), np.clip(bound, 1e-12, 1 - 1e-12)
    divergence = special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q)
    with np.errstate(divide="ignore"):
        median = np.log(1 / error) / divergence
        evidence = np.log(1 / error) + np.log(np.minimum(median, 1e12)) / 2
        return evidence / divergence * (1 + deviations / np.sqrt(2 * evidence)) ** 2


class MeanSequence:
    """Confidence sequences for the means of several bounded variables, fed batch by batch.

    The predictable plug-in empirical Bernstein sequence of I. Waudby-Smith and A. Ramdas, Estimating means of bounded random
    variables by betting (JRSS B, 2024), Theorem 2: valid at all times at once, and as narrow as the variance allows.

    Parameters
    ----------
    count:
        Number of variables.
    error:
        Probability that the sequence of one variable ever misses its mean.
    """

    CAP = 0.5

    def __init__(self, count: int, error: float) -> None:
        self.error = error
        self.n = 0
        self._sum = np.zeros(count)
        self._squares = np.zeros(count)
        self._weights = np.zeros(count)
        self._weighted = np.zeros(count)
        self._penalty = np.zeros(count)
        self._low, self._high = np.zeros(count), np.ones(count)

    def feed(self, values: Array) -> None:
        """Add observations ``(count, batch)``, each in [0, 1].

        Raises
        ------
        ValueError
            when a value lies outside.
        """
        if not ((values >= 0) & (values <= 1)).all():
            raise ValueError("a confidence sequence for bounded means needs values in [0, 1]")
        times = self.n + np.arange(1, values.shape[1] + 1)
        before = np.concatenate([self._sum[:, None], values], axis=1).cumsum(axis=1)
        means = (0.5 + before) / (1 + np.concatenate([[self.n], times]))  # regularised running means, the prior one first
        deviation = (values - means[:, 1:]) ** 2
        spread = np.concatenate([self._squares[:, None], deviation], axis=1).cumsum(axis=1)
        variance = (0.25 + spread) / (1 + np.concatenate([[self.n], times]))
        bets = np.minimum(np.sqrt(2 * np.log(2 / self.error) / (variance[:, :-1] * times * np.log1p(times))), self.CAP)
        surprise = 4 * (values - means[:, :-1]) ** 2
        penalty = (-np.log1p(-bets) - bets) / 4
        self._weights += bets.sum(axis=1)
        self._weighted += (bets * values).sum(axis=1)
        self._penalty += (surprise * penalty).sum(axis=1)
        self._sum, self._squares, self.n = before[:, -1], spread[:, -1], int(times[-1])
        centre = self._weighted / self._weights
        half = (np.log(2 / self.error) + self._penalty) / self._weights
        self._low, self._high = np.maximum(self._low, centre - half), np.minimum(self._high, centre + half)

    def needed(self, gap: Array, deviations: float = 0.0) -> Array:
        """About how many values it takes until the interval, and ``deviations`` standard errors of the mean, are within ``gap``."""
        times = np.geomspace(1, LONGEST, 1000)
        variance = self.variance[:, None]
        bets = np.minimum(np.sqrt(2 * np.log(2 / self.error) / (variance * times * np.log1p(times))), self.CAP)
        weights = bets[:, :1] + integrate.cumulative_trapezoid(bets, times, initial=0)
        penalties = integrate.cumulative_trapezoid(variance * (-np.log1p(-bets) - bets), times, initial=0)
        half = (np.log(2 / self.error) + penalties) / weights + deviations * np.sqrt(variance / times)
        within = half <= gap[:, None]
        return np.where(within.any(axis=1), times[within.argmax(axis=1)], np.inf)

    @property
    def interval(self) -> tuple[Array, Array]:
        """Lower and upper ends ``(count,)``: the intersection of the intervals so far."""
        return self._low, self._high

    @property
    def variance(self) -> Array:
        """Regularised sample variances ``(count,)``."""
        return (0.25 + self._squares) / (1 + self.n)

    @property
    def mean(self) -> Array:
        """Sample means ``(count,)``."""
        return self._sum / max(self.n, 1)
