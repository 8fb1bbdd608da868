from governance.models.alert import Alert
from governance.models.broken import Break
from governance.models.capacity import CapacityMonth, Expansion, Reservation
from governance.models.delivery import Attempt, Delivery, Receiver
from governance.models.evidence import Evidence, EvidenceOpening
from governance.models.habit import Habit, Interruption
from governance.models.hold import Hold
from governance.models.milestone import Milestone
from governance.models.notice import Acknowledgement, Notice
from governance.models.sent_mail import SentMail
from governance.models.subscription import Subscription
from governance.models.target import Objective, Target, TargetLink
from governance.models.touchpoint import AccountHealth, Touchpoint, TouchpointKind
from governance.models.turn import Turn
from governance.models.waiting import DemandTotal, Waiting, WaitingTotal
from governance.models.waiver import Waiver

__all__ = [
    "AccountHealth",
    "Acknowledgement",
    "Alert",
    "Attempt",
    "Break",
    "CapacityMonth",
    "Delivery",
    "DemandTotal",
    "Evidence",
    "EvidenceOpening",
    "Expansion",
    "Habit",
    "Hold",
    "Interruption",
    "Milestone",
    "Notice",
    "Objective",
    "Receiver",
    "Reservation",
    "SentMail",
    "Subscription",
    "Target",
    "TargetLink",
    "Touchpoint",
    "TouchpointKind",
    "Turn",
    "Waiting",
    "WaitingTotal",
    "Waiver",
]
