"""Instance families: functions of named draws whose results satisfy a theorem's assumptions by construction.

A family is written once, as a function of ``draw``. Its integers and options are *structure*, shared by a whole batch; its
arrays are *primitives* ``(batch, *shape)`` that live on the reals, the positive numbers, an interval or the signs. Everything
else is computed from them, so that the same family serves random batches, structured corners, gradient ascent and exact
arithmetic: only the source of the primitives differs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import FunctionType
from typing import Any, Protocol

from exactarray import array_like, eye, is_exact, namespace
from lakatos.domains import Domain, Interval, Positive, Real, Shape, Sign
from lakatos.errors import ClaimError
from lakatos.formula import Formula

# Float rounding may push a relation that holds with equality over its edge by a few units in the last place; a witness
# is checked again without this allowance, in exact arithmetic.
ASSUMPTION_SLACK = 1e-12


@dataclass(frozen=True)
class Choices:
    """The values that a piece of structure may take, simplest first."""

    values: Sequence[Any]


class Source(Protocol):
    """Where a family's structure and primitives come from."""

    batch: int

    def structure(self, name: str, choices: Choices) -> Any:
        """One of the choices."""

    def primitive(self, name: str, shape: Shape, domain: Domain) -> Any:
        """An array ``(batch, *shape)`` with entries in the domain."""

    def constant(self, values: Any) -> Any:
        """An array of plain numbers in the number system of the primitives."""


@dataclass
class Sample:
    """What a source delivered in one build of a family: enough to build exactly the same instances again."""

    structure: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, Choices] = field(default_factory=dict)
    primitives: dict[str, Any] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)

    def rows(self, index: Any) -> Sample:
        """The sample restricted to some rows of the batch."""
        return Sample(self.structure, self.choices, {n: v[index] for n, v in self.primitives.items()}, self.domains)


class Draw:
    """The argument of an instance family: named draws, each of which becomes an entry of a witness."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.sample = Sample()

    @property
    def batch(self) -> int:
        """Number of instances that this build makes at once."""
        return self._source.batch

    def _new(self, name: str) -> None:
        if name in self.sample.structure or name in self.sample.primitives:
            raise ClaimError(f"The instance family draws {name!r} twice. A witness is read by name; give each draw its own.")

    def _structure(self, name: str, values: Iterable[Any], described: str) -> Any:
        self._new(name)
        # A range stays one: a seed has a million values, which no batch should list.
        choices = Choices(values if isinstance(values, range) else tuple(values))
        if not choices.values:
            raise ClaimError(f"{described} has nothing to choose from, so that the family can produce no instance.")
        value = self._source.structure(name, choices)
        self.sample.structure[name], self.sample.choices[name] = value, choices
        return value

    def _primitive(self, name: str, shape: Sequence[int], domain: Domain) -> Any:
        self._new(name)
        value = self._source.primitive(name, tuple(shape), domain)
        self.sample.primitives[name], self.sample.domains[name] = value, domain
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        """A structural integer between ``low`` and ``high``, both included; the hunt tries small ones first."""
        return int(self._structure(name, range(low, high + 1), f"draw.integer({name!r}, {low}, {high})"))

    def option(self, name: str, values: Sequence[Any]) -> Any:
        """One of the given values (numbers or strings), the simplest first."""
        return self._structure(name, values, f"draw.option({name!r}, {list(values)})")

    def real(self, name: str, *shape: int, scale: float = 1.0) -> Any:
        """Real numbers ``(batch, *shape)`` of typical size ``scale``."""
        return self._primitive(name, shape, Real(scale))

    def positive(self, name: str, *shape: int, scale: float = 1.0) -> Any:
        """Positive numbers ``(batch, *shape)`` of typical size ``scale``."""
        return self._primitive(name, shape, Positive(scale))

    def nonnegative(self, name: str, *shape: int, scale: float = 1.0) -> Any:
        """Nonnegative numbers ``(batch, *shape)`` of typical size ``scale``; zero is among the corners."""
        return self._primitive(name, shape, Positive(scale, zero=True))

    def interval(self, name: str, low: Any, high: Any, *shape: int, closed: str = "both") -> Any:
        """Numbers ``(batch, *shape)`` between two numbers; ``closed`` is "both", "left", "right" or "neither"."""
        return self._primitive(name, shape, Interval(low, high, closed))

    def sign(self, name: str, *shape: int) -> Any:
        """Signs, plus or minus one, ``(batch, *shape)``."""
        return self._primitive(name, shape, Sign())

    def constant(self, values: Any) -> Any:
        """Plain numbers as an array without batch axis, in the number system of this build."""
        return self._source.constant(values)

    def simplex(self, name: str, k: int) -> Any:
        """Probability weights ``(batch, k)``: positive numbers over their sum."""
        weights = self.positive(name, k)
        return weights / namespace(weights).sum(weights, axis=-1)[..., None]

    def orthogonal(self, name: str, d: int) -> Any:
        """Orthogonal matrices ``(batch, d, d)``: a product of at most ``d`` Householder reflections, rational in what is drawn.

        A zero vector reflects nothing, nor does a first vector whose first entry is negative (its opposite does the same), so
        that the identity and both determinants occur.
        """
        vectors = self.real(name, d, d)
        first = vectors[:, :1, :1]
        product = namespace(vectors).where(first < 0, 0 * vectors + eye(d, vectors), _reflection(vectors[:, 0, :]))
        for i in range(1, d):
            product = product @ _reflection(vectors[:, i, :])
        return product

    def unit(self, name: str, d: int) -> Any:
        """Unit vectors ``(batch, d)``, rational in what is drawn: the image of the first axis under a reflection."""
        return _reflection(self.real(name, d))[:, :, 0]

    def psd(self, name: str, d: int, low: Any = 0, high: Any = None) -> Any:
        """Symmetric matrices ``(batch, d, d)`` with eigenvalues of at least ``low`` and, if given, at most ``high``."""
        values = (
            self.nonnegative(f"{name}_spectrum", d) + low if high is None else self.interval(f"{name}_spectrum", low, high, d)
        )
        rotation = self.orthogonal(f"{name}_rotation", d)
        return (rotation * values[:, None, :]) @ rotation.mT


def _reflection(v: Any) -> Any:
    xp = namespace(v)
    square = xp.sum(v * v, axis=-1)[:, None, None]
    safe = xp.where(square == 0, xp.ones_like(square), square)
    return eye(v.shape[-1], v) - 2 * v[:, :, None] * v[:, None, :] / safe


@dataclass(frozen=True)
class Stratum:
    """A part of the family that every run must hit: draws pinned to values, or a predicate on the instance."""

    pinned: Mapping[str, Any] = field(default_factory=dict)
    predicate: Callable[..., Any] | None = None
    require: int | None = None

    def hits(self, values: Mapping[str, Any], sample: Sample) -> Any:
        """Which instances lie in the stratum: a boolean, or booleans ``(batch,)``."""
        if self.predicate is not None:
            return call_by_name(self.predicate, values, "a stratum's predicate")
        for name in self.pinned:
            if name not in sample.structure and name not in sample.primitives:
                raise ClaimError(
                    f"A stratum pins {name!r}, which the family does not draw. It draws "
                    f"{sorted([*sample.structure, *sample.primitives])}."
                )
        if any(sample.structure[n] != v for n, v in self.pinned.items() if n in sample.structure):
            return False
        hit: Any = True
        for name, value in self.pinned.items():
            if name in sample.primitives:
                drawn = sample.primitives[name]
                wanted = array_like(value, drawn)
                if wanted.ndim and tuple(wanted.shape) != tuple(drawn.shape[1:]):
                    return False  # pinned for another structure
                equal = drawn == wanted
                hit = hit & equal.reshape(equal.shape[0], -1).all(axis=-1)
        return hit


def fix(*, require: int | None = None, **pinned: Any) -> Stratum:
    """A stratum on which the named draws have the given values, such as ``fix(tasks=1, alpha_L=0)``.

    ``require`` is the number of instances that a run must see in it; by default the profile decides.
    """
    return Stratum(pinned=pinned, require=require)


def when(predicate: Callable[..., Any], *, require: int | None = None) -> Stratum:
    """A stratum of the instances on which the predicate holds; its arguments are taken by name, as a claim's are."""
    return Stratum(predicate=predicate, require=require)


@dataclass(frozen=True)
class Family:
    """A family of instances. Made by :func:`instances`."""

    function: Callable[[Draw], Mapping[str, Any]]
    strata: Mapping[str, Stratum]
    assumptions: tuple[tuple[str, Any], ...]

    @property
    def name(self) -> str:
        """The family's name: that of its function."""
        return self.function.__name__

    def build(self, source: Source) -> tuple[dict[str, Any], Sample]:
        """Instances from a source.

        Returns
        -------
        values, sample:
            Every quantity by name (what the family returned, its structure, its primitives), and what was drawn.

        Raises
        ------
        ClaimError
            when the family draws nothing, or returns something else than a dict.
        """
        draw = Draw(source)
        returned = self.function(draw)
        if not isinstance(returned, Mapping):
            raise ClaimError(
                f"The instance family {self.name!r} returned {type(returned).__name__}. It must return a dict from the names "
                "that claims and formulas use to their values."
            )
        if not draw.sample.structure and not draw.sample.primitives:
            raise ClaimError(f"The instance family {self.name!r} draws nothing, so that it can produce only one instance.")
        return {**draw.sample.primitives, **draw.sample.structure, **returned}, draw.sample

    def valid(self, values: Mapping[str, Any], exact: bool) -> Any:
        """Which instances satisfy every assumption: a boolean, or booleans ``(batch,)``."""
        result: Any = True
        for text, assumption in self.assumptions:
            if isinstance(assumption, Formula):
                missing = assumption.symbols - set(values)
                if missing:
                    raise ClaimError(
                        f"The assumption {text} of {self.name!r} names {sorted(missing)}, which the family does not return. "
                        f"It returns {sorted(values)}."
                    )
                truth = assumption.holds(values, 0.0 if exact else ASSUMPTION_SLACK, exact)
            else:
                truth = call_by_name(assumption, values, f"the assumption {text!r}")
            if hasattr(truth, "ndim"):
                truth = truth.reshape(truth.shape[0], -1).all(axis=-1)
            result = result & truth
        return result


def instances(
    *,
    strata: Mapping[str, Stratum] | None = None,
    assume: Sequence[Any] | Mapping[str, Any] = (),
) -> Callable[[Callable[[Draw], Mapping[str, Any]]], Family]:
    """Make a function of ``draw`` a family of instances.

    Parameters
    ----------
    strata:
        Parts that every run must hit, by name: :func:`fix` or :func:`when`.
    assume:
        The theorem's assumptions, checked on every instance although the family satisfies them by construction: sympy
        relations over returned names, or a dict from a text to a relation or predicate.
    """
    named = assume.items() if isinstance(assume, Mapping) else ((None, a) for a in assume)
    checks = []
    for text, assumption in named:
        if assumption in (True, False):
            raise ClaimError(
                f"An assumption became {assumption} when it was written down, because a symbol's own sympy assumption (such as "
                "positive=True) already settles it. Leave it out, or declare the symbol with less."
            )
        check = assumption if callable(assumption) and not hasattr(assumption, "free_symbols") else Formula(assumption)
        checks.append((text or str(check), check))

    def decorate(function: Callable[[Draw], Mapping[str, Any]]) -> Family:
        return Family(function, dict(strata or {}), tuple(checks))

    return decorate


def call_by_name(function: Callable[..., Any], values: Mapping[str, Any], role: str) -> Any:
    """Call a function with arguments taken by name, as pytest does with fixtures."""
    arguments = _arguments_once if isinstance(function, FunctionType) else _arguments
    wanted = [name for name, optional in arguments(function) if not optional or name in values]
    missing = [name for name in wanted if name not in values]
    if missing:
        raise ClaimError(
            f"{role} ({getattr(function, '__name__', 'function')}) asks for {missing}, which the instance family does not "
            f"provide. It provides {sorted(values)}."
        )
    return function(**{name: values[name] for name in wanted})


def _arguments(function: Callable[..., Any]) -> tuple[tuple[str, bool], ...]:
    """The names that a function takes, and whether it does without."""
    parameters = inspect.signature(function).parameters.values()
    return tuple((p.name, p.default is not p.empty) for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))


# Reading a signature takes as long as a few operations on a batch.
_arguments_once = lru_cache(maxsize=4096)(_arguments)


class Given:
    """A source that delivers a known sample again, in whatever number system its primitives are."""

    def __init__(self, structure: Mapping[str, Any], primitives: Mapping[str, Any], like: Any, batch: int) -> None:
        self.batch = batch
        self._structure, self._primitives, self._like = structure, primitives, like

    def structure(self, name: str, choices: Choices) -> Any:
        """The known value."""
        if name not in self._structure:
            raise ClaimError(f"The witness has no value for {name!r}; it has {sorted([*self._structure, *self._primitives])}.")
        return self._structure[name]

    def primitive(self, name: str, shape: Shape, domain: Domain) -> Any:
        """The known array, checked against the shape that the family asks for."""
        if name not in self._primitives:
            raise ClaimError(f"The witness has no value for {name!r}; it has {sorted([*self._structure, *self._primitives])}.")
        value = self._primitives[name]
        if tuple(value.shape[1:]) != shape:
            raise ClaimError(f"The witness gives {name!r} the shape {tuple(value.shape[1:])}; the family draws {shape}.")
        return value

    def constant(self, values: Any) -> Any:
        """Numbers in the number system of the sample."""
        return array_like(values, self._like)


def exact_mode(values: Mapping[str, Any]) -> bool:
    """Whether any of the values is exact."""
    return any(is_exact(v) for v in values.values())
