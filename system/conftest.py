"""A mail server, and a database of customers to remind that each test has a copy of."""

import pytest
from harness import POPULATE, Database
from sink import Sink


@pytest.fixture(scope="module")
def sink():
    """The mail server."""
    sink = Sink()
    yield sink
    sink.stop()


@pytest.fixture(scope="module")
def installed():
    """A database with the add-on."""
    database = Database()
    yield database
    database.drop()


@pytest.fixture(scope="module")
def populated(request, installed, sink):
    """The same with the module's NUMBER of customers and as many runs prepared as its RUNS; the tests copy it."""
    runs = getattr(request.module, "RUNS", 1)
    installed.run(POPULATE, NUMBER=request.module.NUMBER, RUNS=runs, PORT=sink.port)
    return installed.name


@pytest.fixture
def database(populated, sink):
    """A copy of it; the mail server has forgotten what it got."""
    sink.recipients.clear()
    sink.message_ids.clear()
    sink.delay = 0
    database = Database(populated)
    yield database
    sink.let_go()
    database.drop()
