"""Is a ratio bounded along a grid? The exponent of its envelope over all instances, on the upper half of the grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from exactarray import operations
from lakatos.hunting import grid
from lakatos.hunting.certify import printable, to_fractions
from lakatos.hunting.context import Context
from lakatos.hunting.digits import DIGITS
from lakatos.hunting.grid import Rows
from lakatos.hunting.rules import decide, replay
from lakatos.kinds.grid import Rate
from lakatos.verdicts import Margin, Outcome, Verdict, Warrant, Witness

# The probability that sampling noise alone pushes the exponent of any envelope over the margin.
ERROR = 1e-9
# Growth whose last local exponent has lost this share of the exponent before it is taken to fade.
FADING = 0.5
# Instances whose measured side float64 may have lost are run again in 60 digits: so many, and until so many operations are spent.
MOST_AGAIN = 64
AGAIN_OPERATIONS = 5_000_000
SAME = 1e-6
# What 60 digits leave of a zero, in units of the printed side.
NOTHING = 1e-30


@decide.register
def decide_rate(kind: Rate, context: Context) -> Verdict:
    """Measure along the grid and conclude."""
    return conclude(context, kind, grid.measure(context, kind))


@replay.register
def replay_rate(kind: Rate, context: Context, witness: Mapping[str, Any]) -> Verdict:
    """The verdict on one given instance."""
    return conclude(context, kind, grid.along(context, kind, witness), strata=False)


def conclude(context: Context, kind: Rate, rows: Rows, strata: bool = True) -> Verdict:
    """The verdict on what was measured; ``strata`` asks that each of them was reached."""
    reason = grid.missed(context, kind, rows) if strata else None
    if reason is not None:
        verdict = Verdict(Outcome.VACUOUS, Warrant.NONE, Margin(None, None, reason), f"{reason}.")
    else:
        verdict = _verdict(context, kind, rows)
        verdict.alarm = ERROR if (rows.stacked("error") > 0).any() else 0.0
    verdict.instances = {"pinned": rows.pinned, "batches": rows.total - rows.pinned}
    verdict.rejected = rows.rejected
    verdict.strata = grid.counts(context, kind, rows)
    return verdict


def _verdict(context: Context, kind: Rate, rows: Rows) -> Verdict:
    measured, printed, error = rows.stacked("measured"), rows.stacked("printed"), rows.stacked("error")
    again = _cancelled(context, kind, rows, measured, printed, error)
    with np.errstate(all="ignore"):
        ratio = measured / printed
    usable = (ratio > 0).all(axis=1) & np.isfinite(ratio).all(axis=1)
    broken = _broken(kind, ratio)
    constant = _constant(kind, ratio)
    # A ratio of zero says nothing against an upper bound at that value of the grid; elsewhere its instance may well grow.
    counted = np.flatnonzero(~broken)
    if not usable.any() or not _envelopes_positive(kind, ratio[counted]):
        words = f"the ratio is not positive and finite on {int((~usable).sum())} of {len(ratio)} instances"
        return Verdict(Outcome.UNDECIDED, Warrant.NONE, Margin(constant, None, words), f"{words}; its exponent is undefined.")
    noise = error / np.maximum(measured, 1e-300)
    exponent, _ = _exponents(kind, ratio[usable], noise[usable])
    mean, half = _mean_interval(exponent)
    edges = _edges(kind, ratio[counted], noise[counted], bool(rows.pinned) and not broken[0])
    worst = max(edges, key=lambda e: e.exponent)
    words = (
        f"exponent of the {_constant_words(kind)} in {kind.over}: {worst.exponent:+.3f} towards the forbidden side; of single "
        f"instances {mean:+.3f} on average (95% interval {mean - half:+.3f} to {mean + half:+.3f}); {_constant_words(kind)} "
        f"{constant:.6g} over {len(ratio)} instances"
    )
    margin = Margin(constant, kind.margin, words)
    details: dict[str, Any] = {"error probability": ERROR, "instances without an exponent": int((~usable).sum())}
    if again:
        details[f"instances run again in {DIGITS} digits"] = len(again)
    row = int(counted[worst.row])
    witness = _witness(kind, rows, row, measured[row], printed[row], again)
    typical = _typically_grows(kind, ratio[usable], noise[usable])
    if any(e.surely > kind.margin and not e.fading and (e.steady or typical) for e in edges):
        outcome, warrant = Outcome.REFUTED, Warrant.MEASURED
        along = f"{witness.operands['ratio']} at {kind.over} = {list(kind.grid)}"
        message = f"The {_constant_words(kind)} has no bound along the grid: {along}."
    elif broken.any():
        outcome, warrant = Outcome.UNDECIDED, Warrant.NONE
        row = int(broken.argmax())
        witness = _witness(kind, rows, row, measured[row], printed[row], again)
        message = (
            f"On {int(broken.sum())} of {len(ratio)} instances the ratio is {_SUSPICIOUS[kind.bound]} somewhere on the grid, which "
            f"the bound does not allow unless it is an overflow: {witness.operands['ratio']} on {witness.values}. Exclude such "
            "instances by the family, or pin one as the witness of a refutation."
        )
    elif typical:
        outcome, warrant = Outcome.UNDECIDED, Warrant.NONE
        message = (
            f"The {_constant_words(kind)} stays bounded along the grid, but most instances move towards the forbidden side by themselves "
            "and do not fade: a few instances with a large constant may hide it. A longer grid would decide."
        )
    elif all(e.possibly <= kind.margin for e in edges):
        outcome, warrant = Outcome.HOLDS, Warrant.MEASURED
        message = f"The {_constant_words(kind)} stays bounded along the grid: its exponent is within {kind.margin} of the allowed side."
    else:
        outcome, warrant = Outcome.UNDECIDED, Warrant.NONE
        message = (
            f"The {_constant_words(kind)} may have an exponent beyond the margin {kind.margin}, but its growth fades along the grid, "
            "goes up and down, or lies within its sampling error. A longer grid (or more samples) would decide."
        )
    return Verdict(
        outcome,
        warrant,
        margin,
        message,
        worst=witness,
        smallest=witness if outcome == Outcome.REFUTED else None,
        picture=_picture(kind, ratio[usable], mean, half),
        details=details,
    )


_SUSPICIOUS = {"O": "infinite or NaN", "Omega": "zero, negative or NaN", "Theta": "zero, negative, infinite or NaN"}


def _typically_grows(kind: Rate, ratio: np.ndarray, relative_error: np.ndarray) -> bool:
    """Whether more than half of the instances grow beyond the margin by themselves, below an envelope that does not."""
    exponents, _ = _exponents(kind, ratio, relative_error)
    sign = {"O": np.ones_like(exponents), "Omega": -np.ones_like(exponents), "Theta": np.sign(exponents)}[kind.bound]
    growing = (sign * exponents > kind.margin) & ~_fading(kind, ratio) & _steady(kind, ratio, sign[:, None])
    return bool(growing.mean() > 0.5)


def _broken(kind: Rate, ratio: np.ndarray) -> np.ndarray:
    """Instances whose ratio breaks the bound so badly that it has no exponent: they must not be passed over."""
    bad = np.isnan(ratio)
    if kind.bound != "Omega":
        bad |= np.isposinf(ratio)
    if kind.bound != "O":
        bad |= ratio <= 0
    return bad.any(axis=1)


def _cancelled(
    context: Context, kind: Rate, rows: Rows, measured: np.ndarray, printed: np.ndarray, error: np.ndarray
) -> set[int]:
    """Write 60-digit values over those of exact instances whose measured side is zero or negative somewhere; which ones they were.

    A quantity that is a difference of much larger ones may be nothing but rounding, where its size is what the claim is about.
    """
    again: set[int] = set()
    if kind.bound == "O":
        return again
    suspects = ((measured <= 0) & (printed > 0)).any(axis=1) & (error == 0).all(axis=1)
    before = operations()
    for row in np.flatnonzero(suspects)[:MOST_AGAIN]:
        curves = grid.in_digits_along(context, kind, rows, int(row))
        # Where a draw depends on the grid it is another instance there, which the printed side gives away.
        if (
            curves is not None
            and np.allclose(curves[1], printed[row], rtol=SAME, atol=0)
            and (curves[0] > NOTHING * curves[1]).all()
        ):
            measured[row], printed[row] = curves
            again.add(int(row))
        if operations() - before > AGAIN_OPERATIONS:
            break
    return again


def _envelopes_positive(kind: Rate, ratio: np.ndarray) -> bool:
    """Whether each envelope has a logarithm at every value of the grid."""
    return len(ratio) > 0 and bool((ratio.max(axis=0) > 0).all()) and bool(np.isfinite(ratio.min(axis=0)).all())


@dataclass(frozen=True)
class _Edge:
    """An envelope of the ratio (or the pinned instance): its exponent towards the forbidden side, its bounds, its course, its row."""

    exponent: float
    surely: float
    possibly: float
    fading: bool
    steady: bool
    row: int


def _edges(kind: Rate, ratio: np.ndarray, relative_error: np.ndarray, pinned: bool) -> list[_Edge]:
    """The largest ratio along the grid for O, the smallest for Omega, both for Theta; and a pinned instance by itself.

    The hidden constant is one for all instances: an instance that still climbs below the largest ratio does not break the bound.
    An envelope takes its rows by their noise, so the allowance for it covers every choice of rows at once.
    """
    edges = []
    signs = {"O": (1,), "Omega": (-1,), "Theta": (1, -1)}[kind.bound]
    columns = np.arange(ratio.shape[1])
    choices = len(signs) * (float(len(ratio)) ** np.count_nonzero(_weights(kind)) + pinned)
    deviations = float(stats.norm.isf(ERROR / 2 / choices))
    # On the logarithmic scale noise reaches further down than up, and from some size on without end.
    with np.errstate(divide="ignore"):
        noise = -np.log1p(-np.minimum(deviations * relative_error, 1)) / deviations
    for sign in signs:
        extreme = (sign * ratio).argmax(axis=0)
        envelope = ratio[extreme, columns][None]
        curves = [(envelope, _noise_at_edge(sign, ratio, noise, deviations), int(extreme[-1]))]
        if pinned and (ratio[0] > 0).all() and np.isfinite(ratio[0]).all():
            curves.append((ratio[:1], noise[:1], 0))
        for curve, curve_error, row in curves:
            (exponent,), (spread,) = _exponents(kind, curve, curve_error)
            allowance = deviations * float(spread)
            forbidden = float(sign * exponent)
            fading, steady = bool(_fading(kind, curve)[0]), bool(_steady(kind, curve, sign)[0])
            edges.append(_Edge(forbidden, forbidden - allowance, forbidden + allowance, fading, steady, row))
    return edges


def _noise_at_edge(sign: int, ratio: np.ndarray, noise: np.ndarray, deviations: float) -> np.ndarray:
    """The largest noise ``(1, grid)`` among the rows that may be the extreme ones but for their noise."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = sign * np.where(ratio > 0, np.log(ratio), -sign * np.inf)
        contender = logs + deviations * noise >= logs.max(axis=0)
    return np.where(contender, noise, 0.0).max(axis=0, keepdims=True)


def _half(kind: Rate) -> slice:
    return slice(len(kind.grid) - max(3, (len(kind.grid) + 1) // 2), None)


def _exponents(kind: Rate, ratio: np.ndarray, relative_error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares exponent of each row on the upper half of the grid, and its standard error from sampling."""
    half, weights = _half(kind), _weights(kind)
    counted = np.where(weights != 0, relative_error[:, half], 0.0)  # even without end, noise at a point of no weight is none
    return np.log(ratio[:, half]) @ weights, np.sqrt((counted**2) @ weights**2)


def _weights(kind: Rate) -> np.ndarray:
    """What each logarithm on the upper half of the grid adds to the exponent; the middle of three geometric values adds nothing."""
    x = np.log(np.asarray(kind.grid, dtype=float))[_half(kind)]
    centred = x - x.mean()
    centred[np.abs(centred) < 1e-12 * np.abs(x).max()] = 0.0
    return np.asarray(centred / (centred**2).sum())


def _fading(kind: Rate, ratio: np.ndarray) -> np.ndarray:
    """Whether the growth of each row dies out along the grid, so that its bound may simply not be reached yet."""
    x = np.log(np.asarray(kind.grid, dtype=float))
    local = np.abs(np.diff(np.log(ratio), axis=1) / np.diff(x))
    return (local[:, -1] <= FADING * local[:, -2]) | (local[:, -1] <= kind.margin)


def _steady(kind: Rate, ratio: np.ndarray, sign: Any) -> np.ndarray:
    """Whether each row moves towards the forbidden side all along the upper half: a bounded ratio may go up and down."""
    return (sign * np.diff(ratio[:, _half(kind)], axis=1) > 0).all(axis=1)


def _constant(kind: Rate, ratio: np.ndarray) -> float:
    finite = ratio[np.isfinite(ratio)]
    if not finite.size:
        return float("nan")
    return float(finite.min() if kind.bound == "Omega" else finite.max())


def _constant_words(kind: Rate) -> str:
    return "smallest ratio" if kind.bound == "Omega" else "largest ratio"


def _mean_interval(exponent: np.ndarray) -> tuple[float, float]:
    if len(exponent) < 2:
        return float(exponent.mean()), 0.0
    half = float(stats.t.ppf(0.975, len(exponent) - 1)) * float(exponent.std(ddof=1)) / np.sqrt(len(exponent))
    return float(exponent.mean()), float(half)


def _witness(kind: Rate, rows: Rows, row: int, measured: np.ndarray, printed: np.ndarray, again: set[int]) -> Witness:
    sample = rows.sample_of(row)
    values = printable(sample.structure, to_fractions(sample))
    with np.errstate(divide="ignore", invalid="ignore"):
        shown = {"measured": measured, "printed": printed, "ratio": measured / printed}
    operands = {name: ", ".join(f"{v:.6g}" for v in side) for name, side in shown.items()}
    arithmetic = f"{DIGITS} digits" if row in again else "float64"
    return Witness(values, {f"{kind.over}": ", ".join(map(str, kind.grid)), **operands}, arithmetic)


def _picture(kind: Rate, ratio: np.ndarray, mean: float, half: float) -> dict[str, Any]:
    return {
        "type": "rate",
        "over": kind.over,
        "x": [float(g) for g in kind.grid],
        "y": np.median(ratio, axis=0).tolist(),
        "low": ratio.min(axis=0).tolist(),
        "high": ratio.max(axis=0).tolist(),
        "slope": mean,
        "slope_low": mean - half,
        "slope_high": mean + half,
        "claimed": 0.0,
    }
