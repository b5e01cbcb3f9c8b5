"""Pictures of claims as small SVG fragments, coloured by the page's style sheet so that they follow light and dark.

Drawn by hand: four plain shapes need no plotting library, and a page of twenty claims renders at once.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

from lakatos.terminal import number

WIDTH, HEIGHT = 400, 220
ROUNDED = 1e-6
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 14, 40


def figure(picture: dict[str, Any] | None, *, sought: bool = False) -> str | None:
    """The SVG of a record's ``picture``; ``None`` where there is none, or nothing in it that could be drawn.

    With ``sought`` an instance beyond the edge is what the claim says there is, and no violation.
    """
    if not picture:
        return None
    draw: dict[str, Callable[[dict[str, Any]], str | None]] = {
        "profile": lambda found: _profile(found, sought),
        "rate": _rate,
        "limit": _limit,
        "trend": _trend,
        "table": _table,
    }
    shape = draw.get(picture.get("type", ""))
    return shape(picture) if shape else None


def _real(value: Any) -> float | None:
    """A number that a record holds; ``None`` for null and for the three values that cannot be placed on an axis."""
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _svg(height: float, title: str, parts: Iterable[str]) -> str:
    name = escape(title, quote=True)
    return (
        f'<svg class="figure" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{name}">'
        f"<title>{name}</title>{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


class _Axis:
    """Places numbers between two ends of the drawing, linearly or by logarithm."""

    def __init__(self, values: Sequence[float], start: float, end: float, *, log: bool) -> None:
        self.log = log
        low, high = (math.log10(value) if log else value for value in (min(values), max(values)))
        # A flat curve deserves an axis that shows it as flat, not one that magnifies its rounding errors.
        least = 0.3 if log else 0.05 * (abs(high) or 1.0)
        if high - low < least:
            middle = (low + high) / 2
            low, high = middle - least / 2, middle + least / 2
        pad = 0.06 * (high - low)
        self.low, self.high = low - pad, high + pad
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        # Far beyond the ends a power of ten underflows to zero, which has no logarithm.
        place = (math.log10(value) if value > 0 else self.low) if self.log else value
        place = min(max(place, self.low), self.high)
        return self.start + (place - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Some three to seven round numbers within the axis."""
        if not self.log:
            raw = (self.high - self.low) / 4
            step = 10.0 ** math.floor(math.log10(raw))
            step *= next(m for m in (1, 2, 5, 10) if m * step >= raw)
            first = math.ceil(self.low / step)
            # Counted in whole steps: repeated addition would print 0.30000000000000004.
            return [round(i * step, 12) for i in range(first, math.floor(self.high / step) + 1)]
        low, high = math.ceil(self.low), math.floor(self.high)
        if high - low >= 1:
            stride = max(1, math.ceil((high - low + 1) / 6))
            return [10.0**power for power in range(low, high + 1, stride)]
        inner = [m * 10.0**p for p in range(math.floor(self.low), math.ceil(self.high) + 1) for m in (1, 2, 3, 5, 7)]
        inside = [tick for tick in inner if self.low <= math.log10(tick) <= self.high]
        return inside if len(inside) > 1 else [10**self.low, 10**self.high]


def _short(value: float) -> str:
    if value != 0 and (abs(value) >= 1e5 or abs(value) < 1e-3):
        mantissa, _, power = f"{value:.2g}".partition("e")
        if power:
            digits = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
            return f"10{digits}" if mantissa == "1" else f"{mantissa}·10{digits}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _frame(x: _Axis, y: _Axis, marks: Sequence[float], over: str) -> list[str]:
    """Grid, tick labels and axis names."""
    bottom = HEIGHT - _BOTTOM
    parts = []
    for tick in y.ticks():
        parts += [_line(_LEFT, y(tick), WIDTH - _RIGHT, y(tick), "grid")]
        parts += [_text(_LEFT - 6, y(tick) + 4, _short(tick), "tick", "end")]
    parts.append(_line(_LEFT, bottom, WIDTH - _RIGHT, bottom, "axis"))
    last = -math.inf
    # Whole numbers are the grid that the claim names; others, such as 31.6, are read more easily off round ones.
    if not all(float(mark).is_integer() for mark in marks):
        marks = x.ticks()
    for tick in marks:
        place, words = x(tick), _short(tick)
        parts.append(_line(place, bottom, place, bottom + 4, "axis"))
        half = 3.6 * len(words)
        if place - half > last + 4 and place + half <= WIDTH:
            parts.append(_text(place, bottom + 16, words, "tick", "middle"))
            last = place + half
    parts.append(_text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 6, over, "name", "middle"))
    return parts


def _path(points: Sequence[tuple[float, float]], kind: str) -> str:
    return f'<polyline class="{kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'


def _points(picture: dict[str, Any], name: str, *, log_x: bool, log_y: bool) -> list[tuple[int, float, float]]:
    """Index, x and y of the points that can be drawn: a logarithmic axis has no place for zero."""
    found = []
    for i, (x, y) in enumerate(zip(picture.get("x") or [], picture.get(name) or [], strict=False)):
        a, b = _real(x), _real(y)
        if a is not None and b is not None and (a > 0 or not log_x) and (b > 0 or not log_y):
            found.append((i, a, b))
    return found


def _interval(picture: dict[str, Any], i: int, *, log_y: bool) -> tuple[float, float] | None:
    ends = []
    for name in ("low", "high"):
        values = picture.get(name) or []
        end = _real(values[i]) if i < len(values) else None
        if end is None or (log_y and end <= 0):
            return None
        ends.append(end)
    return ends[0], ends[1]


def _with_intervals(
    picture: dict[str, Any], points: list[tuple[int, float, float]], x: _Axis, y: _Axis, *, joined: bool
) -> list[str]:
    parts = [_path([(x(a), y(b)) for _, a, b in points], "line")] if joined else []
    for i, a, b in points:
        ends = _interval(picture, i, log_y=y.log)
        if ends is not None:
            parts.append(_line(x(a), y(ends[0]), x(a), y(ends[1]), "whisker"))
            parts += [_line(x(a) - 3, y(end), x(a) + 3, y(end), "whisker") for end in ends]
        parts.append(f'<circle class="dot" cx="{x(a):.1f}" cy="{y(b):.1f}" r="3"/>')
    return parts


def _y_values(picture: dict[str, Any], points: list[tuple[int, float, float]], *, log: bool) -> list[float]:
    values = [b for _, _, b in points]
    for i, _, _ in points:
        values += _interval(picture, i, log_y=log) or ()
    return values


def _exponent(value: float) -> str:
    # Adding zero turns the -0.0 that rounding leaves into 0.0.
    return f"{round(value, 3) + 0.0:.3f}".replace("-", "−")


def _interval_words(picture: dict[str, Any]) -> str:
    low, high = _real(picture.get("slope_low")), _real(picture.get("slope_high"))
    return "" if low is None or high is None else f", interval {_exponent(low)} to {_exponent(high)}"


def _rate(picture: dict[str, Any]) -> str | None:
    points = _points(picture, "y", log_x=True, log_y=True)
    if len(points) < 2:
        return None
    over = str(picture.get("over", "x"))
    x = _Axis([a for _, a, _ in points], _LEFT, WIDTH - _RIGHT, log=True)
    # The line above the drawing is for the exponent.
    y = _Axis(_y_values(picture, points, log=True), HEIGHT - _BOTTOM, _TOP + 10, log=True)
    parts = _frame(x, y, [a for _, a, _ in points], over)
    slope = _real(picture.get("slope"))
    title = f"ratio over {over}, both logarithmic"
    middle_x = sum(math.log10(a) for _, a, _ in points) / len(points)
    middle_y = sum(math.log10(b) for _, _, b in points) / len(points)
    ends = (points[0][1], points[-1][1])

    def fitted(at: float, exponent: float) -> float:
        return 10.0 ** (middle_y + exponent * (math.log10(at) - middle_x))

    if slope is not None:
        low, high = _real(picture.get("slope_low")), _real(picture.get("slope_high"))
        if low is not None and high is not None:
            corners = ((low, ends[0]), (low, ends[1]), (high, ends[1]), (high, ends[0]))
            fan = [(x(at), y(fitted(at, exponent))) for exponent, at in corners]
            parts.append(f'<polygon class="band" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in fan)}"/>')
        parts.append(_path([(x(at), y(fitted(at, slope))) for at in ends], "fit"))
        words = f"exponent {_exponent(slope)}{_interval_words(picture)}"
        title += f"; {words}"
        parts.append(_text(WIDTH - _RIGHT, 11, words, "note", "end"))
    claimed = _real(picture.get("claimed"))
    if claimed is not None:
        parts.append(_path([(x(at), y(fitted(at, claimed))) for at in ends], "edge"))
        title += f"; claimed exponent {claimed:g} (dashed)"
    parts += _with_intervals(picture, points, x, y, joined=slope is None)
    parts += _local_exponents(points, x)
    return _svg(HEIGHT, title, parts)


def _local_exponents(points: list[tuple[int, float, float]], x: _Axis) -> list[str]:
    """The exponent between each point and the next, above the axis; left out where they would run into each other."""
    parts, room = [], (WIDTH - _RIGHT - _LEFT) / max(1, len(points) - 1)
    if room < 40:
        return []
    for (_, a, b), (_, c, d) in itertools.pairwise(points):
        if c > a:
            words = _exponent((math.log10(d) - math.log10(b)) / (math.log10(c) - math.log10(a)))
            parts.append(_text((x(a) + x(c)) / 2, HEIGHT - _BOTTOM - 5, words[:-1], "tick", "middle"))
    return parts


def _table(picture: dict[str, Any]) -> str | None:
    """Each cell's interval as a bar of one width, and where the printed number lies on that scale."""
    cells = []
    for cell in picture.get("cells") or []:
        low, high, printed = _real(cell.get("low")), _real(cell.get("high")), _first_number(cell.get("printed"))
        if low is not None and high is not None and printed is not None:
            half = (high - low) / 2
            off = (
                (printed - (low + high) / 2) / half
                if half > 0
                else (0.0 if printed == low else math.copysign(math.inf, printed - low))
            )
            cells.append((str(cell.get("name", "")), off, str(cell.get("printed")), number(cell.get("measured"))))
    if not cells:
        return None
    row, reach = 31, 3.0

    def place(off: float) -> float:
        return WIDTH / 2 + min(max(off, -reach), reach) / reach * (WIDTH / 2 - 6)

    parts = []
    for i, (name, off, text, measured) in enumerate(cells):
        top, kind = i * row, "dot" if abs(off) <= 1 else "dot over"
        parts.append(_text(2, top + 13, name, "label"))
        parts.append(_text(WIDTH - 2, top + 13, f"printed {text}, measured {measured}", "tick", "end"))
        parts.append(f'<rect class="rail" x="2" y="{top + 18}" width="{WIDTH - 4}" height="7" rx="2"/>')
        parts.append(
            f'<rect class="band" x="{place(-1):.1f}" y="{top + 18}" width="{place(1) - place(-1):.1f}" height="7" rx="2"/>'
        )
        parts.append(f'<circle class="{kind}" cx="{place(off):.1f}" cy="{top + 21.5}" r="4"/>')
    outside = sum(abs(off) > 1 for _, off, _, _ in cells)
    parts.append(_text(WIDTH / 2, row * len(cells) + 13, "bar: measured interval; dot: printed number", "tick", "middle"))
    return _svg(row * len(cells) + 20, f"printed numbers against measured intervals: {outside} of {len(cells)} outside", parts)


def _first_number(text: Any) -> float | None:
    """The number that a printed cell starts with, as "0.83 ± 0.02" does."""
    found = re.search(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", str(text).replace("\N{MINUS SIGN}", "-"))
    return float(found.group()) if found else None


def _limit(picture: dict[str, Any]) -> str | None:
    curves = {name: _points(picture, name, log_x=True, log_y=True) for name in ("best", "median", "worst")}
    curves = {name: points for name, points in curves.items() if len(points) > 1}
    if not curves:
        return None
    everything = [point for points in curves.values() for point in points]
    marks = sorted({a for _, a, _ in everything})
    x = _Axis(marks, _LEFT, WIDTH - _RIGHT - 42, log=True)
    y = _Axis([b for _, _, b in everything], HEIGHT - _BOTTOM, _TOP, log=True)
    parts = _frame(x, y, marks, "step")
    used: list[float] = []
    for name in ("worst", "median", "best"):
        if name not in curves:
            continue
        points = [(x(a), y(b)) for _, a, b in curves[name]]
        parts.append(_path(points, f"line {name}"))
        place = points[-1][1] + 4
        # Labels of curves that end together are moved apart rather than printed over each other.
        while any(abs(place - other) < 12 for other in used):
            place += 12 if place < HEIGHT / 2 else -12
        used.append(place)
        parts.append(_text(points[-1][0] + 5, place, name, "tick"))
    if picture.get("tolerance") is not None:
        tolerance = _real(picture["tolerance"])
        if tolerance is not None and tolerance > 0 and 10**y.low <= tolerance <= 10**y.high:
            parts.append(_line(_LEFT, y(tolerance), WIDTH - _RIGHT, y(tolerance), "edge"))
    worst = curves.get("worst") or everything
    title = f"distance to the limit, both axes logarithmic: from {worst[0][2]:.3g} to {worst[-1][2]:.3g}"
    return _svg(HEIGHT, title, parts)


def _trend(picture: dict[str, Any]) -> str | None:
    raw = [a for _, a, _ in _points(picture, "y", log_x=False, log_y=False)]
    if len(raw) < 2:
        return None
    log_x = min(raw) > 0 and max(raw) / min(raw) >= 8
    points = _points(picture, "y", log_x=log_x, log_y=False)
    over = str(picture.get("over", "x"))
    x = _Axis([a for _, a, _ in points], _LEFT, WIDTH - _RIGHT, log=log_x)
    y = _Axis(_y_values(picture, points, log=False), HEIGHT - _BOTTOM, _TOP, log=False)
    parts = _frame(x, y, [a for _, a, _ in points], over)
    parts += _with_intervals(picture, points, x, y, joined=True)
    title = f"measured over {over}: from {points[0][2]:.3g} to {points[-1][2]:.3g}"
    if picture.get("direction"):
        title += f"; claimed {picture['direction']}"
    return _svg(HEIGHT, title, parts)


def _profile(picture: dict[str, Any], sought: bool) -> str | None:
    bars = [bar for bar in picture.get("bars") or [] if isinstance(bar, dict)]
    drawable = [value for bar in bars if (value := _real(bar.get("worst"))) is not None]
    # One bar says no more than the number beside it.
    if len(bars) < 2 or not drawable:
        return None
    unit = str(picture.get("unit", "worst ratio"))
    edge = 1.0 if unit == "worst ratio" else None
    positive = [value for value in drawable if value > 0]
    widest = max([*drawable, edge or 0.0]) or 1.0
    smallest = min(positive, default=widest)
    # Ratios near the edge are compared linearly; errors and violations that span decades only show by logarithm.
    log = bool(positive) and widest / (edge or smallest) > 20
    left, right, row = 2.0, WIDTH - 2.0, 31
    floor = math.log10(min(smallest, edge or smallest)) - 0.5 if log else 0.0
    ceiling = (math.log10(widest) + 0.1 if log else widest * 1.06) or 1.0

    def place(value: float) -> float:
        at = (math.log10(value) if value > 0 else floor) if log else max(value, 0.0)
        return left + (right - left) * min(max((at - floor) / (ceiling - floor), 0.0), 1.0)

    height = row * len(bars) + 20
    parts = []
    for i, bar in enumerate(bars):
        top = i * row
        value = _real(bar.get("worst"))
        # Once a refutation is certain, a search only counts what is not much worse.
        absent = "not compared" if bar.get("seen") else "not hit"
        words = number(bar.get("worst")) if bar.get("worst") is not None else absent
        parts.append(_text(left, top + 13, str(bar.get("name", "")), "label"))
        parts.append(_text(right, top + 13, words, "value", "end"))
        parts.append(f'<rect class="rail" x="{left:g}" y="{top + 18}" width="{right - left:g}" height="7" rx="2"/>')
        unbounded = bar.get("worst") == "inf"
        if value is not None or unbounded:
            # A stratum's worst ratio is as computed: one that rounding puts on the other side of the edge breaks nothing.
            over = not sought and (unbounded or (edge is not None and value is not None and value > edge * (1 + ROUNDED)))
            width = right - left if value is None else place(value) - left
            shape = f'x="{left:g}" y="{top + 18}" width="{width:.1f}" height="7" rx="2"'
            parts.append(f'<rect class="bar{" over" if over else ""}" {shape}/>')
    if edge is not None:
        bottom = row * len(bars)
        # A stroke per bar: one line through all rows would cross out the numbers above the bars.
        parts += [_line(place(edge), i * row + 16, place(edge), i * row + 27, "edge") for i in range(len(bars))]
        scale = ", logarithmic scale" if log else ""
        anchor = "end" if place(edge) > WIDTH / 2 else "start"
        meaning = "beyond it is a witness" if sought else "the claim breaks"
        parts.append(_text(place(edge), bottom + 13, f"ratio 1: {meaning}{scale}", "tick", anchor))
    return _svg(height if edge is not None else row * len(bars), f"{unit} per stratum", parts)
