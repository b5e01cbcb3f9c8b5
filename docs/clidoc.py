"""The command line as it describes itself: a directive that writes a section for every command."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import typer
from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.application import Sphinx

from lakatos.cli import app


def _escaped(text: str) -> str:
    return re.sub(r"([\\*`|_:])", r"\\\1", text)


def _lines(name: str, command: Any) -> Iterator[str]:
    title = f"lakatos {name}"
    yield from (title, "-" * len(title), "", *_escaped(inspect.cleandoc(command.help or "")).splitlines(), "")
    for parameter in command.params:
        if "--help" in parameter.opts:
            continue
        option = parameter.param_type_name == "option"
        spelled = ", ".join(parameter.opts) if option else parameter.name.upper()
        default = parameter.default
        said = f" Default: ``{default}``." if default not in (None, False, ()) and not callable(default) else ""
        yield from (f"``{spelled}``", f"    {_escaped(parameter.help or '')}{said}", "")
    examples = [line.strip() for line in (command.epilog or "").splitlines() if line.strip() not in ("", "\b", "Examples:")]
    if examples:
        yield from ("Examples::", "", *(f"    {line}" for line in examples), "")


class Commands(Directive):
    """``.. lakatos-commands::`` documents every command of ``lakatos``."""

    def run(self) -> list[nodes.Node]:
        """The sections, parsed as reStructuredText."""
        commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
        text = [line for name in sorted(commands) for line in _lines(name, commands[name])]
        parent = nodes.section()
        parent.document = self.state.document
        self.state.nested_parse(StringList(text, source="lakatos --help"), 0, parent, match_titles=True)
        return parent.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the directive."""
    app.add_directive("lakatos-commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
