"""The demo command: its processes, its ways to end, and what it writes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sovereign_robot.cli.demo import LEARNT, chosen_tasks, episode_result
from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.compare import read_measured
from sovereign_robot.nodes.operator import Trace
from sovereign_robot.sim.tasks.registry import TASKS
from tests.nodes.still_policy import write_still_policy

DEMO = [sys.executable, "-m", "sovereign_robot.cli.main", "demo"]


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_still_policy(tmp_path_factory.mktemp("policy"), load_robot("so101"))


@pytest.fixture(autouse=True)
def domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", str(1 + (os.getpid() * 7 + time.monotonic_ns() // 1000) % 99))


def start(out: Path, policy: Path, *flags: str) -> subprocess.Popen[str]:
    command = [*DEMO, "--out", str(out), "--policy", str(policy), *flags]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def children(pid: int) -> dict[str, int]:
    """Executable -> process id of the nodes that a process has started."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            words = (stat.parent / "cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError):
            continue
        if parent == pid and b"--ros-args" in words:
            found[words[2].decode().rpartition(".")[2]] = int(stat.parent.name)
    return found


def wait_until_watching(demo: subprocess.Popen[str], out: Path) -> dict[str, int]:
    """Wait until an episode is under way; the nodes' process ids."""
    log = out / "logs" / "safety_node.log"
    end_s = time.monotonic() + 90
    while not (log.exists() and "running" in log.read_text()):
        assert time.monotonic() < end_s, "no episode began in time"
        assert demo.poll() is None, demo.communicate()
        time.sleep(0.05)
    return children(demo.pid)


def gone(pids: dict[str, int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids.values())


def test_an_arm_that_stays_fails_every_episode_and_the_report_says_so(tmp_path: Path, still: Path):
    flags = (
        "--tasks",
        "lift,press_button",
        "--episodes",
        "2",
        "--seed",
        "3",
        "--timeout",
        "1",
        "--videos",
        "1",
    )
    demo = start(tmp_path / "out", still, *flags, "--json")
    printed, said = demo.communicate(timeout=110)
    assert demo.returncode == 1, said
    report = json.loads(printed)
    assert report == json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert (report["kind"], report["seeds"], report["success"]["successes"]) == ("demo", [3, 4], 0)
    scenes = [(episode["task"], episode["seed"]) for episode in report["episodes"]]
    assert scenes == [("lift", 3), ("lift", 4), ("press_button", 3), ("press_button", 4)]
    assert {row["success"]["n"] for row in report["by_task"].values()} == {2}
    assert len(read_measured(tmp_path / "out").episodes) == 4
    assert report["observation_to_command"]["n"] > 2
    assert report["loop_jitter"]["n"] > 20
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "data:video/mp4" in page
    assert "<svg" in page


def test_without_a_choice_the_tasks_are_those_that_the_policy_was_taught():
    assert chosen_tasks(LEARNT, ("stack", "lift", "juggle"), None) == ("lift", "stack")
    assert chosen_tasks(LEARNT, (), None) == chosen_tasks("all", ("lift",), None) == tuple(TASKS)
    assert chosen_tasks("lift,reach,lift", ("stack",), None) == ("lift", "reach")


def test_a_sentence_chooses_the_task_that_it_means():
    assert chosen_tasks("all", (), "put the red cube in the left bin") == ("place_in_bin",)
    assert chosen_tasks(LEARNT, ("lift", "press_button"), "青いボタンを押して") == ("press_button",)
    with pytest.raises(InstructionError, match="names none of what there is"):
        chosen_tasks("all", (), "make coffee")


def test_a_sentence_means_the_task_as_a_file_changes_it(tmp_path: Path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("task: lift\n")
    assert chosen_tasks(str(mine), (), "lift the red cube") == (str(mine),)


@pytest.mark.parametrize("name", ["sim_node", "policy_node", "safety_node"])
def test_when_a_node_is_killed_it_is_named_and_the_others_stop(tmp_path: Path, still: Path, name: str):
    demo = start(tmp_path / "out", still)
    pids = wait_until_watching(demo, tmp_path / "out")
    assert set(pids) == {"sim_node", "policy_node", "safety_node"}
    os.kill(pids[name], signal.SIGKILL)
    said = demo.communicate(timeout=60)[1]
    assert demo.returncode == 1
    assert f"{name} ended with signal SIGKILL" in said
    assert "Traceback" not in said
    assert gone(pids)
    assert not (tmp_path / "out" / "report.json").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_when_it_is_stopped_every_process_stops(tmp_path: Path, still: Path, how: signal.Signals):
    demo = start(tmp_path / "out", still)
    pids = wait_until_watching(demo, tmp_path / "out")
    demo.send_signal(how)
    said = demo.communicate(timeout=60)[1]
    assert demo.returncode == 130
    assert "Traceback" not in said
    assert gone(pids)


def test_when_it_is_killed_its_nodes_end_by_themselves(tmp_path: Path, still: Path):
    demo = start(tmp_path / "out", still)
    pids = wait_until_watching(demo, tmp_path / "out")
    demo.kill()
    demo.wait()
    end_s = time.monotonic() + 30
    while not gone(pids):
        assert time.monotonic() < end_s, "a node outlived the demo"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--tasks", "fold_shirts"), "task 'fold_shirts' is not known"),
        (("--split", "test"), "split 'test' is not known"),
        (("--robot", "so1O1"), "robot 'so1O1' is not known"),
        (("--episodes", "0"), "expected at least 1 episode"),
        (("--policy", "/nowhere"), "policy folder /nowhere holds no policy.json"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(tmp_path: Path, still: Path, flags, sentence: str):
    demo = start(tmp_path / "out", still, *flags)
    said = demo.communicate(timeout=60)[1]
    assert demo.returncode == 2
    assert sentence in said
    assert len(said.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path, still: Path):
    (tmp_path / "mine.txt").write_text("mine")
    demo = start(tmp_path, still)
    said = demo.communicate(timeout=60)[1]
    assert demo.returncode == 2
    assert "holds something that this command did not write" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt"]


def test_latency_is_the_steady_time_from_the_pictures_to_the_first_command_of_their_chunk():
    goal = {"colour": "red", "bin": "left"}
    scene = {"seed": 1, "split": "train", "instruction": "go", "language": "en", "goal": goal}
    moment = {"seed": 1, "success": False, "joint_position_rad": [0.0], "command_rad": [0.0], "qpos": [0.0]}
    moment["progress"] = 0.4
    trace = Trace()
    for i, steady_s in enumerate((100.0, 100.05, 100.1)):
        stamp = {"time_s": 0.05 * i, "stamp_s": 20.0 + 0.05 * i, "steady_s": steady_s}
        trace.truth.append(moment | stamp)
    counts = ({}, {"velocity": 2})
    for count in counts:
        trace.timing.append({"tick_periods_s": [0.01], "first_commands": [], "interventions": count})
    trace.timing[-1]["first_commands"] = [
        {"stamp_s": 20.05, "age_s": 0.02, "steady_s": 100.08},
        {"stamp_s": 9.0, "age_s": 0.02, "steady_s": 50.0},
    ]
    result = episode_result("place_in_bin", scene, trace, success=True)
    assert result.latency_s == pytest.approx([0.03])
    assert result.time_s == pytest.approx(0.1)
    assert result.qpos_step_s == pytest.approx(0.05)
    assert result.interventions == {"velocity": 2}
    assert result.labels == goal
