"""SARIF 2.1.0 from a report: refuted and regressed claims at their line of the theorem file, for code scanning services."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from lakatos.records import Record
from lakatos.reports.files import dumps
from lakatos.terminal import headline

_RULES = {
    "refuted-claim": "An instance that satisfies every assumption contradicts the claim.",
    "unexpected-outcome": "The outcome of the claim is not the one that its theorem file expects.",
    "claim-not-judged": "The claim is wrongly written, or its code failed: nothing is known about it.",
    "regressed-claim": "The claim differs from the accepted state of the catalogue.",
    "unread-file": "Something kept claims from being collected or judged.",
}


def sarif(report: dict[str, Any]) -> str:
    """``report`` as SARIF: refutations, unexpected outcomes, and changes on which the gate fails.

    A claim that is refuted as its file expects is a note that is suppressed in the source, with the reason given there.
    """
    run = report["run"]
    names = list(_RULES)
    rules = [
        {
            "id": name,
            "name": "".join(word.capitalize() for word in name.split("-")),
            "shortDescription": {"text": words},
            "defaultConfiguration": {"level": "error"},
        }
        for name, words in _RULES.items()
    ]
    results = [{**result, "ruleIndex": names.index(result["ruleId"])} for result in _results(report)]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "lakatos", "version": run["versions"]["lakatos"] or "unknown", "rules": rules}},
                "invocations": [
                    {
                        "commandLine": run["command"],
                        "startTimeUtc": run["started"].replace("+00:00", "Z"),
                        "exitCode": run["exitstatus"],
                        "executionSuccessful": bool(report["claims"]) and not run["interrupted"],
                    }
                ],
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return dumps(log, indent=1) + "\n"


def _results(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    told = set()
    for record in report["claims"]:
        if not record["as_expected"]:
            told.add(record["id"])
            outcome = "refuted-claim" if record["outcome"] == "refuted" else "unexpected-outcome"
            rule = "claim-not-judged" if record["error"] else outcome
            yield _result(rule, _words(record), _file(record), record["line"], record["id"])
        elif record["outcome"] == "refuted":
            accepted = {"kind": "inSource", "justification": f"{record['reason']}: {record['because']}"}
            result = _result("refuted-claim", _words(record), _file(record), record["line"], record["id"])
            yield {**result, "level": "note", "suppressions": [accepted]}
    gate = report.get("gate", {"changes": [], "baseline": ""})
    for change in gate["changes"]:
        if change["fails"] and change["claim"] not in told:
            text = f"{change['claim']}: {change['words']}" if change["claim"] else change["words"]
            # A claim that vanished has no line any more, and what concerns the whole run has no file but the baseline.
            place = change["file"] or gate["baseline"]
            yield _result("regressed-claim", f"{text} ({gate['baseline']})", place, change["line"] or 1, change["claim"])
    for problem in report["run"]["problems"]:
        yield _result("unread-file", problem["message"].strip(), problem["where"].partition("::")[0], 1, problem["where"])


def _file(record: Record) -> str:
    # A node id is relative to the root directory, wherever the run was started.
    return str(record["nodeid"].partition("::")[0])


def _words(record: Record) -> str:
    parts = [f"{headline(record)}.", record["words"], record["message"]]
    if record["because"]:
        parts.append(f"{str(record['reason']).capitalize()}: {record['because']}")
    witness = record["smallest"]
    if witness:
        values = ", ".join(f"{name} = {value}" for name, value in witness["values"].items())
        parts.append(f"Smallest witness: {values}.")
    return "\n".join([*filter(None, parts), f"Replay: {record['replay']}"])


def _result(rule: str, text: str, file: str, line: int, of: str) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": _uri(file), "uriBaseId": "%SRCROOT%"}, "region": {"startLine": line}}
    return {
        "ruleId": rule,
        "level": "error",
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
        # Services match results of two runs by it: the line may move, the claim stays.
        "partialFingerprints": {"lakatosClaim/v1": hashlib.sha256(f"{rule} {of}".encode()).hexdigest()[:32]},
    }


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(file.replace("\\", "/"), safe="/.:~")
