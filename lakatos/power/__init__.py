"""How strong a check is: false variants of each claim, and which of them the check refutes."""

from lakatos.power.mutants import Mutant, mutants_of
from lakatos.power.score import Score, Trial, score

__all__ = ["Mutant", "Score", "Trial", "mutants_of", "score"]
