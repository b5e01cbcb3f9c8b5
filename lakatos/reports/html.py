"""Pieces of the HTML pages: formulas as MathML, values as text, and what a record's badge says."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from html import escape
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from lakatos.records import Record

_MATHML = "http://www.w3.org/1998/Math/MathML"
_CAPTIONS = {
    "rate": "Ratio to the claimed rate",
    "limit": "Distance to the limit",
    "trend": "Measured, with intervals",
    "table": "Printed numbers in the measured intervals",
}


@functools.lru_cache(maxsize=4096)
def formula(latex: str, display: str = "block") -> Markup:
    """``latex`` as MathML, which browsers draw without help; as the LaTeX itself where the conversion fails."""
    try:
        from latex2mathml.converter import convert

        mathml = convert(latex, display=display)
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
    """A value of a witness or a detail as text; very long arrays are cut, the report's JSON has them whole."""
    if isinstance(value, Mapping):
        text = ", ".join(f"{name} {shown(item)}" for name, item in value.items())
    elif isinstance(value, list):
        text = f"[{', '.join(shown(item) for item in value)}]"
    elif isinstance(value, float):
        text = f"{value:.6g}"
    else:
        text = str(value)
    return text if len(text) <= 20000 else f"{text[:20000]} ... ({len(text):,} characters; whole in report.json)"


def caption(picture: dict[str, Any]) -> str:
    """The heading of a picture."""
    if picture["type"] == "profile":
        unit = str(picture.get("unit") or "worst ratio")
        return f"{unit[:1].upper()}{unit[1:]} per stratum"
    return _CAPTIONS[picture["type"]]


def compact(count: int) -> str:
    """A large count in three digits."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if count >= size:
            return f"{count / (1000 if letter == 'k' else size):.3g}{letter}"
    return f"{count:,}"


def safe(part: str) -> str:
    """A part of a claim's id as the name of a file: a report from elsewhere must not choose where pages are written."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "--", part).lstrip(".") or "-"


def anchor(record: Record) -> str:
    """The claim's place on the index."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "--", record["id"])


def tone(record: Record) -> str:
    """Whether the claim is good news, known bad news, or news."""
    if not record["as_expected"] or record["reproduced"] is False:
        return "bad"
    return {"holds": "good", "refuted": "known"}.get(record["outcome"], "open")


def verdict(record: Record) -> str:
    """The outcome in the words of a badge."""
    if record["error"]:
        return "error"
    outcome: str = record["outcome"]
    if not record["as_expected"]:
        return f"{outcome}, not expected"
    return outcome if outcome == "holds" else f"{outcome}, as expected"


def ran(record: Record) -> dict[str, Any]:
    """What was spent on the claim, where, and from which seed."""
    instances = record["instances"]
    rows = {
        "instances": instances["by_source"] or instances["total"],
        "rejected by an assumption": instances["rejected"] or None,
        "profile": record["profile"],
        "seed": record["seed"],
        "device": record["device"],
        "seconds": record["seconds"],
        "probability of a false alarm": record["alarm"] or None,
    }
    return {name: value for name, value in rows.items() if value is not None}


def details(record: Record) -> dict[str, Any]:
    """Further facts, in display order."""
    rows: dict[str, Any] = {
        "id": record["id"],
        "file": f"{record['file']}:{record['line']}",
        "test": record["nodeid"],
        "kind": record["kind"],
        "expected": record["expected"],
        **record["details"],
        "pinned witness": record["pinned"],
        "commit": record["commit"],
        "started": record["started"],
        "versions": {name: version or "absent" for name, version in record["versions"].items()},
    }
    return {name: value for name, value in rows.items() if value not in (None, [], {}, "")}
