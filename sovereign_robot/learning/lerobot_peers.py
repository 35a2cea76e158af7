"""Policies trained for a given wall time: LeRobot's by its own `lerobot-train` on our data, ours by `train`.

The wall time counts from the start of the process. A first leg of a few steps tells how long a step takes;
a second one goes on with as many steps as fit, so that schedules of the learning rate end with the run. A
run that is late is stopped, and its newest checkpoint counts.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sovereign_robot.contract.errors import SovereignError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.datasets.layout import STATE, image_feature
from sovereign_robot.learning.checkpoint import FACTS

FIRST_STEPS = 20
MARGIN = 0.95  # share of the time that is planned with
SAVES = 5
MANY = 10_000_000  # steps: only the time ends such a run
POLL_S = 2.0
BACKBONE = "resnet18-f37072fd.pth"  # torchvision's ImageNet weights, which LeRobot begins with
LAST, STEP = "checkpoints/last", "training_state/training_step.json"


@dataclass(frozen=True)
class Trained:
    """What a training run took and gave.

    Attributes:
        seconds: wall time, start-up included [s].
        step: optimiser steps.
        note: how it was trained, for people.
    """

    seconds: float
    step: int
    note: str

    def write(self, path: Path, asked: Mapping[str, object]) -> None:
        """Keep it as JSON, with what was asked for."""
        text = json.dumps({**asdict(self), "asked": dict(asked)}, indent=2, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


def train_peer(
    kind: str,
    dataset: Path,
    robot: RobotContract,
    out: Path,
    limit_s: float,
    threads: int = 2,
    flags: Sequence[str] = (),
) -> Trained:
    """Train LeRobot's policy `kind` with its defaults; its folder is `out/policy`.

    Args:
        kind: LeRobot's name of the policy's type, such as "act" or "diffusion".
        dataset: folder of a LeRobot v3 dataset of ours.
        robot: its robot: what the policy may see.
        out: folder that exists; `training` in it is begun anew.
        limit_s: wall time [s]. The first steps are made even when they take longer.
        threads: of torch.
        flags: further flags of lerobot-train; later ones win.

    Raises:
        SovereignError: lerobot-train failed; the sentence holds its last words.
    """
    run = out / "training"
    shutil.rmtree(run, ignore_errors=True)
    began_s = time.monotonic()
    train = Command([sys.executable, "-m", "lerobot.scripts.lerobot_train"], out / "train.log", threads)
    train.run([*_first_steps(kind, dataset, robot, run), f"--num_workers={threads}", *flags])
    steps = _steps_that_fit(run, limit_s, time.monotonic() - began_s)
    if steps > 0:
        rest, left_s = _further_steps(run, steps), limit_s - (time.monotonic() - began_s)
        train.run(rest, left_s, lambda: _drop_older(run))
    seconds, step = time.monotonic() - began_s, _step(run)
    shutil.rmtree(out / "policy", ignore_errors=True)
    shutil.copytree(run / LAST / "pretrained_model", out / "policy")
    shutil.rmtree(run)
    return Trained(seconds, step, _note(kind, threads, flags))


def train_student(dataset: Path, robot: str, out: Path, limit_s: float, flags: Sequence[str] = ()) -> Trained:
    """Train our student with its defaults; its training folder is `out/training`.

    Args:
        dataset: folder of a dataset of ours.
        robot: name or YAML file of its robot.
        out: folder that exists; `training` in it is begun anew.
        limit_s: wall time [s]. The first steps are made even when they take longer.
        flags: further flags of `sovereign-robot train`; later ones win.

    Raises:
        SovereignError: the training failed; the sentence holds its last words.
    """
    first, run = out / "first", out / "training"
    for folder in (first, run):
        shutil.rmtree(folder, ignore_errors=True)
    began_s = time.monotonic()
    train = Command([sys.executable, "-m", "sovereign_robot.cli.main", "train"], out / "train.log", 1)
    given = [f"--dataset={dataset}", f"--robot={robot}"]
    train.run([*given, f"--out={first}", f"--steps={FIRST_STEPS}", *flags])
    spent_s = time.monotonic() - began_s
    minutes = MARGIN * (limit_s - spent_s) / 60.0
    if minutes > 0.0:
        rest = [f"--out={run}", f"--start-from={first}", f"--minutes={minutes:.3f}", f"--steps={MANY}"]
        train.run([*given, *flags, *rest], limit_s - spent_s)
    if not (run / FACTS).is_file():
        shutil.rmtree(run, ignore_errors=True)
        first.rename(run)
    shutil.rmtree(first, ignore_errors=True)
    step = _facts(run)["step"]
    more = f"; {' '.join(flags)}" if flags else ""
    note = f"sovereign-robot train, its defaults, processes of one thread each{more}"
    return Trained(time.monotonic() - began_s, step, note)


def _first_steps(kind: str, dataset: Path, robot: RobotContract, run: Path) -> list[str]:
    """Flags of lerobot-train that begin a run."""
    return [
        f"--policy.type={kind}",
        "--policy.device=cpu",
        "--policy.push_to_hub=false",
        f"--policy.input_features={_inputs(robot)}",
        *([] if _has_backbone() else ["--policy.pretrained_backbone_weights=null"]),
        f"--dataset.repo_id=local/{dataset.name}",
        f"--dataset.root={dataset.resolve()}",
        f"--output_dir={run}",
        f"--steps={FIRST_STEPS}",
        f"--save_freq={FIRST_STEPS // 2}",
    ]


def _further_steps(run: Path, steps: int) -> list[str]:
    """Flags of lerobot-train that go on with a run."""
    total = _step(run) + steps
    return [
        f"--config_path={run / LAST / 'pretrained_model' / 'train_config.json'}",
        "--resume=true",
        f"--steps={total}",
        f"--save_freq={max(FIRST_STEPS, total // SAVES)}",
    ]


def _facts(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


class Command:
    """A program that is run for a while, in a session of its own so that its helpers end with it."""

    def __init__(self, program: Sequence[str], log: Path, threads: int) -> None:
        """Take what to run, where its words go, and how many threads its libraries have."""
        self._program, self._log = list(program), log
        wanted = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
        self._env = os.environ | wanted | {f"{name}_NUM_THREADS": str(threads) for name in ("OMP", "MKL")}

    def run(
        self, flags: Sequence[str], limit_s: float | None = None, meanwhile: Callable[[], None] | None = None
    ) -> None:
        """Run to the end, or to the limit [s].

        Raises:
            SovereignError: it failed.
        """
        end_s = time.monotonic() + (float("inf") if limit_s is None else limit_s)
        with self._log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*self._program, *flags], stdout=log, stderr=log, env=self._env, start_new_session=True
            )
            try:
                late = not _ended(process, end_s, meanwhile)
            finally:
                _stop(process)
        if process.returncode and not late:
            raise SovereignError(
                f"{' '.join(self._program[1:3])} stopped with status {process.returncode} "
                f"({_last_words(self._log)}): its log is {self._log}"
            )


def _ended(process: subprocess.Popen, end_s: float, meanwhile: Callable[[], None] | None) -> bool:
    while (left_s := end_s - time.monotonic()) > 0.0:
        try:
            process.wait(min(left_s, POLL_S))
        except subprocess.TimeoutExpired:
            if meanwhile is not None:
                meanwhile()
        else:
            return True
    return process.poll() is not None


def _stop(process: subprocess.Popen) -> None:
    """End it and what it started; nothing happens when it has ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(POLL_S * 5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _inputs(robot: RobotContract) -> str:
    """What a policy may see: labels in the dataset are not among it."""
    features: dict[str, object] = {STATE: {"type": "STATE", "shape": [len(robot.joints)]}}
    for camera in robot.cameras:
        shape = [3, camera.height_px, camera.width_px]
        features[image_feature(camera.name)] = {"type": "VISUAL", "shape": shape}
    return json.dumps(features)


def _has_backbone() -> bool:
    """Whether this machine holds the weights that LeRobot would begin with: nothing is downloaded."""
    home = Path(os.environ.get("TORCH_HOME", Path.home() / ".cache" / "torch"))
    return (home / "hub" / "checkpoints" / BACKBONE).is_file()


def _step(run: Path) -> int:
    return int(json.loads((run / LAST / STEP).read_text(encoding="utf-8"))["step"])


def _steps_that_fit(run: Path, limit_s: float, spent_s: float) -> int:
    """How many more steps: starting again takes as long as it took, each step as long as the last ones."""
    saved = sorted(path for path in (run / "checkpoints").iterdir() if path.name != "last")
    times_s = [(path / STEP).stat().st_mtime for path in saved]
    if len(saved) < 2:
        return 0
    step_s = (times_s[-1] - times_s[0]) / (int(saved[-1].name) - int(saved[0].name))
    start_s = spent_s - int(saved[-1].name) * step_s
    return int(MARGIN * (limit_s - spent_s - start_s) / max(step_s, 1e-3))


def _drop_older(run: Path) -> None:
    """A checkpoint with its optimiser is gigabytes: only the newest is of use."""
    newest = (run / LAST).resolve()
    for path in (run / "checkpoints").iterdir():
        if not path.is_symlink() and path.name < newest.name:
            shutil.rmtree(path, ignore_errors=True)


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line[:300] for line in reversed(lines) if line), "it said nothing")


def _note(kind: str, threads: int, flags: Sequence[str]) -> str:
    begin = (
        "ImageNet weights" if _has_backbone() else "random vision weights (this machine has not ImageNet's)"
    )
    more = f"; {' '.join(flags)}" if flags else ""
    return f"lerobot-train --policy.type={kind}, LeRobot's defaults, {threads} threads, {begin}{more}"
