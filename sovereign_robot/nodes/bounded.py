"""Subscriptions that take a message apart only when it is not too large.

rclpy makes a Python object of every point and name of a message before any callback sees it: for a hundred
thousand points that takes seconds, in which a control loop does not tick. As bytes a message costs one copy,
and its length is known.
"""

from collections.abc import Callable
from typing import Any

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message
from rclpy.subscription import Subscription

LOG_EVERY_S = 1.0
MAX_BYTES = 200_000


def subscribe(
    node: Node,
    kind: type,
    topic: str,
    take: Callable[..., None],
    qos: QoSProfile,
    max_bytes: int = MAX_BYTES,
    with_info: bool = False,
    told: SubscriptionEventCallbacks | None = None,
) -> Subscription:
    """Call `take` with every message of a topic that has at most `max_bytes` and is what it says it is.

    Args:
        node: whose subscription it is.
        kind: class of the messages.
        topic: name of the topic.
        take: gets the message, and with `with_info` what rclpy knows about its way.
        qos: how messages travel.
        max_bytes: longest message that is taken, in its form on the wire.
        with_info: whether `take` has that second argument.
        told: gets what DDS says of the topic, such as a deadline that passed.
    """

    def on_bytes(data: bytes, info: Any) -> None:
        if len(data) > max_bytes:
            refuse(f"{topic} brought {len(data)} bytes, expected at most {max_bytes}: refused")
            return
        try:
            message = deserialize_message(data, kind)
        except RuntimeError:  # what rclpy raises for bytes that are no such message
            refuse(f"{topic} brought {len(data)} bytes that are no {kind.__name__}: refused")
            return
        take(*(message, info) if with_info else (message,))

    def refuse(sentence: str) -> None:
        node.get_logger().warning(sentence, throttle_duration_sec=LOG_EVERY_S)

    return node.create_subscription(kind, topic, on_bytes, qos, raw=True, event_callbacks=told)
