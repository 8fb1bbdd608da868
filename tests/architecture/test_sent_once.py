"""Whoever writes may be asked twice: every door that writes knows the same request again, and every form names its own.

Seen to fail: with @writes taken from one method, and with the request id taken from one form.
"""

import re
from pathlib import Path

from tests.architecture import walker

ROOT = Path(__file__).resolve().parents[2]
# Doors that answer a question by POST and keep nothing.
QUESTIONS = {
    "POST /api/v1/exports/", "POST /api/v1/policies/backtests/", "POST /api/v1/policies/lints/",
    "POST /api/v1/policies/moves/previews/", "POST /api/v1/verifications/",
}  # fmt: skip
# Pages that write nothing of the record when they are asked twice.
HARMLESS = {
    "page /evidence/<int:number>/",  # notes an opening, once by a constraint
    "page /imports/<int:number>/",  # reads files that an import keeps for a day
    "page /imports/<int:number>/faults.csv",
    "page /forecast/people/<int:person>/",  # each look at somebody's forecasts is one, however often it is taken
}
# Forms of the demo, of log-in, of the theme and of a question: no act of the product.
FORMS = {
    "components/person_menu.html", "components/theme_switch.html", "reporting/verify.html", "welcome/page.html",
    "account/login.html", "account/logout.html", "account/password_change.html", "account/password_reset.html",
    "account/password_reset_from_key.html", "account/password_set.html", "account/reauthenticate.html",
}  # fmt: skip


def reached():
    return {door: walker.reached(name) for door, name in walker.addresses()}


def test_every_call_that_writes_knows_a_repeated_request():
    unsafe = {door: found for door, found in reached().items() if door.split()[0] in ("POST", "PATCH", "PUT", "DELETE")}
    assert len(unsafe) > 25
    assert {door for door, found in unsafe.items() if "idempotency.once" not in found} == QUESTIONS
    assert {door for door in QUESTIONS if unsafe[door]} == set()


def test_every_page_that_writes_knows_a_repeated_form():
    pages = {door: found for door, found in reached().items() if door.startswith("page ")}
    writing = {door for door, found in pages.items() if found - {"idempotency.once"}}
    assert len(writing) > 15
    assert {door for door in writing if "idempotency.once" not in pages[door]} == HARMLESS


def test_every_form_names_its_request():
    silent = set()
    for file in sorted((ROOT / "templates").rglob("*.html")):
        for form in re.findall(r'<form[^>]*method="post".*?</form>', file.read_text(), re.DOTALL):
            if "request_id" not in form:
                silent.add(str(file.relative_to(ROOT / "templates")))
    assert silent == FORMS
