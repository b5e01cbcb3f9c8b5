"""Does a quantity rise (fall) along a grid? Page's test with every instance as a block."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from lakatos.hunting import grid
from lakatos.hunting.certify import printable, to_fractions
from lakatos.hunting.context import Context
from lakatos.hunting.grid import Rows
from lakatos.hunting.rules import decide, replay
from lakatos.kinds.grid import Trend
from lakatos.verdicts import Margin, Outcome, Verdict, Warrant, Witness

# Significant digits to which values are compared.
TIED_DIGITS = 12


@decide.register
def decide_trend(kind: Trend, context: Context) -> Verdict:
    """Measure along the grid, test, and conclude."""
    return conclude(context, kind, grid.measure(context, kind))


def conclude(context: Context, kind: Trend, rows: Rows) -> Verdict:
    """The verdict on what was measured."""
    reason = grid.missed(context, kind, rows)
    if reason is not None:
        verdict = Verdict(Outcome.VACUOUS, Warrant.NONE, Margin(None, None, reason), f"{reason}.")
    else:
        verdict = _verdict(kind, rows)
        verdict.alarm = kind.error
    verdict.instances = {"pinned": rows.pinned, "batches": rows.total - rows.pinned}
    verdict.rejected = rows.rejected
    verdict.strata = grid.counts(context, kind, rows)
    return verdict


@replay.register
def replay_trend(kind: Trend, context: Context, witness: Mapping[str, Any]) -> Verdict:
    """What one given instance shows; a single block has no power, so that it decides nothing but an order that is broken."""
    rows = grid.along(context, kind, witness)
    row = rows.stacked("measured")[0]
    steps = np.diff(row) * (1 if kind.direction == "increasing" else -1)
    outcome = Outcome.HOLDS if (steps > 0).all() else Outcome.REFUTED if (steps < 0).all() else Outcome.UNDECIDED
    words = ", ".join(f"{v:.6g}" for v in row)
    message = f"On the given instance: {words}."
    by_chance = 1 / math.factorial(len(row))
    return Verdict(outcome, Warrant.MEASURED, Margin(None, None, words), message, {"pinned": 1}, alarm=by_chance)


def page(ranked: np.ndarray) -> float:
    """The p-value of Page's test that values ``(blocks, treatments)`` do not rise along the treatments.

    Ties get average ranks, and the normal approximation is used, the only choice when ties are present. Its tail is heavier than
    the exact one at the levels used here (and at 0.05 lighter by less than a tenth).
    """
    ranks = stats.rankdata(ranked, axis=1)
    return float(stats.page_trend_test(ranks, ranked=True, method="asymptotic").pvalue)


def _verdict(kind: Trend, rows: Rows) -> Verdict:
    measured = rows.stacked("measured")
    finite = np.where(np.isfinite(measured), measured, np.sign(measured) * 1e308)
    # Values that differ by rounding alone are ties: accumulated rounding drifts, and a drift is a trend to a rank test.
    mantissa, exponent = np.frexp(finite)
    finite = np.ldexp(np.round(mantissa, TIED_DIGITS), exponent)
    along = finite if kind.direction == "increasing" else -finite
    forward, backward = page(along), page(-along)
    order = np.arange(measured.shape[1])
    effects = [stats.spearmanr(order, row).statistic if np.ptp(row) > 0 else 0.0 for row in along]
    effect = float(np.mean(effects))
    monotone = float((np.diff(along, axis=1) > 0).all(axis=1).mean())
    flat = int((np.ptp(along, axis=1) == 0).sum())
    words = (
        f"mean rank correlation {effect:+.3f} with the claimed direction over {len(measured)} instances as blocks; "
        f"p = {forward:.1e} that there is no such trend; {100 * monotone:.0f}% of them are monotone throughout"
    )
    margin = Margin(effect, kind.error, words)
    details: dict[str, Any] = {"error probability": kind.error, "p-value": forward, "p-value of the opposite trend": backward}
    details["share of instances monotone throughout"] = f"{monotone:.3f}"
    if flat:
        details["instances without any change"] = flat
    worst = int(np.argmin(effects))
    sample = rows.sample_of(worst)
    operands = {kind.over: ", ".join(map(str, kind.grid)), "measured": ", ".join(f"{v:.6g}" for v in measured[worst])}
    witness = Witness(printable(sample.structure, to_fractions(sample)), operands, "float64", float(effects[worst]))
    picture = _picture(kind, measured)
    if forward < kind.error:
        message = f"The trend is there: p = {forward:.1e} for none."
        return Verdict(Outcome.HOLDS, Warrant.MEASURED, margin, message, worst=witness, picture=picture, details=details)
    if backward < kind.error:
        message = (
            f"The trend runs the other way: p = {backward:.1e} for no opposite trend; most contrary instance in the record."
        )
        return Verdict(
            Outcome.REFUTED,
            Warrant.MEASURED,
            margin,
            message,
            worst=witness,
            smallest=witness,
            picture=picture,
            details=details,
        )
    message = f"Neither direction is established at error probability {kind.error:g} (p = {forward:.1e} and {backward:.1e})."
    return Verdict(Outcome.UNDECIDED, Warrant.NONE, margin, message, worst=witness, picture=picture, details=details)


def _picture(kind: Trend, measured: np.ndarray) -> dict[str, Any]:
    finite = np.where(np.isfinite(measured), measured, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column may have no finite value
        low, middle, high = np.nanquantile(finite, [0.1, 0.5, 0.9], axis=0)
    columns = {
        name: [float(v) if np.isfinite(v) else None for v in side]
        for name, side in (("y", middle), ("low", low), ("high", high))
    }
    return {"type": "trend", "over": kind.over, "x": [float(g) for g in kind.grid], "direction": kind.direction, **columns}
