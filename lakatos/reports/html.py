"""The HTML page: one file with everything in it, readable without a network, in light and dark, on a phone."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Mapping
from html import escape
from importlib import resources
from typing import Any
from xml.etree import ElementTree

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from lakatos.records import Record
from lakatos.reports.figures import figure
from lakatos.terminal import at_most, number

_MATHML = "http://www.w3.org/1998/Math/MathML"
_CAPTIONS = {
    "rate": "Ratio to the claimed rate",
    "limit": "Distance to the limit",
    "trend": "Measured, with intervals",
}


def html_page(report: dict[str, Any]) -> str:
    """``report`` as one self-contained HTML page."""
    records: list[Record] = report["claims"]
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record["paper"]["key"], []).append(record)
    named = {(record["file"], record["name"]): _anchor(record) for record in records}

    # The corrected claim usually stands in the same file, else elsewhere in the same paper.
    elsewhere = {(record["paper"]["key"], record["name"]): _anchor(record) for record in reversed(records)}

    def corrected(record: Record) -> str | None:
        return named.get((record["file"], record["corrected"])) or elsewhere.get((record["paper"]["key"], record["corrected"]))

    replayed = report["run"]["replay_of"]
    return _template().render(
        title="Lakatos replay" if replayed else "Lakatos report",
        run=report["run"],
        records=records,
        papers=[(group[0]["paper"], group) for group in groups.values()],
        tones=Counter(_tone(record) for record in records),
        corrected=corrected,
    )


@functools.cache
def _template() -> Any:
    folder = resources.files("lakatos.reports")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["capitalise"] = lambda text: text[:1].upper() + text[1:]
    environment.globals |= {
        "anchor": _anchor,
        "at_most": at_most,
        "caption": _caption,
        "compact": _compact,
        "css": Markup(folder.joinpath("page.css").read_text(encoding="utf-8")),
        "details": _details,
        "figure": lambda picture: Markup(figure(picture) or ""),
        "formula": formula,
        "link": lambda url: url.startswith(("https://", "http://")),
        "number": number,
        "shown": shown,
        "tone": _tone,
        "verdict": _verdict,
    }
    return environment.from_string(folder.joinpath("page.html.jinja").read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=1024)
def formula(latex: str) -> Markup:
    """``latex`` as MathML, which browsers draw without help; as the LaTeX itself where the conversion fails."""
    try:
        from latex2mathml.converter import convert

        mathml = convert(latex, display="block")
        if "\\" in re.sub("<[^>]*>", "", mathml):
            # An unknown command passes through as text, and a formula that is half source misleads.
            raise ValueError(mathml)
        return Markup(_limits_below(mathml))
    except Exception:
        # The converter raises many kinds of errors, and a formula must never cost the page.
        return Markup(f"<code>{escape(latex)}</code>")


def _limits_below(mathml: str) -> str:
    """Puts what a limit or an extremum runs over below it, where displayed formulas have it and the converter has not."""
    ElementTree.register_namespace("", _MATHML)
    root = ElementTree.fromstring(mathml)
    for node in root.iter(f"{{{_MATHML}}}msub"):
        if node[0].tag == f"{{{_MATHML}}}mo" and node[0].text in ("lim", "max", "min", "sup", "inf", "lim sup", "lim inf"):
            node.tag = f"{{{_MATHML}}}munder"
    return ElementTree.tostring(root, encoding="unicode")


def shown(value: Any) -> str:
    """A value of a witness or a detail as text; long arrays are cut, the report's JSON has them whole."""
    if isinstance(value, Mapping):
        text = ", ".join(f"{name} {shown(item)}" for name, item in value.items())
    elif isinstance(value, list):
        text = f"[{', '.join(shown(item) for item in value)}]"
    elif isinstance(value, float):
        text = f"{value:.6g}"
    else:
        text = str(value)
    return text if len(text) <= 2000 else f"{text[:2000]} ... ({len(text):,} characters; whole in report.json)"


def _caption(picture: dict[str, Any]) -> str:
    if picture["type"] == "profile":
        unit = str(picture.get("unit") or "worst ratio")
        return f"{unit[:1].upper()}{unit[1:]} per stratum"
    return _CAPTIONS[picture["type"]]


def _compact(count: int) -> str:
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if count >= size:
            return f"{count / (1000 if letter == 'k' else size):.3g}{letter}"
    return f"{count:,}"


def _anchor(record: Record) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "--", record["id"])


def _tone(record: Record) -> str:
    if not record["as_expected"] or record["reproduced"] is False:
        return "bad"
    return "good" if record["outcome"] == "holds" else "known"


def _verdict(record: Record) -> str:
    if record["error"]:
        return "error"
    outcome: str = record["outcome"]
    if not record["as_expected"]:
        return f"{outcome}, not expected"
    return outcome if outcome == "holds" else f"{outcome}, as expected"


def _details(record: Record) -> dict[str, Any]:
    instances = record["instances"]
    rows: dict[str, Any] = {
        "id": record["id"],
        "file": f"{record['file']}:{record['line']}",
        "test": record["nodeid"],
        "kind": f"{record['kind']}: {record['rule']}",
        "expected": record["expected"],
        **record["details"],
        "instances": instances["by_source"] or instances["total"],
        "rejected": instances["rejected"],
        "pinned witness": record["pinned"],
        "rests on": record["rests_on"],
        "seed": record["seed"],
        "profile": record["profile"],
        "device": record["device"],
        "commit": record["commit"],
        "started": record["started"],
        "seconds": record["seconds"],
        "versions": {name: version or "absent" for name, version in record["versions"].items()},
    }
    return {name: value for name, value in rows.items() if value not in (None, [], {}, "")}
