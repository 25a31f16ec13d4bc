"""DESIGN.md, "Who may import whom": layer first, app second. An import points down, and stands at module level."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ["tutorarc", "apikeys", "classes", "members", "sessions"]

# Within one app and layer, a module may import those named before it.
LAYERS = [
    # leaves
    """timestamps apps clock mailurl env errors ids lookups cursors compiled keyset requestid logs roles scopes secrets
    codes links history contentsecurity reference adminlook outage csvfile tokens
    postgres timelimits webrequest sessionstore migrating formats serverprocess opaque jsontext""",
    # models
    "admission batches replies usermanager models waiting",
    # gates
    """pagination permissions authentication handlers sharedcache throttling idempotency representation accesslog
    middleware overload faults guessing signin subject demo timeline deeds plans people roster""",
    # shapes
    "fields filters actionforms forms serializers envelope examples samples errorschema operations schema resources",
    # views
    "browsable viewsets admission_views lobby pages screens views accounts home",
    # admin and commands
    """adminlinks adminpage adminhistory adminexport adminimport dashboard adminforms adminactions adminsearch adminbase
    groupadmin inlines admin bench management""",
    # the roof
    "urls wsgi settings",
]
PLACES = {name: (layer, place) for layer, names in enumerate(LAYERS) for place, name in enumerate(names.split())}


def source_files():
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            relative = file.relative_to(ROOT)
            aside = {"migrations", "tests"} & set(relative.parts) or relative.name.startswith("test")
            if not aside and file.name != "__init__.py":
                yield file


MODULES = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in source_files()}


def rank(module):
    """Layer, app, place within them. A package inside an app has the place of its name."""
    app, name = module.split(".")[:2]
    layer, place = PLACES[name]
    return layer, APPS.index(app), place


def imported(node):
    """What an import names: `from a import b` may name the module a.b as well as something in a."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "an import is absolute"
        inside = [f"{node.module}.{alias.name}" for alias in node.names]
        return [name if name in MODULES else str(node.module) for name in inside]
    return []


def imports_of(module):
    return {name for node in ast.walk(ast.parse(MODULES[module].read_text())) for name in imported(node)}


def ours(names):
    return {name for name in names if name.split(".")[0] in APPS and "." in name}


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_place(module):
    assert module.split(".")[1] in PLACES, f"give {module} a place in LAYERS"


def test_the_table_holds_no_module_that_is_gone():
    assert set(PLACES) - {module.split(".")[1] for module in MODULES} == set()


@pytest.mark.parametrize("module", MODULES)
def test_an_import_points_strictly_down(module):
    outside_its_package = {name for name in ours(imports_of(module)) if name.split(".")[:2] != module.split(".")[:2]}
    assert {name for name in outside_its_package if rank(name) >= rank(module)} == set()


@pytest.mark.parametrize("module", MODULES)
def test_an_import_stands_at_module_level(module):
    scopes = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    nested = [node for node in ast.walk(ast.parse(MODULES[module].read_text())) if isinstance(node, scopes)]
    assert [inner.lineno for node in nested for inner in ast.walk(node) if imported(inner)] == []


@pytest.mark.parametrize("module", [name for name in MODULES if PLACES.get(name.split(".")[1], (9, 0))[0] <= 1])
def test_no_leaf_and_no_model_imports_rest_framework(module):
    assert {name.split(".")[0] for name in imports_of(module)} & {"rest_framework", "drf_spectacular"} == set()


def test_the_check_itself_sees_an_import_in_a_function_and_one_that_points_up():
    [node] = ast.parse("def f():\n    from classes.models import Class").body[0].body
    assert ours(imported(node)) == {"classes.models"}
    assert rank("classes.views") > rank("members.permissions") > rank("classes.models") > rank("tutorarc.models")
