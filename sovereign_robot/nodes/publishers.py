"""Who publishes a topic, by name: ROS gives a message only the number of its sender."""

from collections.abc import Mapping
from typing import Any

from rclpy.node import Node

Gid = bytes


def sender_of(info: Mapping[str, Any]) -> Gid:
    """The number of the publisher behind a message's info."""
    gid: Mapping[str, bytes] | None = info["publisher_gid"]
    return b"" if gid is None else bytes(gid["data"])


class PublisherNames:
    """Names of the publishers of one topic; two of one name are told apart by a number."""

    def __init__(self, node: Node, topic: str) -> None:
        """Look at a topic through the eyes of a node."""
        self._node, self._topic = node, topic
        self._names: dict[Gid, str] = {}

    def name(self, gid: Gid) -> str:
        """Name of the node that has a publisher, always the same; its number where ROS knows no name."""
        if gid not in self._names:
            self._look(gid)
        return self._names.get(gid) or f"publisher {gid.hex()}"

    def others(self, mine: str) -> tuple[str, ...]:
        """Nodes that publish the topic besides one publisher of the node named `mine`."""
        names = [_full_name(info) for info in self._node.get_publishers_info_by_topic(self._topic)]
        if mine in names:
            names.remove(mine)
        return tuple(sorted(names))

    def _look(self, gid: Gid) -> None:
        for info in self._node.get_publishers_info_by_topic(self._topic):
            if bytes(info.endpoint_gid) == gid:
                name = _full_name(info)
                alike = sum(known.partition(" #")[0] == name for known in self._names.values())
                self._names[gid] = f"{name} #{alike + 1}" if alike else name


def _full_name(info: Any) -> str:
    return f"{info.node_namespace.rstrip('/')}/{info.node_name}"
