"""A formula as printed: one sympy expression from which text, LaTeX and every evaluation come."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property, reduce
from typing import Any

import numpy as np
import sympy
from sympy.core.relational import Relational
from sympy.matrices.expressions.matexpr import MatrixExpr

from exactarray import Exact, array_like, eye, inv, is_exact, maximum, minimum, namespace
from exactarray.number import constant
from lakatos.errors import ClaimError

_FUNCTIONS = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.Abs: "abs",
}

LARGEST_INT = 2**62

_RELATIONS: dict[type, Callable[[Any, Any], Any]] = {
    sympy.Le: lambda a, b: a <= b,
    sympy.Lt: lambda a, b: a < b,
    sympy.Ge: lambda a, b: a >= b,
    sympy.Gt: lambda a, b: a > b,
    sympy.Eq: lambda a, b: a == b,
    sympy.Ne: lambda a, b: a != b,
}


class Formula:
    r"""A scalar or matrix expression, or a relation, over named quantities.

    Parameters
    ----------
    expression:
        What sympy can sympify. Symbols are looked up by name when the formula is evaluated.
    names:
        LaTeX for symbols whose printed form differs from their name, such as ``{"G_w": r"\mathbb{E}\|g(w)\|"}``.

    Raises
    ------
    ClaimError
        when the expression holds something that cannot be evaluated.
    """

    def __init__(self, expression: Any, names: Mapping[str, str] | None = None) -> None:
        self.expression = sympy.sympify(expression)
        self.names = dict(names or {})
        self._evaluators = _compile(self.expression)

    @cached_property
    def symbols(self) -> frozenset[str]:
        """Names of the quantities that the formula uses."""
        return frozenset(str(s) for s in self.expression.free_symbols)

    @property
    def latex(self) -> str:
        """The formula in LaTeX."""
        named = {s: self.names[str(s)] for s in self.expression.free_symbols if str(s) in self.names}
        try:
            return sympy.latex(self.expression, symbol_names=named)
        except ValueError:  # its printer evaluates parts at zero, where a quotient inside Min or Max is nan
            return rf"\texttt{{{self.expression}}}"

    def __str__(self) -> str:
        return str(self.expression)

    def evaluate(self, values: Mapping[str, Any], exact: bool | None = None) -> Any:
        """The formula's value on a batch.

        Parameters
        ----------
        values:
            Python numbers and arrays by symbol name: scalars ``(batch,)`` or ``(batch, ...)``, matrices ``(batch, n, m)``.
        exact:
            Whether to compute in exact numbers; by default, whether any of the values is exact. A formula of Python numbers
            alone cannot tell by itself.

        Returns
        -------
        array ``(batch, ...)``, or a Python number when no array entered.
        """
        used = {name: values[name] for name in self.symbols}
        return self._evaluators(_Context(used, exact))

    def holds(self, values: Mapping[str, Any], slack: float, exact: bool | None = None) -> Any:
        """Truth of a relation on every instance ``(batch, ...)``; ``slack`` is a relative allowance for float rounding."""
        return _truth(self.expression, _Context({n: values[n] for n in self.symbols}, exact), slack)


class _Context:
    """The values of one evaluation, aligned so that broadcasting never pairs a batch axis with another axis."""

    def __init__(self, values: Mapping[str, Any], exact: bool | None = None) -> None:
        arrays = [v for v in values.values() if hasattr(v, "ndim")]
        self.exact = any(is_exact(a) for a in arrays) if exact is None else exact
        self.like = arrays[0] if arrays else None
        self.values = dict(values)

    def symbol(self, name: str) -> Any:
        value = self.values[name]
        if self.exact and not hasattr(value, "ndim"):
            return Exact(value)
        return value

    def number(self, p: int, q: int) -> Any:
        if self.exact:
            return Exact(p) / q
        # A tensor takes no Python int beyond 64 bits.
        if q == 1 and abs(p) < LARGEST_INT:
            return p
        try:
            return p / q
        except OverflowError:
            return math.inf if p > 0 else -math.inf


def align(*arrays: Any) -> list[Any]:
    """Give arrays ``(batch, ...)`` of different depth equal depth by appending axes of length one."""
    depth = max((a.ndim for a in arrays if hasattr(a, "ndim")), default=0)
    return [a.reshape(tuple(a.shape) + (1,) * (depth - a.ndim)) if hasattr(a, "ndim") else a for a in arrays]


def _combine(operation: Callable[[Any, Any], Any], terms: list[Any]) -> Any:
    return reduce(lambda a, b: operation(*align(a, b)), terms)


def _elementwise(name: str) -> Callable[[Any], Any]:
    def apply(x: Any) -> Any:
        if isinstance(x, Exact):
            return abs(x) if name == "abs" else getattr(x, name)()
        if hasattr(x, "ndim"):
            return abs(x) if name == "abs" else getattr(namespace(x), name)(x)
        if name == "abs":
            return abs(x)
        with np.errstate(all="ignore"):  # infinite or NaN as on tensors, instead of an exception without a name
            return float(getattr(np, name)(float(x)))

    return apply


def _root(x: Any) -> Any:
    if isinstance(x, Exact):
        return x.sqrt()
    if hasattr(x, "ndim"):
        return namespace(x).sqrt(x)
    return math.sqrt(x) if x >= 0 else math.nan


def _scalar_times_matrix(scalar: Any, matrix: Any) -> Any:
    return scalar.reshape((*scalar.shape, 1, 1)) * matrix if hasattr(scalar, "ndim") else scalar * matrix


def _compile(node: Any) -> Callable[[_Context], Any]:
    """The evaluator of a sympy node."""
    if isinstance(node, (Relational, sympy.And, sympy.Or, sympy.Not)):
        return lambda c: _truth(node, c, 0.0)
    if isinstance(node, MatrixExpr):
        return _compile_matrix(node)
    if isinstance(node, sympy.Symbol):
        name = str(node)
        return lambda c: c.symbol(name)
    if isinstance(node, sympy.Rational):
        p, q = int(node.p), int(node.q)
        return lambda c: c.number(p, q)
    if isinstance(node, sympy.Float):
        value = float(node)
        return lambda c: Exact(value) if c.exact else value
    if node in (sympy.pi, sympy.E, sympy.EulerGamma):
        symbol, approximate = str(node), float(node)
        return lambda c: constant(symbol) if c.exact else approximate
    if isinstance(node, sympy.Trace):
        matrix = _compile(node.arg)
        return lambda c: _trace(matrix(c))
    parts = [_compile(argument) for argument in node.args] if not isinstance(node, sympy.Piecewise) else []
    if isinstance(node, sympy.Add):
        return lambda c: _combine(lambda a, b: a + b, [p(c) for p in parts])
    if isinstance(node, sympy.Mul):
        return lambda c: _combine(lambda a, b: a * b, [p(c) for p in parts])
    if isinstance(node, sympy.Min):
        return lambda c: _combine(_smaller, [p(c) for p in parts])
    if isinstance(node, sympy.Max):
        return lambda c: _combine(_larger, [p(c) for p in parts])
    if isinstance(node, sympy.Pow):
        return _compile_power(node, parts)
    if type(node) in _FUNCTIONS:
        function = _elementwise(_FUNCTIONS[type(node)])
        return lambda c: function(parts[0](c))
    if isinstance(node, sympy.Piecewise):
        return _compile_piecewise(node)
    raise ClaimError(
        f"The formula contains {node} ({type(node).__name__}), which has no evaluation on instances. Compute it in the "
        "instance family and give it a symbol of its own."
    )


def _reciprocal(x: Any) -> Any:
    return math.inf if isinstance(x, (int, float)) and x == 0 else 1 / x


def _compile_power(node: sympy.Pow, parts: list[Callable[[_Context], Any]]) -> Callable[[_Context], Any]:
    base, exponent = parts
    if node.exp.is_Integer:
        power = int(node.exp)
        return lambda c: _reciprocal(base(c) ** -power) if power < 0 else base(c) ** power
    if node.exp == sympy.Rational(1, 2):
        return lambda c: _root(base(c))
    if node.exp == sympy.Rational(-1, 2):
        return lambda c: _reciprocal(_root(base(c)))
    return lambda c: _combine(lambda a, b: a**b, [base(c), exponent(c)])


def _compile_piecewise(node: sympy.Piecewise) -> Callable[[_Context], Any]:
    branches = [(_compile(value), condition) for value, condition in node.args]

    def exactly(c: _Context) -> Any:
        # A branch that is not taken may divide by zero, which exact numbers refuse; so it is not computed.
        for place, (value, condition) in enumerate(branches):
            truth = _truth(condition, c, 0.0)
            if np.all(truth):
                return value(c)
            if np.any(truth):
                rest = _compile(sympy.Piecewise(*node.args[place + 1 :]))(c)
                truth, chosen, rest = align(truth, value(c), rest)
                return np.where(truth, chosen, rest)
        raise ValueError(f"no branch of {node} applies")

    def evaluate(c: _Context) -> Any:
        if c.exact:
            return exactly(c)
        result: Any = math.nan
        for value, condition in reversed(branches):
            chosen = value(c)
            if condition == sympy.true:
                result = chosen
                continue
            truth = _truth(condition, c, 0.0)
            if hasattr(truth, "ndim"):
                truth, chosen, result = align(truth, _tensor(chosen, c.like), _tensor(result, c.like))
                result = namespace(truth).where(truth, chosen, result)
            else:
                result = chosen if truth else result
        return result

    return evaluate


def _tensor(x: Any, like: Any) -> Any:
    return x if hasattr(x, "ndim") else array_like(x, like)


def _compile_matrix(node: Any) -> Callable[[_Context], Any]:
    from sympy.matrices.expressions import Identity, Inverse, MatAdd, MatMul, MatPow, MatrixSymbol, Transpose, ZeroMatrix

    if isinstance(node, MatrixSymbol):
        return lambda c: c.values[str(node.name)]
    if isinstance(node, (Identity, ZeroMatrix)):
        size = _compile(node.shape[0])
        scale = 1 if isinstance(node, Identity) else 0
        return lambda c: scale * eye(_whole(size(c)), c.like)
    parts = [_compile(argument) for argument in node.args]
    if isinstance(node, Inverse) or (isinstance(node, MatPow) and node.exp == -1):
        return lambda c: inv(parts[0](c))
    if isinstance(node, MatPow) and node.exp.is_Integer and node.exp > 0:
        return lambda c: reduce(lambda a, b: a @ b, [parts[0](c)] * int(node.exp))
    if isinstance(node, Transpose):
        return lambda c: parts[0](c).mT
    if isinstance(node, MatAdd):
        return lambda c: reduce(lambda a, b: a + b, [p(c) for p in parts])
    if isinstance(node, MatMul):
        split = [(isinstance(a, MatrixExpr), p) for a, p in zip(node.args, parts, strict=True)]
        scalars = [p for is_matrix, p in split if not is_matrix]
        matrices = [p for is_matrix, p in split if is_matrix]

        def multiply(c: _Context) -> Any:
            product = reduce(lambda a, b: a @ b, [p(c) for p in matrices])
            return reduce(lambda m, p: _scalar_times_matrix(p(c), m), scalars, product)

        return multiply
    raise ClaimError(f"The formula contains the matrix expression {node} ({type(node).__name__}), which has no evaluation.")


def _whole(size: Any) -> int:
    return int(size.fraction()) if isinstance(size, Exact) else int(size)


def _trace(matrix: Any) -> Any:
    return sum(matrix[..., i, i] for i in range(matrix.shape[-1]))


def _smaller(a: Any, b: Any) -> Any:
    if hasattr(a, "ndim") or hasattr(b, "ndim"):
        return minimum(a, b)
    return Exact(a).minimum(b) if isinstance(a, Exact) or isinstance(b, Exact) else min(a, b)


def _larger(a: Any, b: Any) -> Any:
    if hasattr(a, "ndim") or hasattr(b, "ndim"):
        return maximum(a, b)
    return Exact(a).maximum(b) if isinstance(a, Exact) or isinstance(b, Exact) else max(a, b)


def _truth(node: Any, c: _Context, slack: float) -> Any:
    if node in (sympy.true, sympy.false):
        return bool(node)
    if isinstance(node, sympy.Not):
        truth = _truth(node.args[0], c, -slack)
        return not truth if isinstance(truth, bool) else ~truth
    if isinstance(node, (sympy.And, sympy.Or)):
        parts = [_truth(argument, c, slack) for argument in node.args]
        return _combine((lambda a, b: a & b) if isinstance(node, sympy.And) else (lambda a, b: a | b), parts)
    if isinstance(node, Relational):
        left, right = align(_compile(node.lhs)(c), _compile(node.rhs)(c))
        return compare(type(node), left, right, slack)
    raise ClaimError(f"The assumption {node} is not a relation between formulas.")


def compare(relation: type, left: Any, right: Any, slack: float) -> Any:
    """Truth of ``left relation right``; with ``slack`` relations that allow equality forgive a relative rounding error."""
    if not slack or relation in (sympy.Lt, sympy.Gt, sympy.Ne):
        return _RELATIONS[relation](left, right)
    allowance = slack * (abs(left) + abs(right))
    if relation is sympy.Le:
        return left <= right + allowance
    if relation is sympy.Ge:
        return left + allowance >= right
    return abs(left - right) <= allowance
