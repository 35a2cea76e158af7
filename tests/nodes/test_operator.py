from functools import partial

import pytest
from std_msgs.msg import String
from std_srvs.srv import Trigger

from sovereign_robot.contract import names
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.graph import NodeDied
from sovereign_robot.nodes.operator import Operator, Unanswered
from sovereign_robot.nodes.qos import EVERY, LATCHED
from tests.nodes.conftest import Ros

ASKED = "put the red cube in the left bin"


class Graph:
    """The three nodes as one: scenes that succeed after some steps once the right words were said."""

    def __init__(self, ros: Ros, deaf_for: int = 0) -> None:
        self.peer = ros.peer("graph")
        self.said: list[str] = []
        self._deaf_for = deaf_for
        self._seed, self._time_s = 4, 0.0
        self._task, self._named = "reach", 0
        self._truth = self.peer.create_publisher(String, names.SIM_STATE, EVERY)
        self._active = self.peer.create_publisher(String, names.INSTRUCTION_ACTIVE, LATCHED)
        self._state = self.peer.create_publisher(String, names.SAFETY_STATE, LATCHED)
        self._state.publish(ros_msgs.json_msg({"state": "ready"}))
        self.peer.create_subscription(String, names.INSTRUCTION, self._on_words, EVERY)
        self.peer.create_subscription(String, names.SIM_TASK, self._on_task, EVERY)
        self.peer.create_service(Trigger, names.SIM_RESET, self._on_reset)
        self.peer.create_timer(0.01, self._step)

    def _on_words(self, message: String) -> None:
        self.said.append(message.data)
        if len(self.said) > self._deaf_for:
            self._active.publish(message)

    def _on_task(self, message: String) -> None:
        self._named += 1
        if self._named > self._deaf_for:
            self._task = message.data

    def _on_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._seed, self._time_s = self._seed + 1, 0.0
        self.said.clear()
        self._active.publish(String(data=""))
        response.message = ros_msgs.json_msg({"seed": self._seed, "instruction": ASKED}).data
        return response

    def _step(self) -> None:
        self._time_s += 0.05
        success = len(self.said) > self._deaf_for and self.said[-1] == ASKED and self._time_s > 0.3
        truth = {"seed": self._seed, "time_s": self._time_s, "success": success, "task": self._task}
        self._truth.publish(ros_msgs.json_msg(truth))


def join(ros: Ros, check=lambda: None) -> Operator:
    return ros.node(partial(_operator, ros, check))


def _operator(ros: Ros, check, **node: object) -> Operator:
    node.pop("parameter_overrides")
    return Operator(ros.executor, check, **node)


def test_it_resets_speaks_and_sees_the_success(ros: Ros):
    graph, person = Graph(ros), join(ros)
    person.wait_until_ready(20.0)
    scene = person.reset_scene()
    assert person.watch(scene["instruction"], scene["seed"], timeout_s=60.0)
    assert set(graph.said) == {ASKED}
    assert {heard["seed"] for heard in person.trace.truth[2:]} == {5}


def test_it_says_an_instruction_again_until_it_is_active(ros: Ros):
    graph, person = Graph(ros, deaf_for=2), join(ros)
    person.wait_until_ready(20.0)
    scene = person.reset_scene()
    assert person.watch(scene["instruction"], scene["seed"], timeout_s=600.0)
    assert len(graph.said) >= 3


def test_it_names_a_task_again_until_it_is_laid_out(ros: Ros):
    Graph(ros, deaf_for=1)
    person = join(ros)
    person.wait_until_ready(20.0)
    person.set_task("lift")
    assert person.trace.truth[-1]["task"] == "lift"


def test_a_simulator_that_does_not_take_a_task_is_named(ros: Ros):
    with pytest.raises(Unanswered, match=r"sim_node did not take the task lift within 0\.2 s"):
        join(ros).set_task("lift", 0.2)


def test_an_episode_that_takes_too_long_has_failed(ros: Ros):
    Graph(ros)
    person = join(ros)
    person.wait_until_ready(20.0)
    scene = person.reset_scene()
    assert not person.watch("put it elsewhere", scene["seed"], timeout_s=1.0)


def test_a_graph_that_does_not_come_up_is_named(ros: Ros):
    with pytest.raises(Unanswered, match=r"sim_node, safety_node, policy_node did not come up"):
        join(ros).wait_until_ready(0.2)


def test_a_simulator_that_does_not_answer_is_named(ros: Ros):
    with pytest.raises(Unanswered, match=r"sim_node did not answer sim/reset within 0.2 s"):
        join(ros).reset_scene(0.2)


def test_a_node_that_died_ends_the_wait(ros: Ros):
    def check() -> None:
        raise NodeDied("sim_node ended")

    with pytest.raises(NodeDied, match="sim_node ended"):
        join(ros, check).wait_until_ready(20.0)
