"""Templates in which what always says the same is said once: a translated word, a static address, an icon, a chip.

Django looks each of them up again in every render, which is most of the time of a page that has many. The loader puts
nodes that remember in their place when it compiles a template; what a page shows stays the same to the byte. What is
remembered depends on the language and on the values that the tag names, on nothing else of the context.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.template import Context, Origin, Template
from django.template.base import FilterExpression, Node, NodeList, TextNode
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.loader_tags import IncludeNode
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from crm_ledger import quick_nodes

_MOST = 500  # renderings that one tag remembers: words and icons are few, and texts of people may not fill the memory
_PLAIN = (str, bool, int, type(None))
Values = dict[str, Any]


def _where(context: Context, said: Values) -> Values:
    """A link of the navigation looks at the path, which matters only as far as it leads to that link or below it."""
    path, href = _path(context), said["href"]
    below = f"{href}below" if path != href and path.startswith(href) else "elsewhere"
    return {"label": said.get("label", context.get("label")), "request": {"path": href if path == href else below}}


def _path(context: Context) -> str:
    """Of the request, or of what stands for it inside another component."""
    request = context["request"]
    return request["path"] if type(request) is dict else request.path


def _section(context: Context, said: Values) -> Values:
    """The whole navigation looks at the path, as far as the section that it is in, and at who may read the record."""
    path = _path(context)
    section = f"/{path.split('/')[1]}/"
    if path.startswith(section):
        path = section if path == section else f"{section}below"
    elif path != "/":
        path = "/elsewhere"
    return {"request": {"path": path}, "reads_record": bool(context.get("reads_record"))}


# Components that depend on what their include names, and on what these functions say of the rest of the context.
PURE: Mapping[str, Callable[[Context, Values], Values] | None] = {
    "components/icon.html": None,
    "components/mark.html": None,
    "components/state_chip.html": None,
    "components/nav_link.html": _where,
    "components/navigation.html": _section,
    "components/navigation_phone.html": _section,
    "components/palette.html": None,
}


class Loader(cached.Loader):
    """Compiles as Django does and then folds, once a template."""

    def __init__(self, engine: Any, loaders: Any) -> None:
        super().__init__(engine, loaders)
        self._folding = threading.Lock()

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template = super().get_template(template_name, skip)
        if not hasattr(template, "folded"):
            with self._folding:
                if not hasattr(template, "folded"):
                    _fold(template.nodelist)
                    template.folded = True  # type: ignore[attr-defined]
        return template


class Constant(Node):
    """Text and tags without variables: one text for each language."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.token, self.origin = nodes[0].token, nodes[0].origin
        self.known: dict[tuple[str | None, bool], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        key = (get_language(), context.autoescape)
        if key not in self.known:
            bare = Context({}, autoescape=context.autoescape)
            self.known[key] = SafeString("".join(node.render(bare) for node in self.nodes))
        return self.known[key]


class Named(Node):
    """The same where the tag gives its text a name instead of showing it."""

    def __init__(self, node: Node, name: str) -> None:
        self.node, self.name = node, name
        self.token, self.origin = node.token, node.origin
        self.known: dict[tuple[str | None, bool], Any] = {}

    def render(self, context: Context) -> SafeString:
        key = (get_language(), context.autoescape)
        if key not in self.known:
            bare = Context({}, autoescape=context.autoescape)
            self.node.render(bare)
            self.known[key] = bare[self.name]
        context[self.name] = self.known[key]
        return SafeString()


class Component(Node):
    """An include of a pure component: one text for each language and each set of plain values."""

    def __init__(self, node: IncludeNode, name: str) -> None:
        self.name, self.more = name, PURE[name]
        self.token, self.origin = node.token, node.origin
        self.values = tuple(node.extra_context.items())
        self.known: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        said = {name: _plain(value.resolve(context)) for name, value in self.values}
        if self.more:
            said |= self.more(context, said)
        values = [value["path"] if type(value) is dict else value for value in said.values()]
        if not all(isinstance(value, _PLAIN) for value in values):
            return self._say(context, said)
        key = (get_language(), *values, *map(type, values))
        found = self.known.get(key)
        if found is None:
            found = self._say(context, said)
            if len(self.known) < _MOST:
                self.known[key] = found
        return found

    def _say(self, context: Context, said: Values) -> SafeString:
        return context.template.engine.get_template(self.name).render(Context(said))  # type: ignore[union-attr]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Promise) else value


def _fold(nodes: NodeList) -> None:
    found: list[Node] = []
    run: list[Node] = []

    def close() -> None:
        if run:
            found.append(run[0] if len(run) == 1 and isinstance(run[0], TextNode) else Constant([*run]))
            run.clear()

    for node in nodes:
        if isinstance(node, (CommentNode, LoadNode)):
            continue  # they say nothing
        if _is_constant_node(node):
            run.append(node)
            continue
        close()
        found.append(_folded(node))
    close()
    nodes[:] = found


def _is_constant_node(node: Node) -> bool:
    if isinstance(node, StaticNode):
        return node.varname is None and _is_constant(node.path)
    if isinstance(node, URLNode):
        return node.asvar is None and not node.args and not node.kwargs and _is_constant(node.view_name)
    if isinstance(node, TranslateNode):
        return node.asvar is None and not node.message_context and _is_constant(node.filter_expression)
    return type(node) is TextNode


def _folded(node: Node) -> Node:
    if isinstance(node, TranslateNode) and node.asvar and not node.message_context:
        return Named(node, node.asvar) if _is_constant(node.filter_expression) else node
    if isinstance(node, IncludeNode) and not node.isolated_context and _name_of(node) in PURE:
        quick_nodes.quick(node, None)
        return Component(node, _name_of(node))
    name = _name_of(node) if isinstance(node, IncludeNode) else None
    found = quick_nodes.quick(
        node, name if isinstance(name, str) and not name.startswith(".") and "#" not in name else None
    )
    for inner in _inside(found):
        _fold(inner)
    return found


def _inside(node: Node) -> Iterable[NodeList]:
    if isinstance(node, IfNode):
        yield from (inner for _condition, inner in node.conditions_nodelists)
        return
    for name in node.child_nodelists:
        inner = getattr(node, name, None)
        if isinstance(inner, NodeList):
            yield inner


def _name_of(node: IncludeNode) -> Any:
    return node.template.var if _is_constant(node.template) else None


def _is_constant(expression: FilterExpression) -> bool:
    if expression.filters:
        return False
    var = expression.var
    return isinstance(var, str) or var.literal is not None
