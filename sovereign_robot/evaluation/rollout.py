"""One simulated episode through the same control path as on the arm.

The supervisor ticks at the control rate, the policy is asked every few policy steps, one question at a time,
and its chunk arrives only after a modelled latency; rows that play meanwhile are promised to the policy.
"""

import math
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from sovereign_robot.contract.errors import CommandError, UsageError
from sovereign_robot.contract.names import JOINT_STATES
from sovereign_robot.contract.ports import Policy
from sovereign_robot.contract.types import ActionChunk, Array, Observation
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.control.replanner import Replanner
from sovereign_robot.control.supervisor import State, Supervisor, Tick
from sovereign_robot.evaluation.arms import other_goal
from sovereign_robot.evaluation.failure import phase_of
from sovereign_robot.evaluation.results import EpisodeResult
from sovereign_robot.sim.judge import Judge
from sovereign_robot.sim.scene import Scene
from sovereign_robot.sim.simulation import Simulation


@dataclass(frozen=True, slots=True)
class RolloutSettings:
    """How the policy is run.

    Attributes:
        replan_every_steps: policy steps between two observations that the policy answers.
        latency_s: time from an observation to its chunk [s].
        timeout_s: simulated time after which the episode has failed [s]; None: the task's.
        blend_s: see `Supervisor`.
        chunking: how chunks that overlap become one plan.
    """

    replan_every_steps: int = 4
    latency_s: float = 0.03
    timeout_s: float | None = None
    blend_s: float = 0.1
    chunking: Chunking = Chunking.PREFIX

    def __post_init__(self) -> None:
        too_short = self.timeout_s is not None and self.timeout_s <= 0.0
        if self.replan_every_steps < 1 or self.latency_s < 0.0 or too_short:
            raise UsageError(
                f"replan_every_steps {self.replan_every_steps}, latency_s {self.latency_s}, timeout_s "
                f"{self.timeout_s}: expected at least 1 step, latency of 0 or more and a timeout above 0"
            )


@dataclass
class _Trace:
    stamp_s: list[float] = field(default_factory=list)
    joint_rad: list[Array] = field(default_factory=list)
    command_rad: list[Array] = field(default_factory=list)
    target_rad: list[Array] = field(default_factory=list)
    age_s: list[float] = field(default_factory=list)
    inference_s: list[float] = field(default_factory=list)
    qpos: list[list[float]] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)

    def look(self, simulation: Simulation) -> None:
        self.qpos.append(simulation.qpos())
        self.progress.append(simulation.progress())

    def add(self, now_s: float, joint_rad: Array, tick: Tick) -> None:
        self.stamp_s.append(now_s)
        self.joint_rad.append(joint_rad)
        none = np.full_like(joint_rad, np.nan)
        self.command_rad.append(none if tick.command_rad is None else tick.command_rad)
        self.target_rad.append(none if tick.target_rad is None else tick.target_rad)
        self.age_s.append(math.nan if tick.observation_age_s is None else tick.observation_age_s)


def rollout(
    simulation: Simulation,
    policy: Policy,
    seed: int,
    split: str = "layout",
    settings: RolloutSettings | None = None,
    mistold: bool = False,
) -> EpisodeResult:
    """Run one episode until it succeeds or its time is over.

    Args:
        mistold: the policy is told another goal of the same picture. The episode ends with whichever is
            done first: what was asked is its `success`, what was told is `listened`.

    Raises:
        ContractMismatch: the policy was made for another robot.
    """
    settings = settings or RolloutSettings()
    simulation.contract.require_match(policy.contract)
    asked = simulation.reset(seed, split)
    judge = Judge(simulation.task, asked.goal) if mistold else None
    if mistold:
        simulation.reset(seed, split, other_goal(simulation.task, asked))
    policy.reset()
    supervisor = Supervisor(simulation.contract, settings.blend_s, chunking=settings.chunking)
    trace = _Trace()
    _play(simulation, policy, supervisor, trace, settings, judge)
    told = _result(simulation, supervisor, trace)
    if judge is None:
        return told
    return replace(told, labels=dict(asked.goal), success=judge.success(), listened=told.success, phase=None)


def _play(
    simulation: Simulation,
    policy: Policy,
    supervisor: Supervisor,
    trace: _Trace,
    settings: RolloutSettings,
    judge: Judge | None,
) -> None:
    """From the scene's beginning to the end of the episode."""
    timeout_s = simulation.task.timeout_s if settings.timeout_s is None else settings.timeout_s
    ticks_per_step = round(simulation.contract.policy_step_s / simulation.contract.control_step_s)
    questions = _Questions(simulation, policy, settings, trace)
    command_rad, index = simulation.start_rad, 0
    while simulation.time_s < timeout_s and not simulation.success() and not (judge and judge.success()):
        now_s, joints = simulation.time_s, simulation.joint_state()
        supervisor.on_joint_state(joints)
        if index % ticks_per_step == 0:
            trace.look(simulation)
            questions.ask_when_due(index // ticks_per_step)
        chunk = questions.answer(now_s)
        if chunk is not None:
            supervisor.on_chunk(chunk)
        tick = supervisor.tick(now_s)
        if tick.state is not State.RUNNING:
            questions.hold()
        trace.add(now_s, joints.position_rad, tick)
        command_rad = command_rad if tick.command_rad is None else tick.command_rad
        simulation.step_control(command_rad)
        if judge is not None:
            judge.look(simulation.state, simulation.time_s)
        index += 1


class _Questions:
    """The policy as a node would run it: it answers one observation at a time, late."""

    def __init__(
        self, simulation: Simulation, policy: Policy, settings: RolloutSettings, trace: _Trace
    ) -> None:
        self._simulation, self._policy, self._settings, self._trace = simulation, policy, settings, trace
        self._replanner = Replanner(simulation.contract, policy.max_committed, settings.chunking)
        self._asked_step = -settings.replan_every_steps
        self._chunk: ActionChunk | None = None
        self._due_s = 0.0
        self.hold = self._replanner.hold

    def ask_when_due(self, step: int) -> None:
        """Observe now and predict, unless an answer is awaited or the last question is too fresh."""
        if self._chunk is not None or step - self._asked_step < self._settings.replan_every_steps:
            return
        simulation, self._asked_step = self._simulation, step
        joints, images, scene = simulation.joint_state(), simulation.images(), _scene(simulation)
        ages_s = {JOINT_STATES: 0.0, **dict.fromkeys(images, 0.0)}
        observation = Observation(
            joints.stamp_s, joints.position_rad, joints.velocity_rad_s, images, scene.instruction, ages_s
        )
        committed = self._replanner.ask(joints.stamp_s)
        start_s = time.perf_counter()
        self._chunk = self._policy.predict(observation, committed)
        self._trace.inference_s.append(time.perf_counter() - start_s)
        self._due_s = simulation.time_s + self._settings.latency_s

    def answer(self, now_s: float) -> ActionChunk | None:
        """The chunk to be played that comes now, if one does; one that is over when it comes is dropped."""
        if self._chunk is None or now_s < self._due_s - 1e-9:
            return None
        chunk, self._chunk = self._chunk, None
        with suppress(CommandError):
            return self._replanner.answer(chunk, now_s)
        return None


def _result(simulation: Simulation, supervisor: Supervisor, trace: _Trace) -> EpisodeResult:
    scene = _scene(simulation)
    trace.look(simulation)
    return EpisodeResult(
        task=scene.task,
        seed=scene.seed,
        split=scene.split,
        instruction=scene.instruction,
        language=scene.language,
        labels=dict(scene.goal),
        success=simulation.success(),
        time_s=simulation.time_s,
        stamp_s=np.array(trace.stamp_s),
        joint_position_rad=np.array(trace.joint_rad),
        command_rad=np.array(trace.command_rad),
        latency_s=first_ages(np.array(trace.age_s)),
        age_s=np.array(trace.age_s),
        target_rad=np.array(trace.target_rad),
        inference_s=np.array(trace.inference_s),
        qpos=np.array(trace.qpos, dtype=np.float32),
        qpos_step_s=simulation.contract.policy_step_s,
        interventions={str(kind): n for kind, n in supervisor.counts.items() if n},
        progress=round(max(trace.progress), 3),
        phase=None if simulation.success() else phase_of(simulation, trace.progress),
    )


def _scene(simulation: Simulation) -> Scene:
    if simulation.scene is None:
        raise RuntimeError("reset the simulation first")
    return simulation.scene


def first_ages(age_s: Array) -> Array:
    """Ages at which observations first moved the arm: where the age falls, or begins after a pause.

    Args:
        age_s: (N,) age of the observation behind each tick's command [s]; NaN where there was none.
    """
    before = np.concatenate([[np.nan], age_s[:-1]])
    fresh = np.isfinite(age_s) & (np.isnan(before) | (age_s < before))
    return age_s[fresh]
