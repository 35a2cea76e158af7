from pathlib import Path

import pytest

from sovereign_robot.cli.output import MARKER, prepare_out
from sovereign_robot.contract.errors import OutputError


def test_a_missing_folder_is_made_with_its_parents(tmp_path: Path):
    out = prepare_out(tmp_path / "a" / "b", "demo")
    assert [entry.name for entry in out.iterdir()] == [MARKER]


def test_an_empty_folder_is_taken(tmp_path: Path):
    assert prepare_out(tmp_path, "demo") == tmp_path


def test_a_folder_of_the_same_kind_is_taken_with_what_it_holds(tmp_path: Path):
    out = prepare_out(tmp_path / "out", "demo")
    (out / "report.json").write_text("{}")
    prepare_out(out, "demo")
    assert (out / "report.json").read_text() == "{}"


def test_a_folder_of_another_kind_is_refused_with_both_kinds(tmp_path: Path):
    out = prepare_out(tmp_path / "out", "dataset")
    with pytest.raises(
        OutputError, match=r"holds a dataset, expected an empty folder or a demo: choose another --out"
    ):
        prepare_out(out, "demo")


@pytest.mark.parametrize("marker", ["", "[]", '{"kind": 3}', '{"kind": null}', "\x00"])
def test_a_folder_with_a_broken_marker_is_foreign(tmp_path: Path, marker: str):
    (tmp_path / MARKER).write_text(marker)
    with pytest.raises(OutputError, match="did not write"):
        prepare_out(tmp_path, "demo")
    assert (tmp_path / MARKER).read_text() == marker


def test_a_foreign_folder_is_refused_and_left_as_it_was(tmp_path: Path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(OutputError, match="holds something that this command did not write"):
        prepare_out(tmp_path, "demo")
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_refused(tmp_path: Path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="is a file, expected a folder"):
        prepare_out(tmp_path / "out", "demo")


def test_a_path_below_a_file_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="cannot be written"):
        prepare_out(tmp_path / "file" / "out", "demo")
