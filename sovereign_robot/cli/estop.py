"""Stop the arm of the running robot: now, or with --keys at the press of a key.

It asks the safety node through ROS and stands in for no wired emergency stop.
"""

import os
import select
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sovereign_robot.contract import names
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.nodes.stop_key import StopKey, stop_key

STOP_KEYS = (" ", "\n", "\r")
HELP = "space or Enter: stop    r: reset    s: start    q: leave"


@dataclass
class Args:
    """What `sovereign-robot estop` takes."""

    keys: bool = False
    """Stay, show what the safety node says, and stop at the press of space or Enter."""
    timeout: float = 2.0
    """How long the safety node may take to answer [s]."""


def main(args: Args) -> int:
    """Stops; 0 when the safety node says that the arm is stopped, else 1."""
    if args.timeout <= 0.0:
        raise UsageError(f"--timeout is {args.timeout}, expected above 0")
    if args.keys and not sys.stdin.isatty():
        raise UsageError("--keys needs a terminal: without one, leave it out to stop at once")
    with stop_key() as key:
        if args.keys:
            _obey_keys(key, args.timeout)
        else:
            key.press(args.timeout)
            print(key.state)
    return 0


def _obey_keys(key: StopKey, timeout_s: float) -> None:
    print(HELP, flush=True)
    shown = ""
    with _single_keys():
        while True:
            key.spin()
            if key.state != shown:
                shown = key.state
                print(shown, flush=True)
            if not select.select([sys.stdin], [], [], 0.0)[0]:
                continue
            pressed = os.read(sys.stdin.fileno(), 1).decode("ascii", "replace")
            if pressed in ("q", ""):
                return
            _obey(key, pressed, timeout_s)


def _obey(key: StopKey, pressed: str, timeout_s: float) -> None:
    if pressed in STOP_KEYS:
        key.press(timeout_s)
    elif pressed == "r":
        print(key.ask(names.SAFETY_RESET, timeout_s), flush=True)
    elif pressed == "s":
        print(key.ask(names.SAFETY_START, timeout_s), flush=True)


@contextmanager
def _single_keys() -> Iterator[None]:
    """Let each key be read at once, without Enter."""
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
