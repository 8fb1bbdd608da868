from governance.models.evidence import Evidence, EvidenceOpening
from governance.models.milestone import Milestone
from governance.models.notice import Notice

__all__ = ["Evidence", "EvidenceOpening", "Milestone", "Notice"]
