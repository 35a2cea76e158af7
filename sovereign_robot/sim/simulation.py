"""The MuJoCo arm behind the Robot port, with a task on its table."""

from collections.abc import Sequence
from dataclasses import replace

from sovereign_robot.sim.graphics import choose_backend

choose_backend()

import mujoco  # noqa: E402  (MUJOCO_GL is read at import)
import numpy as np  # noqa: E402

from sovereign_robot.contract.errors import CommandError, ContractError, UsageError  # noqa: E402
from sovereign_robot.contract.robot import RobotContract  # noqa: E402
from sovereign_robot.contract.types import Array, Image, JointState  # noqa: E402
from sovereign_robot.sim.attention import seen_at  # noqa: E402
from sovereign_robot.sim.clutter import clutter_props  # noqa: E402
from sovereign_robot.sim.judge import Judge  # noqa: E402
from sovereign_robot.sim.language.grammar import grammar_of  # noqa: E402
from sovereign_robot.sim.sampling import ask_for, sample_scene  # noqa: E402
from sovereign_robot.sim.scene import Goal, Pose2D, Scene  # noqa: E402
from sovereign_robot.sim.sensors import Sensors  # noqa: E402
from sovereign_robot.sim.tasks.registry import load_task  # noqa: E402
from sovereign_robot.sim.varied_model import Variations  # noqa: E402
from sovereign_robot.sim.world import ARM, build_world, world_camera  # noqa: E402
from sovereign_robot.sim.world_state import WorldState  # noqa: E402

PARKED_X_M, PARKED_Z_M, PARKED_STEP_M = -3.0, -0.6, 0.15
NOT_DRAWN = 5  # group of geoms that no renderer draws: what is parked costs no time


class Simulation:
    """One world that is reset to scenes and stepped one control period at a time.

    Attributes:
        task: the kind of work on the table.
        state: where everything truly is.
        scene: what the episode began with; None before the first reset.
        judge: looks on since then whether the scene's goal is reached; None before the first reset.
    """

    def __init__(self, contract: RobotContract, task: str = "place_in_bin") -> None:
        self.contract = contract
        self.task = load_task(task)
        self._props = {**self.task.props(), **clutter_props()}
        self.model = build_world(contract, self._props)
        self.data = mujoco.MjData(self.model)
        self.state = WorldState(contract, self.model, self.data, self._props)
        self._view = mujoco.MjData(self.model)
        self._variations = Variations(self.model)
        self._sensors = Sensors(contract)
        self.scene: Scene | None = None
        self._steps_per_control = _whole_steps(contract, self.model.opt.timestep)
        self._qpos = np.array([self.model.joint(ARM + n).qposadr[0] for n in contract.joint_names])
        self._dof = np.array([self.model.joint(ARM + n).dofadr[0] for n in contract.joint_names])
        self._ctrl = np.array([self.model.actuator(ARM + n).id for n in contract.joint_names])
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}
        self.judge: Judge | None = None
        self._sense()

    def reset(self, seed: int, split: str = "train", goal: Goal | None = None) -> Scene:
        """Begin the scene of that seed; time starts again at 0.

        Args:
            goal: ask in the same picture for another of its goals.

        Raises:
            UsageError: unknown split, or a goal that the picture does not leave open.
        """
        scene = sample_scene(self.contract, self.task, seed, split)
        if goal is not None:
            scene = ask_for(self.task, scene, goal)
        self._variations.apply(scene.variation)
        mujoco.mj_resetData(self.model, self.data)
        for index, (name, prop) in enumerate(self._props.items()):
            self._place(name, prop.rest_m, scene.props.get(name), index)
        for name, position in scene.joints.items():
            self.data.joint(name).qpos[0] = position
        self.data.qpos[self._qpos] = scene.start_rad
        self.data.ctrl[self._ctrl] = scene.start_rad
        mujoco.mj_forward(self.model, self.data)
        self.scene, self.judge = scene, Judge(self.task, scene.goal)
        self._sensors.reset(scene.variation.sensing, seed)
        self._sense()
        return scene

    def listen(self, instruction: str) -> None:
        """From now on judge what a sentence asks for in this picture.

        Raises:
            InstructionError: it names no goal that the picture leaves open, or several.
            UsageError: the simulation was not reset.
        """
        scene = self._begun()
        goal = grammar_of(scene.task).goal_of(instruction, scene.choices)
        if goal != scene.goal:
            self.scene = replace(scene, goal=goal, instruction=instruction)
            self.judge = Judge(self.task, goal)

    def _begun(self) -> Scene:
        if self.scene is None:
            raise UsageError("there is no scene yet: reset the simulation first")
        return self.scene

    def _place(self, name: str, rest_m: float, pose: Pose2D | None, index: int) -> None:
        """Stand a prop on the table, or park it out of sight."""
        parked = (PARKED_X_M, PARKED_STEP_M * index, PARKED_Z_M)
        position = parked if pose is None else (pose.x_m, pose.y_m, rest_m)
        half_rad = 0.0 if pose is None else pose.yaw_rad / 2
        quat_wxyz = (np.cos(half_rad), 0.0, 0.0, np.sin(half_rad))
        body = self.model.body(f"{name}/body")
        if pose is None:
            self.model.geom_group[self.model.body_rootid[self.model.geom_bodyid] == body.id] = NOT_DRAWN
        if self.model.body_dofnum[body.id] == 6:
            joint = self.data.joint(f"{name}/free")
            joint.qpos[:3], joint.qpos[3:] = position, quat_wxyz
        else:
            body.pos[:], body.quat[:] = position, quat_wxyz

    @property
    def start_rad(self) -> Array:
        """(J,) where the arm stood when the scene began [rad].

        Raises:
            UsageError: the simulation was not reset.
        """
        return np.array(self._begun().start_rad)

    @property
    def time_s(self) -> float:
        """Time since the reset [s]."""
        return float(self.data.time)

    def joint_state(self) -> JointState:
        """Joints as the scene's sensors report them now; `state` knows them as they are."""
        return JointState(self.time_s, self.contract.joint_names, *self._sensors.joints())

    read = joint_state

    def command(self, position_rad: Array) -> None:
        """Set the target position (J,) [rad]; it takes effect in the next step.

        Raises:
            CommandError: another shape, or not finite.
        """
        if position_rad.shape != self._ctrl.shape or not np.isfinite(position_rad).all():
            raise CommandError(
                f"command has shape {position_rad.shape}, "
                f"expected {self._ctrl.shape} finite joint positions in rad: {position_rad}"
            )
        self.data.ctrl[self._ctrl] = position_rad

    def stop(self) -> None:
        """Hold where the arm is (stop category 2)."""
        self.command(self.data.qpos[self._qpos].copy())

    def step_control(self, command_rad: Array) -> None:
        """Advance one control period with that command (J,) [rad]."""
        self.command(command_rad)
        self.advance()

    def advance(self) -> None:
        """Let one control period pass with the command in force."""
        mujoco.mj_step(self.model, self.data, self._steps_per_control)
        self._sense()
        if self.judge is not None:
            self.judge.look(self.state, self.time_s)

    def images(self) -> dict[str, Image]:
        """What the scene's cameras show now, uint8 RGB (H, W, 3) by name."""
        data = self._shown()
        images = {c.name: self._render(c.name, c.width_px, c.height_px, data) for c in self.contract.cameras}
        return {name: self._sensors.noisy(name, image) for name, image in images.items()}

    def attention(self) -> Array:
        """(C, 2, 2) where each camera sees what the goal's `Task.attention` names; see `Episode`.

        Cameras are where the pictures show that they were; the things are where they are now.

        Raises:
            UsageError: the simulation was not reset.
        """
        points = np.stack(self.task.attention(self.state, self._begun().goal))
        data, model = self._shown(), self.model
        return np.stack(
            [
                seen_at(model, data, world_camera(model, c.name), c.width_px / c.height_px, points)
                for c in self.contract.cameras
            ]
        )

    def _shown(self) -> mujoco.MjData:
        """The moment that the cameras show now."""
        late_qpos = self._sensors.late_qpos()
        return self.data if late_qpos is None else self._drawn(late_qpos)

    def _sense(self) -> None:
        """Let the sensors take in the truth of this moment."""
        self._sensors.keep(self.data.qpos, self.data.qpos[self._qpos], self.data.qvel[self._dof])

    def _drawn(self, qpos: Sequence[float] | Array) -> mujoco.MjData:
        """Data of the current scene in another configuration, complete enough to draw it."""
        self._view.qpos[:] = qpos
        mujoco.mj_kinematics(self.model, self._view)
        mujoco.mj_camlight(self.model, self._view)
        return self._view

    def _render(self, camera: str, width_px: int, height_px: int, data: mujoco.MjData) -> Image:
        renderer = self._renderers.get((width_px, height_px))
        if renderer is None:
            renderer = mujoco.Renderer(self.model, height_px, width_px)
            renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
            renderer.scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = False
            self._renderers[(width_px, height_px)] = renderer
        renderer.update_scene(data, world_camera(self.model, camera))
        return renderer.render()

    def qpos(self) -> list[float]:
        """The whole configuration, enough for `render_view` to draw this moment again."""
        return [round(float(v), 5) for v in self.data.qpos]

    def render_view(self, qpos: list[float], width_px: int = 480, height_px: int = 360) -> Image:
        """Draw the current scene in a configuration, for people; the simulation itself is not touched."""
        return self._render("front", width_px, height_px, self._drawn(qpos))

    def success(self) -> bool:
        """Whether the goal has been reached, and nothing else spoilt, for the task's short hold time."""
        return self.judge is not None and self.judge.success()

    def progress(self) -> float:
        """How far the work is, 0 .. 1; 1 only when it succeeded."""
        if self.scene is None:
            return 0.0
        if self.success():
            return 1.0
        return float(np.clip(self.task.progress(self.state, self.scene), 0.0, 0.99))

    def close(self) -> None:
        """Free the renderers."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()


def _whole_steps(contract: RobotContract, physics_step_s: float) -> int:
    """Physics steps per control period."""
    steps = contract.control_step_s / physics_step_s
    if round(steps) < 1 or abs(steps - round(steps)) > 1e-6:
        raise ContractError(
            f"robot {contract.name}: control_rate_hz {contract.control_rate_hz} cannot be simulated, "
            f"expected {1.0 / physics_step_s:g} Hz (one physics step) divided by a whole number"
        )
    return round(steps)
