"""A demo that nobody touched holds: eighteen months of acts, each judged again."""

import pytest

from crm_ledger.verify.run import verify

pytestmark = pytest.mark.slow


def test_the_demo_is_lawful_to_the_last_entry(live_site, filling, settings):
    live_site.manage("demo", as_owner=True)
    settings.EVIDENCE_ROOT = live_site.environment["EVIDENCE_ROOT"]
    with filling(live_site):
        report = verify()
    found = [str(one) for verdict in report.verdicts.values() for one in verdict.violations]
    assert found == [] and report["lawfulness"].checked > 500
