from pipeline.models.account import Account, Contact
from pipeline.models.deal import Deal
from pipeline.models.deal_state import DealState
from pipeline.models.fx_rate import FxRate
from pipeline.models.import_batch import ImportBatch
from pipeline.models.input_time import InputTime
from pipeline.models.organisation import BusinessFunction, Holiday, Organisation, Unit
from pipeline.models.person import Person
from pipeline.models.policy_version import GateRequirement, PolicyStage, PolicyVersion
from pipeline.models.product import Product
from pipeline.models.seat import Seat
from pipeline.models.stage_total import StageTotal
from pipeline.models.stay import Stay
from pipeline.models.token import ApiToken

__all__ = [
    "Account",
    "ApiToken",
    "BusinessFunction",
    "Contact",
    "Deal",
    "DealState",
    "FxRate",
    "GateRequirement",
    "Holiday",
    "ImportBatch",
    "InputTime",
    "Organisation",
    "Person",
    "PolicyStage",
    "PolicyVersion",
    "Product",
    "Seat",
    "StageTotal",
    "Stay",
    "Unit",
]
