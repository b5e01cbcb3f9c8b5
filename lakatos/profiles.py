"""How hard a hunt looks: the named budgets behind ``--profile``.

This module imports neither torch nor sympy, because the pytest plugin reads it at start-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Profile:
    """The budget of one hunt, the same for every claim.

    Parameters
    ----------
    name:
        What ``--profile`` and the records call it.
    instances:
        Instances drawn in batches per inequality or identity claim.
    structured_examples:
        Examples drawn by Hypothesis; each carries a whole structure (dimensions, signs, simple arrays).
    ascent_starts, ascent_steps:
        Simultaneous starts of the gradient ascent on the slack, and steps from each.
    repeats:
        Multiplies the instances per grid point of limit, rate and trend claims.
    batch:
        Instances per launch. Some 1024 keep the temporaries of a small problem in a core's L2 cache; more is slower.
    shrink_seconds:
        Time to look for a smaller witness of a refutation; the smallest one so far is kept when it is over.
    seed:
        Start of the random streams. A gate must give the same verdict for the same tree, so its seed is fixed; ``None``
        asks for a fresh one per run, which the records then name.

    Raises
    ------
    ValueError
        when a budget is not positive.
    """

    name: str
    instances: int
    structured_examples: int
    ascent_starts: int
    ascent_steps: int
    repeats: int
    batch: int = 1024
    shrink_seconds: float = 10.0
    seed: int | None = 0

    def __post_init__(self) -> None:
        budgets: dict[str, Any] = {
            name: getattr(self, name)
            for name in (
                "instances",
                "structured_examples",
                "ascent_starts",
                "ascent_steps",
                "repeats",
                "batch",
                "shrink_seconds",
            )
        }
        for name, value in budgets.items():
            if not value > 0:
                raise ValueError(
                    f"profile {self.name!r}: {name} is {value!r}. Without a positive budget nothing would be checked; "
                    "use the smallest budget that still tells you something, such as that of 'quick'."
                )


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("quick", instances=4_096, structured_examples=32, ascent_starts=64, ascent_steps=60, repeats=1),
        Profile("gate", instances=102_400, structured_examples=16, ascent_starts=64, ascent_steps=50, repeats=1, batch=4096),
        Profile(
            "audit",
            instances=4_194_304,
            structured_examples=1024,
            ascent_starts=256,
            ascent_steps=1000,
            repeats=8,
            shrink_seconds=60.0,
        ),
        # For the many false variants of one claim, most of which fall at the first batch.
        Profile(
            "power", instances=2_048, structured_examples=8, ascent_starts=32, ascent_steps=45, repeats=1, shrink_seconds=0.2
        ),
        # Eight times the gate's budget, on instances that no earlier run has seen; what it finds becomes a pinned witness.
        Profile(
            "nightly",
            instances=1_048_576,
            structured_examples=512,
            ascent_starts=128,
            ascent_steps=500,
            repeats=4,
            shrink_seconds=30.0,
            seed=None,
        ),
    )
}
"""The profiles that ``--profile`` accepts, by name."""


def get_profile(name: str) -> Profile:
    """The profile called ``name``.

    Raises
    ------
    ValueError
        when there is none of that name; the text lists those there are.
    """
    try:
        return PROFILES[name]
    except KeyError:
        raise ValueError(f"There is no profile {name!r}. Choose one of: {', '.join(PROFILES)}.") from None
