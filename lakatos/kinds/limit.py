"""Claims about where a long run ends."""

from __future__ import annotations

from dataclasses import dataclass

from lakatos.kinds.base import Kind

FEWEST_CHECKPOINTS = 6


@dataclass(frozen=True)
class Limit(Kind):
    """A quantity tends to its printed limit along the run, or a measured distance to zero.

    The measured side takes an argument ``checkpoints`` and returns, at each of them ``(batch, len(checkpoints))``, the quantity
    whose limit is the claim's ``right`` (the distance is then relative to the limit, absolute where that is zero); or, without
    ``right``, the distance itself, relative to a natural scale of the instance. An instance converges when its distance is
    below ``tolerance`` at the last three checkpoints, or decays there with a local exponent that is clearly negative and not
    fading, not towards a floor. It refutes when the distance diverges, or levels off above the tolerance, and a run of the same
    text in 60-digit arithmetic does the same.

    Parameters
    ----------
    checkpoints:
        Numbers of iterations, each twice the one before, at least six.
    tolerance:
        Relative distance that counts as zero.
    batch:
        Instances per family build.
    """

    checkpoints: tuple[int, ...]
    tolerance: float = 1e-8
    batch: int = 64
    name = "limit"
    needs_right = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "checkpoints", tuple(int(c) for c in self.checkpoints))
        doubled = all(2 * a == b for a, b in zip(self.checkpoints, self.checkpoints[1:], strict=False))
        if len(self.checkpoints) < FEWEST_CHECKPOINTS or not doubled:
            raise ValueError(
                f"Limit(checkpoints={self.checkpoints}): give at least {FEWEST_CHECKPOINTS} numbers of iterations, each twice the one "
                "before, so that local exponents can be read off"
            )

    def statement(self, left: str, right: str | None) -> str:
        """The statement in LaTeX."""
        return rf"\lim_{{t\to\infty}} {left} = {right or '0'}"

    def describe(self) -> str:
        """The decision rule in one sentence."""
        return (
            f"the distance falls below {self.tolerance:g} and stays, or decays steadily, over {self.checkpoints[-1]:,} iterations; an "
            "instance that diverges or levels off refutes once a 60-digit run agrees"
        )
