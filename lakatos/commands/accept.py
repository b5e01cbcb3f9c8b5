"""``lakatos accept``: makes a run's findings the accepted state, after showing what that changes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakatos.commands.common import stop
from lakatos.gate.run import DEFAULT_BASELINE, DEFAULT_REPORT
from lakatos.terminal import plural

if TYPE_CHECKING:
    from lakatos.gate.baseline import Accepted, Baseline

EXAMPLES = """\b
Examples:
  pytest theorems/ && lakatos accept
  lakatos accept out/report.json --baseline reports/baseline.json
  lakatos accept --yes
"""

_SHOWN = ("kind", "expected", "outcome", "warrant", "worst", "power", "profile", "seed", "device", "file", "name")


def accept(
    report: Annotated[Path, typer.Argument(help="The report.json of a run.")] = Path(DEFAULT_REPORT),
    baseline: Annotated[
        Path, typer.Option(help="The accepted state to update. Power scores are read from power.json beside it.")
    ] = Path(DEFAULT_BASELINE),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    tolerance: Annotated[
        float | None,
        typer.Option(
            help="Share of an accepted worst ratio by which a later run may exceed it (0.01 in a new baseline).",
            min=0,
            max=0.99,
        ),
    ] = None,
) -> None:
    """Accept what a run found: show how it differs from the baseline, ask, and write it.

    A run of some claims updates those alone. A run in which a claim was not as its file expects is refused: first say in
    the theorem file what is expected, and why.
    """
    from lakatos.gate.baseline import BaselineError, load_baseline, load_power
    from lakatos.gate.run import POWER_FILE
    from lakatos.reports.directory import ReportError, load_report
    from lakatos.reports.files import write_atomically
    from lakatos.terminal import wrapped

    try:
        found = load_report(report)
        old = load_baseline(baseline) if baseline.exists() else None
        power = load_power(baseline.with_name(POWER_FILE))
    except (ReportError, BaselineError) as error:
        raise stop("accept", f"{error} Nothing was written.") from None
    if why := refusal(found):
        raise stop("accept", f"{report} cannot be accepted: {why} Nothing was written.")
    new = updated(old, found, power or {}, tolerance)
    changes = list(differences(old, new))
    if not changes:
        typer.echo(f"{baseline} says this already: {plural(len(new.claims), 'claim')}.")
        return
    for change in changes:
        typer.echo("\n".join(wrapped(change)))
    typer.echo("")
    try:
        if not yes and not typer.confirm(f"Accept this in {baseline}?"):
            typer.echo("Nothing was written.")
            raise typer.Exit(1)
    except typer.Abort:
        typer.echo("\nNothing was written. To accept without being asked: --yes", err=True)
        raise typer.Exit(1) from None
    try:
        baseline.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(baseline, new.text())
    except OSError as error:
        raise stop(
            "accept",
            f"cannot write {baseline}: {error.strerror or error}. What it said before is still there; nothing was lost.",
        ) from None
    typer.echo(f"{baseline} now accepts {plural(len(new.claims), 'claim')}. Commit it with the change that it accepts.")


def refusal(report: dict[str, Any]) -> str | None:
    """Why a report is no state to accept, if it is none."""
    run = report.get("run", {})
    if run.get("replay_of"):
        return f"it is a replay of {run['replay_of']}, which looked at recorded witnesses alone."
    if not report["claims"]:
        return "nothing was checked in it."
    if run.get("interrupted") or run.get("not_run"):
        return f"its run did not reach its end ({len(run.get('not_run', ()))} claims were not checked). Run it again."
    if problems := run.get("problems"):
        first = problems[0]
        return (
            f"{len(problems)} problem(s) kept claims from being judged, the first in {first['where']}: "
            f"{first['message'].strip().splitlines()[0]}"
        )
    wrong = [f"{r['id']} ({'an error' if r['error'] else r['outcome']})" for r in report["claims"] if not r["as_expected"]]
    if wrong:
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        return (
            f"not as their files expect: {', '.join(wrong[:5])}{more}. If such an outcome is right, say so in the theorem file "
            "(expect=, reason=, because=), run it, and accept that run."
        )
    return None


def updated(old: Baseline | None, report: dict[str, Any], power: Any, tolerance: float | None) -> Baseline:
    """The baseline after accepting ``report``: its claims renewed, those that vanished taken out, all others kept."""
    from lakatos.gate.baseline import TOLERANCE, Baseline, accepted_of
    from lakatos.gate.changes import Selection, missing

    before = old or Baseline({})
    gone = set(missing(before, report, Selection.of(report.get("selection"))))
    claims = {name: accepted for name, accepted in before.claims.items() if name not in gone}
    share = tolerance if tolerance is not None else (old.tolerance if old else TOLERANCE)
    for record in report["claims"]:
        now, then = accepted_of(record, power), before.claims.get(record["id"])
        claims[record["id"]] = _steady(now, then, share) if then else now
    return Baseline(claims, share)


def _steady(now: Accepted, then: Accepted, tolerance: float) -> Accepted:
    """``now`` with the ratio of ``then`` where both are the same but for rounding: the file keeps still, and nothing creeps."""
    if replace(now, worst=then.worst, budget=then.budget, file=then.file, name=then.name) != then:
        return now
    if then.worst is None or now.worst is None:
        return now
    worst = [float(then.worst), float(now.worst)]
    budgets = [float(b) for b in (then.budget, now.budget) if b is not None]
    near = worst[0] == worst[1] or abs(worst[1] - worst[0]) <= max(budgets, default=0.0) + tolerance * abs(worst[0])
    return replace(now, worst=then.worst, budget=then.budget) if near or all(map(math.isnan, worst)) else now


def differences(old: Baseline | None, new: Baseline) -> Iterator[str]:
    """What changes from one baseline to the other, a line per claim, and the count."""
    before = old.claims if old else {}
    gone = sorted(set(before) - set(new.claims))
    fresh = sorted(set(new.claims) - set(before))
    changed = [name for name in sorted(set(before) & set(new.claims)) if before[name] != new.claims[name]]
    for name in gone:
        yield f"- {name}: {before[name].outcome}, in {before[name].file}"
    for name in fresh:
        accepted = new.claims[name]
        score = f", {accepted.power[0]} of {accepted.power[1]} variants refuted" if accepted.power else ""
        yield f"+ {name}: {accepted.outcome} ({accepted.warrant}), worst {_text(accepted.worst)}{score}"
    for name in changed:
        yield f"~ {name}: " + "; ".join(_fields(before[name], new.claims[name]))
    if old and old.tolerance != new.tolerance:
        yield f"~ tolerance: {old.tolerance:g} -> {new.tolerance:g}"
    elif not (gone or fresh or changed):
        return
    same = len(new.claims) - len(fresh) - len(changed)
    yield f"{len(fresh)} new, {len(gone)} gone, {len(changed)} changed, {same} as before"


def _fields(then: Accepted, now: Accepted) -> Iterator[str]:
    for name in _SHOWN:
        a, b = getattr(then, name), getattr(now, name)
        if a != b:
            yield f"{name} {_text(a)} -> {_text(b)}"
    yield from (f'stratum "{name}" no longer hit' for name in sorted(set(then.strata) - set(now.strata)))
    yield from (f'stratum "{name}" now hit' for name in sorted(set(now.strata) - set(then.strata)))
    if then.worst == now.worst and then.budget != now.budget:
        yield f"error budget {_text(then.budget)} -> {_text(now.budget)}"


def _text(value: Any) -> str:
    from lakatos.terminal import number

    if isinstance(value, tuple):
        return f"{value[0]} of {value[1]}"
    return number(value) if value is None or isinstance(value, float) else str(value)
