"""Long runs in 60-digit arithmetic: what confirms a refutation that no enclosure can follow to its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from exactarray import arithmetic, operations, to_exact, to_float
from lakatos.claims import Claim
from lakatos.errors import ClaimError
from lakatos.evaluation import Evaluation, evaluate
from lakatos.families import Given

DIGITS = 60
BITS = 200


def in_digits(
    claim: Claim, structure: Mapping[str, Any], fractions: Mapping[str, Any], extra: Mapping[str, Any] | None = None
) -> Evaluation | str:
    """Evaluate the claim's own text on one instance in 60-digit arithmetic; a sentence where it cannot be run so."""
    with arithmetic(BITS, rounded=True):
        primitives = {name: to_exact(value)[None] for name, value in fractions.items()}
        try:
            like = next(iter(primitives.values()), to_exact([0]))
            return evaluate(claim, Given(structure, primitives, like, 1), extra)
        except ClaimError as error:
            return str(error)
        except (TypeError, AttributeError, ValueError, NotImplementedError, ArithmeticError) as error:
            return f"the claim does not run on {DIGITS}-digit numbers: {type(error).__name__}: {error}"


def longest_affordable(
    claim: Claim, structure: Mapping[str, Any], fractions: Mapping[str, Any], checkpoints: tuple[int, ...], most: int
) -> tuple[int, ...]:
    """The checkpoints that a 60-digit run reaches within about ``most`` operations, judged by the run to the first one.

    Operations, not seconds: a verdict must not depend on how busy the machine is.
    """
    before = operations()
    tried = in_digits(claim, structure, fractions, {"checkpoints": checkpoints[:1]})
    spent = max(operations() - before, 1)
    if isinstance(tried, str):
        return checkpoints
    return tuple(c for c in checkpoints if c <= checkpoints[0] * max(1.0, most / spent))


def as_floats(side: Any) -> np.ndarray:
    """One side of a 60-digit evaluation as floats ``(components,)``, infinite where it overflows or is undefined."""
    return np.nan_to_num(to_float(side[0]), nan=np.inf)
