"""One function run for many jobs in worker processes: on this machine here, on a cluster in `cluster.py`.

Results do not depend on the number of workers. Each worker is a fresh process with one thread per
library: with a busy neighbour, two threads in one process are slower than one.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from functools import partial
from typing import Any, Protocol

from sovereign_robot.contract.errors import SovereignError, UsageError

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# Finished or running ahead of the reader, per worker: enough to keep each busy, few enough to fit in memory.
AHEAD = 2

# Called once in each worker; gives the function that is called with each job. Both are sent to the workers.
Make = Callable[[], Callable[[Any], Any]]

_make: Make | None = None
_run: Callable[[Any], Any] | None = None


class Pool(Protocol):
    """Workers that take jobs."""

    @property
    def jobs_ahead(self) -> int:
        """How many jobs keep every worker busy."""

    def submit(self, job: Any) -> Future:
        """Have a job done."""

    def result(self, job: Any, future: Future) -> Any:
        """Wait for it.

        Raises:
            SovereignError: its worker died.
        """


def for_seeds[T](
    make: Callable[[], Callable[[int], T]], seeds: Iterable[int], workers: int
) -> Generator[tuple[int, T], None, None]:
    """Yield (seed, result) in the order of `seeds`; closing the iterator ends the workers.

    Args:
        make: called once in each worker; returns the function that is called with each seed. It and the
            results must be picklable.
        seeds: may be endless.
        workers: number of processes; 0 runs in this process.

    Raises:
        UsageError: fewer than 0 workers.
        SovereignError: a worker died.
    """
    with local_pool(make, workers) as pool:
        waiting: deque[tuple[int, Future]] = deque()
        iterator = iter(seeds)
        while True:
            while len(waiting) < pool.jobs_ahead and (seed := next(iterator, None)) is not None:
                waiting.append((seed, pool.submit(seed)))
            if not waiting:
                return
            seed, future = waiting.popleft()
            yield seed, pool.result(seed, future)


def as_finished[J, T](pool: Pool, next_job: Callable[[], J | None]) -> Generator[tuple[J, T], None, None]:
    """Yield (job, result) as they come.

    Args:
        pool: of workers that turn a J into a T.
        next_job: asked whenever a worker may become idle; None when there is no job now. It ends when there
            is none and none is under way.

    Raises:
        SovereignError: a worker died.
    """
    running: dict[Future, J] = {}
    while True:
        while len(running) < pool.jobs_ahead and (job := next_job()) is not None:
            running[pool.submit(job)] = job
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            job = running.pop(future)
            yield job, pool.result(job, future)


@contextmanager
def local_pool(make: Make, workers: int) -> Iterator[Pool]:
    """Processes of this machine; 0 workers is this process itself.

    Raises:
        UsageError: fewer than 0 workers.
    """
    if workers < 0:
        raise UsageError(f"workers is {workers}, expected 0 (this process) or more")
    if workers == 0:
        yield _ThisProcess(make)
        return
    with closing(_Processes(make, workers)) as pool:
        yield pool


class _ThisProcess:
    jobs_ahead = 1

    def __init__(self, make: Make) -> None:
        self._run = make()

    def submit(self, job: Any) -> Future:
        future: Future = Future()
        future.set_result(self._run(job))
        return future

    def result(self, job: Any, future: Future) -> Any:
        return future.result()


class _Processes:
    def __init__(self, make: Make, workers: int) -> None:
        self.jobs_ahead = workers * AHEAD
        self._before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
        os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=partial(_start, make))

    def submit(self, job: Any) -> Future:
        return self._pool.submit(_call, job)

    def result(self, job: Any, future: Future) -> Any:
        try:
            return future.result()
        except BrokenProcessPool as error:
            raise SovereignError(
                f"a worker process died at {_name(job)}: free some memory or use fewer --workers"
            ) from error

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _name(job: object) -> str:
    return f"seed {job}" if isinstance(job, int) else str(job)


def _start(make: Make) -> None:
    """Prepare one worker; the parent alone answers Ctrl-C, and the worker ends when the parent does."""
    global _make
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _make = make


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """A parent that was killed cannot end its workers."""
    parent.join()
    os._exit(1)


def _call(job: object) -> object:
    global _run
    if _make is None:
        raise RuntimeError("the worker was not started")
    _run = _run or _make()
    return _run(job)
