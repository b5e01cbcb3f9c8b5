"""The site of a run: an index, a page per paper and a page per claim, readable without a network, in light and dark, on a phone.

The address of a page follows from the claim's id alone, so that links last from one run to the next. Each page stands by itself: it
loads nothing, and can be sent to someone alone.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from lakatos.records import Record
from lakatos.reports.figures import figure
from lakatos.reports.files import PAGE
from lakatos.reports.graph import ClaimGraph
from lakatos.reports.html import anchor, caption, compact, details, formula, ran, safe, shown, tone, verdict
from lakatos.reports.words import (
    CHECKLIST_RULE,
    checklist,
    entries_of,
    is_printed,
    outcome_words,
    power,
    tightness,
    warrant_words,
)
from lakatos.terminal import at_most, number

# Records of the first version lack what was added later.
_ABSENT: Record = {
    "context": {
        "place": None,
        "assumptions": [],
        "family": {"name": "", "words": ""},
        "builds_on": [],
        "fingerprint": "",
    },
    "shards": [],
}


def claim_page(record: Record) -> str:
    """Address of the claim's page, from the index."""
    return f"claims/{'/'.join(safe(part) for part in record['id'].split('/'))}.html"


def paper_page(key: str) -> str:
    """Address of the paper's page, from the index."""
    return f"papers/{safe(key)}.html"


class Paper:
    """What the pages say about one paper."""

    def __init__(self, records: Sequence[Record], unchecked: Sequence[Mapping[str, Any]], graph: ClaimGraph) -> None:
        self.data = records[0]["paper"]
        self.key, self.title, self.year = (self.data[name] for name in ("key", "title", "year"))
        self.page = paper_page(self.key)
        self.entries = entries_of(records)
        self.records = [record for entry in self.entries for record in entry.records]
        self.unchecked = unchecked
        self.printed = {record["id"] for entry in self.entries for record in entry.printed}
        refuted = [record for record in records if record["outcome"] == "refuted"]
        printed = sum(record["id"] in self.printed for record in refuted)
        self.counts = {
            "holds": sum(record["outcome"] == "holds" for record in records),
            "printed": printed,
            "changed": len(refuted) - printed,
            "undecided": sum(record["outcome"] in ("undecided", "vacuous") for record in records),
        }
        self.bad = sum(tone(record) == "bad" for record in records)
        self.tightness = tightness(records)
        self.power = power(records)
        self.checklist = checklist(self.entries, unchecked)
        self.linked = [record for record in self.records if graph.edges[record["id"]]]


def site(report: dict[str, Any]) -> dict[str, str]:
    """The pages of ``report`` by their address, the index first."""
    records: list[Record] = [_ABSENT | record for record in report["claims"]]
    graph = ClaimGraph(records)
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record["paper"]["key"], []).append(record)
    unchecked = report.get("unchecked", {})
    papers = [Paper(group, unchecked.get(key, []), graph) for key, group in groups.items()]
    gate = report.get("gate") or {}
    shared = {
        "title": _title(report["run"]),
        "run": report["run"],
        "graph": graph,
    }
    pages = {
        PAGE: _render(
            "index.html.jinja",
            PAGE,
            **shared,
            records=records,
            papers=papers,
            tones=Counter("known" if tone(record) == "open" else tone(record) for record in records),
            failing=[change for change in gate.get("changes", []) if change["fails"]],
        )
    }
    for paper in papers:
        pages[paper.page] = _render("paper.html.jinja", paper.page, **shared, paper=paper)
    for paper in papers:
        neighbours = zip([None, *paper.records[:-1]], paper.records, [*paper.records[1:], None], strict=True)
        for before, record, after in neighbours:
            page = claim_page(record)
            pages[page] = _render(
                "claim.html.jinja",
                page,
                **shared,
                paper=paper,
                record=record,
                before=before,
                after=after,
                printed=is_printed(record),
                corrected=graph.corrected(record["id"]),
                corrects=graph.corrects(record["id"]),
                fallen=graph.fallen(record["id"]),
            )
    return pages


def _title(run: dict[str, Any]) -> str:
    if run["replay_of"]:
        return "Lakatos replay"
    return "Lakatos audit" if run["command"].startswith("lakatos audit") else "Lakatos report"


def _render(template: str, page: str, **values: Any) -> str:
    up = "../" * page.count("/")
    to: Callable[[str], str] = lambda other: f"{up}{other}"  # noqa: E731  (a name would hide what the templates call)
    text: str = _environment().get_template(template).render(to=to, **values)
    return text


@functools.cache
def _environment() -> Environment:
    folder = resources.files("lakatos.reports").joinpath("templates")

    def source(name: str) -> str:
        return folder.joinpath(name).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(source), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["capitalise"] = lambda text: text[:1].upper() + text[1:]
    environment.globals |= {
        "anchor": anchor,
        "at_most": at_most,
        "caption": caption,
        "checklist_rule": CHECKLIST_RULE,
        "claim_page": claim_page,
        "compact": compact,
        "css": Markup(source("site.css")),
        "details": details,
        "figure": lambda record: Markup(figure(record["picture"], sought=record["kind"] == "existence") or ""),
        "formula": formula,
        "inline": lambda latex: formula(latex, "inline"),
        "link": lambda url: url.startswith(("https://", "http://")),
        "number": number,
        "outcome_words": outcome_words,
        "ran": ran,
        "shown": shown,
        "tone": tone,
        "verdict": verdict,
        "warrant_words": warrant_words,
    }
    return environment
