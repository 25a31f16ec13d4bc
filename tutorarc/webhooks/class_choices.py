"""Classes to choose from on the page for a new webhook. The app of classes registers them, because it is above."""

from collections.abc import Callable

from tutorarc.models import User

MAX_CHOICES = 100  # of each app
Choices = list[tuple[str, str]]  # id and title
_sources: list[Callable[[User], Choices]] = []


def offers_classes(source: Callable[[User], Choices]) -> Callable[[User], Choices]:
    """Decorator of a function that lists classes whose events the user may get."""
    _sources.append(source)
    return source


def classes_to_choose(user: User) -> Choices:
    return [choice for source in _sources for choice in source(user)]
