import os
import signal
import sys
import time
from pathlib import Path

import pytest

from sovereign_robot.contract.errors import SovereignError, UsageError
from sovereign_robot.nodes.graph import (
    ARGUMENTS,
    CHOSEN_PER_RUN,
    NodeDied,
    NodeSpec,
    Processes,
    Spec,
    command_line,
    graph,
    running,
)

VALUES = {argument.name: argument.default for argument in ARGUMENTS}


class Scripts(Processes):
    """Processes that run small scripts in place of nodes."""

    def command(self, spec: Spec) -> list[str]:
        return [sys.executable, "-c", str(spec.parameters["script"])]


def script(name: str, text: str) -> Spec:
    return NodeSpec("script", name, {"script": text})


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(happened, timeout_s: float = 60.0) -> None:
    end_s = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < end_s, "it did not happen in time"
        time.sleep(0.01)


def test_the_graph_is_three_nodes_of_which_two_follow_simulated_time():
    specs = {spec.name: spec for spec in graph(VALUES)}
    assert list(specs) == ["sim_node", "safety_node", "policy_node"]
    assert [name for name, spec in specs.items() if spec.parameters.get("use_sim_time")] == [
        "safety_node",
        "policy_node",
    ]


def test_every_argument_reaches_a_node():
    given = {name: f"<{name}>" for name in VALUES}
    reached = {value for spec in graph(given) for value in spec.parameters.values()}
    assert reached >= set(given.values())


def test_what_a_parameter_file_sets_reaches_its_node(tmp_path: Path):
    for name in ("sim_node", "safety_node", "policy_node"):
        (tmp_path / f"{name}.yaml").write_text(f"{name}: {{ros__parameters: {{autostart: false}}}}")
    assert all(spec.parameters["autostart"] is False for spec in graph(VALUES, tmp_path))
    (tmp_path / "safety_node.yaml").write_text("safety_node: {ros__parameters: {blend_s: 2.0}}")
    with pytest.raises(UsageError, match="blend_s: should be less than or equal to 1"):
        graph(VALUES, tmp_path)


def test_processes_are_stopped_in_the_reverse_order_of_their_start(tmp_path: Path):
    ends = (
        "import pathlib, time\ntry:\n    print('up', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    with pathlib.Path({told!r}).open('a') as told: told.write({name!r})"
    )
    told = tmp_path / "told"
    names = ("arm", "safety", "policy")
    specs = [script(name, ends.format(told=str(told), name=f"{name} ")) for name in names]
    processes = Scripts(specs, tmp_path).start()
    wait_for(lambda: all("up" in (tmp_path / f"{name}.log").read_text() for name in names))
    processes.stop()
    assert told.read_text() == "policy safety arm "


@pytest.mark.parametrize("name", ["policy_node", "safety_node", "sim_node"])
def test_what_is_chosen_per_run_is_declared_by_the_node_with_the_same_default(name: str):
    import importlib

    module = importlib.import_module(f"sovereign_robot.nodes.{name}")
    parameters = next(v for k, v in vars(module).items() if k.endswith("Parameters"))()
    spec = next(spec for spec in graph(VALUES) if spec.executable == name)
    for parameter in CHOSEN_PER_RUN[name]:
        assert getattr(parameters, parameter) == spec.parameters[parameter]


def test_a_missing_or_unknown_argument_is_refused():
    with pytest.raises(UsageError, match=r"wrong set of arguments \(sed, seed\)"):
        graph({"sed" if name == "seed" else name: value for name, value in VALUES.items()})


def test_text_with_quotes_colons_and_japanese_reaches_a_command_line_as_one_word():
    spec = NodeSpec("policy_node", "policy_node", {"instruction": "赤: 'x' \"y\" #"})
    assert command_line(spec)[-1] == 'instruction:="赤: \'x\' \\"y\\" #"'


def test_what_a_process_says_lies_in_its_log_and_its_status_is_kept(tmp_path: Path):
    processes = Scripts([script("talker", "print('hello')")], tmp_path).start()
    wait_for(lambda: processes.running["talker"].poll() is not None)
    assert processes.stop() == {"talker": 0}
    assert (tmp_path / "talker.log").read_text() == "hello\n"


def test_a_process_that_ends_by_itself_is_named_with_what_it_said_last(tmp_path: Path):
    crash = "import sys; print('the arm is on fire', file=sys.stderr); sys.exit(3)"
    with running([script("arm", crash)], tmp_path, Scripts) as processes:
        wait_for(lambda: processes.running["arm"].poll() is not None)
        with pytest.raises(NodeDied, match=r"arm ended with status 3 .*\n  the arm is on fire") as raised:
            processes.check()
    assert raised.value.exit_status == 1


def test_a_process_that_was_killed_is_named_with_the_signal(tmp_path: Path):
    with running([script("arm", "import time; time.sleep(60)")], tmp_path, Scripts) as processes:
        processes.running["arm"].kill()
        wait_for(lambda: processes.running["arm"].poll() is not None)
        with pytest.raises(NodeDied, match="arm ended with signal SIGKILL"):
            processes.check()


def test_input_that_a_node_refused_is_passed_on_as_its_own_sentence(tmp_path: Path):
    refuse = "import sys; print('sim_node: no such task', file=sys.stderr); sys.exit(2)"
    with running([script("arm", refuse)], tmp_path, Scripts) as processes:
        wait_for(lambda: processes.running["arm"].poll() is not None)
        with pytest.raises(SovereignError, match=r"^sim_node: no such task$") as raised:
            processes.check()
    assert raised.value.exit_status == 2


def test_all_processes_end_with_the_block_however_it_ends(tmp_path: Path):
    sleepers = [script(name, "import time; time.sleep(60)") for name in ("a", "b")]
    pids: list[int] = []

    def leave_early() -> None:
        with running(sleepers, tmp_path, Scripts) as processes:
            pids.extend(process.pid for process in processes.running.values())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leave_early()
    assert len(pids) == 2
    assert not any(alive(pid) for pid in pids)


def test_a_process_that_ignores_the_interrupt_is_killed(tmp_path: Path):
    stubborn = "import signal, time; signal.signal(2, signal.SIG_IGN); print('up', flush=True); time.sleep(9)"
    processes = Scripts([script("stubborn", stubborn)], tmp_path, grace_s=0.2).start()
    wait_for(lambda: "up" in (tmp_path / "stubborn.log").read_text())
    assert processes.stop() == {"stubborn": -signal.SIGKILL}
