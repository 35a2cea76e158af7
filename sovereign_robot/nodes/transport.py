"""Let Fast DDS carry camera images between processes, and keep everything on this machine.

Fast DDS's own shared memory is 512 KB, less than one 640x480 image (900 KB): of two such cameras at 30 Hz it
delivers a third to a half. `config/fastdds/this_machine.xml` gives it room for several images, and sockets
on loopback only, through which plain ROS tools see the graph.

`ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST` does not go with it: for that value rmw_fastrtps makes transports of
its own, small ones, with sockets on every interface. All of this is read when the first participant is made;
what the user has set is kept.
"""

import os
import shutil
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from sovereign_robot.contract.resources import share_dir

TRANSPORT = "FASTDDS_BUILTIN_TRANSPORTS"
PROFILE = "FASTDDS_DEFAULT_PROFILES_FILE"
DISCOVERY = "ROS_AUTOMATIC_DISCOVERY_RANGE"
DOMAIN = "ROS_DOMAIN_ID"
CHOICES = (TRANSPORT, PROFILE, "FASTRTPS_DEFAULT_PROFILES_FILE")
OVER_THE_NETWORK = "DEFAULT?max_msg_size=65500&sockets_size=4MB"
SHARED_MEMORY = Path("/dev/shm")
# Domains 1 .. 99 keep clear of the ports that Linux gives to others; 0 is everyone's default.
DOMAINS = 99
# Fast DDS allocates 9 MB for each process with these settings; the demo runs four.
NEEDED_MB = 40


def prepare_transport(
    environ: MutableMapping[str, str] = os.environ, shared_memory: Path = SHARED_MEMORY
) -> str:
    """Set what delivers images between processes; call it before `rclpy.init`.

    Returns:
        "" or one sentence that says why images may be lost on this machine.
    """
    if any(name in environ for name in CHOICES):
        return ""
    free_mb = shutil.disk_usage(shared_memory).free // 2**20 if shared_memory.is_dir() else 0
    if not _is_fast_dds(environ) or free_mb < NEEDED_MB:
        environ.setdefault(DISCOVERY, "LOCALHOST")
    elif environ.get(DISCOVERY, "LOCALHOST") == "LOCALHOST":
        environ[PROFILE] = str(share_dir() / "config" / "fastdds" / "this_machine.xml")
        environ[DISCOVERY] = "SYSTEM_DEFAULT"
    else:
        environ[TRANSPORT] = OVER_THE_NETWORK
    if free_mb >= NEEDED_MB or not _is_fast_dds(environ):
        return ""
    return (
        f"{shared_memory} has {free_mb} MB free, expected {NEEDED_MB} MB: camera images above 64 KB may be "
        "lost between processes; free some, or start the container with --shm-size=256m"
    )


def own_domain(environ: MutableMapping[str, str] = os.environ) -> int:
    """A DDS domain that this process and its children have to themselves, unless the user chose one.

    A simulated robot on the domain of a real one would command the real arm.
    """
    return int(environ.setdefault(DOMAIN, str(1 + os.getpid() % DOMAINS)))


def transport_in_use(environ: Mapping[str, str] = os.environ) -> str:
    """What `prepare_transport` or the user chose, for people to read."""
    return next((f"{name}={environ[name]}" for name in CHOICES if name in environ), "the middleware's own")


def _is_fast_dds(environ: Mapping[str, str]) -> bool:
    return environ.get("RMW_IMPLEMENTATION", "rmw_fastrtps_cpp").startswith("rmw_fastrtps")
