"""TutorArc. `celery -A tutorarc` looks for its attribute `celery`."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def __getattr__(name: str) -> Any:
    """Nothing else imports Celery, which may not be installed."""
    if name != "celery":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the command has it only while it imports this module
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutorarc.settings")
    import_module("django").setup()
    return import_module("tutorarc.jobs.celery").app
