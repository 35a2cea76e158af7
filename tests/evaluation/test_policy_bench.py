import dataclasses

import numpy as np
import pytest

from sovereign_robot.contract.errors import SovereignError, UsageError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.evaluation.onnx_file import Stored
from sovereign_robot.evaluation.policy_bench import Bounds, PolicyCost, measure_policy, run_process
from sovereign_robot.policy.bundle import GRAPHS, open_bundle
from sovereign_robot.policy.default import default_policy_dir

BOUNDS = Bounds(p50_ms=5.0, p99_ms=10.0, memory_mb=400.0, cold_start_s=2.0)
COST = PolicyCost(
    bundle=open_bundle(default_policy_dir(), load_robot("so101")),
    inference_s=np.linspace(0.001, 0.009, 101),
    resident_mb=180.0,
    peak_mb=200.0,
    threads=1,
    cold_start_s=(0.9, 5.0, 1.0),
    stored={"policy.onnx": Stored(1_000_000, 18), "text.onnx": Stored(500_000, 18)},
    files={"policy.json": 100, "policy.onnx": 4000, "text.onnx": 900},
)


def test_every_value_is_held_against_its_bound():
    checks = {check.name: check for check in COST.checks(BOUNDS)}

    assert checks["inference p50"].value == pytest.approx(5.0)
    assert checks["inference p99"].value == pytest.approx(8.92)
    assert checks["cold start to first action"].value == 1.0
    assert all(check.passed for check in checks.values())


@pytest.mark.parametrize(
    ("field", "bound"), [("p50_ms", 4.9), ("p99_ms", 8.9), ("memory_mb", 199.0), ("cold_start_s", 0.99)]
)
def test_each_bound_alone_decides(field, bound):
    checks = COST.checks(dataclasses.replace(BOUNDS, **{field: bound}))

    assert sum(not check.passed for check in checks) == 1


def test_the_report_holds_sizes_and_every_percentile():
    data = COST.as_dict()

    assert data["parameters"] == 1_500_000
    assert data["bytes"]["all"] == 5000
    assert set(data["inference"]) >= {"n", "p50_ms", "p95_ms", "p99_ms", "max_ms"}
    assert data["cold_start"]["median_s"] == 1.0


def test_a_policy_is_measured_in_processes_of_its_own():
    cost = measure_policy(COST.bundle, "so101", calls=5, starts=1)

    assert len(cost.inference_s) == 5
    assert cost.threads >= 1
    assert 20.0 < cost.resident_mb <= cost.peak_mb
    assert cost.first_action_s > 0.0
    assert set(cost.stored) == set(GRAPHS)


def test_a_process_that_ends_early_is_named_with_what_it_said_last(tmp_path):
    with pytest.raises(SovereignError, match=r"ended with status 1; it said last: .*holds no policy\.json"):
        run_process(tmp_path, "so101", 1)


def test_no_call_and_a_bound_of_nothing_are_refused():
    with pytest.raises(UsageError, match="--calls 0 --starts 1: expected at least 1 of each"):
        measure_policy(COST.bundle, "so101", 0, 1)
    with pytest.raises(UsageError, match=r"--memory-mb 0 .*: expected bounds above 0"):
        Bounds(5.0, 10.0, 0.0, 2.0)
