"""JUnit XML from the records, for the services that draw test results from it."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

from lakatos.terminal import explanation, headline

# XML 1.0 has no way to write these characters, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(value: Any) -> str:
    return _FORBIDDEN.sub("?", str(value))


def _case(suite: ET.Element, classname: str, name: str, seconds: float, **attributes: str) -> ET.Element:
    names = {"classname": _text(classname), "name": _text(name), "time": f"{seconds:.3f}"}
    return ET.SubElement(suite, "testcase", names | {key: _text(value) for key, value in attributes.items()})


def junit_xml(report: dict[str, Any]) -> str:
    """``report`` as JUnit XML.

    A claim whose outcome is not the expected one is a failure, one that could not be judged an error. What kept claims from
    being collected, and a run in which nothing was checked, are errors too, and changes on which the gate fails are failures: no
    service may show them as green.
    """
    run = report["run"]
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", {"name": "lakatos"})
    failures = errors = 0
    for record in report["claims"]:
        case = _case(
            suite,
            f"{record['paper']['key']}.{record['entry']}",
            f"{record['name']} [{record['variant']}]",
            record["seconds"],
            file=record["file"],
            line=str(record["line"]),
        )
        properties = ET.SubElement(case, "properties")
        for name in ("id", "label", "kind", "expected", "outcome", "warrant", "seed", "profile", "device", "commit"):
            ET.SubElement(properties, "property", {"name": name, "value": _text(record[name])})
        ET.SubElement(properties, "property", {"name": "instances", "value": str(record["instances"]["total"])})
        ET.SubElement(properties, "property", {"name": "margin", "value": _text(record["margin"]["words"])})
        if not record["as_expected"]:
            failures, errors = (failures, errors + 1) if record["error"] else (failures + 1, errors)
            bad = ET.SubElement(
                case,
                "error" if record["error"] else "failure",
                {"type": record["error"] or record["outcome"], "message": _text(headline(record))},
            )
            bad.text = _text(explanation(record))
    changes = [change for change in report.get("gate", {"changes": []})["changes"] if change["fails"]]
    for change in changes:
        failures += 1
        case = _case(suite, "lakatos.gate", f"{change['claim'] or 'the run'} [{change['what']}]", 0.0)
        bad = ET.SubElement(case, "failure", {"type": change["what"], "message": _text(change["words"])})
        bad.text = _text(f"{change['words']} ({report['gate']['baseline']})")
    problems = list(run["problems"])
    if run["interrupted"]:
        left = len(run["not_run"])
        problems.append({"where": "the run", "message": f"interrupted before its end; {left} selected claims were not checked"})
    if not report["claims"]:
        problems.append({"where": "the run", "message": "nothing was checked"})
    for problem in problems:
        errors += 1
        case = _case(suite, "lakatos", problem["where"], 0.0)
        bad = ET.SubElement(case, "error", {"type": "problem", "message": _text(problem["message"].strip().partition("\n")[0])})
        bad.text = _text(problem["message"])
    suite.attrib.update(
        tests=str(len(report["claims"]) + len(changes) + len(problems)),
        failures=str(failures),
        errors=str(errors),
        skipped="0",
        time=f"{run['seconds']:.3f}",
        timestamp=run["started"],
    )
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"
