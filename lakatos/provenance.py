"""Where a claim comes from: its assumptions and family in words, the claims it builds on, and a fingerprint of its text.

What a claim builds on is read off the source: a theorem file that imports a claim or a formula from another theorem file speaks
about the same statement. The fingerprint tells whether two records were made from the same text.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lakatos.theorem_files import PATTERNS, matches

if TYPE_CHECKING:
    from lakatos.claims import Claim

# The judge is not part of what is judged: its version stands in every record.
_HARNESS = ("lakatos", "exactarray")


def context_of(claim: Claim) -> dict[str, Any]:
    """What a record says about the claim's origin; plain JSON data."""
    file = Path(claim.file)
    contents = claim.paper.contents
    return {
        "place": contents.index(claim.entry) if claim.entry in contents else None,
        "assumptions": [_assumption(claim, text, check) for text, check in claim.on.assumptions],
        "family": {"name": claim.on.name, "words": _first_paragraph(claim.on.function)},
        "builds_on": builds_on(claim),
        "fingerprint": fingerprint(file),
    }


def _first_paragraph(function: Any) -> str:
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())


def _assumption(claim: Claim, text: str, check: Any) -> dict[str, str | None]:
    """An assumption as LaTeX where it is a formula, in the symbols of the statement, and as words where it was given some."""
    if not hasattr(check, "latex"):
        return {"words": text, "latex": None}
    names = getattr(claim.right, "names", {}) | check.names
    return {"words": text if text != str(check) else None, "latex": type(check)(check.expression, names).latex}


@functools.cache
def _tree(file: Path) -> ast.Module | None:
    try:
        return ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def _imports(tree: ast.Module) -> dict[str, tuple[str, str | None]]:
    """Local name -> module and the name in it (None where the module itself is bound)."""
    found: dict[str, tuple[str, str | None]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name] = (alias.name, None)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_module = isinstance(sys.modules.get(whole), ModuleType)
                found[alias.asname or alias.name] = (whole, None) if is_module else (node.module, alias.name)
    return found


def _file_of(module: str) -> Path | None:
    place = getattr(sys.modules.get(module), "__file__", None)
    return Path(place) if place else None


def _root(file: Path) -> Path:
    """The folder that the file's project is imported from."""
    folder = file.parent
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return folder


def _of_project(file: Path, root: Path) -> bool:
    """Whether a file is the project's own: an environment often stands inside the project's folder, with torch in it."""
    return file.is_relative_to(root) and "site-packages" not in file.relative_to(root).parts


@functools.cache
def fingerprint(file: Path) -> str:
    """Sixteen digits that change with the text of ``file`` and of whatever it imports from the same project."""
    root, texts, waiting = _root(file), dict[str, bytes](), [file]
    while waiting:
        place = waiting.pop()
        name = place.relative_to(root).as_posix() if place.is_relative_to(root) else place.name
        tree = _tree(place)
        if name in texts or tree is None:
            continue
        texts[name] = place.read_bytes()
        for module, _ in _imports(tree).values():
            parts = module.split(".")
            if parts[0] in _HARNESS:
                continue
            # A package's own file counts as well: that is where a paper is described.
            for i in range(1, len(parts) + 1):
                other = _file_of(".".join(parts[:i]))
                if other is not None and other.suffix == ".py" and _of_project(other, root):
                    waiting.append(other)
    return hashlib.sha256(b"\0".join(f"{n}\0".encode() + texts[n] for n in sorted(texts))).hexdigest()[:16]


@functools.cache
def _definitions(file: Path) -> dict[str, list[ast.stmt]]:
    """Top-level names of a file, each with the statements that bind it."""
    found: dict[str, list[ast.stmt]] = {}
    tree = _tree(file)
    for statement in tree.body if tree is not None else ():
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            names = [statement.name]
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names = [n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
        else:
            continue
        for name in names:
            found.setdefault(name, []).append(statement)
    return found


def _names(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that the nodes mention; ``module.name`` counts as well."""
    found: set[str] = set()
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                found.add(part.id)
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                found.add(f"{part.value.id}.{part.attr}")
    return found


def _own_nodes(claim: Claim, file: Path) -> list[ast.AST]:
    """What makes this claim: its decorator and its function, or the statement that assigns it."""
    definitions = _definitions(file)
    bound = definitions.get(claim.function.__name__) or definitions.get(claim.name) or []
    for statement in bound:
        if not isinstance(statement, ast.FunctionDef):
            continue
        for decorator in statement.decorator_list:
            given = {k.arg: k.value.value for k in getattr(decorator, "keywords", ()) if isinstance(k.value, ast.Constant)}
            if given.get("variant") == claim.variant or given.get("name") == claim.name:
                return [decorator, *statement.body]
    return list(bound)


def _used(claim: Claim, file: Path) -> set[str]:
    """Every name that the claim uses, through the definitions of its own file."""
    definitions, seen = _definitions(file), set[str]()
    waiting = list(_names(_own_nodes(claim, file)))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _names(definitions.get(name, ())) - seen
    return seen


def builds_on(claim: Claim) -> list[str]:
    """Ids of the claims of other theorem files whose formula, or which themselves, this claim uses."""
    file = Path(claim.file)
    tree = _tree(file)
    if tree is None:
        return []
    imported, found = _imports(tree), dict[str, None]()
    for name in sorted(_used(claim, file)):
        first, _, attribute = name.partition(".")
        module, inner = imported.get(first, (None, None))
        inner = inner or attribute or None
        if module is None or inner is None:
            continue
        other = _file_of(module)
        if other is None or other == file or not matches(other, PATTERNS):
            continue
        for made in _claims_with(sys.modules[module], other, inner):
            if made != claim.id:
                found[made] = None
    return list(found)


def _claims_with(module: ModuleType, file: Path, name: str) -> Iterator[str]:
    """The claim of that name in a module, or the claims stated with the formula of that name."""
    from lakatos.claims import Claim, claims_in

    value = getattr(module, name, None)
    if isinstance(value, Claim):
        yield value.id
    # A bare symbol, a family or a helper is shared without any statement being used.
    elif hasattr(value, "free_symbols") and not getattr(value, "is_Symbol", False):
        yield from (made.id for made in claims_in(module) if name in _used(made, file))
