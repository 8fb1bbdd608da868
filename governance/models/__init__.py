from governance.models.alert import Alert
from governance.models.delivery import Attempt, Delivery, Receiver
from governance.models.evidence import Evidence, EvidenceOpening
from governance.models.habit import Habit, Interruption
from governance.models.milestone import Milestone
from governance.models.notice import Acknowledgement, Notice
from governance.models.sent_mail import SentMail
from governance.models.subscription import Subscription
from governance.models.waiver import Waiver

__all__ = [
    "Acknowledgement",
    "Alert",
    "Attempt",
    "Delivery",
    "Evidence",
    "EvidenceOpening",
    "Habit",
    "Interruption",
    "Milestone",
    "Notice",
    "Receiver",
    "SentMail",
    "Subscription",
    "Waiver",
]
