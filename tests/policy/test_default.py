"""The policy in the package: whole, small, made for the shipped robot, and open about how it was made."""

import json

import pytest

from sovereign_robot.contract.fakes import example_observation
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.policy.bundle import FACTS, GRAPHS, Bundle, open_bundle
from sovereign_robot.policy.default import default_policy_dir
from sovereign_robot.policy.onnx_policy import OnnxPolicy

ROBOT = load_robot("so101")


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return open_bundle(default_policy_dir(), ROBOT)


def test_it_is_whole_and_plans_for_the_shipped_robot(shipped):
    chunk = OnnxPolicy(shipped).predict(example_observation(ROBOT))

    assert len(chunk.position_rad) == shipped.horizon
    chunk.validate(ROBOT)


def test_it_takes_at_most_12_megabytes(shipped):
    assert sum((shipped.folder / name).stat().st_size for name in (FACTS, *GRAPHS)) <= 12e6


def test_it_says_how_it_was_trained_and_on_what(shipped):
    facts = shipped.facts

    assert facts["step"] == facts["recipe"]["steps"]
    assert facts["parity_rad"] < 1e-4
    assert {dataset["contract_sha256"] for dataset in facts["datasets"]} == {ROBOT.sha256}
    assert {dataset["split"] for dataset in facts["datasets"]} == {"train"}


def test_its_report_is_of_itself_on_held_out_layouts_with_interval_and_seeds(shipped):
    report = json.loads((shipped.folder / "report.json").read_text())

    assert report["policy"]["sha256"] == shipped.sha256
    assert report["contract_sha256"] == ROBOT.sha256
    assert report["splits"] == ["held_out"]
    assert len(report["seeds"]) == report["success"]["n"] >= 200
    assert report["success"]["interval95"][0] <= report["success"]["rate"]
    assert report["success"]["rate"] >= 0.9
