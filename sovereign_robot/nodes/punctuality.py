"""What a process does so that its loop ticks on time: real-time scheduling, memory that stays, short pauses.

A loop that shares its cores with training or a browser waits for them up to 20 ms a tick; as a SCHED_FIFO
process it goes first (man 7 sched). The kernel leaves 5 % of each core to all others, so that even a loop
that never sleeps does not take the machine away.
"""

import ctypes
import gc
import os
import sys

ARM_PRIORITY, COMMAND_PRIORITY = 10, 20
# mallopt(3) of glibc: by default every block above 128 KB is new memory from the kernel, which it hands over
# page by page: 0.7 ms for each 640x480 picture, against 0.1 ms in memory that the process keeps.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 64 * 2**20
_MMAP_BYTES = 32 * 2**20  # the greatest that glibc takes


def go_first(priority: int) -> str:
    """Have the kernel run this process, threads to come included, before all that is not real-time.

    Returns:
        "" or one sentence that says why it may tick late here.
    """
    if sys.platform != "linux":
        return "real-time scheduling needs Linux: commands may come late when the machine is busy"
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
    except PermissionError:
        return (
            "real-time scheduling is not permitted, so commands may come late when the machine is busy: "
            f"allow it with 'rtprio {priority}' for this user in /etc/security/limits.conf, or give the "
            "container --ulimit rtprio=99 --cap-add sys_nice"
        )
    return ""


def keep_memory() -> None:
    """Let freed memory stay with the process, so that the next picture needs none from the kernel."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and takes all from the kernel
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def spare_what_stays() -> None:
    """Leave what exists now out of every later garbage collection: a full one takes 10 ms of a tick else."""
    gc.collect()
    gc.freeze()
