from django.urls import URLPattern, URLResolver, path

from governance.web import (
    approving,
    attesting,
    deal,
    developer,
    evidence,
    milestone,
    notifications,
    queue,
    sent_mail,
    waivers,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("queue/", queue.queue, name="queue"),
    path("deals/<str:ref>/", deal.deal, name="deal"),
    path("deals/<str:ref>/attestations/", attesting.attest, name="deal-attest"),
    path("deals/<str:ref>/approvals/<str:key>/", approving.approve, name="deal-approve"),
    path("deals/<str:ref>/waivers/", waivers.of_deal, name="deal-waivers"),
    path("deals/<str:ref>/waivers/<str:key>/decisions/", waivers.decide, name="deal-waiver-decide"),
    path("deals/<str:ref>/milestones/<str:key>/", milestone.milestone, name="milestone"),
    path("milestones/<int:number>/evidence/", milestone.add, name="milestone-evidence"),
    path("milestones/<int:number>/submissions/", milestone.submit, name="milestone-submit"),
    path("milestones/<int:number>/verifications/", milestone.verify, name="milestone-verify"),
    path("milestones/<int:number>/revocations/", milestone.revoke, name="milestone-revoke"),
    path("evidence/<int:number>/", evidence.evidence, name="evidence"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/habits/", notifications.keep, name="habits"),
    path("notifications/deliveries/<int:delivery>/", notifications.proof, name="delivery"),
    path("developer/", developer.developer, name="developer"),
    path("developer/acts/", developer.act_on, name="developer-act"),
    path("mail/", sent_mail.sent_mail, name="sent-mail"),
]
