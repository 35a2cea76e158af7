"""What changes a whole process is looked at in processes of their own."""

import gc
import subprocess
import sys

import pytest

from sovereign_robot.nodes.punctuality import COMMAND_PRIORITY, spare_what_stays

NOBODY = 65534
FIRST = """
import os, sys, threading
from sovereign_robot.nodes.punctuality import go_first

if os.getuid() == 0 and sys.argv[1] == "nobody":
    os.setuid({nobody})
said = go_first({priority})
thread = threading.Thread(target=lambda: print(os.sched_getscheduler(0) == os.SCHED_FIFO))
thread.start()
thread.join()
print(said)
"""
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the scheduler and the allocator of Linux")


def run(script: str, *words: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@linux_only
@pytest.mark.parametrize("who", ["me", "nobody"])
def test_a_process_and_its_threads_go_first_or_say_in_one_sentence_why_not(who: str):
    first, said = run(FIRST.format(nobody=NOBODY, priority=COMMAND_PRIORITY), who)
    assert (first == "True") == (said == "")
    assert said == "" or f"allow it with 'rtprio {COMMAND_PRIORITY}' for this user" in said
    assert who == "me" or said


def test_what_exists_at_the_start_is_not_looked_at_in_every_collection():
    try:
        spare_what_stays()
        assert len(gc.get_objects()) < 0.1 * gc.get_freeze_count()
    finally:
        gc.unfreeze()
