"""The command line. Each command lives in a module of ``lakatos.commands``."""

from __future__ import annotations

import typer

from lakatos.commands import accept, audit, check, claims, keep, new, power, show, summary

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Attack theorems. To run the claims: pytest theorems/")

_DRAFT, _CATALOGUE, _AUDIT = "A draft", "A catalogue", "An audit"

app.command(rich_help_panel=_DRAFT, epilog=new.EXAMPLES)(new.new)
app.command(rich_help_panel=_DRAFT, epilog=check.EXAMPLES)(check.check)
app.command(rich_help_panel=_DRAFT, epilog=show.EXAMPLES)(show.show)
app.command("list", rich_help_panel=_CATALOGUE, epilog=claims.LIST_EXAMPLES)(claims.list_claims)
app.command(rich_help_panel=_CATALOGUE, epilog=claims.REPLAY_EXAMPLES)(claims.replay)
app.command(rich_help_panel=_CATALOGUE, epilog=accept.EXAMPLES)(accept.accept)
app.command(rich_help_panel=_CATALOGUE, epilog=keep.EXAMPLES)(keep.keep)
app.command(rich_help_panel=_CATALOGUE, epilog=power.EXAMPLES)(power.power)
app.command(rich_help_panel=_CATALOGUE, epilog=summary.EXAMPLES)(summary.summary)
app.command(rich_help_panel=_AUDIT, epilog=audit.AUDIT_EXAMPLES)(audit.audit)
app.command(rich_help_panel=_AUDIT, epilog=audit.REPORT_EXAMPLES)(audit.report)
