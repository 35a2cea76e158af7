"""Floods, giant messages, strangers that command, a starved processor, a full disk."""

from sovereign_robot.contract import names
from sovereign_robot.nodes.faults.fault import RUNS_OR_STOPS, Fault, Injection, stops, unmoved
from sovereign_robot.nodes.faults.intruder_node import GO
from sovereign_robot.nodes.faults.stack import busy_loops
from sovereign_robot.nodes.graph import NodeSpec

GROUP = "load and strangers"
SEEN_S = 0.5  # a new publisher is discovered
MILLION, TEN_MEGABYTES, TWENTY_MEGAPIXELS = 1_000_000, 10_000_000, 20_000_000
FLOODED = {
    names.JOINT_STATES: "joints",
    names.camera_image_topic("front"): "image",
    names.ACTION_CHUNK: "chunk",
    names.INSTRUCTION: "string",
    names.SAFETY_STATE: "string",
    names.SIM_TASK: "string",
    names.CLOCK: "clock",
}
LARGE = {
    names.ACTION_CHUNK: ("chunk", MILLION, "a million points"),
    names.INSTRUCTION: ("string", TEN_MEGABYTES, "10 MB of text"),
    names.SAFETY_STATE: ("string", TEN_MEGABYTES, "10 MB of text"),
    names.SIM_TASK: ("string", TEN_MEGABYTES, "10 MB of text"),
    names.camera_image_topic("front"): ("image", TWENTY_MEGAPIXELS, "20 megapixels"),
}
# A stranger on the topic of the instruction or the clock may well end the task; it may not move the arm.
ANY = RUNS_OR_STOPS | {"ready", "init"}


def intruder(topic: str, message: str, size: int, rate_hz: float) -> Injection:
    """A stranger sends one message on a topic at a rate."""
    parameters: dict[str, str | int | float | bool] = {
        "topic": topic,
        "message": message,
        "size": size,
        "rate_hz": rate_hz,
    }
    spec = NodeSpec("faults.intruder_node", "intruder_node", parameters)
    return lambda stack: stack.joined_by(spec, GO, stack.observer.let_go)


def _named(word: str, topic: str) -> str:
    return f"{word}_{topic.strip('/').replace('/', '_')}"


FLOODS = tuple(
    Fault(
        _named("flood", topic),
        GROUP,
        f"1000 messages a second on {topic}",
        unmoved(ANY),
        intruder(topic, message, 1, 1000.0),
        4.0,
        fast=topic == names.JOINT_STATES,
    )
    for topic, message in FLOODED.items()
)
GIANTS = tuple(
    Fault(
        _named("giant", topic),
        GROUP,
        f"{what} on {topic}, twice a second",
        unmoved(ANY),
        intruder(topic, message, size, 2.0),
        5.0,
    )
    for topic, (message, size, what) in LARGE.items()
)
OTHERS = (
    Fault(
        "second_commander",
        GROUP,
        f"a stranger sends commands to the arm on {names.ARM_COMMANDS}",
        stops(SEEN_S, "intruder_node.*only one may", frozenset({"protective_stop"})),
        intruder(names.ARM_COMMANDS, "command", 0, 50.0),
        2.0,
    ),
    Fault(
        "processor_starved",
        GROUP,
        "two loops that only compute",
        unmoved(RUNS_OR_STOPS),
        lambda stack: busy_loops(2),
        4.0,
        fast=True,
    ),
    Fault(
        "disk_full",
        GROUP,
        "no file can grow, while there is much to log",
        unmoved(RUNS_OR_STOPS),
        lambda stack: stack.disk_full(),
        2.5,
    ),
)
FAULTS = (*FLOODS, *GIANTS, *OTHERS)
