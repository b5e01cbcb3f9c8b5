"""The claims of theorem files, and their scores, in one process or several."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import multiprocessing
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

from lakatos.theorem_files import PATTERNS, matches

if TYPE_CHECKING:
    from lakatos.claims import Claim
    from lakatos.power.score import Score

Progress = Callable[[str, int, int], None]
"""Told the claim's id, the mutants done, and their number."""


class CatalogueError(Exception):
    """Claims cannot be found or read; the text says what, where, and what to do."""


@dataclass(frozen=True)
class Entry:
    """Where one claim stands."""

    file: Path
    name: str
    id: str


def theorem_files(path: Path) -> list[Path]:
    """The theorem files under a folder, or the file itself.

    Raises
    ------
    CatalogueError
        when there is no such path.
    """
    if path.is_file():
        return [path.resolve()]
    if not path.is_dir():
        raise CatalogueError(f"there is no file or folder {str(path)!r}, and no claim of that id below the current folder.")
    hidden = (
        p for p in path.resolve().rglob("*.py") if not any(part.startswith(".") for part in p.relative_to(path.resolve()).parts)
    )
    return sorted(p for p in hidden if matches(p, PATTERNS) and b"lakatos" in p.read_bytes())


def load(file: Path) -> list[Claim]:
    """The claims of a theorem file, imported as pytest would import it.

    Raises
    ------
    CatalogueError
        when the file cannot be imported.
    """
    root = file.parent
    while (root / "__init__.py").exists():
        root = root.parent
    for place in (root, Path.cwd()):
        if str(place) not in sys.path:
            sys.path.insert(0, str(place))
    try:
        if root != file.parent:
            module = importlib.import_module(".".join(file.relative_to(root).with_suffix("").parts))
        else:
            # Files of one name in different folders must not hide each other.
            name = f"{file.stem}_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}"
            spec = importlib.util.spec_from_file_location(name, file)
            assert spec is not None
            assert spec.loader is not None
            module = sys.modules[name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
    except Exception as error:
        raise CatalogueError(f"{file} cannot be imported: {type(error).__name__}: {error}") from error
    from lakatos.claims import claims_in

    return claims_in(module)


def find(wanted: Sequence[str]) -> list[Entry]:
    """The claims of the named files and folders, and those of the named ids, in the order of the files.

    Raises
    ------
    CatalogueError
        when something named does not exist, or holds no claim.
    """
    found: dict[str, Entry] = {}
    everything: list[Entry] | None = None
    for name in wanted:
        if Path(name).exists() or name.count("/") != 2:
            entries = _entries(theorem_files(Path(name)))
            if not entries:
                raise CatalogueError(f"no claims in {name!r}. Claims live in files such as theorem_1.py or lemma_2.py.")
        else:
            everything = everything if everything is not None else _entries(theorem_files(Path()))
            entries = [entry for entry in everything if entry.id == name]
            if not entries:
                raise CatalogueError(f"no claim {name!r} below the current folder. To see the claims: lakatos list")
        found |= {entry.id: entry for entry in entries}
    return list(found.values())


def _entries(files: Sequence[Path]) -> list[Entry]:
    return [Entry(file, claim.name, claim.id) for file in files for claim in load(file)]


def scores(entries: Sequence[Entry], *, jobs: int, progress: Progress, **options: Any) -> Iterator[Score]:
    """The score of each claim, in order; ``options`` are those of :func:`lakatos.power.score`."""
    if jobs == 1:
        for entry in entries:
            yield _score(entry, progress, options)
        return
    # A forked process would share the random state and the threads of torch.
    spawn = multiprocessing.get_context("spawn")
    with spawn.Manager() as manager, ProcessPoolExecutor(jobs, mp_context=spawn) as workers:
        told = manager.Queue()
        futures = [workers.submit(_score_and_tell, entry, told, options) for entry in entries]
        try:
            for future in futures:
                while not future.done() or not told.empty():
                    try:
                        progress(*told.get(timeout=0.2))
                    except Empty:
                        continue
                yield future.result()
        finally:
            workers.shutdown(cancel_futures=True)


def _score_and_tell(entry: Entry, told: Any, options: dict[str, Any]) -> Score:
    return _score(entry, lambda *news: told.put(news), options)


def _score(entry: Entry, progress: Progress, options: dict[str, Any]) -> Score:
    from lakatos.power.score import score

    claim = next((c for c in load(entry.file) if c.id == entry.id), None)
    if claim is None:
        raise CatalogueError(f"{entry.file} no longer holds the claim {entry.id}: it was changed during the run.")
    result = score(claim, progress=lambda claim, done, of: progress(claim.id, done, of), **options)
    progress(entry.id, len(result.trials), len(result.trials))
    return result
