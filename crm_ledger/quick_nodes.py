"""Nodes of Django's templates that take the short way for what is usual: plain values, in dictionaries, by fixed names.

Whatever is not usual goes the way of Django, from its beginning; so a page stays the same to the byte.
"""

from __future__ import annotations

import re
from typing import Any

from django.template import Context, Template
from django.template.base import FilterExpression, Node, TextNode, Variable, VariableNode
from django.template.defaulttags import ForNode, IfNode, WithNode
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext, BlockNode, ExtendsNode, IncludeNode
from django.utils.html import escape
from django.utils.safestring import SafeString

_MARKUP = re.compile("[&<>\"']").search
_PLAIN = frozenset((str, SafeString, int, bool, dict, list, tuple, type(None)))


class Quick(Variable):
    """A variable whose way leads through dictionaries to a value that nobody needs to call."""

    def resolve(self, context: Any) -> Any:
        current = context
        try:
            for bit in self.lookups:  # type: ignore[union-attr]
                if type(current) is not dict and current is not context:
                    return super().resolve(context)
                current = current[bit]
                if type(current) not in _PLAIN and callable(current):
                    return super().resolve(context)
        except KeyError:
            return super().resolve(context)
        return current


class Said(VariableNode):
    """A value as it is said: most are text, and most texts have nothing to escape."""

    def render(self, context: Context) -> str:
        try:
            output = self.filter_expression.resolve(context)
        except UnicodeDecodeError:
            return ""
        kind = type(output)
        if kind is SafeString:
            return str(output)
        if kind is str:
            return escape(output) if context.autoescape and _MARKUP(output) else output
        return super().render(context)


class Included(Node):
    """An include of a template by its fixed name, found once."""

    def __init__(self, node: IncludeNode, name: str) -> None:
        self.name, self.values = name, node.extra_context
        self.token, self.origin = node.token, node.origin
        self.template: Template | None = None

    def render(self, context: Context) -> SafeString:
        if self.template is None:
            self.template = context.template.engine.get_template(self.name)  # type: ignore[union-attr]
        values = {name: value.resolve(context) for name, value in self.values.items()}
        with context.push(**values):
            return self.template.render(context)


class Extending(ExtendsNode):
    """Looks for the blocks of its parent once, not in each page."""

    parent: tuple[Template, dict[str, BlockNode]] | None = None

    def render(self, context: Context) -> SafeString:
        parent = self.get_parent(context)
        blocks: Any = context.render_context.setdefault(BLOCK_CONTEXT_KEY, BlockContext())  # type: ignore[arg-type]
        blocks.add_blocks(self.blocks)
        if self.parent is None or self.parent[0] is not parent:
            self.parent = parent, _blocks(parent)
        blocks.add_blocks(self.parent[1])
        with context.render_context.push_state(parent, isolated_context=False):
            said: SafeString = parent._render(context)  # type: ignore[attr-defined]
        return said


def _blocks(template: Template) -> dict[str, BlockNode]:
    """Of a template that extends no other; one that does adds its own when it renders."""
    first = next((node for node in template.nodelist if not isinstance(node, TextNode)), None)
    if first is None or isinstance(first, ExtendsNode):
        return {}
    found: list[Any] = template.nodelist.get_nodes_by_type(BlockNode)
    return {node.name: node for node in found}


def quick(node: Node, included: str | None) -> Node:
    """The node, or a quicker one in its place. `included` is the fixed name of what it includes, if any."""
    if type(node) is VariableNode:
        _quicken(node.filter_expression)
        said = Said(node.filter_expression)
        said.token, said.origin = node.token, node.origin
        return said
    if isinstance(node, IfNode):
        for condition, _inner in node.conditions_nodelists:
            _quicken_condition(condition)
    elif isinstance(node, ForNode):
        _quicken(node.sequence)
    elif isinstance(node, (WithNode, IncludeNode)):
        for value in node.extra_context.values():
            _quicken(value)
    if type(node) is IncludeNode and included and not node.isolated_context:
        return Included(node, included)
    if type(node) is ExtendsNode:
        extending = Extending(node.nodelist, node.parent_name, node.template_dirs)
        extending.token, extending.origin = node.token, node.origin
        return extending
    return node


def _quicken_condition(condition: Any) -> None:
    for name in ("first", "second"):
        if (inner := getattr(condition, name, None)) is not None:
            _quicken_condition(inner)
    _quicken(getattr(condition, "value", None))


def _quicken(expression: Any) -> None:
    if not isinstance(expression, FilterExpression) or type(expression.var) is not Variable:
        return
    if expression.var.lookups is not None and not expression.var.translate:
        expression.var = Quick(expression.var.var)
