"""Lakatos: a property-based verification harness for theorems.

The names below are loaded on first use, so that importing the package (as pytest does for its plugin) costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lakatos.claims import Claim, claim
    from lakatos.errors import ClaimError
    from lakatos.families import fix, instances, when
    from lakatos.formula import Formula
    from lakatos.hunting import hunt
    from lakatos.kinds import Existence, Expectation, Identity, Inequality, Limit, Probability, Rate, Reproduction, Trend
    from lakatos.papers import Paper
    from lakatos.verdicts import Outcome, Verdict, Warrant

_HOME = {
    "Claim": "lakatos.claims",
    "ClaimError": "lakatos.errors",
    "Existence": "lakatos.kinds",
    "Expectation": "lakatos.kinds",
    "Formula": "lakatos.formula",
    "Identity": "lakatos.kinds",
    "Inequality": "lakatos.kinds",
    "Limit": "lakatos.kinds",
    "Outcome": "lakatos.verdicts",
    "Paper": "lakatos.papers",
    "Probability": "lakatos.kinds",
    "Rate": "lakatos.kinds",
    "Reproduction": "lakatos.kinds",
    "Trend": "lakatos.kinds",
    "Verdict": "lakatos.verdicts",
    "Warrant": "lakatos.verdicts",
    "claim": "lakatos.claims",
    "fix": "lakatos.families",
    "hunt": "lakatos.hunting",
    "instances": "lakatos.families",
    "when": "lakatos.families",
}

__all__ = [
    "Claim",
    "ClaimError",
    "Existence",
    "Expectation",
    "Formula",
    "Identity",
    "Inequality",
    "Limit",
    "Outcome",
    "Paper",
    "Probability",
    "Rate",
    "Reproduction",
    "Trend",
    "Verdict",
    "Warrant",
    "claim",
    "fix",
    "hunt",
    "instances",
    "when",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lakatos' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
