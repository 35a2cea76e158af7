import pytest

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.datasets.durable import new_folder, read_json, write_json


def test_a_folder_appears_whole(tmp_path):
    place, workshop = tmp_path / "done" / "a", tmp_path / "unfinished"
    with new_folder(place, workshop) as folder:
        (folder / "one").write_text("1")
        assert not place.exists()

    assert [p.name for p in place.iterdir()] == ["one"]
    assert not list(workshop.iterdir())


def test_a_folder_that_failed_leaves_nothing(tmp_path):
    place, workshop = tmp_path / "a", tmp_path / "unfinished"
    with pytest.raises(ZeroDivisionError), new_folder(place, workshop) as folder:
        (folder / "one").write_text(str(1 / 0))

    assert not place.exists()
    assert not list(workshop.iterdir())


def test_of_two_who_make_the_same_folder_the_first_counts(tmp_path):
    place, workshop = tmp_path / "a", tmp_path / "unfinished"
    with new_folder(place, workshop) as second:
        with new_folder(place, workshop) as first:
            (first / "who").write_text("first")
        (second / "who").write_text("second")

    assert (place / "who").read_text() == "first"
    assert not list(workshop.iterdir())


def test_json_is_replaced_and_read_back(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"text": "old"})
    write_json(path, {"text": "赤"})

    assert read_json(path) == {"text": "赤"}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("text", "sentence"), [("{", "cannot be read as JSON"), ("[1]", "holds a list")])
def test_what_is_no_json_object_is_refused_by_name(tmp_path, text, sentence):
    (tmp_path / "a.json").write_text(text)

    with pytest.raises(DatasetError, match=rf"a\.json {sentence}"):
        read_json(tmp_path / "a.json")
