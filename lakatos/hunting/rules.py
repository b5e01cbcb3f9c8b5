"""The decision rule of each kind of claim, chosen by the kind's type."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import Any

from lakatos.hunting.context import Context
from lakatos.verdicts import Verdict


@singledispatch
def decide(kind: Any, context: Context) -> Verdict:
    """Hunt with the context's budget, and conclude. Register a rule with ``@decide.register``."""
    raise NotImplementedError(f"claims of kind {type(kind).__name__} have no decision rule; register one with decide.register")


@singledispatch
def replay(kind: Any, context: Context, witness: Mapping[str, Any]) -> Verdict:
    """Conclude from exactly one instance, given by draw name. Register a rule with ``@replay.register``."""
    raise NotImplementedError(f"claims of kind {type(kind).__name__} cannot be replayed; register a rule with replay.register")
