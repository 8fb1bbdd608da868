"""The demo people that the start names and logs in as. Their seats are given by the `demo` command."""

PASSWORD = "demo-ledger"  # public, and only where the demo is on
_EAST_AND_WEST = ["rep.east", "rep.west", "manager.east", "ops.east", "ops.west", "ops2.east"]
_COMPANY = ["finance", "finance2", "cro", "coo", "cfo", "ceo", "steward", "auditor", "admin"]
PEOPLE = [f"{name}@demo.example" for name in (*_EAST_AND_WEST, *_COMPANY)]
