"""The site: pages that stand alone, links that lead somewhere, and what each page says."""

from __future__ import annotations

import posixpath
import re
import time
from html.parser import HTMLParser

import pytest

from lakatos.records import Record
from lakatos.reports.figures import figure
from lakatos.reports.graph import RESTS, USES, ClaimGraph
from lakatos.reports.site import claim_page, site
from lakatos.reports.unchecked import unchecked_in, unchecked_of
from lakatos.reports.words import checklist, entries_of


class Page(HTMLParser):
    """Checks that tags nest, and notes ids, links and what would be loaded."""

    VOID = frozenset({"meta", "link", "br", "img", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        if "id" in found:
            self.ids.append(found["id"] or "")
        if tag == "a":
            self.links.append(found.get("href") or "")
        self.loaded += [found[name] or "" for name in ("src", "srcset", "data", "action") if name in found]
        if tag == "link" and found.get("rel") not in ("prev", "next"):
            self.loaded.append(found.get("href") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == []
    return page


@pytest.fixture
def pages(report):
    unchecked = {"fallah2020": [{"entry": "fig-1", "what": "Figure 1", "why": "needs <images>"}]}
    return site(report(unchecked=unchecked))


def own(pages, record):
    """The page of a claim."""
    return pages[claim_page(record)]


def test_the_addresses_follow_from_the_ids(pages, claims):
    assert next(iter(pages)) == "index.html"
    assert {"papers/fallah2020.html", "papers/landscape2022.html"} < set(pages)
    assert "claims/fallah2020/lem-4.8-smoothness/printed.html" in pages
    assert len(pages) == 1 + 2 + len(claims)


def test_every_page_stands_alone(pages):
    for text in pages.values():
        assert [place for place in parsed(text).loaded if place != "data:,"] == []
        assert not re.search(r"@import|url\(", text)
        assert "prefers-color-scheme: dark" in text
        assert '<meta name="viewport"' in text


def test_ids_are_unique_and_links_lead_somewhere(pages):
    ids = {name: parsed(text).ids for name, text in pages.items()}
    for name, text in pages.items():
        assert len(set(ids[name])) == len(ids[name])
        assert "javascript:" not in text
        for link in parsed(text).links:
            if link.startswith("https://"):
                continue
            place, _, anchor = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), place)) if place else name
            assert target in pages, (name, link)
            assert not anchor or anchor in ids[target], (name, link)


def test_the_index_has_a_row_per_paper_and_a_row_per_claim(pages, claims):
    text = pages["index.html"]
    ids = parsed(text).ids
    assert {"paper-fallah2020", "paper-landscape2022", "fallah2020--lem-4.8-smoothness--printed"} <= set(ids)
    assert "The landscape of &lt;risk&gt; &amp; reward" in text
    assert "Probability of any false alarm in this run: at most 3e-8." in text
    assert "refuted, as expected" in text
    assert "refuted, not expected" in text
    row = text[text.index('<tr id="paper-fallah2020">') :]
    assert re.findall(r'<td class="number" data-label="[^"]*">([^<]*)', row)[:7] == ["3", "1", "2", "0", "0", "0.9851", "-"]


def test_what_a_claims_page_says(pages, claims):
    for record in claims:
        text = own(pages, record)
        assert record["replay"].replace('"', "&#34;") in text
        assert ("<svg" in text) == bool(record["picture"])
        assert text.count('<div class="statement"') == 1
    holds = own(pages, claims[0])
    assert "every f_i has a Lipschitz Hessian &lt;&amp;&gt;" in holds
    assert "Corroborated: a search over 139,264 instances found none that refutes it." in holds
    assert "Sums of sines, whose constants are exact." in holds
    assert "It stands in for" in holds
    known = own(pages, claims[2])
    assert "Certified: computed in exact rationals" in known
    assert "What holds instead" in known
    assert 'href="../../../claims/fallah2020/lem-4.8-smoothness/printed.html"' in known
    assert r"<code>\unknowncommand{x} &lt;</code>" in own(pages, claims[5])
    assert "Could not be judged, but expected: holds" not in own(pages, claims[7])
    assert "Could not be judged" in own(pages, claims[7])
    assert "at most 3e-8" in own(pages, claims[4])


def test_a_papers_page_follows_the_paper_and_says_what_is_supported(pages, record, report):
    text = pages["papers/fallah2020.html"]
    assert (
        "<p>1 statement was checked: 1 is refuted in part (Lemma 4.8: misprint). "
        "1 further point was not checked; the reasons are listed.</p>"
    ) in text
    assert "needs &lt;images&gt;" in text
    second = record(entry="lem-2", label="Lemma 2", name="second")
    first = record(entry="lem-1", label="Lemma 1", name="first")
    first["context"] = first["context"] | {"place": 0}
    third = record(entry="lem-3", label="Lemma 3", name="third")
    third["context"] = third["context"] | {"place": None}
    ids = parsed(site(report([third, second, first]))["papers/fallah2020.html"]).ids
    assert [name for name in ids if re.fullmatch(r"lem-\d", name)] == ["lem-1", "lem-2", "lem-3"]


def test_what_is_supported_goes_by_what_is_printed(record):
    def refuted(**changes):
        return record(**{"outcome": "refuted", "expected": "refuted", "reason": "misprint"} | changes)

    def status(*records):
        (entry,) = entries_of(records)
        return entry.status

    assert status(record()) == "supported"
    assert status(record(), refuted(variant="printed-in-d")) == "partly"
    assert status(refuted(), record(variant="corrected")) == "refuted"
    # A reading that drops an assumption shows what the assumption is for.
    assert status(record(), refuted(variant="step-too-long", reason="missing assumption")) == "supported"
    assert status(record(), refuted(variant="without-bound")) == "supported"
    assert status(refuted(variant="display", reason="missing assumption")) == "refuted"
    assert status(record(outcome="undecided")) == "undecided"
    entries = entries_of([refuted(), record(variant="corrected"), refuted(entry="lem-2", label="Lemma 2", reason="false")])
    assert checklist(entries, []) == (
        "2 statements were checked: 2 are refuted as printed (Lemma 4.8: misprint; Lemma 2: false), and a form that holds stands "
        "beside 1 of them."
    )


def test_the_table_of_a_reproduction_is_shown_cell_by_cell(record, report, validator):
    cells = [
        {"name": "MAML, 5-way", "printed": "0.83 ± 0.02", "measured": 0.81, "low": 0.75, "high": 0.87, "inside": True},
        {"name": "ANIL <b>", "printed": "−1.5", "measured": 0.0, "low": -0.5, "high": 0.5, "inside": False},
    ]
    made = report([record(kind="reproduction", picture={"type": "table", "cells": cells})])
    validator.validate(made)
    text = site(made)["claims/fallah2020/lem-4.8-smoothness/printed.html"]
    assert "printed numbers against measured intervals: 1 of 2 outside" in text
    assert "ANIL &lt;b&gt;" in text
    assert text.count('class="dot over"') == 1


def test_an_existence_claim_shows_its_witness_as_what_it_sought(record, report, claims):
    found = record(kind="existence", smallest=claims[1]["smallest"], picture=claims[1]["picture"])
    text = own(site(report([found])), found)
    assert "the witness satisfies it in 60-digit arithmetic" in text
    assert "beyond it is a witness" in text
    assert "bar over" not in text
    assert "bar over" in own(site(report([claims[1]])), claims[1])


def test_records_of_the_first_version_are_shown_as_well(record, report):
    old = record()
    del old["context"]
    made = report([old])
    del made["unchecked"]
    assert len(site(made)) == 3


def test_a_report_from_elsewhere_cannot_choose_where_pages_are_written(record, report):
    odd = record()
    odd["id"] = "../../etc/passwd"
    odd["paper"] = odd["paper"] | {"key": "../x"}
    assert all(".." not in name.split("/") for name in site(report([odd])))


def test_an_empty_site_says_that_nothing_was_checked(report):
    (page,) = site(report([], problems=[{"where": "a.py", "message": "<b>no</b>"}])).values()
    assert "Nothing was checked." in page
    assert "&lt;b&gt;no" in page


def test_three_hundred_claims_are_drawn_within_seconds(report, claims):
    many: list[Record] = [
        record | {"id": f"{record['id']}-{i}", "statement": f"{record['statement']} + {i}"}
        for i in range(38)
        for record in claims
    ]
    start = time.process_time()
    assert len(site(report(many))) > 300
    assert time.process_time() - start < 10


def test_power_is_on_the_page(report, record, validator):
    power = {
        "killed": 7, "kills": {"constant <&>": 5, "term": 2}, "counted": 9,
        "equivalent": 2, "invalid": 1, "timeout": 0, "derived": 12, "tightness": 0.985, "bracket": None,
        "breaks": {"factor": 0.984, "witness": {"d": 1}}, "note": "",
        "survivors": [{"operator": "constant", "change": "2 -> 200/101 <&>", "why": "holds"}],
    }  # fmt: skip
    made = report([record(power=power)])
    validator.validate(made)
    pages = site(made)
    page = own(pages, record())
    assert "7 of 9 false variants refuted" in page
    assert "2 -&gt; 200/101 &lt;&amp;&gt;" in page
    assert '<dt>constant &lt;&amp;&gt;</dt><dd class="mono">5</dd>' in page
    assert ">7/9<" in pages["index.html"]
    assert "false variants" not in own(site(report([record()])), record())


@pytest.fixture
def chain(record):
    """A corollary that rests on a lemma that is refuted; another claim uses the corollary's formula; and a circle."""
    lemma = record(
        entry="lem-1", label="Lemma 1", name="lemma", outcome="refuted", expected="refuted", reason="false", corrected="better"
    )
    better = record(entry="lem-1", variant="better", name="better")
    corollary = record(entry="cor-1", label="Corollary 1", name="corollary", rests_on=["fallah2020/lem-1/printed"])
    user = record(entry="thm-2", label="Theorem 2", name="theorem")
    user["context"] = user["context"] | {"builds_on": [corollary["id"], "elsewhere/lem-1/printed"]}
    circle = record(entry="lem-9", name="circle", rests_on=["fallah2020/lem-9/printed", "fallah2020/lem-8/printed"])
    back = record(entry="lem-8", name="back", rests_on=["fallah2020/lem-9"])
    return [lemma, better, corollary, user, circle, back]


def test_a_corollary_of_a_refuted_statement_says_so(chain, report):
    graph = ClaimGraph(chain)
    lemma, better, corollary, user, circle, _ = chain
    assert [(edge.to, edge.how) for edge in graph.fallen(corollary["id"])] == [(lemma["id"], RESTS)]
    assert [(edge.to, edge.how) for edge in graph.fallen(user["id"])] == [(lemma["id"], USES)]
    assert graph.fallen(circle["id"]) == []
    assert graph.corrected(lemma["id"]) == better
    pages = site(report(chain))
    assert "rests on what fails" in own(pages, corollary)
    assert re.search(r"It rests on .*Lemma 1.*which holds in the form .*better", own(pages, corollary), re.DOTALL)
    assert "Needed by" in own(pages, lemma)
    assert "rests on what fails" not in own(pages, better)
    assert "not in this report" in own(pages, user)
    assert "shares a formula that fails" in own(pages, user)
    assert re.search(r"By way of these it shares a formula with .*Lemma 1", own(pages, user))
    assert "What rests on what" in pages["papers/fallah2020.html"]


def test_a_corrected_claim_is_the_one_in_the_same_file_or_the_only_one_of_its_name_in_the_paper(record):
    lemma = record(
        entry="lem-1", outcome="refuted", expected="refuted", reason="false", corrected="better", file="theorems/a.py"
    )
    here, there, elsewhere = (
        record(entry=f"lem-{i}", variant="better", name="better", file=f"theorems/{file}.py") for i, file in enumerate("abc", 1)
    )
    assert ClaimGraph([lemma, there]).corrected(lemma["id"]) == there
    assert ClaimGraph([there, here, lemma, elsewhere]).corrected(lemma["id"]) == here
    assert ClaimGraph([lemma, there, elsewhere]).corrected(lemma["id"]) is None


def test_what_is_not_checked_is_read_from_beside_the_theorems(record, tmp_path):
    text = "# Not checked\n\nWhy:\n\n- `tab-1` — Table 1 — needs a GPU\n  — for days\n- fig-2 — no data\n* not an entry\n"
    found = [
        {"entry": "tab-1", "what": "Table 1", "why": "needs a GPU — for days"},
        {"entry": "fig-2", "what": "", "why": "no data"},
    ]
    assert unchecked_in(text) == found
    assert unchecked_of([record()], tmp_path) == {}
    folder = tmp_path / "theorems" / "fallah2020"
    folder.mkdir(parents=True)
    (folder / "UNCHECKED.md").write_text(text, encoding="utf-8")
    assert unchecked_of([record(), record(variant="b")], tmp_path) == {"fallah2020": found}


def test_a_stratum_that_was_seen_is_not_called_missed() -> None:
    bars = [
        {"name": "all", "worst": 2.0, "seen": 9},
        {"name": "a", "worst": None, "seen": 5},
        {"name": "b", "worst": None, "seen": 0},
    ]
    drawn = figure({"type": "profile", "unit": "worst ratio", "bars": bars})
    assert drawn is not None
    assert drawn.count("not compared") == 1
    assert drawn.count("not hit") == 1
