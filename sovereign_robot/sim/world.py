"""Compose arm, table, objects and fixtures into one MuJoCo model with `MjSpec`."""

from collections.abc import Mapping, Sequence

from sovereign_robot.sim.graphics import choose_backend

choose_backend()

import mujoco  # noqa: E402  (MUJOCO_GL is read at import)

from sovereign_robot.contract.errors import ContractError  # noqa: E402
from sovereign_robot.contract.resources import share_dir  # noqa: E402
from sovereign_robot.contract.robot import RobotContract  # noqa: E402

ARM = "arm/"  # prefix of every name of the arm in a composed world
TOOL = "tcp"  # site of the arm between the finger tips


def arm_spec(contract: RobotContract) -> mujoco.MjSpec:
    """The arm alone.

    Raises:
        ContractError: the MJCF is missing or lacks a joint of the contract.
    """
    path = share_dir() / "sim_assets" / contract.mjcf
    if not path.is_file():
        raise ContractError(f"robot {contract.name}: mjcf {path} does not exist")
    spec = mujoco.MjSpec.from_file(str(path))
    missing = [name for name in contract.joint_names if spec.joint(name) is None]
    if missing:
        raise ContractError(f"robot {contract.name}: {path} has no joint {', '.join(missing)}")
    return spec


def build_world(
    contract: RobotContract, objects: Mapping[str, Sequence[float]], fixtures: Sequence[str]
) -> mujoco.MjModel:
    """Compile the world.

    Args:
        contract: the arm and its cameras.
        objects: RGBA by name; each becomes a free cube `<name>/cube`.
        fixtures: names; each becomes a static bin `<name>/bin`.
    """
    assets = share_dir() / "sim_assets"
    world = mujoco.MjSpec.from_file(str(assets / "scenes" / "table.xml"))
    world.attach(arm_spec(contract), prefix=ARM, frame=world.worldbody.add_frame())
    for name, rgba in objects.items():
        cube = mujoco.MjSpec.from_file(str(assets / "objects" / "cube.xml"))
        cube.geom("box").rgba = rgba
        world.attach(cube, prefix=f"{name}/", frame=world.worldbody.add_frame())
    for name in fixtures:
        fixture = mujoco.MjSpec.from_file(str(assets / "objects" / "bin.xml"))
        world.attach(fixture, prefix=f"{name}/", frame=world.worldbody.add_frame())
    missing = [name for name in contract.camera_names if not _camera_names(world) & {name, ARM + name}]
    if missing:
        raise ContractError(
            f"robot {contract.name}: neither the arm nor the table has a camera {', '.join(missing)}"
        )
    return world.compile()


def world_camera(model: mujoco.MjModel, name: str) -> int:
    """Id of a contract's camera in a composed world: one of the table, or one that the arm carries."""
    for candidate in (name, ARM + name):
        index = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_CAMERA, candidate)
        if index >= 0:
            return index
    raise ContractError(f"the world has no camera {name!r}")


def _camera_names(spec: mujoco.MjSpec) -> set[str]:
    return {camera.name for camera in spec.cameras}
