"""One simulated episode through the same control path as on the arm.

The supervisor ticks at the control rate, the policy is asked every few policy steps, and its chunk arrives
only after a modelled latency; the rows that play meanwhile are committed and given to the policy.
"""

import math
import time
from dataclasses import dataclass, field

import numpy as np

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.names import JOINT_STATES
from sovereign_robot.contract.ports import Policy
from sovereign_robot.contract.types import ActionChunk, Array, Observation
from sovereign_robot.control.supervisor import Supervisor, Tick
from sovereign_robot.evaluation.results import EpisodeResult
from sovereign_robot.sim.scene import Scene
from sovereign_robot.sim.simulation import Simulation


@dataclass(frozen=True, slots=True)
class RolloutSettings:
    """How the policy is run.

    Attributes:
        replan_every_steps: policy steps between two observations that the policy answers.
        latency_s: time from an observation to its chunk [s]; the rows it covers are committed.
        timeout_s: simulated time after which the episode has failed [s].
        blend_s: see `Supervisor`.
    """

    replan_every_steps: int = 4
    latency_s: float = 0.03
    timeout_s: float = 20.0
    blend_s: float = 0.1

    def __post_init__(self) -> None:
        if self.replan_every_steps < 1 or self.latency_s < 0.0 or self.timeout_s <= 0.0:
            raise UsageError(
                f"replan_every_steps {self.replan_every_steps}, latency_s {self.latency_s}, timeout_s "
                f"{self.timeout_s}: expected at least 1 step, latency of 0 or more and a timeout above 0"
            )


@dataclass
class _Trace:
    stamp_s: list[float] = field(default_factory=list)
    joint_rad: list[Array] = field(default_factory=list)
    command_rad: list[Array] = field(default_factory=list)
    age_s: list[float] = field(default_factory=list)
    inference_s: list[float] = field(default_factory=list)
    qpos: list[list[float]] = field(default_factory=list)

    def add(self, now_s: float, joint_rad: Array, tick: Tick) -> None:
        self.stamp_s.append(now_s)
        self.joint_rad.append(joint_rad)
        unsent = np.full_like(joint_rad, np.nan)
        self.command_rad.append(unsent if tick.command_rad is None else tick.command_rad)
        self.age_s.append(math.nan if tick.observation_age_s is None else tick.observation_age_s)


def rollout(
    simulation: Simulation,
    policy: Policy,
    seed: int,
    split: str = "layout",
    settings: RolloutSettings | None = None,
) -> EpisodeResult:
    """Run one episode until it succeeds or its time is over.

    Raises:
        ContractMismatch: the policy was made for another robot.
    """
    settings = settings or RolloutSettings()
    contract = simulation.contract
    contract.require_match(policy.contract)
    scene = simulation.reset(seed, split)
    policy.reset()
    supervisor, trace = Supervisor(contract, settings.blend_s), _Trace()
    ticks_per_step = round(contract.control_rate_hz / contract.policy_rate_hz)
    arrivals: list[tuple[float, ActionChunk]] = []
    command_rad, index = np.array(scene.start_rad), 0
    while simulation.time_s < settings.timeout_s and not simulation.success():
        now_s, joints = simulation.time_s, simulation.joint_state()
        supervisor.on_joint_state(joints)
        if index % ticks_per_step == 0:
            trace.qpos.append(simulation.qpos())
            if index // ticks_per_step % settings.replan_every_steps == 0:
                chunk = _ask(simulation, policy, supervisor, settings.latency_s, trace)
                arrivals.append((now_s + settings.latency_s, chunk))
        while arrivals and arrivals[0][0] <= now_s + 1e-9:
            supervisor.on_chunk(arrivals.pop(0)[1])
        tick = supervisor.tick(now_s)
        trace.add(now_s, joints.position_rad, tick)
        command_rad = command_rad if tick.command_rad is None else tick.command_rad
        simulation.step_control(command_rad)
        index += 1
    return _result(simulation, scene, supervisor, trace)


def _ask(
    simulation: Simulation, policy: Policy, supervisor: Supervisor, latency_s: float, trace: _Trace
) -> ActionChunk:
    """Observe now and predict; the rows that play until the chunk arrives are committed."""
    joints, images, scene = simulation.joint_state(), simulation.images(), simulation.scene
    if scene is None:
        raise RuntimeError("reset the simulation first")
    ages_s = {JOINT_STATES: 0.0, **dict.fromkeys(images, 0.0)}
    observation = Observation(
        joints.stamp_s, joints.position_rad, joints.velocity_rad_s, images, scene.instruction, ages_s
    )
    steps = min(math.ceil(latency_s / simulation.contract.policy_step_s - 1e-9), policy.max_committed)
    committed = supervisor.committed(joints.stamp_s, steps)
    start_s = time.perf_counter()
    chunk = policy.predict(observation, committed)
    trace.inference_s.append(time.perf_counter() - start_s)
    return chunk


def _result(simulation: Simulation, scene: Scene, supervisor: Supervisor, trace: _Trace) -> EpisodeResult:
    trace.qpos.append(simulation.qpos())
    return EpisodeResult(
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
        inference_s=np.array(trace.inference_s),
        qpos=np.array(trace.qpos, dtype=np.float32),
        qpos_step_s=simulation.contract.policy_step_s,
        interventions={str(kind): n for kind, n in supervisor.counts.items() if n},
    )


def first_ages(age_s: Array) -> Array:
    """Ages at which observations first moved the arm: where the age falls, or begins after a pause.

    Args:
        age_s: (N,) age of the observation behind each tick's command [s]; NaN where there was none.
    """
    before = np.concatenate([[np.nan], age_s[:-1]])
    fresh = np.isfinite(age_s) & (np.isnan(before) | (age_s < before))
    return age_s[fresh]
