"""Scores as a table for the terminal, as markdown and as data."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lakatos.power.score import Fate, Score

WIDTH = 80
SCHEMA = "urn:lakatos:power:1"
_COLUMNS = (("killed", 9), ("equiv", 7), ("inval", 7), ("time", 6), ("tightness", 11), ("s", 7))
_NAME = WIDTH - 1 - sum(width for _, width in _COLUMNS)

HOW = (
    "Every claim that is expected to hold is changed in one place at a time (constants times 1.01, 1.1, 1.5 and their inverses, "
    "exponents plus and minus 1 and 1/2, terms dropped, negated and swapped, symbols exchanged, directions reversed, limits shifted, "
    "assumptions dropped), and its own check is run on the change. A mutant is killed when the check refutes it with certainty; an error, "
    "an undecided verdict or a timeout is no kill. Equivalent mutants are those that say the same as the claim, or less, on every "
    "instance compared; invalid ones cannot be evaluated, or nothing satisfies what is left of their assumptions. Neither count."
)
TIGHTNESS = (
    "Tightness is the smallest factor on an inequality's bound that survives: the worst ratio found. It is printed where a factor "
    "smaller by one in a thousand was refuted; otherwise the largest factor that was refuted stands before it."
)


def totals(scores: Sequence[Score]) -> dict[str, int]:
    """The counts of all claims together."""
    return {
        "claims": sum(bool(s.trials) for s in scores),
        "killed": sum(s.killed for s in scores),
        "counted": sum(s.counted for s in scores),
        **{str(f): sum(s.count(f) for s in scores) for f in (Fate.EQUIVALENT, Fate.INVALID, Fate.TIMEOUT)},
        "derived": sum(s.derived for s in scores),
    }


def as_data(scores: Sequence[Score], profile: str, seed: int) -> dict[str, Any]:
    """All scores, ready for JSON."""
    claims = [{"id": s.claim, **s.as_data()} for s in scores]
    return {"schema": SCHEMA, "profile": profile, "seed": seed, "totals": totals(scores), "claims": claims}


class PowerFileError(Exception):
    """A file is not what ``lakatos power`` writes; the text says which, and what to do."""


def read(file: Path) -> dict[str, Any]:
    """What an earlier run wrote with :func:`as_data`.

    Raises
    ------
    PowerFileError
        when the file cannot be read, or was written by something else or by another version.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, json.JSONDecodeError) as error:
        raise PowerFileError(f"{file} cannot be read: {error}. Nothing was changed.") from None
    found = data.get("schema") if isinstance(data, dict) else None
    if found != SCHEMA:
        raise PowerFileError(f"{file} is not a table of scores of this version ({SCHEMA}); its schema is {found!r}.")
    return dict(data)


def updated(earlier: dict[str, Any], scores: Sequence[Score], profile: str, seed: int) -> list[Score]:
    """The scores of an earlier run with those of the same claims replaced, in the order of the ids.

    Raises
    ------
    PowerFileError
        when the earlier run had another profile or seed: one table must not mix budgets.
    """
    if (earlier["profile"], earlier["seed"]) != (profile, seed):
        raise PowerFileError(
            f"the earlier scores are of profile {earlier['profile']}, seed {earlier['seed']}; these are of {profile}, seed {seed}. "
            "One table must not mix budgets."
        )
    merged = {data["id"]: Score.from_data(data) for data in earlier["claims"]} | {s.claim: s for s in scores}
    return [merged[name] for name in sorted(merged)]


def tightness(score: Score) -> str:
    """The tightness in a few characters."""
    tight = score.tightness
    if tight is None:
        return "-"
    if tight.confirmed:
        return f"{tight.survives:.4f}"
    return f"{tight.refuted:.3g}..{tight.survives:.3g}" if tight.refuted is not None else f"..{tight.survives:.3g}"


def summary(scores: Sequence[Score]) -> str:
    """One line with the totals."""
    sums = totals(scores)
    return (
        f"{sums['killed']} of {sums['counted']} false variants of {sums['claims']} claims refuted; {sums['equivalent']} equivalent, "
        f"{sums['invalid']} invalid, {sums['timeout']} out of time; {sums['derived']} were derived."
    )


def table(scores: Sequence[Score]) -> str:
    """The table in 80 columns, with the survivors named below it."""
    lines = [f"{'claim':<{_NAME}}" + "".join(f"{name:>{width}}" for name, width in _COLUMNS)]
    for s in scores:
        cells = [
            f"{s.killed}/{s.counted}",
            *(str(s.count(f)) for f in (Fate.EQUIVALENT, Fate.INVALID, Fate.TIMEOUT)),
            tightness(s),
        ]
        cells.append(f"{s.seconds:.1f}")
        row = (
            "".join(f"{cell:>{width}}" for cell, (_, width) in zip(cells, _COLUMNS, strict=True))
            if not s.note
            else f"  {s.note}"
        )
        # A name is never cut: it is what one copies to select the claim.
        lines += [f"{s.claim:<{_NAME}}{row}"] if len(s.claim) < _NAME else [s.claim, f"{'':<{_NAME}}{row}"]
    for s in scores:
        if s.survivors:
            lines += ["", f"{s.claim}: not refuted"]
            for t in s.survivors:
                lines += textwrap.wrap(f"{t.operator}: {t.change}", WIDTH - 1, initial_indent="  ", subsequent_indent="    ")
    return "\n".join([*lines, "", *textwrap.wrap(summary(scores), WIDTH - 1)])


def markdown(scores: Sequence[Score], profile: str, seed: int) -> str:
    """The table as a page; without times, which differ from run to run."""
    scored, others = [s for s in scores if s.trials], [s for s in scores if not s.trials]
    lines = ["# The power of the checks", "", HOW, "", TIGHTNESS, "", f"Profile {profile}, seed {seed}. {summary(scores)}", ""]
    lines += [
        "| claim | killed / counted | equivalent | invalid | timeout | tried of derived | tightness |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for s in scored:
        fates = " | ".join(str(s.count(f)) for f in (Fate.EQUIVALENT, Fate.INVALID, Fate.TIMEOUT))
        lines.append(f"| {s.claim} | {s.killed} / {s.counted} | {fates} | {len(s.trials)} of {s.derived} | {tightness(s)} |")
    if any(s.survivors for s in scored):
        lines += ["", "## Survivors", "", "Variants that the check did not refute, with what it found instead.", ""]
    for s in scored:
        if s.survivors:
            lines += [f"### {s.claim}", ""]
            lines += [f"- {t.operator}: `{_short(t.change)}` ({_short(t.why)})" for t in s.survivors]
            lines.append("")
    if others:
        lines += ["", "## Not scored", "", *(f"- {s.claim}: {s.note}" for s in others)]
    return "\n".join(lines).rstrip() + "\n"


def _short(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:157]}..."
