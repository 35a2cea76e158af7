"""One function run for many seeds in worker processes, its results in the order of the seeds.

Results do not depend on the number of workers. Each worker is a fresh process with one thread per
library: with a busy neighbour, two threads in one process are slower than one.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import Any

from sovereign_robot.contract.errors import SovereignError, UsageError

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# Finished or running ahead of the reader, per worker: enough to keep each busy, few enough to fit in memory.
AHEAD = 2

_make: Callable[[], Callable[[int], object]] | None = None
_run: Callable[[int], object] | None = None


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
    if workers < 0:
        raise UsageError(f"workers is {workers}, expected 0 (this process) or more")
    if workers == 0:
        run = make()
        yield from ((seed, run(seed)) for seed in seeds)
        return
    with _pool(make, workers) as pool:
        waiting: deque[tuple[int, Future]] = deque()
        iterator = iter(seeds)
        while True:
            while len(waiting) < workers * AHEAD and (seed := next(iterator, None)) is not None:
                waiting.append((seed, pool.submit(_call, seed)))
            if not waiting:
                return
            seed, future = waiting.popleft()
            yield seed, _result(seed, future)


@contextmanager
def _pool(make: Callable[[], Callable[[int], object]], workers: int) -> Iterator[ProcessPoolExecutor]:
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=partial(_start, make))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _result(seed: int, future: Future) -> Any:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise SovereignError(
            f"a worker process died at seed {seed}: free some memory or use fewer --workers"
        ) from error


def _start(make: Callable[[], Callable[[int], object]]) -> None:
    """Prepare one worker; Ctrl-C is answered by the parent alone."""
    global _make
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _make = make


def _call(seed: int) -> object:
    global _run
    if _make is None:
        raise RuntimeError("the worker was not started")
    _run = _run or _make()
    return _run(seed)
