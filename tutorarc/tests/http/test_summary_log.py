import logging

import pytest

from tutorarc.http.summary_log import SummaryLog


@pytest.fixture
def lines(caplog):
    return lambda: [(record.levelname, record.getMessage(), record.context["times"]) for record in caplog.records]


def test_a_repeated_message_is_one_line_a_second_with_its_count(lines, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("tutorarc.http.summary_log.time.monotonic", lambda: now[0])
    summary = SummaryLog(logging.getLogger("tutorarc.trial"), logging.ERROR)
    for moment in (100.0, 100.1, 100.9, 101.0, 105.0):
        now[0] = moment
        summary.note("%s failed.", f"Call at {moment}")
    assert lines() == [
        ("ERROR", "Call at 100.0 failed.", 1),
        ("ERROR", "Call at 101.0 failed.", 3),
        ("ERROR", "Call at 105.0 failed.", 1),
    ]
