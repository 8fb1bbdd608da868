"""The fields that an import knows, file by file, and the words that its cells may use."""

from __future__ import annotations

DEALS = (
    "opportunity_id",
    "sales_agent",
    "product",
    "account",
    "deal_stage",
    "engage_date",
    "close_date",
    "close_value",
)
ACCOUNTS = ("account",)
ACCOUNTS_MORE = ("sector", "office_location", "subsidiary_of")
PRODUCTS = ("product",)
PRODUCTS_MORE = ("series", "sales_price")
TEAMS = ("sales_agent", "manager", "regional_office")
EVERY = frozenset(DEALS + ACCOUNTS + ACCOUNTS_MORE + PRODUCTS + PRODUCTS_MORE + TEAMS)

WON, LOST = "Won", "Lost"
OPEN = ("Prospecting", "Engaging")
STAGES = (WON, LOST, *OPEN)

# Words that a sector is compared with. A sector that is not near one of them is simply a sector of its own.
SECTORS = (
    "agriculture", "automotive", "banking", "chemicals", "construction", "consulting", "education", "employment",
    "energy", "engineering", "entertainment", "finance", "food", "government", "healthcare", "hospitality", "insurance",
    "legal", "logistics", "manufacturing", "marketing", "media", "medical", "mining", "pharmaceuticals", "real estate",
    "retail", "services", "software", "technology", "telecommunications", "transport", "travel", "utilities",
)  # fmt: skip
