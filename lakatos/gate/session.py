"""What a pytest run was asked to look at, from its command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakatos.gate.changes import Selection

if TYPE_CHECKING:
    import pytest


def selection_of(config: pytest.Config, collected: Set[str], judged: Iterable[str]) -> Selection:
    """The selection of a run that has ended, from the node ids that it collected and those that it judged."""
    ignored = [*(config.getoption("ignore", None) or ()), *(config.getoption("ignore_glob", None) or ())]
    return Selection(
        paths=tuple(_named(config)),
        # A pattern stands for its folder: a claim too many is better passed over than called vanished.
        ignored=tuple(_from_root(config, str(path).partition("*")[0]) for path in ignored),
        others=tuple(sorted(collected - set(judged))),
        # The last failures, or the rest of an earlier run: whole files are passed over without being read.
        complete=not any(config.getoption(name, False) for name in ("lf", "stepwise", "pyargs")),
    )


def _named(config: pytest.Config) -> Iterator[str]:
    for argument in config.args:
        path, separator, test = str(argument).partition("::")
        yield f"{_from_root(config, path)}{separator}{test}"


def _from_root(config: pytest.Config, path: str) -> str:
    whole: Any = os.path.normpath(config.invocation_params.dir / path)
    try:
        return Path(os.path.relpath(whole, config.rootpath)).as_posix()
    except ValueError:
        return Path(whole).as_posix()
