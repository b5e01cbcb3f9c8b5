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


def with_kinds(drawn: Family, kinds: Mapping[str, Build | Family], strata: Mapping[str, Stratum] | None = None) -> Family:
    """The instances of a family and those of other kinds, each of which is a stratum, under the family's assumptions.

    Strata are those of each kind's own instances, and ``strata`` for all.
    """
    families = {
        DRAWN: drawn,
        **{name: kind if isinstance(kind, Family) else Family(kind, {}, ()) for name, kind in kinds.items()},
    }

    def build(draw: Any) -> dict[str, Any]:
        kind = draw.option("kind", list(families))
        values = dict(families[kind].function(draw))
        return {**values, "own": partial(_hits, families[kind], values, draw.sample)}

    build.__name__ = f"{drawn.name}_and_{'_'.join(kinds)}".replace(" ", "_")
    own = {name: _of_its_own(kind, name, s) for kind, family in families.items() for name, s in family.strata.items()}
    return Family(build, {**own, **{kind: fix(kind=kind) for kind in kinds}, **(strata or {})}, drawn.assumptions)


def _hits(family: Family, values: dict[str, Any], sample: Sample, kind: str, name: str) -> Any:
    if sample.structure["kind"] != kind:
        return False
    return family.strata[name].hits({**sample.primitives, **sample.structure, **values}, sample)


def _of_its_own(kind: str, name: str, stratum: Stratum) -> Stratum:
    pinned = {"kind": kind, **stratum.pinned} if stratum.pinned else {}
    return Stratum(pinned, lambda own: own(kind, name), stratum.require)
