"""What a hunt is given: budget, random streams, device, and someone to tell."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from lakatos.claims import Claim
from lakatos.profiles import Profile

Progress = Callable[[Claim, int, "float | None", str], None]
REPORT_EVERY_SECONDS = 0.1


@dataclass
class Context:
    """The circumstances of one hunt.

    Parameters
    ----------
    claim, profile, seed, device:
        What is hunted, how hard, from which seed, where.
    progress:
        Called about ten times a second with the claim, the instances so far, the worst ratio so far and the phase.
    first:
        Whether the first certified refutation is enough: it is then neither shrunk nor made worse.
    """

    claim: Claim
    profile: Profile
    seed: int
    device: torch.device
    progress: Progress | None = None
    first: bool = False
    _told: float = field(default=0.0, repr=False)

    def generator(self, stage: str) -> torch.Generator:
        """The random stream of a stage: independent of other stages and claims, the same in every run of the seed."""
        return torch.Generator(self.device).manual_seed(self._derived(stage))

    def chooser(self, stage: str) -> random.Random:
        """The random stream of a stage's discrete choices."""
        return random.Random(self._derived(f"{stage}/structure"))

    def _derived(self, stage: str) -> int:
        digest = hashlib.sha256(f"{self.seed}/{self.claim.id}/{stage}".encode()).digest()
        return int.from_bytes(digest[:7], "big")

    def tell(self, instances: int, worst: float | None, phase: str) -> None:
        """Report progress, at most ten times a second."""
        now = time.monotonic()
        if self.progress is not None and now - self._told >= REPORT_EVERY_SECONDS:
            self._told = now
            self.progress(self.claim, instances, worst, phase)
