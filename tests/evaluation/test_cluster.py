import os
from functools import partial

import pytest

from sovereign_robot.contract.errors import SovereignError, UsageError
from sovereign_robot.evaluation.cluster import ray_pool
from sovereign_robot.evaluation.parallel import as_finished
from sovereign_robot.evaluation.statistics import wilson

# Called once in a worker, each gives the function that is called with a job.
TWO_TO_THE = partial(partial, pow, 2)
FAILS_ABOVE_2 = partial(partial, wilson, n=2)
DIES = partial(partial, os._exit)


def run(make, jobs, workers, address):
    waiting = iter(jobs)
    with ray_pool(make, workers, address) as pool:
        return sorted(as_finished(pool, lambda: next(waiting, None)))


def test_a_cluster_does_every_job_once_and_a_fault_reaches_the_caller_as_itself(ray_cluster):
    jobs = iter([0, 1, 2, 3])
    with ray_pool(FAILS_ABOVE_2, 1, ray_cluster) as pool:
        results = as_finished(pool, lambda: next(jobs, None))
        assert [next(results)[0] for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="3 successes of 2 episodes"):
            next(results)


def test_a_worker_that_dies_is_one_sentence(ray_cluster):
    with pytest.raises(
        SovereignError, match="a worker on the Ray cluster died at 1: run the same command again"
    ):
        run(DIES, [1], 1, ray_cluster)


def test_more_workers_than_the_cluster_has_cpus_are_refused(ray_cluster):
    with pytest.raises(UsageError, match="has 2 CPUs, expected one for each of 3 workers: use --workers 2"):
        run(TWO_TO_THE, [1], 3, ray_cluster)


@pytest.mark.parametrize("address", ["127.0.0.1:9", "nonsense", "nowhere:what"])
def test_a_cluster_that_does_not_answer_is_one_sentence(address):
    with pytest.raises(
        UsageError, match=f"no Ray cluster answers at '{address}', expected auto or <host>:<port>"
    ):
        run(TWO_TO_THE, [1], 1, address)


def test_a_cluster_needs_a_worker():
    with pytest.raises(UsageError, match="workers is 0, expected 1 or more on a Ray cluster"):
        run(TWO_TO_THE, [1], 0, "auto")
