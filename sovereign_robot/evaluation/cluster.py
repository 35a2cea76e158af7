"""The workers of `parallel.py` on a Ray cluster, so that many machines do the same jobs."""

import logging
import os
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any

from sovereign_robot.contract.errors import SovereignError, UsageError
from sovereign_robot.evaluation.parallel import AHEAD, THREAD_VARIABLES, Make, Pool

AUTO = "auto"
CONNECT_S, START_S = 5.0, 120.0


@contextmanager
def ray_pool(make: Make, workers: int, address: str) -> Iterator[Pool]:
    """Workers on a running Ray cluster that this machine is part of, one CPU each; they end with the block.

    Args:
        make: see `parallel.py`; the package must be installed on every machine of the cluster.
        workers: number of processes, at least 1.
        address: of the cluster, such as "10.0.0.1:6379"; "auto" is the one that this machine is part of.

    Raises:
        UsageError: no cluster answers there, or it has fewer CPUs than workers.
        SovereignError: the workers do not start.
        ModuleNotFoundError: Ray is not installed; the command line says what to install.
    """
    import ray

    if workers < 1:
        raise UsageError(f"workers is {workers}, expected 1 or more on a Ray cluster")
    _connect(address)
    try:
        cpus = int(ray.cluster_resources().get("CPU", 0))
        if cpus < workers:
            raise UsageError(
                f"the Ray cluster at {address} has {cpus} CPUs, expected one for each of {workers} workers: "
                f"use --workers {cpus} or add machines"
            )
        yield _RayPool(make, workers)
    finally:
        ray.shutdown()


def _connect(address: str) -> None:
    import ray

    try:
        if address != AUTO:
            _knock(address)
        # Ray tells its makers about each use unless this says no.
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        threads = {"env_vars": dict.fromkeys(THREAD_VARIABLES, "1")}
        ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL, runtime_env=threads)
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"no Ray cluster answers at {address!r}, expected {AUTO} or <host>:<port>: start one with "
            "`ray start --head`, or leave --ray out to use processes of this machine"
        ) from error


def _knock(address: str) -> None:
    """Find out in seconds that nobody is there; Ray itself tries for many minutes."""
    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), timeout=CONNECT_S).close()


class _Worker:
    """One process of the cluster."""

    def __init__(self, make: Make) -> None:
        self._make = make

    def start(self) -> None:
        self._run = self._make()

    def call(self, job: Any) -> Any:
        return self._run(job)


class _RayPool:
    def __init__(self, make: Make, workers: int) -> None:
        import ray

        self.jobs_ahead = workers * AHEAD
        worker: Any = ray.remote(num_cpus=1)(_Worker)
        self._workers: list[Any] = [worker.remote(make) for _ in range(workers)]
        self._load: Counter[int] = Counter()
        started = [worker.start.remote() for worker in self._workers]
        ready, _ = ray.wait(started, num_returns=workers, timeout=START_S)
        if len(ready) < workers:
            raise SovereignError(
                f"{len(ready)} of {workers} workers started on the Ray cluster within {START_S:.0f} s: "
                "it is busy, use fewer --workers"
            )
        for reference in started:
            self.result("its start", reference.future())

    def submit(self, job: Any) -> Future:
        index = min(range(len(self._workers)), key=self._load.__getitem__)
        future: Future = self._workers[index].call.remote(job).future()
        self._load[index] += 1
        future.add_done_callback(partial(self._unload, index))
        return future

    def _unload(self, index: int, _: Future) -> None:
        self._load[index] -= 1

    def result(self, job: Any, future: Future) -> Any:
        from ray.exceptions import RayActorError, RayTaskError

        try:
            return future.result()
        except RayActorError as error:
            raise SovereignError(
                f"a worker on the Ray cluster died at {job}: run the same command again"
            ) from error
        except RayTaskError as error:
            raise error.cause from error
