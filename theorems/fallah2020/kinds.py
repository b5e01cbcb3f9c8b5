"""A family of drawn instances and, beside them, kinds of instances on which a bound is approached.

Extremes are far from typical: a term of a bound that no drawn instance comes close to would be compared with nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from lakatos import fix
from lakatos.families import Family, Sample, Stratum

Build = Callable[[Any], dict[str, Any]]
DRAWN = "as drawn"


def with_kinds(drawn: Family, kinds: Mapping[str, Build], strata: Mapping[str, Stratum] | None = None) -> Family:
    """The instances of a family and those of other kinds, each of which is a stratum, under the family's assumptions.

    The family's strata are those of its own instances, except where ``strata`` gives one for all.
    """

    def build(draw: Any) -> dict[str, Any]:
        kind = draw.option("kind", [DRAWN, *kinds])
        values = dict(drawn.function(draw) if kind == DRAWN else kinds[kind](draw))
        return {**values, "own": partial(_hits, drawn, values, draw.sample)}

    build.__name__ = f"{drawn.name}_and_{'_'.join(kinds)}"
    own = {name: _of_its_own(name, stratum) for name, stratum in drawn.strata.items()}
    strata = {**own, **{kind: fix(kind=kind) for kind in kinds}, **(strata or {})}
    return Family(build, strata, drawn.assumptions)


def _hits(drawn: Family, values: dict[str, Any], sample: Sample, name: str) -> Any:
    if sample.structure["kind"] != DRAWN:
        return False
    return drawn.strata[name].hits({**sample.primitives, **sample.structure, **values}, sample)


def _of_its_own(name: str, stratum: Stratum) -> Stratum:
    pinned = {"kind": DRAWN, **stratum.pinned} if stratum.pinned else {}
    return Stratum(pinned, lambda own: own(name), stratum.require)
