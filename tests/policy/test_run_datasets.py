import json

import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.policy.bundle import FACTS, open_bundle
from sovereign_robot.policy.default import default_policy_dir
from sovereign_robot.policy.run_datasets import gathered, spread

FIRST, SECOND = {"seed": 0, "tasks": {"lift": {}}}, {"seed": 1, "tasks": {"stack": {}}}
RUNS = {"datasets": [SECOND, FIRST], "step": 9, "history": [{"datasets": [FIRST], "step": 3}]}


def test_each_summary_is_kept_once_and_comes_back_where_it_was():
    kept = gathered(RUNS)

    assert kept["dataset_summaries"] in ([FIRST, SECOND], [SECOND, FIRST])
    assert spread(json.loads(json.dumps(kept))) == RUNS


@pytest.mark.parametrize("facts", [RUNS, {"student": {}}, {"datasets": [FIRST]}])
def test_facts_without_references_stay_as_they_are(facts):
    assert spread(facts) == facts
    assert spread(gathered(facts)) == facts


@pytest.mark.parametrize("place", [2, -1, "0"])
def test_a_reference_to_nothing_is_refused(place):
    broken = gathered(RUNS) | {"datasets": [place]}

    with pytest.raises(ValueError, match=r"refers to dataset .*, expected 0 \.\. 1"):
        spread(broken)


def test_the_shipped_policy_says_each_dataset_once():
    kept = json.loads((default_policy_dir() / FACTS).read_text(encoding="utf-8"))
    whole = open_bundle(default_policy_dir(), load_robot("so101")).facts

    assert len(kept["dataset_summaries"]) == len(
        {json.dumps(d, sort_keys=True) for d in kept["dataset_summaries"]}
    )
    assert all("seed" in d for run in (*whole["history"], whole) for d in run["datasets"])
