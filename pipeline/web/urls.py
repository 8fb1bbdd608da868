"""Pages of deals. /deals/{ref}/ itself shows milestones and evidence, so it is a page of governance."""

from django.urls import URLPattern, URLResolver, include, path

from ledger.api import converters  # noqa: F401  (registers <number:…>)
from pipeline.web import acts, board, entries, facts, listing, me, opening, palette, policy, policy_draft, policy_moves

urlpatterns: list[URLPattern | URLResolver] = [
    path("board/", board.board, name="board"),
    path("deals/", listing.deals, name="deals"),
    path("deals/new/", opening.new, name="deal-new"),
    path("deals/<str:ref>/facts/", facts.facts, name="deal-facts"),
    path("deals/<str:ref>/advances/", acts.advance, name="deal-advance"),
    *(
        path(f"deals/<str:ref>/{name}/", acts.closing_act, {"act_name": name}, name=f"deal-{name}")
        for name in ("return", "lose", "reopen", "assign")
    ),
    path("policy/", policy.policies_page, name="policies"),
    path("policy/drafts/", policy_draft.draft, name="policy-draft"),
    path("policy/moves/", policy_moves.asking, name="policy-move-ask"),
    path("policy/moves/<int:number>/", policy_moves.move_page, name="policy-move"),
    path("policy/moves/<int:number>/signatures/", policy_moves.sign, name="policy-move-sign"),
    path("policy/moves/<int:number>/withdrawals/", policy_moves.withdraw, name="policy-move-withdraw"),
    path("policy/moves/<int:number>/runs/", policy_moves.carry_out, name="policy-move-run"),
    path("policy/<number:version_number>/", policy.policy_page, name="policy"),
    path("policy/<number:version_number>/signatures/", policy.sign, name="policy-sign"),
    path("ledger/", entries.ledger, name="ledger"),
    path("ledger/<int:number>/", entries.entry, name="ledger-entry"),
    path("palette/", palette.palette, name="palette"),
    path("me/", me.me, name="me"),
    # Pages of their own files: one include each.
    path("", include("pipeline.web.imports")),
    path("", include("pipeline.web.verification")),
]
