"""Lays a derivation graph out in columns, in the units of an SVG drawing; the drawing itself is a template."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from statistics import fmean

from advisor.records.derivation_graph import KINDS, DerivationGraph, Edge, Node

_WIDTHS = {"quote": 210, "fact": 200, "rule": 230, "row": 150, "verdict": 170}
_CHARACTER, _STRONG_CHARACTER = 7.2, 8.1
_LINE = 17
_PADDING = 10
_GAP_BETWEEN_COLUMNS = 56
_GAP_BETWEEN_NODES = 14
_TOP = 34


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text, with its baseline; `strong` for the first line of what a node says."""

    text: str
    y: float
    strong: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place and its text, broken into lines."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    text: tuple[TextLine, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """An edge as the path of a cubic curve; `only`: the reading that it holds in, if not in both."""

    edge: Edge
    path: str
    only: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A heading above boxes of one kind."""

    title: str
    x: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that is drawn, in a space of `width` by `height`."""

    width: float
    height: float
    columns: tuple[Column, ...]
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]


_TITLES = {"quote": "Your words", "fact": "Facts", "rule": "Rules", "row": "Rows", "verdict": "Verdicts"}


def drawing(graph: DerivationGraph) -> Drawing:
    """The layout: columns by kind; each box near the middle of what it is connected with, none over another."""
    texts = {node.id: _wrapped(node) for node in graph.nodes}
    heights: dict[str, float] = {name: len(lines) * _LINE + 2 * _PADDING for name, lines in texts.items()}
    middles = _middles(graph, heights)
    top = min((middles[name] - heights[name] / 2 for name in middles), default=0.0)
    boxes: list[Box] = []
    columns: list[Column] = []
    x = 1.0
    for kind in KINDS:
        nodes = graph.of_kind(kind)
        width = _WIDTHS[kind]
        columns.append(Column(_TITLES[kind], x))
        for node in nodes:
            y = round(middles[node.id] - heights[node.id] / 2 - top + _TOP, 1)
            lines = tuple(
                TextLine(text, y + _PADDING + 13 + number * _LINE, strong)
                for number, (text, strong) in enumerate(texts[node.id])
            )
            boxes.append(Box(node, x, y, width, heights[node.id], lines))
        x += width + _GAP_BETWEEN_COLUMNS
    height = max((box.y + box.height for box in boxes), default=_TOP) + 4
    return Drawing(x - _GAP_BETWEEN_COLUMNS + 1, round(height, 1), tuple(columns), tuple(boxes), _curves(graph, boxes))


def _wrapped(node: Node) -> list[tuple[str, bool]]:
    """The lines of a node as they fit into its column, with whether each belongs to the first thing it says."""
    width = _WIDTHS[node.kind] - 2 * _PADDING
    lines = []
    for number, line in enumerate(node.lines):
        strong = number == 0
        room = int(width / (_STRONG_CHARACTER if strong else _CHARACTER))
        lines += [(part, strong) for part in textwrap.wrap(line, room) or [""]]
    return lines


def _middles(graph: DerivationGraph, heights: dict[str, float]) -> dict[str, float]:
    """The vertical middle of each node: rules are stacked in order, everything else follows what it touches."""
    middles: dict[str, float] = {}
    y = 0.0
    for node in graph.of_kind("rule"):
        middles[node.id] = y + heights[node.id] / 2
        y += heights[node.id] + _GAP_BETWEEN_NODES
    for kind in ("fact", "quote", "row", "verdict"):
        touching: dict[str, list[float]] = {node.id: [] for node in graph.of_kind(kind)}
        for edge in graph.edges:
            for here, there in ((edge.source, edge.target), (edge.target, edge.source)):
                if here in touching and there in middles:
                    touching[here].append(middles[there])
        _place(touching, heights, middles, total=y)
    return middles


def _place(
    touching: dict[str, list[float]], heights: dict[str, float], middles: dict[str, float], total: float
) -> None:
    """Places one column: wished-for middles where there is room, then pushed down and, as a whole, back up."""
    last = total
    wished = {name: fmean(others) if others else last for name, others in touching.items()}
    order = sorted(wished, key=lambda name: round(wished[name]))
    bottom = float("-inf")
    shifts = []
    for name in order:
        middle = max(wished[name], bottom + _GAP_BETWEEN_NODES + heights[name] / 2)
        middles[name] = middle
        bottom = middle + heights[name] / 2
        shifts.append(middle - wished[name])
    back = fmean(shifts) if shifts else 0.0
    for name in order:
        middles[name] -= back


def _curves(graph: DerivationGraph, boxes: list[Box]) -> tuple[Curve, ...]:
    by_id = {box.node.id: box for box in boxes}
    curves = []
    for edge in graph.edges:
        source, target = by_id[edge.source], by_id[edge.target]
        backwards = source.x > target.x
        x1, x2 = (source.x, target.x + target.width) if backwards else (source.x + source.width, target.x)
        y1, y2 = source.y + source.height / 2, target.y + target.height / 2
        bend = (x2 - x1) / 2
        path = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
        curves.append(Curve(edge, path, edge.readings[0] if len(edge.readings) == 1 else None))
    return tuple(curves)
