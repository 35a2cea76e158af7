"""What a process does so that its loop ticks on time: real-time scheduling, no long pause.

A loop that shares its cores with training or a browser waits for them up to 20 ms a tick; as a SCHED_FIFO
process it goes first (man 7 sched). The kernel leaves 5 % of each core to all others, so that even a loop
that never sleeps does not take the machine away. What brings an emergency stop goes before all others.
Inference does not go first: it computes for long.
"""

import gc
import os
import sys

ARM_PRIORITY, COMMAND_PRIORITY, STOP_PRIORITY = 10, 20, 30


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


def spare_what_stays() -> None:
    """Leave what exists now out of every later garbage collection: else a full one takes 27 ms."""
    gc.collect()
    gc.freeze()
