"""The MuJoCo arm behind the Robot port, with a task on its table."""

from sovereign_robot.sim.graphics import choose_backend

choose_backend()

import mujoco  # noqa: E402  (MUJOCO_GL is read at import)
import numpy as np  # noqa: E402

from sovereign_robot.contract.errors import CommandError, ContractError  # noqa: E402
from sovereign_robot.contract.robot import RobotContract  # noqa: E402
from sovereign_robot.contract.types import Array, Image, JointState  # noqa: E402
from sovereign_robot.sim.scene import Scene  # noqa: E402
from sovereign_robot.sim.tasks import place_in_bin  # noqa: E402
from sovereign_robot.sim.world import ARM, TOOL, build_world, world_camera  # noqa: E402

PARKED_X_M = -3.0
HOLD_S = 0.2
IN_JAWS_M = 0.024
OFF_TABLE_M = 0.03


def require_task(name_or_path: str) -> None:
    """Refuse a task that does not exist or whose file is wrong.

    Raises:
        UsageError: lists the tasks and the closest one, or names the field.
    """
    place_in_bin.load(name_or_path)


class Simulation:
    """One world that is reset to scenes and stepped one control period at a time."""

    def __init__(self, contract: RobotContract, task: str = place_in_bin.NAME) -> None:
        self._choices = place_in_bin.load(task)
        self.contract = contract
        self.task = place_in_bin
        self.model = build_world(contract, self.task.RGBA, self.task.FIXTURES)
        self.data = mujoco.MjData(self.model)
        self._view = mujoco.MjData(self.model)
        self.scene: Scene | None = None
        self._steps_per_control = _whole_steps(contract, self.model.opt.timestep)
        self._qpos = np.array([self.model.joint(ARM + n).qposadr[0] for n in contract.joint_names])
        self._dof = np.array([self.model.joint(ARM + n).dofadr[0] for n in contract.joint_names])
        self._ctrl = np.array([self.model.actuator(ARM + n).id for n in contract.joint_names])
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}
        self._in_place_since_s: float | None = None

    def reset(self, seed: int, split: str = "train") -> Scene:
        """Begin the scene of that seed; time starts again at 0.

        Raises:
            UsageError: unknown split.
        """
        scene = self.task.sample_scene(self.contract, self._choices, seed, split)
        mujoco.mj_resetData(self.model, self.data)
        for name, pose in scene.fixtures.items():
            self.model.body(f"{name}/bin").pos[:] = (pose.x_m, pose.y_m, 0.0)
        for index, name in enumerate(self.task.OBJECTS):
            self._place(name, index, scene)
        self.data.qpos[self._qpos] = scene.start_rad
        self.data.ctrl[self._ctrl] = scene.start_rad
        mujoco.mj_forward(self.model, self.data)
        self.scene, self._in_place_since_s = scene, None
        return scene

    def _place(self, name: str, index: int, scene: Scene) -> None:
        joint = self.data.joint(f"{name}/free")
        pose = scene.objects.get(name)
        height = self.task.CUBE_HALF_M
        if pose is None:
            joint.qpos[:3] = (PARKED_X_M, 0.1 * index, height - 0.7)
            joint.qpos[3:] = (1.0, 0.0, 0.0, 0.0)
        else:
            joint.qpos[:3] = (pose.x_m, pose.y_m, height)
            joint.qpos[3:] = (np.cos(pose.yaw_rad / 2), 0.0, 0.0, np.sin(pose.yaw_rad / 2))

    @property
    def time_s(self) -> float:
        """Time since the reset [s]."""
        return float(self.data.time)

    def joint_state(self) -> JointState:
        """Measured joints now."""
        return JointState(
            self.time_s,
            self.contract.joint_names,
            self.data.qpos[self._qpos].copy(),
            self.data.qvel[self._dof].copy(),
        )

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
        if not self._in_place():
            self._in_place_since_s = None
        elif self._in_place_since_s is None:
            self._in_place_since_s = self.time_s

    def images(self) -> dict[str, Image]:
        """What each camera of the contract sees now, uint8 RGB (H, W, 3)."""
        return {
            c.name: self._render(c.name, c.width_px, c.height_px, self.data) for c in self.contract.cameras
        }

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
        self._view.qpos[:] = qpos
        mujoco.mj_kinematics(self.model, self._view)
        mujoco.mj_camlight(self.model, self._view)
        return self._render("front", width_px, height_px, self._view)

    def object_position_m(self, name: str) -> Array:
        """(3,) centre of an object in the base frame [m]."""
        return self.data.body(f"{name}/cube").xpos.copy()

    def object_yaw_rad(self, name: str) -> float:
        """Yaw of an object [rad]."""
        matrix = self.data.body(f"{name}/cube").xmat
        return float(np.arctan2(matrix[3], matrix[0]))

    def fixture_position_m(self, name: str) -> Array:
        """(3,) base centre of a fixture in the base frame [m]."""
        return self.model.body(f"{name}/bin").pos.copy()

    def success(self) -> bool:
        """Whether the named cube has rested, released, in the named bin for a short while."""
        since = self._in_place_since_s
        return since is not None and self.time_s - since >= HOLD_S

    def _in_place(self) -> bool:
        if self.scene is None:
            return False
        cube, bin_ = (
            self.object_position_m(self.scene.target),
            self.fixture_position_m(self.scene.destination),
        )
        return self.task.in_bin(cube, bin_) and not self._touched_by_both_jaws(self.scene.target)

    def holding(self, name: str) -> bool:
        """Whether the object is in the jaws: between them and off the table, or touched by both."""
        tool = self.data.site(ARM + TOOL).xpos
        cube = self.object_position_m(name)
        if np.linalg.norm(cube - tool) > IN_JAWS_M:
            return False
        return bool(cube[2] > OFF_TABLE_M) or self._touched_by_both_jaws(name)

    def _touched_by_both_jaws(self, name: str) -> bool:
        geom = self.model.geom(f"{name}/box").id
        touched: set[int] = set()
        for pair in self.data.contact.geom:
            if geom in pair:
                touched.update(int(g) for g in pair)
        return {self.model.geom(ARM + "fixed_jaw").id, self.model.geom(ARM + "moving_jaw").id} <= touched

    def progress(self) -> float:
        """How far the task is, 0 .. 1: distance of the cube to its bin against the distance at the start."""
        if self.scene is None:
            return 0.0
        if self.success():
            return 1.0
        goal = self.fixture_position_m(self.scene.destination)[:2]
        pose = self.scene.objects[self.scene.target]
        start = float(np.hypot(pose.x_m - goal[0], pose.y_m - goal[1]))
        left = float(np.linalg.norm(self.object_position_m(self.scene.target)[:2] - goal))
        return float(np.clip(1.0 - left / start, 0.0, 0.99))

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
