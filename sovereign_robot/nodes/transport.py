"""Let Fast DDS carry camera images between processes, and keep discovery on this machine.

The shared memory of Fast DDS's default is 512 KB, less than one 640x480 image (900 KB): of two such cameras
at 30 Hz it delivers a third to a half. With segments that hold several images all arrive, and plain ROS
tools still see the graph, because UDP stays on for discovery. Both settings are environment variables that
are read when the first participant is made; what the user has set is kept.
"""

import os
import shutil
from collections.abc import Mapping, MutableMapping
from pathlib import Path

TRANSPORT = "FASTDDS_BUILTIN_TRANSPORTS"
PROFILES = ("FASTDDS_DEFAULT_PROFILES_FILE", "FASTRTPS_DEFAULT_PROFILES_FILE")
DISCOVERY = "ROS_AUTOMATIC_DISCOVERY_RANGE"
DELIVERS = "DEFAULT?max_msg_size=65500&sockets_size=4MB"
SHARED_MEMORY = Path("/dev/shm")
# Fast DDS allocates 8.4 MB for each process with these settings; the demo runs four.
NEEDED_MB = 40


def prepare_transport(
    environ: MutableMapping[str, str] = os.environ, shared_memory: Path = SHARED_MEMORY
) -> str:
    """Set what delivers images between processes; call it before `rclpy.init`.

    Returns:
        "" or one sentence that says why images may be lost on this machine.
    """
    environ.setdefault(DISCOVERY, "LOCALHOST")
    if TRANSPORT in environ or any(name in environ for name in PROFILES) or not _is_fast_dds(environ):
        return ""
    free_mb = shutil.disk_usage(shared_memory).free // 2**20 if shared_memory.is_dir() else 0
    if free_mb < NEEDED_MB:
        return (
            f"{shared_memory} has {free_mb} MB free, expected {NEEDED_MB} MB: camera images above 64 KB may "
            "be lost between processes; free some, or start the container with --shm-size=256m"
        )
    environ[TRANSPORT] = DELIVERS
    return ""


def _is_fast_dds(environ: Mapping[str, str]) -> bool:
    return environ.get("RMW_IMPLEMENTATION", "rmw_fastrtps_cpp").startswith("rmw_fastrtps")
