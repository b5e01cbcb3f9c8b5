"""One evaluation of a claim: both sides, which instances count, and how close each came to the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.linalg import LinAlgError  # type: ignore[attr-defined]

from exactarray import Exact, is_exact
from lakatos.claims import Claim
from lakatos.errors import ClaimError
from lakatos.families import Given, Sample, Source, call_by_name
from lakatos.formula import Formula, align


@dataclass
class Evaluation:
    """Both sides of a claim on a batch.

    Parameters
    ----------
    left, right:
        Measured and printed side ``(batch, components)``; ``right`` is None for a kind without a printed side.
    valid:
        Which instances satisfy the assumptions and could be evaluated ``(batch,)``.
    values, sample:
        Every quantity by name, and what was drawn.
    broken:
        Which instances satisfy the assumptions and could not be evaluated in float64, such as systems whose matrix rounding
        makes singular ``(batch,)``; their sides are NaN. None where there are none.
    """

    left: Any
    right: Any
    valid: Any
    values: dict[str, Any]
    sample: Sample
    broken: Any = None

    @property
    def batch(self) -> int:
        """Number of instances."""
        return int(self.left.shape[0])


def evaluate(
    claim: Claim, source: Source, extra: Mapping[str, Any] | None = None, note: dict[str, Any] | None = None
) -> Evaluation:
    """Build instances from ``source`` and compute both sides of the claim on them.

    A measured side that samples may return ``(value, standard_error)``; the error goes into ``note["standard error"]`` and is
    refused where the caller gave no ``note``.

    Where float64 linear algebra breaks down on some instances of a batch, the others are evaluated without them.

    Raises
    ------
    ClaimError
        when the measured side or the formula cannot be used: a bool, a wrong shape, NaN, a symbol that no instance has.
    LinAlgError
        when linear algebra breaks down on every instance.
    """
    values, sample = claim.on.build(source)
    values.update(extra or {})
    exact = is_exact(source.constant([0]))
    try:
        left, right = _both(claim, values, source.batch, exact, note)
    except LinAlgError as error:
        if exact or note is not None or source.batch < 2:
            raise
        return _without_broken(claim, source, Evaluation(None, None, None, values, sample), extra, error)
    valid = _flags(claim.on.valid(values, exact), source.batch, left)
    return Evaluation(left, right, valid, values, sample)


def _both(claim: Claim, values: dict[str, Any], batch: int, exact: bool, note: dict[str, Any] | None = None) -> tuple[Any, Any]:
    measured = call_by_name(claim.function, values, f"The measured side of {claim.id}")
    if isinstance(measured, tuple) and len(measured) == 2:
        if note is None:
            raise ClaimError(f"{claim.id} returned a standard error; only rate and trend claims may sample.")
        measured, note["standard error"] = measured
    return sides(claim, values, measured, batch, exact)


def _without_broken(
    claim: Claim, source: Source, whole: Evaluation, extra: Mapping[str, Any] | None, error: LinAlgError
) -> Evaluation:
    """The evaluation of a batch on some of whose instances linear algebra breaks down, which are found by halving."""
    sample, batch = whole.sample, source.batch
    device = next((v.device for v in sample.primitives.values()), torch.device("cpu"))
    parts: list[tuple[Any, Any, Any]] = []

    def gather(rows: torch.Tensor) -> None:
        part = sample.rows(rows)
        values, _ = claim.on.build(Given(part.structure, part.primitives, source.constant([0]), len(rows)))
        try:
            parts.append((rows, *_both(claim, {**values, **(extra or {})}, len(rows), exact=False)))
        except LinAlgError:
            if len(rows) > 1:
                gather(rows[: len(rows) // 2])
                gather(rows[len(rows) // 2 :])

    if sample.primitives:
        gather(torch.arange(batch, device=device))
    if not parts:
        raise error
    rows = torch.cat([rows for rows, _, _ in parts])
    kept = torch.zeros(batch, dtype=torch.bool, device=device)
    kept[rows] = True

    def spread(side: int) -> Any:
        known = torch.cat([part[side] for part in parts])
        return known.new_full((batch, *known.shape[1:]), torch.nan).index_copy(0, rows, known)

    whole.left, whole.right = spread(1), None if claim.right is None else spread(2)
    assumed = _flags(claim.on.valid(whole.values, exact=False), batch, whole.left)
    whole.valid, whole.broken = assumed & kept, assumed & ~kept
    return whole


def sides(claim: Claim, values: Mapping[str, Any], measured: Any, batch: int, exact: bool) -> tuple[Any, Any]:
    """What was measured, and the printed side on the same instances (or None), as arrays ``(batch, components)``.

    Raises
    ------
    ClaimError
        as :func:`evaluate` does.
    """
    left = _checked(claim, measured, batch, "measured side", exact)
    if claim.right is None:
        return left.reshape(left.shape[0], -1), None
    right = _checked(claim, _printed(claim, values, exact), batch, "printed side", exact, like=left)
    return _together(claim, left, right)


def _printed(claim: Claim, values: Mapping[str, Any], exact: bool) -> Any:
    if not isinstance(claim.right, Formula):
        return call_by_name(claim.right, values, f"The second side of {claim.id}")  # type: ignore[arg-type]
    missing = claim.right.symbols - set(values)
    if missing:
        raise ClaimError(
            f"The formula of {claim.id} names {sorted(missing)}, which the instance family {claim.on.name!r} does not provide "
            f"(it provides {sorted(values)}). Return the quantity from the family, or rename the symbol."
        )
    return claim.right.evaluate(values, exact)


def _checked(claim: Claim, side: Any, batch: int, role: str, exact: bool, like: Any = None) -> Any:
    """The side as an array ``(batch, ...)``; everything that is not a number per instance is refused by name."""
    where = f"The {role} of {claim.id} ({claim.file.name}::{claim.name})"
    if isinstance(side, bool) or getattr(side, "dtype", None) in (torch.bool, np.dtype(bool)):
        raise ClaimError(
            f"{where} returned a truth value. Return the quantities to compare; the kind of the claim compares them."
        )
    if side is None:
        raise ClaimError(f"{where} returned None. Return an array with one entry per instance.")
    if like is not None and not getattr(side, "ndim", 0):
        side = _repeated(side, like)
    if not hasattr(side, "ndim"):
        raise ClaimError(f"{where} returned {type(side).__name__} {side!r}. Return an array with one entry per instance.")
    if side.ndim == 0 or side.shape[0] != batch:
        raise ClaimError(f"{where} has shape {tuple(side.shape)}; its first axis must be the batch of {batch} instances.")
    if 0 in tuple(side.shape):
        raise ClaimError(f"{where} has shape {tuple(side.shape)}: no number at all, so that there is nothing to compare.")
    if exact:
        return _exact_side(side, where)
    if not isinstance(side, torch.Tensor):
        raise ClaimError(
            f"{where} is a {type(side).__name__}; return a torch tensor, as the instances are, so that it can be climbed."
        )
    if side.is_complex():
        raise ClaimError(f"{where} is complex ({side.dtype}); return the real number that the statement speaks of.")
    if not side.is_floating_point():
        side = side.to(torch.float64)
    elif side.dtype is not torch.float64:
        raise ClaimError(f"{where} is {side.dtype}; compute in torch.float64, the precision of the instances.")
    return side


def _repeated(number: Any, like: Any) -> Any:
    """One number as an array ``(batch,)`` of the number system of ``like``."""
    if is_exact(like):
        return np.array([Exact(number)] * like.shape[0], dtype=object)
    return torch.full(like.shape[:1], float(number), dtype=torch.float64, device=like.device)


def _exact_side(side: Any, where: str) -> Any:
    """The side of an exact run, once it is sure that no float took part: a proof must not rest on rounded numbers."""
    if not is_exact(side):
        raise TypeError(f"{where} is a {type(side).__name__} of floats although the instance is exact")
    if any(isinstance(x, float) and not x.is_integer() for x in side.flat):
        raise TypeError(f"{where} holds floats although the instance is exact")
    return side


def _together(claim: Claim, left: Any, right: Any) -> tuple[Any, Any]:
    left, right = align(left, right)
    try:
        shape = np.broadcast_shapes(tuple(left.shape), tuple(right.shape))
    except ValueError:
        raise ClaimError(
            f"{claim.id}: the measured side has shape {tuple(left.shape)} and the printed side {tuple(right.shape)}; "
            "they must agree, or one of them must have length one on an axis."
        ) from None
    if is_exact(left) or is_exact(right):
        left, right = np.broadcast_to(left, shape), np.broadcast_to(right, shape)
    else:
        left, right = left.expand(shape), right.expand(shape)
    return left.reshape(shape[0], -1), right.reshape(shape[0], -1)


def _flags(truth: Any, batch: int, like: Any) -> Any:
    """A truth value, or one per instance, as booleans ``(batch,)``."""
    if tuple(getattr(truth, "shape", ())) not in ((), (1,), (batch,)):
        raise ClaimError(
            f"An assumption or a stratum's predicate gave truth values of shape {tuple(truth.shape)} for {batch} instances. Give one "
            "per instance, such as (x > 0).all(axis=-1)."
        )
    if is_exact(like):
        return np.broadcast_to(np.asarray(truth, dtype=bool), (batch,))
    if isinstance(truth, torch.Tensor):
        return truth.to(like.device).expand(batch)
    return torch.full((batch,), bool(truth), device=like.device)


def stratum_hits(claim: Claim, evaluation: Evaluation) -> dict[str, Any]:
    """For each stratum of the family, which valid instances lie in it: booleans ``(batch,)``."""
    return {
        name: _flags(stratum.hits(evaluation.values, evaluation.sample), evaluation.batch, evaluation.left) & evaluation.valid
        for name, stratum in claim.on.strata.items()
    }


def refuse_nan(claim: Claim, evaluation: Evaluation) -> None:
    """Raise ClaimError, with the instance, where a side is NaN on a valid instance."""
    for role, side in (("measured", evaluation.left), ("printed", evaluation.right)):
        bad = torch.isnan(side).any(-1) & evaluation.valid if side is not None else None
        if bad is not None and bool(bad.any()):
            row = int(bad.nonzero()[0])
            raise ClaimError(
                f"The {role} side of {claim.id} ({claim.file.name}::{claim.name}) is NaN on a valid instance:\n"
                f"{describe(evaluation.sample, row)}\nNaN compares as neither true nor false, so nothing can be concluded. Guard "
                "the division or root that produced it, or exclude the instance by an assumption."
            )


def describe(sample: Sample, row: int) -> str:
    """One instance of a sample in words, for messages."""
    parts = [f"{name} = {value}" for name, value in sample.structure.items()]
    parts += [f"{name} = {value[row].detach().tolist()}" for name, value in sample.primitives.items()]
    return "  " + "\n  ".join(parts)
