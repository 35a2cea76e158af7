"""Compose arm, table and props into one MuJoCo model with `MjSpec`."""

from collections.abc import Mapping
from dataclasses import dataclass

from sovereign_robot.sim.graphics import choose_backend

choose_backend()

import mujoco  # noqa: E402  (MUJOCO_GL is read at import)

from sovereign_robot.contract.errors import ContractError  # noqa: E402
from sovereign_robot.contract.resources import share_dir  # noqa: E402
from sovereign_robot.contract.robot import RobotContract  # noqa: E402
from sovereign_robot.sim.textures import TEXTURES, picture  # noqa: E402

ARM = "arm/"  # prefix of every name of the arm in a composed world
TOOL = "tcp"  # site of the arm between the finger tips
PAINT = "paint"  # a prop's geoms whose names begin so take its colour
TABLE, BACKDROP, LAMP = "table", "backdrop", "lamp"  # parts of the table's MJCF that a scene may change
TILES = 3.0  # times that a table top's texture repeats along each side

RGBA = {
    "red": (0.85, 0.12, 0.1, 1.0),
    "blue": (0.1, 0.25, 0.85, 1.0),
    "green": (0.1, 0.6, 0.2, 1.0),
    "yellow": (0.95, 0.82, 0.1, 1.0),
}


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing of a task: `sim_assets/objects/<asset>.xml`, whose root body is called "body".

    Attributes:
        colour: of the geoms named "paint...", a key of RGBA; None leaves the file's.
        rest_m: height of the body's origin when it stands on the table [m].
    """

    asset: str
    colour: str | None = None
    rest_m: float = 0.0


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


def build_world(contract: RobotContract, props: Mapping[str, Prop]) -> mujoco.MjModel:
    """Compile the world; names of a prop's parts are prefixed with "<prop>/".

    Raises:
        ContractError: the arm's MJCF is wrong, or a camera of the contract is nowhere.
    """
    assets = share_dir() / "sim_assets"
    world = mujoco.MjSpec.from_file(str(assets / "scenes" / "table.xml"))
    _add_table_tops(world)
    world.attach(arm_spec(contract), prefix=ARM, frame=world.worldbody.add_frame())
    for name, prop in props.items():
        part = mujoco.MjSpec.from_file(str(assets / "objects" / f"{prop.asset}.xml"))
        if prop.colour is not None:
            for geom in part.geoms:
                if geom.name.startswith(PAINT):
                    geom.rgba = RGBA[prop.colour]
        world.attach(part, prefix=f"{name}/", frame=world.worldbody.add_frame())
    missing = [name for name in contract.camera_names if not _camera_names(world) & {name, ARM + name}]
    if missing:
        raise ContractError(
            f"robot {contract.name}: neither the arm nor the table has a camera {', '.join(missing)}"
        )
    return world.compile()


def table_top(texture: str) -> str:
    """Name of the material that shows a texture of `textures.py` on the table."""
    return f"{TABLE}_{texture}"


def world_camera(model: mujoco.MjModel, name: str) -> int:
    """Id of a contract's camera in a composed world: one of the table, or one that the arm carries."""
    for candidate in (name, ARM + name):
        index = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_CAMERA, candidate)
        if index >= 0:
            return index
    raise ContractError(f"the world has no camera {name!r}")


def _add_table_tops(world: mujoco.MjSpec) -> None:
    """One material for each texture, because a renderer reads a material's texture only once.

    The table wears none of them until a scene says so.
    """
    for name in TEXTURES:
        pixels = picture(name)
        image = world.add_texture(name=table_top(name), type=mujoco.mjtTexture.mjTEXTURE_2D)
        image.height, image.width, image.nchannel = pixels.shape
        image.data = pixels.tobytes()
        material = world.add_material(name=table_top(name), texrepeat=(TILES, TILES))
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = table_top(name)


def _camera_names(spec: mujoco.MjSpec) -> set[str]:
    return {camera.name for camera in spec.cameras}
