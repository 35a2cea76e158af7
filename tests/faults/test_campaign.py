"""The short round of the fault campaign on real processes and real DDS; `bench faults` has the rest."""

from collections import Counter
from collections.abc import Iterator

import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.nodes.faults.campaign import FAULTS, campaign, chosen_faults, run_fault
from sovereign_robot.nodes.faults.fault import Fault
from sovereign_robot.nodes.faults.stack import Stack
from tests.nodes.conftest import next_domain_id

FAST = [fault for fault in FAULTS if fault.fast]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One graph for all cases: each leaves it moving."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ROS_DOMAIN_ID", str(next_domain_id()))
        with campaign(tmp_path_factory.mktemp("logs")) as made:
            yield made


@pytest.mark.parametrize("fault", FAST, ids=[fault.name for fault in FAST])
def test_the_robot_survives(stack: Stack, fault: Fault):
    result = run_fault(stack, fault)
    assert result.broken == (), result.as_dict()


def test_every_fault_has_a_name_of_its_own_and_a_bound():
    assert [name for name, n in Counter(fault.name for fault in FAULTS).items() if n > 1] == []
    for fault in FAULTS:
        assert fault.name.isidentifier()
        assert fault.promise.states
        assert fault.lasts_s > fault.promise.within_s


def test_faults_are_chosen_by_name_and_by_group():
    assert [fault.name for fault in chosen_faults(["joint_missing"])] == ["joint_missing"]
    assert {fault.group for fault in chosen_faults(["cameras", "clock"])} == {"cameras", "clock"}
    assert chosen_faults([]) == FAULTS
    with pytest.raises(UsageError, match="no fault 'coffee', expected one of "):
        chosen_faults(["coffee"])
