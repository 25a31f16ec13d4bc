"""Which tests the README's test command leaves out: `slow` ones, unless the command line names their file."""

from types import SimpleNamespace

import pytest

from tutorarc.testing.plugin import pytest_collection_modifyitems, select_named_files

FILE = __file__


@pytest.mark.parametrize(
    ("named", "marks", "selected"),
    [
        ([FILE], "not slow", ""),
        ([f"{FILE}::test_one", FILE], "not slow", ""),
        ([FILE], "browser", "browser"),
        ([FILE, "tutorarc"], "not slow", "not slow"),
    ],
)
def test_a_file_on_the_command_line_runs_as_a_whole(named, marks, selected):
    config = SimpleNamespace(args=named, option=SimpleNamespace(markexpr=marks))
    select_named_files(config)
    assert config.option.markexpr == selected


class Item(SimpleNamespace):
    """A collected test: `marks` are the names of its markers."""

    def get_closest_marker(self, name):
        return name if name in self.marks else None

    def add_marker(self, name):
        self.marks.append(name)


def test_tests_with_a_browser_a_server_of_their_own_or_npm_packages_are_slow():
    items = [
        Item(marks=["browser"], fixturenames=()),
        Item(marks=["own_database"], fixturenames=()),
        Item(marks=[], fixturenames=("node_tools",)),
        Item(marks=[], fixturenames=("db",)),
    ]
    pytest_collection_modifyitems(items)
    assert [item.marks for item in items] == [["browser", "slow"], ["own_database", "slow"], ["slow"], []]
