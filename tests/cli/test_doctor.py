import json
import subprocess
import sys

from sovereign_robot.cli.doctor import Args, examine, installed, main


def test_a_package_is_reported_with_its_version():
    assert installed("yaml", "pyyaml") is not None


def test_an_absent_package_is_none():
    assert installed("no_such_package", "no-such-package") is None


def test_a_package_without_a_distribution_is_present():
    assert installed("json", "no-such-distribution") == "present"


def test_status_is_0_when_the_demo_can_run_here_and_1_otherwise():
    assert main(Args()) == (1 if examine().missing else 0)


def test_this_machine_lacks_nothing_that_the_demo_needs():
    assert examine().missing == []


def test_json_stands_alone_on_the_output():
    run = subprocess.run(
        [sys.executable, "-m", "sovereign_robot.cli.main", "doctor", "--json"], capture_output=True, text=True
    )
    findings = json.loads(run.stdout)
    assert findings["packages"]["core"]["numpy"]
    assert findings["rendering"] in ("egl", "osmesa")
    assert len(findings["default_policy_sha256"]) == 64
