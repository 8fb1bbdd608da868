"""The tamper matrix of LEDGER.md, section 10: each attack on a scratch copy, as superuser where that is needed."""
