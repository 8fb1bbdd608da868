from django.urls import URLPattern, URLResolver, path

from governance.api import webhooks
from governance.api.acts import Replans, Revocations, Starts, Submissions, Verifications, Warnings
from governance.api.alerts import Acknowledgements, Alerts, AlertVerifications, Commitments, Explanations, OneAlert
from governance.api.approvals import Approvals
from governance.api.attestations import Attestations
from governance.api.capacity import Capacity, Expansions, ExpansionVerifications, ExpansionWithdrawals, Reservations
from governance.api.erasures import Confirmations, Erasures
from governance.api.evidence import MilestoneEvidence, OneEvidence
from governance.api.handshakes import Handshakes
from governance.api.heartbeat import Heartbeat
from governance.api.holds import AccountHoldReleases, AccountHolds, HoldReleases, Holds
from governance.api.milestones import Milestone, Milestones
from governance.api.touchpoints import AccountHealth, Touchpoints, TouchpointSettlements
from governance.api.turns import Answers, HandOvers, ManyHandOvers, Questions, Undos
from governance.api.waivers import WaiverDecisions, Waivers
from ledger.api import converters  # noqa: F401  (registers <number:…>)

urlpatterns: list[URLPattern | URLResolver] = [
    path("erasures/", Erasures.as_view(), name="api-erasures"),
    path("erasures/<str:name>/confirmations/", Confirmations.as_view(), name="api-erasure-confirmations"),
    path("milestones/", Milestones.as_view(), name="api-milestones"),
    path("milestones/handovers/", ManyHandOvers.as_view(), name="api-hand-overs-of-many"),
    path("milestones/<number:number>/questions/", Questions.as_view(), name="api-questions"),
    path("milestones/<number:number>/answers/", Answers.as_view(), name="api-answers"),
    path("milestones/<number:number>/handovers/", HandOvers.as_view(), name="api-hand-overs"),
    path("milestones/<number:number>/undos/", Undos.as_view(), name="api-undos"),
    path("milestones/<number:number>/", Milestone.as_view(), name="api-milestone"),
    path("milestones/<number:number>/starts/", Starts.as_view(), name="api-starts"),
    path("milestones/<number:number>/evidence/", MilestoneEvidence.as_view(), name="api-milestone-evidence"),
    path("milestones/<number:number>/submissions/", Submissions.as_view(), name="api-submissions"),
    path("milestones/<number:number>/verifications/", Verifications.as_view(), name="api-verifications"),
    path("milestones/<number:number>/replans/", Replans.as_view(), name="api-replans"),
    path("milestones/<number:number>/revocations/", Revocations.as_view(), name="api-revocations"),
    path("milestones/<number:number>/handshakes/", Handshakes.as_view(), name="api-handshakes"),
    path("milestones/<number:number>/warnings/", Warnings.as_view(), name="api-warnings"),
    path("heartbeat/", Heartbeat.as_view(), name="api-heartbeat"),
    path("alerts/", Alerts.as_view(), name="api-alerts"),
    path("alerts/<number:number>/", OneAlert.as_view(), name="api-alert"),
    path("alerts/<number:number>/acknowledgements/", Acknowledgements.as_view(), name="api-acknowledgements"),
    path("alerts/<number:number>/explanations/", Explanations.as_view(), name="api-explanations"),
    path("alerts/<number:number>/commitments/", Commitments.as_view(), name="api-commitments"),
    path("alerts/<number:number>/verifications/", AlertVerifications.as_view(), name="api-alert-verifications"),
    path("evidence/<number:number>/", OneEvidence.as_view(), name="api-evidence"),
    path("capacity/", Capacity.as_view(), name="api-capacity"),
    path("capacity/expansions/", Expansions.as_view(), name="api-expansions"),
    path(
        "capacity/expansions/<number:number>/verifications/",
        ExpansionVerifications.as_view(),
        name="api-expansion-verifications",
    ),
    path(
        "capacity/expansions/<number:number>/withdrawals/",
        ExpansionWithdrawals.as_view(),
        name="api-expansion-withdrawals",
    ),
    path("deals/<str:ref>/reservations/", Reservations.as_view(), name="api-reservations"),
    path("deals/<str:ref>/approvals/", Approvals.as_view(), name="api-approvals"),
    path("deals/<str:ref>/holds/", Holds.as_view(), name="api-holds"),
    path("deals/<str:ref>/holds/<number:hold>/releases/", HoldReleases.as_view(), name="api-hold-releases"),
    path("accounts/<number:number>/health/", AccountHealth.as_view(), name="api-account-health"),
    path("accounts/<number:number>/touchpoints/", Touchpoints.as_view(), name="api-touchpoints"),
    path(
        "accounts/<number:number>/touchpoints/<number:touchpoint>/settlements/",
        TouchpointSettlements.as_view(),
        name="api-touchpoint-settlements",
    ),
    path("accounts/<number:number>/holds/", AccountHolds.as_view(), name="api-account-holds"),
    path(
        "accounts/<number:number>/holds/<number:hold>/releases/",
        AccountHoldReleases.as_view(),
        name="api-account-hold-releases",
    ),
    path("deals/<str:ref>/waivers/", Waivers.as_view(), name="api-waivers"),
    path("deals/<str:ref>/waivers/<str:key>/decisions/", WaiverDecisions.as_view(), name="api-waiver-decisions"),
    path("deals/<str:ref>/attestations/", Attestations.as_view(), name="api-attestations"),
    path("webhooks/", webhooks.Webhooks.as_view(), name="api-webhooks"),
    path("webhooks/<number:number>/", webhooks.Webhook.as_view(), name="api-webhook"),
    path("webhooks/<number:number>/tests/", webhooks.Tests.as_view(), name="api-webhook-tests"),
    path("webhooks/<number:number>/rotations/", webhooks.Rotations.as_view(), name="api-webhook-rotations"),
    path("webhooks/<number:number>/resumptions/", webhooks.Resumptions.as_view(), name="api-webhook-resumptions"),
    path("webhooks/<number:number>/replays/", webhooks.Replays.as_view(), name="api-webhook-replays"),
    path("webhooks/<number:number>/deliveries/", webhooks.Deliveries.as_view(), name="api-webhook-deliveries"),
    path("deliveries/<number:number>/redeliveries/", webhooks.Redeliveries.as_view(), name="api-redeliveries"),
]
