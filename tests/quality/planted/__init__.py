"""Planted claims: small statements whose truth is known from textbooks, to judge the judge.

``FALSE`` must be refuted and ``TRUE`` must never be, within the quick budget and from any seed. A name that ends in "(subtle)"
marks a false claim that is wrong by at most ten per cent, in a corner only, or at one point; "(tight)" a true one with
equality.
"""

from __future__ import annotations

from lakatos.claims import Claim
from tests.quality.planted import (
    asymptotics,
    inequalities,
    linear_algebra,
    optimisation,
    papers,
    probability,
    witnesses_and_tables,
)

_MODULES = (inequalities, linear_algebra, optimisation, probability, asymptotics, papers, witnesses_and_tables)
FALSE: dict[str, Claim] = {name: claim for module in _MODULES for name, claim in module.FALSE.items()}
TRUE: dict[str, Claim] = {name: claim for module in _MODULES for name, claim in module.TRUE.items()}
ABSENT = witnesses_and_tables.ABSENT
