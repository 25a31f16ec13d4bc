import pytest

from tutorarc.postgres.base import _resumed


def test_a_statement_waited_for_anew_is_told_that_nothing_is_ready_until_something_is():
    def statement():
        return [(yield "writing"), (yield "writing"), (yield "reading")]

    running = statement()
    next(running)  # the wait that lost its patience
    resumed = _resumed(running)
    assert [next(resumed), next(resumed)] == ["writing", "reading"]
    with pytest.raises(StopIteration) as done:
        resumed.send(1)
    assert done.value.value == [0, 0, 1]
