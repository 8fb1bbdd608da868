"""What Prometheus is told of messages that leave."""

from prometheus_client import Counter

ATTEMPTS = Counter("crm_ledger_delivery_attempts_total", "Attempts to deliver a message.", ["channel", "result"])
