"""What the site and the committed summary say about claims and papers, in sentences."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lakatos.records import Record
from lakatos.terminal import at_most

CHECKLIST_RULE = (
    "Support is empirical: hunts that refuted nothing, not proofs. A statement is refuted as printed where one of its printed readings "
    "is, and in part where another one holds; a reading that fails only because an assumption was dropped does not count against it."
)
_OUTCOMES = {
    "holds": "Holds",
    "refuted": "Refuted",
    "undecided": "Undecided",
    "vacuous": "Nothing was checked",
}


def outcome_words(record: Record) -> str:
    """The outcome as the first words of a verdict."""
    if record["error"]:
        return "Could not be judged"
    words = _OUTCOMES[record["outcome"]]
    return words if record["as_expected"] else f"{words}, but expected: {record['expected']}"


def warrant_words(record: Record) -> str:
    """What the outcome rests on, for a reader who has not read the manual."""
    total, warrant, outcome = record["instances"]["total"], record["warrant"], record["outcome"]
    if warrant == "proved":
        return "Proved symbolically, for every instance."
    if warrant == "certified":
        return "Certified: computed in exact rationals, or in intervals that enclose the true values, so that no rounding is to blame."
    if warrant == "measured":
        chance = (
            f"the probability that chance alone brought it about is {at_most(record['alarm'])}"
            if record["alarm"]
            else "nothing in it was left to chance, but a finite range of values stands for all of them"
        )
        return f"Measured: a statistical rule decided; {chance}."
    if warrant == "corroborated" and outcome == "holds" and record["kind"] == "existence":
        return "Confirmed: the witness satisfies it in 60-digit arithmetic, beyond reasonable doubt, though not an enclosure."
    if warrant == "corroborated" and outcome == "refuted":
        return "Confirmed by a second run in 60-digit arithmetic: beyond reasonable doubt, though not an enclosure."
    if warrant == "corroborated":
        return f"Corroborated: a search over {total:,} instances found none that refutes it. That is evidence, not a proof."
    return "Nothing is established."


def is_printed(record: Record) -> bool:
    """Whether the variant says that the claim is what the paper prints, letter by letter."""
    return "printed" in record["variant"].split("-")


def as_printed(record: Record, siblings: Iterable[Record]) -> bool:
    """Whether the claim speaks for what the paper prints, and not for what becomes of it without one of its assumptions.

    Beside a printed reading, one that fails for want of an assumption shows what the assumption is for.
    """
    if is_printed(record):
        return True
    changed = record["variant"].startswith("without-")
    return not changed and not (record["reason"] == "missing assumption" and any(is_printed(other) for other in siblings))


@dataclass
class Entry:
    """What the paper prints at one place, and the claims that check it."""

    key: str
    label: str
    records: list[Record]
    printed: list[Record] = field(init=False)

    def __post_init__(self) -> None:
        self.printed = [record for record in self.records if as_printed(record, self.records)]

    @property
    def status(self) -> str:
        """What its printed readings come to: "supported", "refuted", "partly" refuted where another one holds, or "undecided"."""
        outcomes = {record["outcome"] if not record["error"] else "undecided" for record in self.printed or self.records}
        if "refuted" in outcomes:
            held = any(record["outcome"] == "holds" for record in self.printed if is_printed(record))
            return "partly" if held else "refuted"
        return "supported" if outcomes == {"holds"} else "undecided"

    @property
    def reasons(self) -> list[str]:
        """Why its printed readings are refuted."""
        return sorted({record["reason"] for record in self.printed if record["outcome"] == "refuted" and record["reason"]})

    @property
    def mended(self) -> bool:
        """Whether a claim that holds stands beside the refuted ones."""
        return any(record["outcome"] == "holds" for record in self.records)


def entries_of(records: Iterable[Record]) -> list[Entry]:
    """The records of a paper by entry, in the order of the paper where that is known, else of the files."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record["entry"], []).append(record)

    def place(group: Sequence[Record]) -> float:
        found = group[0].get("context", {}).get("place")
        return math.inf if found is None else found

    made = [Entry(key, _label(group), group) for key, group in groups.items()]
    return sorted(made, key=lambda entry: place(entry.records))


def _label(records: Sequence[Record]) -> str:
    """What the paper calls an entry; where its claims are labelled in more detail, the shortest label."""
    return min((record["label"] for record in records), key=lambda label: (len(label), label))


def tightness(records: Iterable[Record]) -> tuple[float, int] | None:
    """The median of the worst ratios of the inequalities that hold, and how many there are."""
    found = [
        float(record["margin"]["worst"])
        for record in records
        if record["kind"] == "inequality"
        and record["outcome"] == "holds"
        and isinstance(record["margin"]["worst"], (int, float))
    ]
    return (statistics.median(found), len(found)) if found else None


def power(records: Iterable[Record]) -> tuple[int, int] | None:
    """False variants refuted, and counted, over all claims that were scored."""
    scores = [record["power"] for record in records if record["power"]]
    return (sum(s["killed"] for s in scores), sum(s["counted"] for s in scores)) if scores else None


def _listed(entries: Sequence[Entry]) -> str:
    return ", ".join(dict.fromkeys(entry.label for entry in entries))


def checklist(entries: Sequence[Entry], unchecked: Sequence[Mapping[str, Any]]) -> str:
    """What conference checklists ask of a paper: which of its claims have empirical support, and which have not."""
    supported, refuted, partly, undecided = (
        [entry for entry in entries if entry.status == status] for status in ("supported", "refuted", "partly", "undecided")
    )
    one = len(entries) == 1
    parts = []
    if supported:
        parts.append(f"{len(supported)} {_is(supported)} supported empirically as printed ({_listed(supported)})")
    if partly:
        parts.append(f"{len(partly)} {_is(partly)} refuted in part ({_because(partly)})")
    if refuted:
        mended = sum(entry.mended for entry in refuted)
        beside = "each of them" if mended == len(refuted) > 1 else "it" if mended == 1 == len(refuted) else f"{mended} of them"
        also = f", and a form that holds stands beside {beside}" if mended else ""
        parts.append(f"{len(refuted)} {_is(refuted)} refuted as printed ({_because(refuted)}){also}")
    if undecided:
        parts.append(f"{len(undecided)} {_is(undecided)} undecided ({_listed(undecided)})")
    text = f"{len(entries)} statement{'' if one else 's'} {'was' if one else 'were'} checked: {'; '.join(parts)}."
    if unchecked:
        more = len(unchecked)
        text += f" {more} further {'point was' if more == 1 else 'points were'} not checked; the reasons are listed."
    return text


def _because(entries: Sequence[Entry]) -> str:
    """The entries with the reasons why they are refuted."""
    reasons: dict[str, set[str]] = {}
    for entry in entries:
        reasons.setdefault(entry.label, set()).update(entry.reasons or ["false"])
    return "; ".join(f"{label}: {', '.join(sorted(why))}" for label, why in reasons.items())


def _is(entries: Sequence[Entry]) -> str:
    return "is" if len(entries) == 1 else "are"
