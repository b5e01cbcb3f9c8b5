"""A run as a page of Markdown: what a reviewer reads on the page of a GitHub job."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lakatos.records import Record
from lakatos.terminal import at_most, explanation, headline, number, plural

# GitHub takes a mebibyte per step; nobody reads a tenth of it.
_ROWS = 100
_TOLD = 20

VARIABLE = "GITHUB_STEP_SUMMARY"
"""The environment variable in which GitHub Actions names the file that a step's summary is appended to."""


def publish(report: dict[str, Any]) -> str | None:
    """Appends the page where GitHub Actions asks for it; elsewhere does nothing. Returns what went wrong, in words."""
    file = os.environ.get(VARIABLE)
    if not file:
        return None
    try:
        with Path(file).open("a", encoding="utf-8") as summary:
            summary.write(markdown(report))
    except OSError as error:
        return f"the job summary could not be written to {file}: {error.strerror or error}"
    return None


def markdown(report: dict[str, Any]) -> str:
    """The page: whether the gate passed, what changed, what is not as expected, and the claims of each paper in numbers."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: dict[str, Any]) -> Iterator[str]:
    run, records, gate = report["run"], report["claims"], report.get("gate")
    changes = [change for change in gate["changes"] if change["fails"]] if gate else []
    wrong = [record for record in records if not record["as_expected"]]
    good = records and not (wrong or changes or run["problems"] or run["interrupted"])
    yield f"## lakatos: {'as expected' if good else 'not as expected' if records else 'nothing was checked'}"
    yield ""
    outcomes = ", ".join(f"{name} {count}" for name, count in run["outcomes"].items() if count) or "none"
    yield (
        f"{plural(len(records), 'claim')} ({outcomes}): {run['expected']} as expected, {run['unexpected']} not; "
        f"{run['instances']:,} instances in {run['seconds']:.1f} s ({run['profile']}, {run['device']}, seed {run['seed']}). "
        f"Probability of any false alarm: {at_most(run['alarm'])}."
    )
    yield ""
    if run["interrupted"]:
        yield from (f"**The run did not reach its end:** {plural(len(run['not_run']), 'selected claim')} not checked.", "")
    if gate:
        yield from _gate(gate, changes)
    yield from _unexpected(wrong)
    yield from _problems(run["problems"])
    yield from _papers(records)


def _gate(gate: dict[str, Any], changes: Sequence[dict[str, Any]]) -> Iterator[str]:
    if not gate["present"]:
        yield from (f"There is no baseline `{gate['baseline']}`: nothing was compared.", "")
        return
    if not changes:
        yield from (f"**Gate:** {plural(gate['compared'], 'claim')} as accepted in `{gate['baseline']}`.", "")
    else:
        yield from (
            f"### {plural(len(changes), 'change')} against `{gate['baseline']}`",
            "",
            "| claim | change | where |",
            "|---|---|---|",
        )
        for change in changes[:_ROWS]:
            place = change["file"] or ""
            where = f"{place}:{change['line']}" if change["line"] else place
            yield f"| {_cell(change['claim'])} | {_cell(change['words'])} | {_cell(where)} |"
        yield from _more(changes, _ROWS)
        yield from (
            "",
            "If they are meant: `lakatos accept` the report of a run that is as its files expect, and commit the baseline.",
            "",
        )
    notes = [change for change in gate["changes"] if not change["fails"]]
    if notes:
        yield from ("<details><summary>Notes</summary>", "")
        yield from (f"- {_cell(change['claim'])}: {_cell(change['words'])}" for change in notes[:_ROWS])
        yield from (*_more(notes, _ROWS), "", "</details>", "")


def _unexpected(wrong: Sequence[Record]) -> Iterator[str]:
    if not wrong:
        return
    yield from ("### Not as expected", "")
    for record in wrong[:_TOLD]:
        yield f"<details><summary>{_html(headline(record))}</summary>"
        # Four backticks, because a claim's own words may hold three.
        yield from ("", "````text", explanation(record), "````", "", "</details>")
    yield from (*_more(wrong, _TOLD), "")


def _problems(problems: Sequence[dict[str, str]]) -> Iterator[str]:
    if not problems:
        return
    yield from ("### Problems", "")
    for problem in problems[:_TOLD]:
        yield from (f"`{problem['where']}`", "", "````text", problem["message"].strip(), "````", "")
    yield from _more(problems, _TOLD)


def _papers(records: Sequence[Record]) -> Iterator[str]:
    if not records:
        return
    papers: dict[str, list[Record]] = {}
    for record in records:
        papers.setdefault(record["paper"]["key"], []).append(record)
    yield from (
        "| paper | claims | hold | refuted | undecided | vacuous | not as expected | closest |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    )
    for key, group in papers.items():
        counts = [sum(r["outcome"] == outcome for r in group) for outcome in ("holds", "refuted", "undecided", "vacuous")]
        bad = sum(not r["as_expected"] for r in group)
        yield f"| {_cell(group[0]['paper']['title'] or key)} | {len(group)} | {' | '.join(map(str, counts))} | {bad} | {_closest(group)} |"
    yield from ("", "*closest*: the worst ratio among the inequalities that hold; 1 is the edge.")


def _closest(group: Sequence[Record]) -> str:
    ratios = [
        float(record["margin"]["worst"])
        for record in group
        if record["kind"] == "inequality" and record["outcome"] == "holds" and record["margin"]["worst"] is not None
    ]
    return number(max(ratios)) if ratios else "-"


def _more(items: Sequence[Any], shown: int) -> Iterator[str]:
    if len(items) > shown:
        yield from ("", f"... and {len(items) - shown} more; the report has them all.")


def _cell(text: str) -> str:
    return " ".join(_html(text).replace("|", "\\|").split())


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
