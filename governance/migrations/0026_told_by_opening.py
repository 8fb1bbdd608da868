"""What is opened again is told again, on every rung."""

from django.db import migrations, models

# As in sql/past.sql.
PAST = """
CREATE OR REPLACE VIEW ledger_past.governance_notice AS
    SELECT id, person_id, subject, rung, interrupts, entry_id, deal_id, sentence, link, at,
        CASE WHEN read_at <= ledger_past.ledger_now() THEN read_at END AS read_at,
        CASE WHEN planned_at <= ledger_past.ledger_now() THEN planned_at END AS planned_at, opening
    FROM public.governance_notice WHERE at <= ledger_past.ledger_now();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0025_waiting_for_answers")]
    operations = [
        migrations.AddField("acknowledgement", "openings", models.PositiveIntegerField(db_default=0)),
        migrations.AddField("notice", "opening", models.PositiveIntegerField(db_default=0)),
        migrations.RemoveConstraint("notice", "a_person_is_told_once_a_rung"),
        migrations.AddConstraint(
            "notice",
            models.UniqueConstraint(
                fields=("subject", "rung", "opening", "person"), name="a_person_is_told_once_a_rung_of_an_opening"
            ),
        ),
        migrations.RunSQL(PAST, migrations.RunSQL.noop),
    ]
