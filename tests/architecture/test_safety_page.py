"""docs/safety.md names tests that exist and lists every fault of the campaign."""

import re
from pathlib import Path

from sovereign_robot.evaluation.fault_report import BEGIN, END
from sovereign_robot.nodes.faults.campaign import FAULTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")


def test_every_test_that_shows_a_promise_exists():
    named = set(re.findall(r"`((?:tests|evaluation)/[\w./]+\.py)`", PAGE))
    assert len(named) > 5
    folders = (ROOT, ROOT / "sovereign_robot")
    assert [path for path in named if not any((folder / path).is_file() for folder in folders)] == []


def test_every_promise_is_shown_by_something():
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", PAGE.partition("## What is not")[0], flags=re.MULTILINE)
    assert len(rows) > 5
    for promise, shown_by in rows[1:]:
        assert "below" in shown_by or "`tests/" in shown_by, promise


NO_FAULTS = {
    "safety_node",
    "policy_node",
    "joint_states",
    "oldest_observation_s",
    "image_hold_s",
    "arm_driver",
}


def test_every_fault_that_is_named_is_one_of_the_campaign():
    promises = PAGE.partition(BEGIN)[0]
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", promises)) - NO_FAULTS
    assert named <= {fault.name for fault in FAULTS}


def test_the_table_holds_every_fault():
    table = PAGE.partition(BEGIN)[2].partition(END)[0]
    assert [fault.name for fault in FAULTS if f"| {fault.what} |" not in table] == []
