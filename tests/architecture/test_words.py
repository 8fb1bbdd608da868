"""One word for one thing on every screen: what DESIGN.md calls a unit is called so, and never a region."""

import ast
import re

from tests.architecture.walker import APPS
from tests.databases import ROOT

REGION = re.compile(r"\bregions?\b", re.IGNORECASE)
MARKUP = re.compile(r"""\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|role="region"|\{[{%].*?[%}]\}""", re.DOTALL)
MARKED = re.compile(r"""\{%\s*trans\s+("[^"]*"|'[^']*')""")
SAID = ("_", "gettext", "gettext_lazy", "ngettext")


def of_template(text):
    """What a page says: marked words, and everything between its tags."""
    return " ".join([*MARKED.findall(text), MARKUP.sub(" ", text)])


def of_module(text):
    """The strings that are marked for translation."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAID:
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_a_unit_is_called_a_unit():
    screens = {str(path): of_template(path.read_text()) for path in (ROOT / "templates").rglob("*.html")}
    modules = {str(path): " ".join(of_module(path.read_text())) for app in APPS for path in (ROOT / app).rglob("*.py")}
    assert len(screens) > 100 and any("unit" in said for said in modules.values())
    assert [name for name, said in (screens | modules).items() if REGION.search(said)] == []


def test_the_other_word_is_found():
    assert REGION.search(of_template('<h2>{% trans "By region" %}</h2>')) and REGION.search(
        of_template("<p>A region</p>")
    )
    assert not REGION.search(of_template('{% comment %}region{% endcomment %}<div role="region">{{ region }}</div>'))
    assert list(of_module('_("Every region"); print("region")')) == ["Every region"]
