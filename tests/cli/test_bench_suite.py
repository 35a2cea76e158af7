import json

from sovereign_robot.cli.main import main


def test_the_table_and_the_report_say_the_same(tmp_path, capsys):
    out = tmp_path / "suite"
    flags = ["--tasks", "place_in_bin", "--episodes", "2", "--workers", "0", "--out", str(out)]

    status = main(["bench", "suite", *flags, "--json"])

    printed = json.loads(capsys.readouterr().out)
    (row,) = printed["tasks"]
    assert printed == json.loads((out / "report.json").read_text())
    assert (row["task"], row["expert"]["n"], row["failed_seeds"]) == ("place_in_bin", 2, [])
    assert status == (0 if row["passed"] else 1)
    assert "place_in_bin" in (out / "report.html").read_text()


def test_an_unknown_task_and_no_episodes_are_refused_before_anything_is_written(tmp_path, capsys):
    out = tmp_path / "suite"

    assert main(["bench", "suite", "--tasks", "lifting", "--out", str(out)]) == 2
    assert "task 'lifting' is not known" in capsys.readouterr().err
    assert main(["bench", "suite", "--episodes", "0", "--out", str(out)]) == 2
    assert "at least 1 episode" in capsys.readouterr().err
    assert not out.exists()
