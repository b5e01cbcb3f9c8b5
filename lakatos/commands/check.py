"""``lakatos check``: attacks a draft wherever it lies, and prints what it found."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lakatos.commands.common import claims_of, shown, stop

if TYPE_CHECKING:
    from lakatos.claims import Claim
    from lakatos.records import Record

EXAMPLES = """\b
Examples:
  lakatos check draft.py
  lakatos check draft.py --claim squared_gradient --profile quick
  lakatos check draft.py --profile audit --device cuda
  lakatos check fallah2020/lem-4.8-smoothness/printed
"""


def check(
    what: Annotated[str, typer.Argument(help="A theorem file of any name, FILE::NAME, a folder, or a claim's id.")],
    claim: Annotated[str | None, typer.Option(help="Only the claim of this name.")] = None,
    profile: Annotated[str, typer.Option(help="How hard to look: quick, gate, audit, nightly.")] = "gate",
    seed: Annotated[int | None, typer.Option(help="Seed of the random streams (default: the profile's).")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto.")] = "cpu",
) -> None:
    """Attack the claims of a draft: print each verdict, the worst ratio found, and the witness.

    Needs no repository and leaves no files. Exit code 0: all as the file expects; 1: some claim is not, or a file cannot be read.
    """
    from lakatos.plugin import choose_device
    from lakatos.profiles import get_profile

    try:
        budget = get_profile(profile)
        place, _ = choose_device(device)
    except (ValueError, RuntimeError) as error:
        raise stop("check", error) from None
    except Exception as error:
        # A usage error of pytest, whose text speaks to the reader.
        raise stop("check", error) from None
    claims, unexpected = claims_of("check", what, claim)
    for made in claims:
        record, trouble = _attack(made, budget, seed, place)
        typer.echo("\n".join(_told(made, record, trouble)))
        unexpected += not record["as_expected"]
    raise typer.Exit(1 if unexpected else 0)


def _attack(claim: Claim, profile: Any, seed: int | None, device: str) -> tuple[Record, list[str]]:
    from lakatos.errors import ClaimError
    from lakatos.hunting import hunt
    from lakatos.records import now, record_of, undecided

    started, clock = now(), time.perf_counter()
    error: Exception | None = None
    try:
        verdict = hunt(claim, profile=profile, seed=seed, device=device, progress=_progress if sys.stderr.isatty() else None)
    except Exception as raised:
        error = raised
        verdict = undecided(str(raised) if isinstance(raised, ClaimError) else f"{type(raised).__name__}: {raised}")
    finally:
        if sys.stderr.isatty():
            typer.echo("\r\x1b[K", err=True, nl=False)
    file = shown(claim.file)
    record = record_of(
        claim,
        verdict,
        nodeid=f"{file}::{claim.name}",
        file=file,
        replay=f"lakatos check {file} --claim {claim.name} --profile {profile.name} --seed {verdict.seed}",
        profile=profile.name,
        started=started,
        seconds=time.perf_counter() - clock,
        error=type(error).__name__ if error else None,
    )
    return record, _lines_of(error, claim.file) if error is not None and not isinstance(error, ClaimError) else []


def _progress(claim: Any, instances: int, worst: float | None, phase: str) -> None:
    from lakatos.progress import text

    typer.echo(f"\r\x1b[K{text(claim.name, instances, worst, phase, 79)}", err=True, nl=False)


def _lines_of(error: Exception, file: Path) -> list[str]:
    """The lines of the theorem file through which an error came: how the hunt got there helps nobody."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == file]
    return [f"  {shown(file)}:{frame.lineno}: {frame.line}" for frame in frames]


def _told(claim: Claim, record: Record, trouble: list[str]) -> Iterator[str]:
    from lakatos.commands.words import statement
    from lakatos.terminal import missing_strata, plural, witness_lines, wrapped

    expected = "as expected" if record["as_expected"] else f"but expected: {record['expected']}"
    found = "COULD NOT BE JUDGED" if record["error"] else record["outcome"].upper()
    warrant = f" ({record['warrant']})" if record["warrant"] != "none" else ""
    yield f"{record['label']}  {record['id']}"
    yield f"  {found}{warrant}, {expected}"
    yield ""
    if record["words"]:
        yield from wrapped(record["words"], "  ")
    yield from wrapped(statement(claim), "  ")
    yield ""
    yield from wrapped(record["message"], "  ")
    yield from trouble
    if record["error"]:
        yield ""
        return
    margin = record["margin"]
    if margin["worst"] is not None and margin["words"] not in record["message"]:
        yield from wrapped(f"{margin['words'][:1].upper()}{margin['words'][1:]}.", "  ")
    yield from wrapped(
        f"{plural(record['instances']['total'], 'instance')} in {record['seconds']:.1f} s ({record['profile']})", "  "
    )
    yield ""
    yield from witness_lines(record)
    yield from missing_strata(record)
    if not record["as_expected"]:
        yield from _advice(record)


def _advice(record: Record) -> Iterator[str]:
    from lakatos.terminal import wrapped

    if record["outcome"] == "refuted" and record["smallest"]:
        values = record["smallest"]["values"]
        named = ", ".join(f"{name}={value!r}" for name, value in values.items())
        witness = f"dict({named})" if all(map(str.isidentifier, values)) else repr(values)
        yield from wrapped(
            "If the statement is printed so, keep it so, and say what is wrong with it; put the corrected claim beside it:",
            "  ",
        )
        yield '    expect="refuted", reason="misprint",  # or hidden constant, missing assumption, false'
        yield '    because="One sentence that says why.",'
        yield f"    witness={witness},"
    elif record["outcome"] == "refuted":
        yield from wrapped(
            'If the statement is printed so, keep it so, with expect="refuted", reason= and because=, and put the corrected claim '
            "beside it.",
            "  ",
        )
    elif record["outcome"] == "undecided":
        yield from wrapped("A larger budget may decide it (--profile audit); so may a tighter margin, or more strata.", "  ")
    elif record["outcome"] == "vacuous":
        yield from wrapped("Widen the instance family, or correct the strata and assumptions that no instance meets.", "  ")
    else:
        yield from wrapped("If it is right that it holds now, drop expect= and reason=, and say so where it is printed.", "  ")
    yield ""
