"""On a database of its own: the first seal is made in another cluster."""

from ledger.commands import seal
from ledger.queries import lag
from tests.ledger.sealing.writing import entry, insert


def test_a_record_that_moved_to_another_cluster_is_not_sealed_and_that_is_told(committed_db, seal_all, monkeypatch):
    with committed_db.app() as app:
        insert(app, entry("import/before the move"))
        app.commit()
    assert lag.sealing_sentence(lag.lag()) == "ok"
    monkeypatch.setattr(seal, "this_cluster", lambda using="": "another")
    seal_all()
    assert lag.lag().sealing_is_late
    assert lag.sealing_sentence(lag.lag()) == "the record moved to another database cluster [SEAL-1]"
