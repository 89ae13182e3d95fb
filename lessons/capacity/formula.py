"""A formula is one text: it is what is computed, what is shown in words, and what its unit follows from."""

import ast
from collections.abc import Mapping

from lessons.capacity.units import Unit

_SIGNS: Mapping[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 1),
    ast.Sub: ("−", 1),
    ast.Mult: ("×", 2),
    ast.Div: ("÷", 2),
}
"""As written, and how tightly it binds."""
_NAME = 3


class Formula:
    """Names joined by + - * /, by `min(a, b)`, or chosen by a switch: `a if switch else b`. Nothing else."""

    def __init__(self, text: str) -> None:
        """Raises ValueError for anything else; it names the text."""
        self.text = text
        try:
            self._root = ast.parse(text, mode="eval").body
        except SyntaxError as error:
            raise ValueError(f"{text!r} is no formula: {error.msg}.") from error
        self.names = tuple(dict.fromkeys(_names(self._root, text)))
        """In the order in which they stand there."""

    def value(self, values: Mapping[str, float]) -> float:
        """What comes out for these values; a switch is on where its value is not 0."""
        return _value(self._root, values)

    def unit(self, units: Mapping[str, Unit]) -> Unit:
        """The unit of what comes out.

        Raises:
            ValueError: two things are added, compared or chosen between that have not the same unit.
        """
        return _unit(self._root, units)

    def written(self, words: Mapping[str, str]) -> str:
        """With these words for its names: labels, or numbers."""
        return _written(self._root, words)[0]


def _names(node: ast.expr, text: str) -> list[str]:
    match node:
        case ast.Name(id=name):
            return [name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
            return [*_names(left, text), *_names(right, text)]
        case ast.IfExp(test=ast.Name(id=switch), body=body, orelse=orelse):
            return [*_names(body, text), switch, *_names(orelse, text)]
        case ast.Call(func=ast.Name(id="min"), args=[left, right], keywords=[]):
            return [*_names(left, text), *_names(right, text)]
    raise ValueError(f"{text!r} is no formula: {ast.unparse(node)!r} may not stand in one.")


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _value(left, values), _value(right, values)
            match op:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case _:
                    return a / b
        case ast.IfExp(test=ast.Name(id=switch), body=body, orelse=orelse):
            return _value(body if values[switch] else orelse, values)
        case ast.Call(args=[left, right]):
            return min(_value(left, values), _value(right, values))
        case ast.Name(id=name):
            return values[name]
    raise AssertionError(ast.dump(node))


def _unit(node: ast.expr, units: Mapping[str, Unit]) -> Unit:
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _unit(left, units) * _unit(right, units)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _unit(left, units) / _unit(right, units)
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right) | ast.Call(args=[left, right]):
            one, other = _unit(left, units), _unit(right, units)
            if one != other:
                raise ValueError(f"{ast.unparse(node)!r} joins {one} and {other}.")
            return one
        case ast.Name(id=name):
            return units[name]
    raise AssertionError(ast.dump(node))


def _written(node: ast.expr, words: Mapping[str, str]) -> tuple[str, int]:
    """The words, and how tightly they hold together."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            sign, binds = _SIGNS[type(op)]
            above = sign in "−÷"  # a - (b + c)
            return f"{_held(left, words, binds)} {sign} {_held(right, words, binds + above)}", binds
        case ast.IfExp(test=ast.Name(id=switch), body=body, orelse=orelse):
            return f"{_held(body, words, 1)} if {words[switch]}, else {_held(orelse, words, 1)}", 0
        case ast.Call(args=[left, right]):
            return f"the smaller of {_held(left, words, _NAME)} and {_held(right, words, _NAME)}", _NAME
        case ast.Name(id=name):
            return words[name], _NAME
    raise AssertionError(ast.dump(node))


def _held(node: ast.expr, words: Mapping[str, str], binds: int) -> str:
    written, holds = _written(node, words)
    return written if holds >= binds else f"({written})"
