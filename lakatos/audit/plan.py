"""What an audit runs: the claims, and the shards that its budget is split into."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lakatos.profiles import Profile

if TYPE_CHECKING:
    from lakatos.claims import Claim

# What a killed run loses is at most one shard: some twenty seconds of search.
INSTANCES_PER_SHARD = 524_288
# A grid, a run or a table is judged as a whole: pieces of it would each lack the power to decide.
_SPLIT = ("inequality", "identity", "existence")
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")


@dataclass(frozen=True)
class Budget:
    """How much is run: a multiple of the profile's budget for each claim, or as many rounds of shards as fit in some seconds."""

    factor: float = 1.0
    seconds: float | None = None

    @classmethod
    def parse(cls, text: str) -> Budget:
        """``"2"`` is twice the profile's budget, ``"1h30m"``, ``"20m"`` or ``"90s"`` a time for the whole audit.

        Raises
        ------
        ValueError
            for anything else.
        """
        try:
            factor = float(text)
        except ValueError:
            found = _DURATION.fullmatch(text.strip())
            parts = [float(part or 0) for part in found.groups()] if found else []
            seconds = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
            if not seconds > 0:
                raise ValueError(
                    f"--budget {text!r} is neither a multiple of the profile's budget, such as 2 or 0.5, nor a time for the whole "
                    "audit, such as 90s, 20m or 1h30m."
                ) from None
            return cls(seconds=seconds)
        if not 0 < factor < float("inf"):
            raise ValueError(f"--budget {text}: without a positive budget nothing would be checked.")
        return cls(factor=factor)


@dataclass(frozen=True)
class Target:
    """A claim to audit."""

    id: str
    name: str
    kind: str
    paper: str
    file: Path
    line: int
    fingerprint: str


@dataclass(frozen=True)
class Shard:
    """A part of a claim's budget with a seed of its own."""

    target: Target
    index: int
    profile: Profile
    seed: int

    @property
    def key(self) -> str:
        """Names the shard among those of its claim; equal keys mean equal instances."""
        return f"{self.profile.name}-{self.seed}"


def find(wanted: Sequence[str]) -> tuple[list[Target], list[dict[str, str]]]:
    """The claims of the named files, folders, papers and ids, in the order of the files, and what kept others from being found.

    A file that cannot be imported costs its own claims and no others.

    Raises
    ------
    CatalogueError
        when something named does not exist, or holds no claim.
    """
    from lakatos.power.catalogue import CatalogueError, load, theorem_files

    problems: list[dict[str, str]] = []
    loaded: dict[Path, list[Claim]] = {}

    def claims(place: Path) -> list[Claim]:
        found = []
        for file in theorem_files(place):
            if file not in loaded:
                try:
                    loaded[file] = load(file)
                except CatalogueError as error:
                    loaded[file] = []
                    problems.append({"where": str(file), "message": str(error)})
            found += loaded[file]
        return found

    chosen: dict[str, Claim] = {}
    for name in wanted:
        if Path(name).exists():
            found = claims(Path(name))
        elif name.isidentifier():
            found = [claim for claim in claims(Path()) if claim.paper.key == name]
        elif name.count("/") == 2:
            found = [claim for claim in claims(Path()) if claim.id == name]
        else:
            found = []
        if not found and not problems:
            raise CatalogueError(
                f"{name!r} is no file or folder with claims, and neither a paper nor a claim of that name stands below the current "
                "folder. To see the claims: lakatos list"
            )
        for claim in found:
            first = chosen.setdefault(claim.id, claim)
            if (first.file, first.line, first.name) != (claim.file, claim.line, claim.name):
                where = f"{first.file}:{first.line} and {claim.file}:{claim.line}"
                problems.append({"where": claim.id, "message": f"the claim id {claim.id!r} is used twice: {where}"})
    return [target_of(claim) for claim in chosen.values()], list({p["where"]: p for p in problems}.values())


def target_of(claim: Claim) -> Target:
    """The claim as an audit's target."""
    from lakatos.provenance import fingerprint

    file = Path(claim.file)
    return Target(claim.id, claim.name, claim.kind.name, claim.paper.key, file, claim.line, fingerprint(file))


def pieces(profile: Profile, kind: str) -> int:
    """How many shards the profile's own budget is split into, for a claim of that kind."""
    return max(1, profile.instances // INSTANCES_PER_SHARD) if kind in _SPLIT else 1


def _shard(target: Target, profile: Profile, index: int, seed: int, share: float) -> Shard:
    count = pieces(profile, target.kind)
    if count > 1 or share < 1:

        def part(whole: int) -> int:
            return max(1, round(whole * min(share, 1.0) / count))

        profile = replace(
            profile,
            instances=part(profile.instances),
            structured_examples=part(profile.structured_examples),
            # Starts are climbed side by side: many short climbs cost what their steps do, however many they are.
            ascent_steps=part(profile.ascent_steps),
            repeats=part(profile.repeats),
        )
    if index or share < 1:
        digest = hashlib.sha256(f"{seed}/{target.id}/{index}/{share if share < 1 else 1}".encode()).digest()
        seed = int.from_bytes(digest[:6], "big")
    # The first shard has the seed itself, so that an unsplit profile gives the verdict that pytest gives.
    return Shard(target, index, profile, seed)


def shards(targets: Sequence[Target], profile: Profile, budget: Budget, seed: int) -> Iterator[Shard]:
    """Every claim's first shard, then every claim's second one, and so on: a run that is stopped early has seen all claims.

    With a budget in seconds the iterator has no end.
    """
    counts = {t.id: pieces(profile, t.kind) * budget.factor for t in targets}
    for index in itertools.count():
        unfinished = False
        for target in targets:
            if budget.seconds is None and index >= max(1, round(counts[target.id])):
                continue
            unfinished = True
            yield _shard(target, profile, index, seed, counts[target.id] if budget.seconds is None else 1.0)
        if not unfinished:
            return
