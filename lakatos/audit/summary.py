"""The committed summary of the catalogue: what was found for each statement, in the order of each paper.

It holds nothing that depends on the clock or the machine, but for the worst ratios: those are printed in two digits, and left out
when a run is compared with what is committed.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lakatos.records import Record
from lakatos.reports.graph import RESTS, ClaimGraph
from lakatos.reports.words import CHECKLIST_RULE, Entry, checklist, entries_of

HOW = (
    "What the gate finds for each claim of the catalogue. `lakatos summary` writes this page from the report of a run of `pytest "
    "theorems`, and `lakatos summary --check` compares. The statements themselves, their witnesses and replay commands stand on the "
    "site that each run writes (`reports/latest/index.html`), and in the theorem files."
)
COLUMNS = (
    "A *reading* called printed is the statement as the paper prints it; the others make a constant explicit, drop an assumption, or "
    "correct it. *Refuted* carries its reason. The warrant says what an outcome rests on: *certified*, exact arithmetic; "
    "*corroborated*, a search that refuted nothing (or, for a refutation, 60 digits); *measured*, a statistical rule. *Power* is "
    "how many false variants of the claim its own check refutes, of those that were tried (reports/power.md). *Worst* is the "
    "worst ratio found (1 is the edge of an inequality), or the statistic that the kind of claim names."
)


def summary_page(report: dict[str, Any]) -> str:
    """The page in Markdown."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: dict[str, Any]) -> Iterator[str]:
    records: Sequence[Record] = report["claims"]
    graph = ClaimGraph(records)
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record["paper"]["key"], []).append(record)
    words = {"holds": "hold", "refuted": "refuted", "undecided": "undecided", "vacuous": "vacuous"}
    numbers = Counter(words[record["outcome"]] for record in records)
    counts = ", ".join(f"{numbers[name]} {name}" for name in words.values() if numbers[name])
    yield from (
        "# Audit",
        "",
        HOW,
        "",
        COLUMNS,
        "",
        CHECKLIST_RULE,
        "",
        f"{len(records)} claims in {len(groups)} papers: {counts}.",
    )
    for key in sorted(groups):
        yield from _paper(groups[key], report.get("unchecked", {}).get(key, []), graph)


def _paper(records: Sequence[Record], unchecked: Sequence[Mapping[str, Any]], graph: ClaimGraph) -> Iterator[str]:
    paper, entries = records[0]["paper"], entries_of(records)
    source = ". ".join(
        part for part in (", ".join(paper["authors"]), f"{paper['venue']} {paper['year'] or ''}".strip()) if part
    )
    yield from ("", f"## {paper['title']}", "", f"{source}. {paper['url']}".strip(), "", checklist(entries, unchecked), "")
    yield from ("| statement | reading | outcome | warrant | remark | power | worst |", "|---|---|---|---|---|---:|---:|")
    for entry in entries:
        for record in entry.records:
            yield _row(entry, record, graph)
    if unchecked:
        yield from ("", "Not checked:", "")
        yield from (f"- `{item['entry']}`{' ' + item['what'] if item['what'] else ''}: {item['why']}" for item in unchecked)


def _row(entry: Entry, record: Record, graph: ClaimGraph) -> str:
    remarks = []
    if not record["as_expected"]:
        remarks.append(f"**not as expected** ({record['error'] or record['expected']})")
    if record["reason"] and record["outcome"] == "refuted":
        remarks.append(record["reason"])
    corrected = graph.corrected(record["id"])
    if corrected is not None:
        where = (
            corrected["variant"] if corrected["entry"] == record["entry"] else f"{corrected['entry']}/{corrected['variant']}"
        )
        remarks.append(f"corrected: {where}")
    if record["outcome"] == "holds":
        below = [edge.to for edge in graph.fallen(record["id"]) if edge.how == RESTS]
        remarks += [f"rests on {', '.join(below)}, which does not hold"] if below else []
    cells = [
        f"{record['label']} (`{record['entry']}`)",
        f"[{record['variant']}](../{record['file']})",
        record["outcome"],
        record["warrant"],
        "; ".join(remarks),
        _power(record),
        _worst(record["margin"]["worst"]),
    ]
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _power(record: Record) -> str:
    power = record["power"]
    return f"{power['killed']}/{power['counted']}" if power and power["counted"] else ""


def _worst(value: Any) -> str:
    if not isinstance(value, (int, float)):
        return str(value or "")
    return f"{value:.2g}"


def stable(page: str) -> list[str]:
    """The page's lines without what may differ between machines."""
    return [re.sub(r"^(\|(?: .*? \|){6}) .*\|$", r"\1", line) if line.startswith("| ") else line for line in page.splitlines()]


def differences(committed: str, found: str) -> list[str]:
    """Lines that differ, in the manner of diff; none where the committed page is right."""
    compared = difflib.unified_diff(stable(committed), stable(found), "committed", "found", lineterm="", n=0)
    return [line for line in compared if not line.startswith("@@")]
