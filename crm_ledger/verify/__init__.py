"""The three verdicts on the record: integrity, completeness, lawfulness (LEDGER.md, section 6)."""
