"""A move to a newer policy through page, API and command: the same acts, the same words."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from pipeline.commands import policy_moves
from pipeline.queries import policy_moves as kept
from tests import newer_policy, walking
from tests.programs import Program
from tests.walking import view

STAGE = {"stage-solution": newer_policy.STAGE}
SIGNERS = (("cro", "sales"), ("coo", "operations"), ("cfo", "finance"))


def browser(company, name):
    client = Client()
    client.force_login(company.person(name))
    return client


def post(client, address, **said):
    response = client.post(address, {"request_id": repr(said) + address, **said}, follow=True)
    return response.status_code, " ".join(response.content.decode().split())


def test_from_preview_to_order_in_the_browser(company):
    number = walking.solution(company)
    target = newer_policy.publish(company)
    steward = browser(company, "steward")
    page = steward.get("/policy/moves/").content.decode()
    assert 'name="stage-solution"' in page and "choose a stage" in page
    status, told = post(steward, "/policy/moves/", **{"from": 1, "to": target})
    assert status == 422 and "POLICY-MOVE-2" in told
    asked = {"from": 1, "to": target, **STAGE}
    status, told = post(steward, "/policy/moves/", **asked)
    assert status == 200 and "1 deal moves, USD 100,000.00" in told and f"D-{number:06d}" in told
    assert "New inputs: Carrier" in told and "Planned: Site visited" in told and "solution → proposal" in told
    assert not kept.listing(), "a preview keeps nothing"
    status, told = post(steward, "/policy/moves/", act="draft", **asked)
    (drafted,) = kept.listing()
    assert status == 200 and "Waits for signatures" in told
    address = f"/policy/moves/{drafted.move.id}/"
    for short, function in SIGNERS:
        client = browser(company, short)
        assert f"Sign for {function}" in client.get(address).content.decode()
        status, told = post(client, f"{address}signatures/", function=function)
    assert "the move is ordered" in told
    status, told = post(steward, f"{address}runs/")
    assert "1 deal moved." in told and "No open deal is bound to the older version." in told
    assert view(number).policy_version == target
    timeline = browser(company, "rep").get(f"/deals/D-{number:06d}/").content.decode()
    assert f"Moved from policy v1 to v{target}." in timeline
    assert "From v1 to v2" in steward.get("/policy/").content.decode()


def test_only_who_sees_every_unit_is_shown_the_deals_of_a_move(company):
    newer_policy.publish(company)
    assert browser(company, "rep").get("/policy/moves/").status_code == 403
    walking.opened(company)
    move = kept.asked(1, 2, None, newer_policy.STAGES)
    number = policy_moves.draft(1, 2, by=company.by("steward"), stages=newer_policy.STAGES)
    page = browser(company, "rep").get(f"/policy/moves/{number}/").content.decode()
    assert move.source == 1 and "What the signatures stand under" in page and "On the deals of now" not in page


def test_the_same_by_program(company):
    number = walking.solution(company)
    target = newer_policy.publish(company)
    steward = Program(company, "steward")
    asked = {"from": 1, "to": target, "stages": newer_policy.STAGES}
    seen = steward.post("/policies/moves/previews/", asked, status=200).json()
    assert seen["figures"]["deals"] == 1 and seen["figures"]["value"] == {"amount": "100000.00", "currency": "USD"}
    assert seen["deals"][0]["planned"] == ["site-visited"] and seen["deals"][0]["inputs"] == ["carrier"]
    move = steward.post("/policies/moves/", asked, status=201).json()
    address = f"/policies/moves/{move['id']}/"
    assert move["missing"] == ["sales", "operations", "finance"] and move["figures"] == seen["figures"]
    assert steward.post(f"{address}runs/", {}, status=409).json()["type"].endswith("move-unsigned")
    for short, function in SIGNERS:
        signed = Program(company, short).post(f"{address}signatures/", {"function": function}, status=201).json()
    assert signed["missing"] == [] and signed["ordered_at"]
    assert steward.post(f"{address}runs/", {}, status=201).json() == {"moved": 1, "stays": [], "after": None}
    assert view(number).policy_version == target
    assert [one["id"] for one in steward.get("/policies/moves/").json()["results"]] == [move["id"]]


def test_a_move_is_withdrawn_through_page_and_program(company):
    walking.solution(company)
    newer_policy.publish(company)
    addresses = []
    for _move in range(2):
        number = policy_moves.draft(1, 2, by=company.by("steward"), stages=newer_policy.STAGES)
        addresses.append(f"moves/{number}/")
    cro, steward = browser(company, "cro"), browser(company, "steward")
    assert "Withdraw the move" not in cro.get(f"/policy/{addresses[0]}").content.decode(), "the CRO has not signed it"
    status, told = post(steward, f"/policy/{addresses[0]}withdrawals/", reason="It asks too much")
    assert status == 200 and "Withdrawn by" in told and "Withdraw the move" not in told and "Sign for" not in told
    said = {"reason": "It asks too much"}
    assert (
        Program(company, "steward")
        .post(f"/policies/{addresses[1]}withdrawals/", said, status=201)
        .json()["withdrawn_at"]
    )
    assert cro.get("/policy/").content.decode().count("Withdrawn") == 2
    assert Program(company, "cro").send("POST", f"/policies/{addresses[1]}withdrawals/", said).status_code == 403


def test_a_stage_without_a_place_is_named_to_a_program(company):
    said = {"from": 1, "to": newer_policy.publish(company)}
    refused = Program(company, "steward").post("/policies/moves/", said, status=422).json()
    assert [one["pointer"] for one in refused["errors"]] == ["/stages/solution"]


@pytest.mark.parametrize("stages", [["solution"], {"solution": 7}, {str(at): "x" for at in range(41)}])
def test_stages_that_are_no_names_are_refused(company, stages):
    said = {"from": 1, "to": 2, "stages": stages}
    told = Program(company, "steward").post("/policies/moves/", said, status=422).json()
    assert told["errors"][0]["code"] == "POLICY-MOVE-12"


def test_the_same_by_command(company, capsys):
    number = walking.solution(company)
    newer_policy.publish(company)
    with pytest.raises(CommandError, match="POLICY-MOVE-2"):
        call_command("policy", "move", "1", "2")
    said = ("policy", "move", "1", "2", "--stage", "solution=proposal")
    call_command(*said)
    assert "1 deals move, USD 100000.00" in capsys.readouterr().out and not kept.listing()
    emails = [f"{short}@test.example" for short, _function in SIGNERS]
    call_command(*said, "--by", "steward@test.example", "--sign", *emails)
    assert capsys.readouterr().out.splitlines()[-1] == "1 deals moved."
    assert view(number).policy_version == 2
