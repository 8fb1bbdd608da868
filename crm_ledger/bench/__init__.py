"""Whole operations against the limit of the machine: see docs/bench.md."""
