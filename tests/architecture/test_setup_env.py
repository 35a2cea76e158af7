"""tools/setup_env finds a Python that really runs, installs once, and says in one sentence when it cannot."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "dirname", "cat", "cksum", "rm", "mkdir", "cp")
# Answers like a fitting Python: -c succeeds, -m venv copies itself, -m pip is written down.
FAKE_PYTHON = """#!/bin/sh
case "$1 $2" in
    "-c "*) exit 0 ;;
    "--version "*) echo "Python 3.12.99" ;;
    "-m venv") mkdir -p "$4/bin" && cp "$0" "$4/bin/python" && echo "venv by $0" >> "$RECORD" ;;
    "-m pip") echo "pip $*" >> "$RECORD" ;;
esac
"""


class Machine:
    """A machine whose PATH, home and pyenv hold only what a test put there."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.record = folder / "record"
        self.venv = folder / "env"
        self.pyenv = folder / "pyenv"
        self.bin.mkdir()
        for tool in TOOLS:
            where = shutil.which(tool)
            assert where is not None
            (self.bin / tool).symlink_to(where)

    def add(self, path: Path, script: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)

    def set_up(self, extras: str = "ros", **env: str) -> subprocess.CompletedProcess[str]:
        base = {"PATH": str(self.bin), "PYENV_ROOT": str(self.pyenv), "HOME": "/", "RECORD": str(self.record)}
        command = [str(self.bin / "sh"), str(ROOT / "tools/setup_env"), str(self.venv), extras]
        return subprocess.run(command, env=base | env, capture_output=True, text=True, timeout=240)

    def recorded(self) -> list[str]:
        return self.record.read_text().splitlines() if self.record.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_no_python_is_one_sentence_that_says_how_to_get_one(machine: Machine):
    run = machine.set_up()
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "no Python 3.12 or 3.13" in run.stderr
    assert "pyenv install 3.12" in run.stderr
    assert not machine.venv.exists()


def test_a_name_on_path_that_does_not_run_is_passed_over_for_pyenv(machine: Machine):
    machine.add(machine.bin / "python3.12", "#!/bin/sh\nexit 127\n")
    machine.add(machine.pyenv / "versions/3.12.7/bin/python", FAKE_PYTHON)
    assert machine.set_up().returncode == 0
    assert machine.recorded()[0] == f"venv by {machine.pyenv}/versions/3.12.7/bin/python"


def test_a_python_that_uv_knows_is_used_when_nothing_else_fits(machine: Machine, tmp_path: Path):
    machine.add(tmp_path / "managed/python", FAKE_PYTHON)
    machine.add(machine.bin / "uv", f'#!/bin/sh\n[ "$2" = find ] && echo {tmp_path}/managed/python\n')
    assert machine.set_up().returncode == 0
    assert machine.recorded()[0] == f"venv by {tmp_path}/managed/python"


def test_a_chosen_python_that_does_not_fit_is_refused_by_name(machine: Machine):
    machine.add(machine.bin / "python3.12", FAKE_PYTHON)
    run = machine.set_up(PYTHON="/no/such/python")
    assert run.returncode == 2
    assert "PYTHON=/no/such/python is not a Python 3.12 or 3.13" in run.stderr


def test_the_second_start_installs_nothing(machine: Machine):
    machine.add(machine.bin / "python3.13", FAKE_PYTHON)
    assert machine.set_up().returncode == 0
    after_first = machine.recorded()
    assert machine.set_up().stderr == ""
    assert machine.recorded() == after_first


def test_other_extras_install_again_into_the_same_environment(machine: Machine):
    machine.add(machine.bin / "python3.13", FAKE_PYTHON)
    machine.set_up("ros")
    machine.set_up("ros,test")
    made = [line for line in machine.recorded() if line.startswith("venv")]
    assert len(made) == 1
    assert machine.recorded()[-1].endswith("-e .[ros,test]")


def test_where_lerobot_is_its_plugins_are_installed_with_it(machine: Machine):
    machine.add(machine.bin / "python3.13", FAKE_PYTHON)
    machine.set_up("ros,train")
    assert machine.recorded()[-1].endswith(
        "-e .[ros,train] -e plugins/lerobot_env_sovereign -e plugins/lerobot_policy_sovereign"
    )
    machine.set_up("ros")
    assert machine.recorded()[-1].endswith("-e .[ros]")


def test_a_failed_install_is_tried_again_at_the_next_start(machine: Machine):
    machine.add(machine.bin / "python3", FAKE_PYTHON.replace('echo "pip $*" >> "$RECORD"', "exit 1"))
    for _ in range(2):
        run = machine.set_up()
        assert run.returncode == 2
        assert "pip could not install the packages" in run.stderr


def test_only_pinned_versions_are_installed(machine: Machine):
    machine.add(machine.bin / "python", FAKE_PYTHON)
    machine.set_up()
    installs = [line for line in machine.recorded() if " install " in line]
    assert installs
    assert all("-c constraints.txt" in line for line in installs)
