"""kill -9 at any moment: the dataset opens, holds only whole episodes, and the same command completes it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sovereign_robot.datasets.frames import load_frames
from sovereign_robot.datasets.lerobot_v3 import open_dataset
from sovereign_robot.datasets.merge import collected
from sovereign_robot.datasets.takes import done_takes, unfinished
from tests.cli import fake_collection
from tests.cli.fake_collection import EPISODES, SEEDS, run
from tests.datasets.samples import sample_episode, small_robot


@contextmanager
def running(out: Path, until: Callable[[], bool]) -> Iterator[subprocess.Popen]:
    """A collection of its own process group that has come as far as `until`."""
    process = subprocess.Popen(
        [sys.executable, fake_collection.__file__, str(out), "2"],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not until():
            assert process.poll() is None
            time.sleep(0.01)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> str:
    out = tmp_path_factory.mktemp("undisturbed") / "dataset"
    run(out, 0)
    return collected(out)["content_sha256"]


def require_whole(out: Path) -> int:
    """Open the dataset and look at every frame; returns the number of episodes."""
    frames = load_frames(out, small_robot())
    episodes = open_dataset(out, small_robot()).collection["episodes"]
    assert len({(e["task"], e["seed"]) for e in episodes}) == len(episodes)
    for index, episode in enumerate(episodes):
        recorded = sample_episode(episode["seed"])
        shown = frames.joint_position_rad[frames.episode_index == index]
        assert abs(shown - recorded.joint_position_rad).max() < 1e-6
    return len(episodes)


def require_completed(out: Path, content: str) -> None:
    run(out, 0)
    episodes = open_dataset(out, small_robot()).collection["episodes"]
    assert [(e["task"], e["seed"]) for e in episodes] == [(t, s) for t in SEEDS for s in SEEDS[t]]
    assert collected(out)["content_sha256"] == content


def test_killing_the_whole_group_loses_what_was_under_way_alone(tmp_path, undisturbed):
    out = tmp_path / "dataset"
    with running(out, lambda: len(done_takes(out)) >= 3) as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        there = len(done_takes(out))

    assert require_whole(out) == there
    require_completed(out, undisturbed)


def test_killing_the_command_ends_its_workers(tmp_path, undisturbed):
    out = tmp_path / "dataset"
    with running(out, lambda: len(done_takes(out)) >= 2) as process:
        workers = children(process.pid)
        process.kill()
        process.wait()
        for worker in workers:
            wait_until_gone(worker)

    require_whole(out)
    require_completed(out, undisturbed)


def test_killing_the_merge_leaves_the_takes_to_merge_again(tmp_path, undisturbed):
    out = tmp_path / "dataset"
    with running(out, lambda: any(unfinished(out).glob("merged.*"))) as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    assert require_whole(out) == len(SEEDS) * EPISODES
    require_completed(out, undisturbed)


def children(parent: int) -> list[int]:
    listed = (Path(f"/proc/{parent}/task/{parent}/children")).read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def wait_until_gone(pid: int) -> None:
    deadline_s = time.monotonic() + 20.0
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline_s, f"process {pid} lives on"
        time.sleep(0.02)
