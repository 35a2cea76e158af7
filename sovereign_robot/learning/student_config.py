"""What the student is made of: each choice one field, and each field measured in docs/ablations.md."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from sovereign_robot.contract.errors import ContractError, UsageError
from sovereign_robot.contract.robot import RobotContract

CELL_PX = 16  # a picture is halved four times

ActionSpace = Literal["committed", "state", "absolute"]
Language = Literal["vision", "trunk", "both"]
Head = Literal["regression", "iterative", "flow"]


@dataclass(frozen=True, kw_only=True)
class StudentOptions:
    """What a person may choose."""

    cameras: tuple[str, ...] = ()
    """Cameras that it looks through; none named means all of the robot's."""
    horizon: int = 16
    """Rows T of a chunk, one policy step each."""
    max_committed: int = 4
    """Promised rows D that it can take."""
    width: int = 32
    """Channels of the finest features."""
    keypoints: int = 24
    """Keypoints per camera, 0 for none."""
    trunk_width: int = 512
    """Features of what joins pictures, joints and sentence."""
    trunk_blocks: int = 4
    """Layers of it."""
    action_space: ActionSpace = "committed"
    """What a chunk is relative to: the last committed action, the measured state, or nothing."""
    language: Language = "both"
    """Where the sentence goes in: to the vision, to the trunk, or to both; the trunk then hears no colour."""
    head: Head = "regression"
    """One pass, an iterative second one, or flow; see `ActionHead`."""

    def __post_init__(self) -> None:
        """Refuse sizes that make no student.

        Raises:
            UsageError: names the field.
        """
        for name, least in (("horizon", 1), ("max_committed", 0), ("width", 1), ("trunk_width", 1)):
            if getattr(self, name) < least:
                raise UsageError(f"student.{name} is {getattr(self, name)}, expected at least {least}")
        if self.max_committed >= self.horizon or (self.keypoints and self.keypoints < 2):
            raise UsageError(
                f"student.max_committed {self.max_committed}, horizon {self.horizon}, keypoints "
                f"{self.keypoints}: expected fewer promised rows than rows, and 0 or at least 2 keypoints"
            )


@dataclass(frozen=True, kw_only=True)
class StudentConfig(StudentOptions):
    """The options with the sizes that follow from the robot; stored with every checkpoint."""

    height_px: int
    width_px: int
    joints: int
    text_width: int

    @classmethod
    def of(cls, options: StudentOptions, contract: RobotContract, text_width: int) -> "StudentConfig":
        """The student that fits a robot.

        Raises:
            UsageError: a camera is not the robot's.
            ContractError: cameras differ in size, or a side is no multiple of CELL_PX.
        """
        names = options.cameras or contract.camera_names
        unknown = sorted(set(names) - set(contract.camera_names))
        if unknown:
            raise UsageError(
                f"student.cameras names {', '.join(unknown)}, "
                f"expected some of {', '.join(contract.camera_names)}"
            )
        cameras = [c for c in contract.cameras if c.name in names]
        sizes = {(c.height_px, c.width_px) for c in cameras}
        if len(sizes) != 1 or any(side % CELL_PX for size in sizes for side in size):
            found = ", ".join(f"{c.name} {c.width_px}x{c.height_px} px" for c in cameras) or "none"
            raise ContractError(
                f"robot {contract.name} has cameras {found}: the student needs one or more, all of one size, "
                f"whose sides are multiples of {CELL_PX} px"
            )
        ((height_px, width_px),) = sizes
        sized = {
            "cameras": [c.name for c in cameras],
            "height_px": height_px,
            "width_px": width_px,
            "joints": len(contract.joints),
            "text_width": text_width,
        }
        return cls.from_data(asdict(options) | sized)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "StudentConfig":
        """Read what `asdict` wrote."""
        return cls(**{**data, "cameras": tuple(data["cameras"])})
