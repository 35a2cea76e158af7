import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.sim.tasks.registry import TASKS, load_task, task_names


def test_every_task_is_found_by_its_own_name_in_a_file_of_that_name():
    for name, kind in TASKS.items():
        assert load_task(name).name == name
        assert kind.__module__.rsplit(".", 1)[1] == name


def test_an_unknown_task_is_refused_with_the_closest():
    with pytest.raises(UsageError, match=r"task 'place_in_bim' is not known.*did you mean place_in_bin\?"):
        load_task("place_in_bim")


def test_all_means_every_task_and_a_list_is_taken_apart():
    assert task_names("all") == tuple(TASKS)
    assert task_names("place_in_bin") == ("place_in_bin",)
    with pytest.raises(UsageError, match="task 'nothing' is not known"):
        task_names("place_in_bin, nothing")


def test_a_file_without_a_kind_is_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("colours: [red, blue]\n")

    with pytest.raises(UsageError, match=r"mine\.yaml: field task is missing, expected one of "):
        load_task(str(path))
