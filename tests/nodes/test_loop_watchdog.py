import threading

from sovereign_robot.contract.fakes import ManualClock
from sovereign_robot.nodes.loop_watchdog import LoopWatchdog


def test_it_acts_when_the_loop_is_late_and_not_before():
    clock, acted = ManualClock(), threading.Event()
    watchdog = LoopWatchdog(clock, 0.001, 0.05, acted.set)
    watchdog.start()
    try:
        clock.advance(0.05)
        assert not acted.wait(0.05)
        clock.advance(0.01)
        assert acted.wait(10.0)
    finally:
        watchdog.close()


def test_a_loop_that_comes_round_keeps_it_quiet():
    clock, acted = ManualClock(), threading.Event()
    watchdog = LoopWatchdog(clock, 0.001, 0.05, acted.set)
    watchdog.start()
    try:
        for _ in range(20):
            clock.advance(0.04)
            watchdog.feed()
        assert not acted.wait(0.05)
    finally:
        watchdog.close()


def test_a_watchdog_that_never_started_can_be_closed():
    LoopWatchdog(ManualClock(), 0.001, 0.05, lambda: None).close()
