import json

from sovereign_robot.cli.main import main

GENEROUS = ["--p99-us", "1e6", "--bare-p99-us", "1e6", "--ticks", "20"]


def test_the_filter_is_attacked_and_the_report_says_what_was_printed(tmp_path, capsys):
    out = tmp_path / "filter"

    status = main(
        ["bench", "filter", "--out", str(out), "--commands", "2000", "--workers", "0", *GENEROUS, "--json"]
    )

    printed = json.loads(capsys.readouterr().out)
    assert status == 0
    assert printed == json.loads((out / "report.json").read_text())
    assert printed["violations"] == 0
    assert {name: robot["commands"] for name, robot in printed["robots"].items()} == {
        "so101": 1000,
        "seven_joint": 1000,
    }
    assert "violations in" in (out / "report.html").read_text()


def test_a_filter_that_is_too_slow_falls_short(tmp_path, capsys):
    flags = ["--commands", "1", "--workers", "0", "--ticks", "5", "--p99-us", "1"]

    assert main(["bench", "filter", "--out", str(tmp_path / "filter"), *flags]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "fell short"


def test_bad_input_is_refused_before_anything_is_written(tmp_path, capsys):
    out = tmp_path / "filter"

    assert main(["bench", "filter", "--commands", "0", "--out", str(out)]) == 2
    assert "--commands 0" in capsys.readouterr().err
    assert not out.exists()
