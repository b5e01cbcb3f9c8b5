"""The gate: what a catalogue was last accepted to say, and how a run differs from it.

Nothing here imports torch or sympy: the plugin reads the baseline before anything is collected.
"""

from lakatos.gate.baseline import Accepted, Baseline, BaselineError, load_baseline, load_power
from lakatos.gate.changes import Change, Selection, compare

__all__ = ["Accepted", "Baseline", "BaselineError", "Change", "Selection", "compare", "load_baseline", "load_power"]
