"""One robot as data: joints in order, limits, gripper, cameras, rates, what "stop" means.

The simulator, a dataset, a checkpoint and a running node each carry the contract they were made
with; `RobotContract.require_match` compares two of them wherever they meet.
"""

import hashlib
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, ValidationError, model_validator

from sovereign_robot.contract.config_files import config_file, read_yaml
from sovereign_robot.contract.errors import ContractError, ContractMismatch
from sovereign_robot.contract.fields import Finite, Name, Part, Pixels, Positive
from sovereign_robot.contract.safety_limits import SafetyLimits
from sovereign_robot.contract.validation import sentence

Array = NDArray[np.float64]


def _inside_sim_assets(path: str) -> str:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or parts.suffix != ".xml":
        raise ValueError("must be a relative path under sim_assets/ that ends in .xml")
    return path


class Joint(Part):
    """One joint; position is in radians whatever the actuator speaks."""

    name: Name
    lower_rad: Finite
    upper_rad: Finite
    velocity_rad_s: Positive
    acceleration_rad_s2: Positive
    effort_nm: Positive

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> Self:
        if self.lower_rad >= self.upper_rad:
            raise ValueError(f"lower_rad {self.lower_rad} must be below upper_rad {self.upper_rad}")
        return self


class Gripper(Part):
    """Which joint is the gripper, and its angle when shut and when open [rad]."""

    joint: Name
    closed_rad: Finite
    open_rad: Finite


class Camera(Part):
    """One camera; images are uint8 RGB (height_px, width_px, 3), `frame` is its optical tf frame."""

    name: Name
    width_px: Pixels
    height_px: Pixels
    rate_hz: Positive
    frame: str


class RobotContract(Part):
    """Everything that two parts of the system must agree on about one robot.

    Attributes:
        joint_unit: unit of the state and action columns of what carries this contract; a robot
            that runs here speaks "rad", a foreign dataset may say "deg".
        home_rad: (J,) rest pose [rad], in joint order.
        control_rate_hz: rate of commands to the arm; a multiple of `policy_rate_hz`.
        stop: what stopping means: IEC 60204-1 category 2 (hold), 1 (park_then_release), 0 (limp).
        mjcf: path of the arm's MJCF under `sim_assets/`.
        safety: how the robot is guarded; no part of what `compare` and `sha256` look at, because what a
            policy or a dataset learnt does not depend on it.
    """

    JERK_RISE_S: ClassVar[float] = 0.02
    NOT_LEARNT: ClassVar[frozenset[str]] = frozenset({"safety"})

    name: Name
    joint_unit: Literal["rad", "deg"] = "rad"
    joints: Annotated[tuple[Joint, ...], Field(min_length=1)]
    home_rad: tuple[Finite, ...]
    gripper: Gripper
    cameras: tuple[Camera, ...]
    control_rate_hz: Positive
    policy_rate_hz: Positive
    stop: Literal["hold", "park_then_release", "limp"]
    mjcf: Annotated[str, AfterValidator(_inside_sim_assets)]
    safety: SafetyLimits = SafetyLimits()

    @classmethod
    def from_yaml(cls, path: Path) -> Self:
        """Read one robot from a YAML file.

        Raises:
            ContractError: the file is missing, is not YAML, or a field is wrong; names the field.
        """
        return cls.from_data(read_yaml("robot", path, ContractError), str(path))

    @classmethod
    def from_data(cls, data: object, source: str) -> Self:
        """Check plain data (from YAML or JSON); `source` names it in the error.

        Raises:
            ContractError: a field is wrong; names each field.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise ContractError(f"{source}: {sentence(error, 'robot')}") from error

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        names = list(self.joint_names)
        for kind, given in (("joints", names), ("cameras", list(self.camera_names))):
            twice = sorted({n for n in given if given.count(n) > 1})
            if twice:
                raise ValueError(f"{kind} name {', '.join(twice)} twice")
        self._check_gripper()
        if len(self.home_rad) != len(names):
            raise ValueError(f"home_rad has {len(self.home_rad)} values for {len(names)} joints")
        for joint, home in zip(self.joints, self.home_rad, strict=True):
            _require_in_range(f"home_rad of {joint.name}", home, joint)
        jerks = len(self.safety.jerk_rad_s3)
        if jerks not in (0, len(names)):
            raise ValueError(f"safety.jerk_rad_s3 has {jerks} values for {len(names)} joints")
        ratio = self.control_rate_hz / self.policy_rate_hz
        if ratio < 1 or abs(ratio - round(ratio)) > 1e-9:
            raise ValueError(
                f"control_rate_hz {self.control_rate_hz} must be a whole multiple of "
                f"policy_rate_hz {self.policy_rate_hz}"
            )
        return self

    def _check_gripper(self) -> None:
        gripper, names = self.gripper, self.joint_names
        if gripper.joint not in names:
            known = ", ".join(names)
            raise ValueError(f"gripper.joint {gripper.joint!r} is not one of the joints {known}")
        joint = self.joints[names.index(gripper.joint)]
        _require_in_range("gripper.closed_rad", gripper.closed_rad, joint)
        _require_in_range("gripper.open_rad", gripper.open_rad, joint)
        if gripper.closed_rad == gripper.open_rad:
            raise ValueError(f"gripper.closed_rad and gripper.open_rad are both {gripper.open_rad}")

    @cached_property
    def joint_names(self) -> tuple[str, ...]:
        """Joint names in order, (J,)."""
        return tuple(j.name for j in self.joints)

    @cached_property
    def camera_names(self) -> tuple[str, ...]:
        """Camera names in order, (C,)."""
        return tuple(c.name for c in self.cameras)

    @cached_property
    def gripper_index(self) -> int:
        """Index of the gripper in the joint order."""
        return self.joint_names.index(self.gripper.joint)

    @cached_property
    def home(self) -> Array:
        """(J,) rest pose [rad]."""
        return _frozen(self.home_rad)

    @cached_property
    def lower_rad(self) -> Array:
        """(J,) lower position limits [rad]."""
        return _frozen([j.lower_rad for j in self.joints])

    @cached_property
    def upper_rad(self) -> Array:
        """(J,) upper position limits [rad]."""
        return _frozen([j.upper_rad for j in self.joints])

    @cached_property
    def velocity_rad_s(self) -> Array:
        """(J,) velocity limits [rad/s]."""
        return _frozen([j.velocity_rad_s for j in self.joints])

    @cached_property
    def acceleration_rad_s2(self) -> Array:
        """(J,) acceleration limits [rad/s^2]."""
        return _frozen([j.acceleration_rad_s2 for j in self.joints])

    @cached_property
    def jerk_rad_s3(self) -> Array:
        """(J,) jerk limits [rad/s^3]."""
        return _frozen(self.safety.jerk_rad_s3 or self.acceleration_rad_s2 / self.JERK_RISE_S)

    @property
    def control_step_s(self) -> float:
        """Time between two commands [s]."""
        return 1.0 / self.control_rate_hz

    @property
    def policy_step_s(self) -> float:
        """Time between two rows of an action chunk [s]."""
        return 1.0 / self.policy_rate_hz

    @cached_property
    def sha256(self) -> str:
        """Hash of what a policy or a dataset depends on, equal on every machine."""
        learnt = self.model_dump_json(exclude=set(self.NOT_LEARNT))
        return hashlib.sha256(learnt.encode()).hexdigest()

    def camera(self, name: str) -> Camera:
        """The camera of that name.

        Raises:
            ContractError: no such camera; lists those that exist.
        """
        for camera in self.cameras:
            if camera.name == name:
                return camera
        known = ", ".join(self.camera_names) or "none"
        raise ContractError(f"robot {self.name} has no camera {name!r}; it has {known}")

    def compare(self, other: "RobotContract") -> list[str]:
        """Every mismatch with `other`, one line each, as "field: mine != theirs"; empty when equal."""
        orders = (
            ("joint order", self.joint_names, other.joint_names),
            ("cameras", self.camera_names, other.camera_names),
        )
        differences = [f"{what}: {', '.join(a)} != {', '.join(b)}" for what, a, b in orders if a != b]
        mine, theirs = (c.model_dump(exclude={"joints", "cameras", *self.NOT_LEARNT}) for c in (self, other))
        differences += [f"{key}: {mine[key]} != {theirs[key]}" for key in mine if mine[key] != theirs[key]]
        differences += _compare_named("joint", self.joints, other.joints)
        differences += _compare_named("camera", self.cameras, other.cameras)
        return differences

    def require_match(self, other: "RobotContract", ours: str = "robot", theirs: str = "checkpoint") -> None:
        """Refuse two contracts that differ.

        Raises:
            ContractMismatch: lists every difference as ours != theirs.
        """
        differences = self.compare(other)
        if differences:
            raise ContractMismatch(
                f"the {theirs} was made for another contract than the {ours} {self.name} "
                f"({ours} != {theirs}): {'; '.join(differences)}"
            )


def load_robot(name_or_path: str) -> RobotContract:
    """The contract of a shipped robot ("so101") or of a YAML file.

    Raises:
        ContractError: unknown name (lists the known and the closest) or wrong file.
    """
    return RobotContract.from_yaml(config_file("robot", name_or_path, ContractError))


def _frozen(values: object) -> Array:
    array = np.asarray(values, dtype=np.float64)
    array.setflags(write=False)
    return array


def _require_in_range(what: str, angle_rad: float, joint: Joint) -> None:
    if not joint.lower_rad <= angle_rad <= joint.upper_rad:
        raise ValueError(f"{what} is {angle_rad}, outside {joint.lower_rad} .. {joint.upper_rad}")


def _compare_named(kind: str, mine: tuple[Part, ...], theirs: tuple[Part, ...]) -> list[str]:
    others = {part.model_dump()["name"]: part.model_dump() for part in theirs}
    differences = []
    for part in mine:
        fields = part.model_dump()
        other = others.get(fields["name"])
        if other is not None:
            differences += [
                f"{kind} {fields['name']} {k}: {v} != {other[k]}" for k, v in fields.items() if v != other[k]
            ]
    return differences
