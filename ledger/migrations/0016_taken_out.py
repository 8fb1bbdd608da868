"""Finds the deals that something was taken out of: few, and the only ones that a count has to look at one by one."""

from django.db import migrations

INDEX = """
CREATE INDEX ledger_posting_taken_out ON ledger_posting (deal_id)
    WHERE book = 'bookings' AND place = 'booked' AND amount < 0
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0015_kinds_of_capacity")]
    operations = [migrations.RunSQL(INDEX, "DROP INDEX ledger_posting_taken_out")]
