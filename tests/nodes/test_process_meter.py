import os
import time

import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.fakes import ManualClock
from sovereign_robot.nodes.process_meter import SAMPLE_EVERY_S, ProcessMeter, Usage, usage_of


def test_this_process_has_run_and_holds_memory():
    start_s, before = time.process_time(), usage_of(os.getpid())
    while time.process_time() < start_s + 0.1:
        pass
    after = usage_of(os.getpid())
    assert after.ran_s - before.ran_s >= 0.05
    assert after.waited_s >= before.waited_s
    assert 10.0 < after.resident_mb < 10_000.0


def test_a_process_that_is_gone_is_refused():
    with pytest.raises(UsageError, match="process 0 cannot be measured"):
        usage_of(0)


def test_loads_are_per_second_from_the_first_sample_to_the_last():
    clock, read = ManualClock(), iter([Usage(1.0, 0.0, 50.0), Usage(2.0, 1.0, 51.0), Usage(5.0, 2.0, 52.0)])
    meter = ProcessMeter({"sim_node": 7}, clock, lambda pid: next(read))
    for _ in range(3):
        meter.sample()
        clock.advance(4.0)
    load = meter.loads()["sim_node"]
    assert (load.cores, load.waited, load.resident_mb) == (0.5, 0.25, [50.0, 51.0, 52.0])


def test_it_looks_seldom_however_often_it_is_called():
    clock, looked = ManualClock(), []
    meter = ProcessMeter({"sim_node": 7}, clock, lambda pid: looked.append(pid) or Usage(0.0, 0.0, 1.0))
    for _ in range(100):
        meter.sample()
        clock.advance(SAMPLE_EVERY_S / 50)
    assert len(looked) == 2


def test_without_two_samples_there_is_no_load():
    meter = ProcessMeter({"sim_node": 7}, ManualClock(), lambda pid: Usage(0.0, 0.0, 1.0))
    assert meter.loads() == {}
    meter.sample()
    assert meter.loads() == {}
