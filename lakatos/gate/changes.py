"""How a run differs from the accepted state, change by change."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from lakatos.gate.baseline import Accepted, Baseline, Power, hit
from lakatos.records import Record
from lakatos.terminal import number

WEAKER = 0.9
"""A worst ratio below this share of the accepted one is worth a note: the search may have become weaker."""


@dataclass(frozen=True)
class Change:
    """One difference between a run and the accepted state.

    Parameters
    ----------
    claim:
        The claim's id; empty for what concerns the run as a whole.
    what:
        In one word: vanished, unread, error, outcome, ratio, power, stratum, nothing, foreign; or new, weaker, which fail nothing.
    words:
        What changed, in words.
    file, line:
        Where the claim stands, or stood (the line is then unknown); from the root directory.
    fails:
        Whether the gate fails on it.
    """

    claim: str
    what: str
    words: str
    file: str | None = None
    line: int | None = None
    fails: bool = True

    def as_data(self) -> dict[str, Any]:
        """The change, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Selection:
    """What a run was asked to look at, so that what it left out is not taken for vanished.

    Parameters
    ----------
    paths:
        Files, folders and tests (``file::name``) that were named, from the root directory; "." for all.
    ignored:
        Files and folders that were left out on purpose.
    others:
        Ids of claims that were collected but not selected.
    complete:
        False where something else narrowed the run, so that nothing can be said about what is missing.
    """

    paths: tuple[str, ...] = (".",)
    ignored: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    complete: bool = True

    @classmethod
    def of(cls, data: dict[str, Any] | None) -> Selection:
        """The selection that a report names; without one, nothing can be said about what is missing from it."""
        if data is None:
            return cls(complete=False)
        return cls(tuple(data["paths"]), tuple(data["ignored"]), tuple(data["others"]), bool(data["complete"]))

    def as_data(self) -> dict[str, Any]:
        """The selection, ready for JSON."""
        return {
            "paths": list(self.paths),
            "ignored": list(self.ignored),
            "others": list(self.others),
            "complete": self.complete,
        }

    def covers(self, accepted: Accepted) -> bool:
        """Whether the run would have collected the claim if it still stood where it was accepted."""
        if not self.complete or any(_under(accepted.file, folder) for folder in self.ignored):
            return False
        test = f"{accepted.file}::{accepted.name}"
        return any(path == test if "::" in path else _under(accepted.file, path) for path in self.paths)


def _under(file: str, path: str) -> bool:
    return path in (".", file) or file.startswith(f"{path.rstrip('/')}/")


def missing(baseline: Baseline, report: dict[str, Any], selection: Selection) -> list[str]:
    """Ids of accepted claims that the run should have met and did not."""
    met = {record["id"] for record in report["claims"]} | set(selection.others)
    not_reached = set(report["run"]["not_run"])
    return [
        name
        for name, accepted in baseline.claims.items()
        if name not in met and f"{accepted.file}::{accepted.name}" not in not_reached and selection.covers(accepted)
    ]


def compare(
    baseline: Baseline, report: dict[str, Any], selection: Selection, power: Power | None, power_file: str = "power.json"
) -> list[Change]:
    """Every difference between a report and the accepted state, in the order of the report; what vanished comes first.

    Parameters
    ----------
    baseline, report:
        The accepted state, and what the run found.
    selection:
        What the run was asked to look at.
    power, power_file:
        The present power scores (``None`` where there are none), and the file that they are read from.
    """
    if not report["claims"] and not report["run"]["not_run"]:
        return [Change("", "nothing", "nothing was checked"), *_lost(baseline, report, selection)]
    gone = list(_lost(baseline, report, selection))
    known = [record for record in report["claims"] if record["id"] in baseline.claims]
    if gone and not known and not any(other in baseline.claims for other in selection.others):
        words = (
            f"none of the {len(gone)} claims that the baseline accepts here is in this catalogue, and none of the "
            f"{len(report['claims'])} claims of this run is in the baseline: it belongs to another catalogue"
        )
        return [Change("", "foreign", words)]
    changes = gone
    for record in report["claims"]:
        accepted = baseline.claims.get(record["id"])
        if accepted is None:
            changes.append(_change(record, "new", f"new: {record['outcome']}, not in the baseline", fails=False))
        else:
            changes += _differences(record, accepted, baseline.tolerance)
    scored = [record for record in known if baseline.claims[record["id"]].power is not None]
    if scored and power is None:
        words = f"there is no {power_file}, but the baseline accepts the power scores of {len(scored)} of these claims"
        return [*changes, Change("", "power", words)]
    for record in scored:
        changes += _fallen(record, baseline.claims[record["id"]].power, (power or {}).get(record["id"]), power_file)
    return changes


def _change(record: Record, what: str, words: str, *, fails: bool = True) -> Change:
    return Change(record["id"], what, words, record["nodeid"].partition("::")[0], record["line"], fails)


def _lost(baseline: Baseline, report: dict[str, Any], selection: Selection) -> Iterator[Change]:
    problems = {problem["where"].partition("::")[0] for problem in report["run"]["problems"]}
    for name in missing(baseline, report, selection):
        accepted = baseline.claims[name]
        if accepted.file in problems:
            words = f"could not be collected or judged (see the error in {accepted.file}); accepted: {accepted.outcome}"
            yield Change(name, "unread", words, accepted.file)
        else:
            words = f"vanished; accepted: {accepted.outcome} ({accepted.name} in {accepted.file})"
            yield Change(name, "vanished", words, accepted.file)


def _differences(record: Record, accepted: Accepted, tolerance: float) -> Iterator[Change]:
    if record["error"]:
        yield _change(record, "error", f"could not be judged ({record['error']}); accepted: {accepted.outcome}")
        return
    if record["outcome"] != accepted.outcome:
        yield _change(record, "outcome", f"{record['outcome']}; accepted: {accepted.outcome}")
    elif not record["as_expected"]:
        yield _change(record, "outcome", f"{record['outcome']}, as accepted, but its file now expects {record['expected']}")
    if not comparable(record, accepted):
        return
    strata = record["instances"]["strata"]
    # A refutation ends the search wherever it was, so that which strata came before it says nothing.
    seen = set(strata) if record["outcome"] == "refuted" else hit(record)
    for name in sorted(set(accepted.strata) - seen):
        yield _change(
            record, "stratum", f'stratum "{name}" {"is no longer hit" if name in strata else "is gone"}; accepted: hit'
        )
    if record["outcome"] == accepted.outcome:
        yield from _ratio(record, accepted, tolerance)


def comparable(record: Record, accepted: Accepted) -> bool:
    """Whether both were searched in the same way, so that their strata and worst ratios can be compared."""
    found = (record["profile"], record["seed"], record["device"], record["kind"])
    return found == (accepted.profile, accepted.seed, accepted.device, accepted.kind)


def _real(value: float | str | None) -> float:
    return 0.0 if value is None else float(value)


def _ratio(record: Record, accepted: Accepted, tolerance: float) -> Iterator[Change]:
    if accepted.kind not in ("inequality", "identity") or accepted.outcome != "holds":
        return
    worst, budget = record["margin"]["worst"], record["margin"]["budget"]
    if accepted.worst is None or worst is None:
        return
    now, then = _real(worst), _real(accepted.worst)
    allowance = max(_real(budget), _real(accepted.budget)) + (tolerance * abs(then) if math.isfinite(then) else 0.0)
    if math.isnan(now) or now > then + allowance:
        words = f"worst ratio {number(worst)}; accepted: {number(accepted.worst)}, to within {number(allowance)}"
        yield _change(record, "ratio", words)
    elif accepted.kind == "inequality" and now < WEAKER * then:
        words = f"worst ratio {number(worst)}, below the accepted {number(accepted.worst)}: the bound is looser now, or the search weaker"
        yield _change(record, "weaker", words, fails=False)


def _fallen(record: Record, then: tuple[int, int] | None, now: tuple[int, int] | None, power_file: str) -> Iterator[Change]:
    assert then is not None
    accepted = f"accepted: {then[0]} of {then[1]}"
    if now is None:
        yield _change(record, "power", f"no power score in {power_file}; {accepted}")
    elif Fraction(*now) < Fraction(*then):
        yield _change(record, "power", f"power score fell to {now[0]} of {now[1]}; {accepted}")
