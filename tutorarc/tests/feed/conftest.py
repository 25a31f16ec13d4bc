from collections.abc import Callable

import pytest

from tutorarc.models import Event
from tutorarc.tests.feed.events import forget_events, write_event


@pytest.fixture
def no_events() -> Callable[[], None]:
    """`no_events()` forgets the events of what the test has made so far."""
    return forget_events


@pytest.fixture
def add_event() -> Callable[..., Event]:
    """`add_event("class.updated", klass=algebra)`: an event as a verb writes it."""
    return write_event
