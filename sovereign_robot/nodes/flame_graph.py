"""Flame graphs of running processes by py-spy, which looks at them from outside and needs nothing in them."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sovereign_robot.contract.errors import UsageError

SAMPLES_HZ = 100
END_S = 30.0


def require_py_spy() -> str:
    """Path of py-spy: beside this Python or on the PATH.

    Raises:
        UsageError: it is not there; says how to install it.
    """
    found = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if found is None:
        raise UsageError("py-spy is missing: install it with `pip install -e '.[viz]' -c constraints.txt`")
    return found


@contextmanager
def flame_graphs(py_spy: str, pids: Mapping[str, int], out: Path) -> Iterator[list[Path]]:
    """Draw what processes do during the block into `<out>/flame-<name>.svg`; threads are kept apart.

    The list that is given holds the files once the block has ended: those that py-spy could write.
    """
    drawn: list[Path] = []
    files = {name: out / f"flame-{name}.svg" for name in pids}
    watching = [_watch(py_spy, pids[name], files[name]) for name in pids]
    try:
        yield drawn
    finally:
        for process in watching:
            process.send_signal(signal.SIGINT)
        for process in watching:
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        drawn += [file for file in files.values() if file.exists()]


def _watch(py_spy: str, pid: int, file: Path) -> subprocess.Popen[bytes]:
    file.unlink(missing_ok=True)
    command = [py_spy, "record", "--format", "flamegraph", "--threads", "--rate", str(SAMPLES_HZ)]
    return subprocess.Popen(
        [*command, "--output", str(file), "--pid", str(pid)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
