"""What a process reads when it starts, because its checkout may be replaced while it runs."""

import pkgutil
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.template import Engine, Origin, TemplateDoesNotExist, engines

from tutorarc.db.schema_check import known_migrations

NOT_SERVED = {"management", "migrations", "ops", "settings", "testing", "tests", "wsgi"}
OPTIONAL = {"shared_cache", "celery"}  # their libraries take a while to import, or are not there


def load_checkout() -> None:
    """Load the modules, templates and names of migrations of the project. Installed packages are not replaced."""
    for application in apps.get_app_configs():
        directory = Path(application.path)
        if directory.resolve().parent == settings.BASE_DIR:
            _load_modules(application.name)
            _load_templates(directory / "templates")
    caches[DEFAULT_CACHE_ALIAS]  # imports its class
    known_migrations()


def _load_modules(package: str) -> None:
    """Django and DRF import the classes that settings name when they first need them."""
    for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        if module.name.rpartition(".")[2] not in NOT_SERVED | OPTIONAL:
            import_module(module.name)
            if module.ispkg:
                _load_modules(module.name)


def _load_templates(directory: Path) -> None:
    for path in directory.rglob("*"):
        if path.is_file():
            for backend in engines.all():
                _load_template(backend.engine, path.relative_to(directory).as_posix())  # type: ignore[attr-defined]


def _load_template(engine: Engine, name: str) -> None:
    """Load the template into the cache, and the templates of the same name that it overrides."""
    found: list[Origin] = []
    with suppress(TemplateDoesNotExist):
        while True:
            _, origin = engine.find_template(name, skip=found or None)
            found.append(origin)
