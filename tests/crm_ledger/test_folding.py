"""Folding changes how long a page takes and nothing of what it says."""

from datetime import date

import pytest
from django.template import Context, engines
from django.template.loaders import cached
from django.test import RequestFactory
from django.utils.safestring import SafeString

from crm_ledger import folding

ENGINE = engines["django"].engine
ICON = '{% include "components/icon.html" with name=name small=small %}'


@pytest.fixture
def both():
    """The same source compiled by Django and by us, both on the components of the product."""

    def render(source, *contexts):
        plain, folded = (ENGINE.from_string(source) for _ in range(2))
        folding._fold(folded.nodelist)
        for said in contexts:
            texts = [template.render(Context(said)) for template in (plain, folded, folded)]
            assert texts[0] == texts[1] == texts[2]
        return folded, texts[0]

    return render


@pytest.mark.parametrize(
    "source",
    [
        '{% load i18n static %}<a href="{% static \'crm_ledger/app.css\' %}">{% trans "A & B, 5 %% of <all>" %}</a>',
        '{% load i18n %}{% trans "Home" as label %}<b>{{ label }}</b>{{ label }}',
        '{% load i18n %}{% if yes %}{% trans "Yes" %}{% elif no %}<i>{% trans "No" %}</i>{% else %}-{% endif %}',
        '{% load i18n %}{% for one in many %}{% trans "One" %} {{ one }}{% empty %}{% trans "None" %}{% endfor %}',
        '{% load i18n %}{% autoescape off %}{% trans "A & B" %}{{ text }}{% endautoescape %}{% trans "A & B" %}',
        '{% comment %}{% trans "gone" %}{% endcomment %}{% include "components/mark.html" %}',
        '{% load i18n %}{% trans text %}{% trans "x"|upper %}',
        '<a href="{% url "booked" %}">{{ text }}</a>{% url "booked" as there %}{{ there }}{{ many.0 }}',
        "{% if many.0 == 1 and not no %}{{ text|upper }}{% else %}{{ call }}{{ none }}{{ float }}{{ day }}{% endif %}",
        "{% with inner=deep.text more=deep.more %}{{ inner }}{{ more }}{{ deep.no }}{% endwith %}",
        '{% include "components/money.html" with text=text url="/x/" figure="" %}',
    ],
)
def test_a_folded_template_says_the_same(both, source):
    both(
        source,
        {"yes": True, "many": [1, 2], "text": "<x>", "deep": {"text": "a & b", "more": SafeString("<i>")}},
        {"no": True, "text": "", "deep": {"text": lambda: "<called>"}, "call": dict, "float": 1234.5},
        {"many": ["a"], "call": lambda: "<called>", "none": None, "float": 0.1, "day": date(2026, 11, 27)},
    )


def test_an_icon_of_a_variable_follows_it(both):
    _, last = both(ICON, {"name": "check"}, {"name": "x", "small": True}, {"name": "x", "small": False})
    assert "#x" in last and "icon-small" not in last


def test_a_chip_escapes_what_is_no_markup(both):
    chip = '{% include "components/state_chip.html" with state=state word=word more=more %}'
    _, last = both(
        chip,
        {"state": "met"},
        {"state": "met", "word": SafeString("<b>")},
        {"state": "met", "word": "<b>"},
        {"state": "blocked", "more": 1},
        {"state": "blocked", "more": True},
        {"state": "met", "word": "", "more": "<i>"},
    )
    assert "<i>" not in last


def test_a_component_ignores_what_its_include_does_not_name(both):
    template, _ = both('{% include "components/icon.html" with name="check" %}', {})
    assert "icon-small" not in template.render(Context({"small": True}))


@pytest.mark.parametrize("path", ["/", "/board/", "/board/7/", "/boards/", "/deals/D-1/", "/x"])
def test_a_link_of_the_navigation_knows_where_it_is(both, path):
    source = (
        '{% load i18n %}{% trans "Home" as label %}{% include "components/nav_link.html" with href="/" cut=":1" %}'
        '{% trans "Board" as label %}{% include "components/nav_link.html" with href="/board/" cut=":7" go="b" %}'
        '{% include "components/nav_link.html" with href="/deals/" cut=":7" label="Deals" icon="briefcase" %}'
    )
    both(source, {"request": RequestFactory().get(path)})


@pytest.mark.parametrize(
    "path", ["/", "/board/", "/board/7/", "/boards/", "/api/v1/docs/", "/api/v1/docs/x", "/api/", "/x"]
)
def test_the_whole_navigation_knows_where_it_is(both, path):
    source = (
        '{% include "components/navigation.html" %}{% include "components/navigation_phone.html" %}'
        '{% include "components/palette.html" %}'
    )
    asked = [RequestFactory().get(one) for one in ("/", "/board/9/", path)]
    template, _ = both(source, *({"request": one, "reads_record": reads} for one in asked for reads in (True, False)))
    assert 'href="/ledger/"' in template.render(Context({"request": asked[0], "reads_record": True}))
    assert 'href="/ledger/"' not in template.render(Context({"request": asked[0]}))


def test_one_tag_does_not_fill_the_memory(both, monkeypatch):
    monkeypatch.setattr(folding, "_MOST", 3)
    template, _ = both(ICON, *({"name": f"icon-{at}"} for at in range(9)))
    component = next(node for node in template.nodelist if isinstance(node, folding.Component))
    assert len(component.known) == 3


def test_the_product_folds_its_templates_once():
    template = ENGINE.get_template("base.html")
    assert template.folded and template is ENGINE.get_template("base.html")
    assert any(isinstance(node, folding.Constant) for node in template.nodelist)
    assert isinstance(ENGINE.template_loaders[0].loaders[0], cached.Loader)


def test_what_is_constant_becomes_one_piece():
    source = '{% load i18n %}<p>{% trans "a" %}</p>{% comment %}-{% endcomment %}<b>{% trans "b" %}</b>{{ c }}<hr>'
    loader = folding.Loader(ENGINE, [("django.template.loaders.locmem.Loader", {"one": source})])
    kinds = [type(node).__name__ for node in loader.get_template("one").nodelist]
    assert kinds == ["Constant", "Said", "TextNode"]
