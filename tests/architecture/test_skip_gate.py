"""The gate that keeps a skipped test from looking like a passed one."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
CONFTEST = (Path(__file__).parents[1] / "conftest.py").read_text(encoding="utf-8")


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST)
    return pytester


def test_a_skipped_test_fails_a_run_that_refuses_skips(project: pytest.Pytester):
    project.makepyfile("import pytest\ndef test_it(): pytest.skip('no camera')\ndef test_other(): pass")
    assert project.runpytest().ret == pytest.ExitCode.OK
    result = project.runpytest("--refuse-skips")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*test_it: Skipped: no camera"])


def test_a_module_skipped_at_import_fails_the_run_too(project: pytest.Pytester):
    project.makepyfile("import pytest\npytest.importorskip('no_such_package')")
    assert project.runpytest("--refuse-skips").ret != pytest.ExitCode.OK


def test_a_test_that_needs_a_ros_installation_may_be_skipped(project: pytest.Pytester):
    project.makepyfile(
        test_a="def test_it(): pass",
        test_b="import pytest\npytest.importorskip('launch_testing')\ndef test_it(): pass",
    )
    assert project.runpytest("--refuse-skips").ret == pytest.ExitCode.OK


def test_an_expected_failure_is_no_skip(project: pytest.Pytester):
    project.makepyfile("import pytest\n@pytest.mark.xfail\ndef test_it(): assert False")
    assert project.runpytest("--refuse-skips").ret == pytest.ExitCode.OK
