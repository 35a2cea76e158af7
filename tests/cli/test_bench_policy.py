import json

from sovereign_robot.cli.main import main


def test_the_shipped_policy_is_measured_and_the_report_says_what_was_printed(tmp_path, capsys):
    out = tmp_path / "policy"
    generous = ["--p50-ms", "1000", "--p99-ms", "5000", "--memory-mb", "4000", "--cold-start-s", "60"]

    status = main(
        ["bench", "policy", "--out", str(out), "--calls", "5", "--starts", "1", *generous, "--json"]
    )

    printed = json.loads(capsys.readouterr().out)
    assert status == 0
    assert printed == json.loads((out / "report.json").read_text())
    assert printed["inference"]["n"] == 5
    assert "Bounds" in (out / "report.html").read_text()


def test_a_policy_that_costs_too_much_falls_short(tmp_path, capsys):
    flags = ["--calls", "2", "--starts", "1", "--memory-mb", "1"]

    assert main(["bench", "policy", "--out", str(tmp_path / "policy"), *flags]) == 1
    assert "resident memory" in capsys.readouterr().out.splitlines()[-1]


def test_bad_input_is_refused_before_anything_is_written(tmp_path, capsys):
    out = tmp_path / "policy"

    assert main(["bench", "policy", "--policy", str(tmp_path / "nowhere"), "--out", str(out)]) == 2
    assert "holds no policy.json" in capsys.readouterr().err
    assert main(["bench", "policy", "--calls", "0", "--out", str(out)]) == 2
    assert "at least 1 of each" in capsys.readouterr().err
    assert not out.exists()
