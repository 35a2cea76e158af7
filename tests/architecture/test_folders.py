"""ARCHITECTURE.md and the tree say the same."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sovereign_robot"
FOLDERS = sorted(p.name for p in PACKAGE.iterdir() if any(p.glob("*.py")))


def table() -> dict[str, str]:
    """Folder -> what lives there, as ARCHITECTURE.md has it."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `(\w+)/` \| (.+?) \|", text, flags=re.MULTILINE))


def test_the_folder_table_equals_the_folders():
    assert sorted(table()) == FOLDERS


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_opens_with_its_line_of_the_table(folder: str):
    docstring = ast.get_docstring(ast.parse((PACKAGE / folder / "__init__.py").read_text(encoding="utf-8")))
    assert docstring is not None
    assert docstring.splitlines()[0] == table().get(folder)


def test_the_layers_of_the_page_are_those_that_the_linter_holds():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    page = re.search(r"\n\n((?:    [\w |]+\n)+)\n- ROS begins", text)
    assert page is not None
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(c for c in tools["tool"]["importlinter"]["contracts"] if c["id"] == "layers")
    assert [line.strip() for line in page[1].splitlines()] == [
        re.sub("[()]", "", x) for x in contract["layers"]
    ]


def test_the_page_stays_short():
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_the_folders_beside_the_package_that_the_page_names_exist():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.search(r"Beside the package: (.+)", text)
    assert named is not None
    paths = re.findall(r"`([\w.]+/[\w./]*)`", named[1])
    assert len(paths) > 5
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_folder_of_tests_mirrors_a_folder_of_the_package():
    others = {"architecture", "faults"}
    folders = {p.name for p in (ROOT / "tests").iterdir() if any(p.glob("test_*.py"))}
    assert folders - others <= set(FOLDERS)
