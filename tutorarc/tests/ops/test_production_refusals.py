"""Commands for developers refuse to run in production."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from classes.models import Class

DEMO = ("load_demo", "--classes", "1", "--members", "1", "--pending", "1")
RULE = "so it runs only where TUTORARC_DEBUG or TUTORARC_INSECURE_HTTP is true."


@pytest.fixture(autouse=True)
def production(settings: Any) -> None:
    settings.DEBUG, settings.INSECURE_HTTP = False, False


@pytest.mark.parametrize(
    ("words", "reason", "remedy"),
    [
        (
            ("quickstart", "--no-serve"),
            "makes people whose password everyone knows",
            "Use migrate, create_user and granian here: see tutorarc/docs/deploy.md.",
        ),
        (
            DEMO,
            "adds demo people, classes and API keys to the database",
            "To run it here all the same, add --allow-production.",
        ),
        (
            ("benchmark",),
            "creates databases on the PostgreSQL server and keeps the machine busy",
            "To run it here all the same, add --allow-production.",
        ),
    ],
    ids=lambda words: words[0] if isinstance(words, tuple) else "",
)
def test_the_command_is_refused(words: tuple[str, ...], reason: str, remedy: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command(*words, verbosity=0)
    assert str(caught.value) == f"This command {reason}, {RULE} {remedy}"


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [True, False])
def test_demo_data_is_loaded_elsewhere(settings: Any, debug: bool) -> None:
    settings.DEBUG, settings.INSECURE_HTTP = debug, not debug
    call_command(*DEMO, verbosity=0)
    assert Class.objects.exists()


@pytest.mark.django_db
def test_demo_data_is_loaded_in_production_with_the_option() -> None:
    call_command(*DEMO, "--allow-production", verbosity=0)
    assert Class.objects.exists()


def test_the_benchmark_runs_in_production_with_the_option() -> None:
    with pytest.raises(CommandError, match="--grow takes two sizes, or none"):  # it came to its own checks
        call_command("benchmark", "--allow-production", "--grow", "7", verbosity=0)


@pytest.mark.django_db
def test_demo_data_can_be_reset_in_production() -> None:
    with pytest.raises(CommandError, match="There is no demo data here"):
        call_command("load_demo", "--reset-pending", verbosity=0)
