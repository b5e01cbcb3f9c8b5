"""How strong a check is: false variants of each claim, and which of them the check refutes."""

from lakatos.power.mutants import Mutant, mutants_of
from lakatos.power.score import Fate, Score, Tightness, Trial, score

__all__ = ["Fate", "Mutant", "Score", "Tightness", "Trial", "mutants_of", "score"]
