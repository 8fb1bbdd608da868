"""Companies under other policies."""

import pytest

from tests import handshake_policy


@pytest.fixture
def shaking(company):
    handshake_policy.publish(company)
    return company
