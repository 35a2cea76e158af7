import json

from rich.console import Console

from sovereign_robot.cli.dataset_check import show
from sovereign_robot.cli.main import main
from sovereign_robot.datasets.data_checks import Finding


def test_what_looks_wrong_is_printed_and_is_no_failure(small_dataset, capsys):
    assert main(["dataset", "check", str(small_dataset), "--horizon", "10000"]) == 0

    printed = capsys.readouterr().out
    assert f"warning: dataset {small_dataset}, episodes 0, 1" in printed
    assert "of an action chunk of 10000 rows" in printed

    assert main(["dataset", "check", str(small_dataset), "--horizon", "10000", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found
    assert all(f"warning: {row['sentence']}" in printed and not row["is_error"] for row in found)

    assert main(["dataset", "check", str(small_dataset), "--horizon", "1", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(found) - 1


def test_an_error_is_told_from_a_warning():
    console = Console(width=40)
    with console.capture() as capture:
        show([Finding("[mine] is broken " * 4, is_error=True), Finding("it looks odd")], console)
    assert capture.get() == f"error: {'[mine] is broken ' * 4}\nwarning: it looks odd\n"


def test_a_folder_that_is_no_dataset_is_refused(tmp_path, capsys):
    assert main(["dataset", "check", str(tmp_path / "nowhere")]) == 2
    assert "does not exist" in capsys.readouterr().err
