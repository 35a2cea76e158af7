"""Each executable as the process that a launch file or the demo starts."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rclpy.node import Node

from sovereign_robot.contract.names import ARM_COMMANDS
from sovereign_robot.nodes.graph import ARGUMENTS, PARENT, command_line, graph
from sovereign_robot.nodes.parameters import PARAMETERS
from tests.nodes.conftest import Ros

NODES = ("sim_node", "policy_node", "safety_node")


def start(name: str, folder: Path, **parameters: object) -> subprocess.Popen[str]:
    values = {argument.name: argument.default for argument in ARGUMENTS} | {"policy": str(folder)}
    spec = next(spec for spec in graph(values) if spec.executable == name)
    command = command_line(spec) + [w for k, v in parameters.items() for w in ("-p", f"{k}:={v}")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_until_up(ros: Ros, peer: Node, name: str) -> None:
    ros.spin_until(lambda: name in peer.get_node_names(), timeout_s=60.0)


@pytest.fixture
def here(ros: Ros, monkeypatch: pytest.MonkeyPatch) -> Ros:
    """The test's own domain, for the processes that it starts too."""
    monkeypatch.setenv("ROS_DOMAIN_ID", str(ros.domain_id))
    return ros


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", NODES)
def test_it_comes_up_and_ends_when_asked(here: Ros, still_policy: Path, name: str, how: signal.Signals):
    peer, process = here.peer(), start(name, still_policy)
    try:
        wait_until_up(here, peer, name)
        process.send_signal(how)
        said = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, said
    assert "Traceback" not in said[1]


def test_a_wish_that_meets_a_finalizer_is_heard():
    script = (
        "import os, signal, sys, weakref\n"
        "from rclpy.node import Node\n"
        "from sovereign_robot.nodes.ros_main import run_node\n"
        "class Thing: pass\n"
        "def make():\n"
        "    thing = Thing()\n"
        "    watch = weakref.ref(thing, lambda gone: os.kill(os.getpid(), signal.SIGINT))\n"
        "    del thing\n"
        "    return Node('asked_early')\n"
        "sys.exit(run_node('asked_early', make))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("sim_node", {"sed": 3}, "sim_node: node sim_node has no parameter 'sed' (did you mean seed?)"),
        ("sim_node", {"task": "fold"}, "sim_node: task 'fold' is not known"),
        ("policy_node", {"policy": "/nowhere"}, "policy_node: policy folder /nowhere holds no policy.json"),
        ("policy_node", {"replan_every_steps": 0}, "policy_node: parameter replan_every_steps"),
        ("safety_node", {"robot": "so1O1"}, "safety_node: robot 'so1O1' is not known"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    here: Ros, still_policy: Path, name: str, parameters: dict[str, object], sentence: str
):
    process = start(name, still_policy, **parameters)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert said.startswith(sentence)
    assert len(said.strip().splitlines()) == 1


def test_it_ends_when_the_process_that_started_it_is_killed(here: Ros, still_policy: Path, tmp_path: Path):
    script = (
        "import sys, time; from pathlib import Path\n"
        "from sovereign_robot.nodes.graph import ARGUMENTS, Processes, graph\n"
        "specs = graph({a.name: a.default for a in ARGUMENTS})\n"
        "processes = Processes([s for s in specs if s.name == 'safety_node'], Path(sys.argv[1])).start()\n"
        "time.sleep(60)\n"
    )
    peer = here.peer()
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)])
    wait_until_up(here, peer, "safety_node")
    parent.kill()
    parent.wait()
    here.spin_until(lambda: "safety_node" not in peer.get_node_names(), timeout_s=30.0)


def test_a_killed_node_is_out_of_the_graph_before_anybody_starts_it_again(here: Ros):
    peer, process = here.peer(), start("safety_node", Path("/unused"))
    here.spin_until(lambda: peer.count_publishers(ARM_COMMANDS), timeout_s=60.0)
    process.kill()
    process.communicate()
    here.spin_until(lambda: peer.count_publishers(ARM_COMMANDS) == 0, timeout_s=10.0)


def test_a_leftover_whose_parent_is_already_gone_does_not_start(here: Ros, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(PARENT, "1")
    process = start("safety_node", Path("/unused"))
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM


def test_every_node_is_an_executable_of_the_package():
    setup = (Path(__file__).parents[2] / "setup.py").read_text(encoding="utf-8")
    assert all(f'"{name} = sovereign_robot.nodes.{name}:main"' in setup for name in PARAMETERS)
