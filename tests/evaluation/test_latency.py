import json
from pathlib import Path

import numpy as np
import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.evaluation.latency import PARTS, GraphTiming, LatencyBounds, ProcessLoad
from sovereign_robot.evaluation.latency_report import write_latency_report

BOUNDS = LatencyBounds(35.0, 60.0, 2.0, 0.5, 1.0, 60.0)


def load(cores: float = 0.3, memory_mb: tuple[float, ...] = (100.0,) * 20) -> ProcessLoad:
    return ProcessLoad(cores, 0.01, memory_mb)


def timing(**changes: object) -> GraphTiming:
    values = {
        "seconds": 10.0,
        "control_step_s": 0.01,
        "parts_s": {part: np.full(50, 0.004) for part in PARTS},
        "tick_period_s": np.full(1000, 0.0105),
        "sent": 1000,
        "arrived": 998,
        "processes": {name: load() for name in ("sim_node", "policy_node", "safety_node")},
    }
    return GraphTiming(**(values | changes))


def fell_short(measured: GraphTiming) -> list[str]:
    return [check.name for check in measured.checks(BOUNDS) if not check.passed]


def test_the_latency_is_the_sum_of_its_parts():
    np.testing.assert_allclose(timing().latency_s, 0.004 * len(PARTS))
    assert fell_short(timing()) == []


def test_a_tick_is_missed_when_it_comes_more_than_10_ms_late():
    periods_s = np.array([0.01, 0.0199, 0.0201, 0.001])
    assert timing(tick_period_s=periods_s).missed == 1
    assert "missed ticks" in fell_short(timing(tick_period_s=periods_s))


def test_pictures_that_do_not_arrive_are_counted():
    assert timing(arrived=990).lost_percent == pytest.approx(1.0)
    assert fell_short(timing(arrived=990)) == ["lost pictures"]


def test_memory_grows_from_when_all_is_loaded():
    starting = load(memory_mb=(50.0, 50.0) + (100.0,) * 18)
    leaking = load(memory_mb=tuple(np.linspace(100.0, 103.0, 20)))
    assert starting.growth_percent == 0.0
    assert leaking.growth_percent == pytest.approx(2.5, abs=0.3)
    assert fell_short(timing(processes={"safety_node": leaking})) == ["memory growth"]


def test_the_simulator_and_the_policy_share_two_cores():
    processes = {"sim_node": load(0.8), "policy_node": load(0.5), "safety_node": load(0.9)}
    assert fell_short(timing(processes=processes)) == ["sim_node and policy_node"]


def test_a_robot_that_was_never_commanded_keeps_no_bound_of_time():
    empty = {part: np.empty(0) for part in PARTS}
    short = fell_short(timing(parts_s=empty, tick_period_s=np.empty(0), sent=0, arrived=0))
    assert short == ["camera to command p50", "camera to command p99", "loop jitter p99", "lost pictures"]


def test_a_bound_of_zero_is_refused_by_name():
    with pytest.raises(UsageError, match=r"--jitter-ms 0: expected bounds above 0"):
        LatencyBounds(35.0, 60.0, 0.0, 0.5, 1.0, 60.0)


def test_the_report_holds_the_parts_the_bounds_and_a_link_to_each_flame_graph(tmp_path: Path):
    measured = timing(parts_s={part: np.full(50, 0.02) for part in PARTS})
    flames = [tmp_path / "flame-sim_node.svg"]
    page = write_latency_report(tmp_path, measured, measured.checks(BOUNDS), {"cores": "2"}, flames)
    data = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert data["passed"] is False
    assert data["spreads"]["inference"]["p50_s"] == 0.02
    assert set(data["processes"]) == {"sim_node", "policy_node", "safety_node"}
    html = page.read_text(encoding="utf-8")
    assert "href='flame-sim_node.svg'" in html
    assert html.count("<svg") == len(PARTS) + 2
    assert "カメラから指令まで" in html


def test_what_could_not_be_measured_is_null_in_json(tmp_path: Path):
    measured = timing(tick_period_s=np.empty(0))
    write_latency_report(tmp_path, measured, measured.checks(BOUNDS), {})
    checks = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["checks"]
    assert {check["name"]: check["value"] for check in checks}["loop jitter p99"] is None
