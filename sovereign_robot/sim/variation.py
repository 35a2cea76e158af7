"""What is different from the nominal world in one scene, as plain data: look, dynamics and sensing.

Angles are in degrees, as in `config/randomisation.yaml`; `varied_model.py` converts them.
"""

from dataclasses import dataclass

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Tint:
    """How a colour is changed: its hue is turned [deg], its saturation and brightness multiplied."""

    hue_deg: float
    saturation_factor: float
    brightness_factor: float


@dataclass(frozen=True, slots=True)
class CameraMove:
    """How a camera hangs: shifted in its parent's frame [m], turned by a rotation vector in its own [deg]."""

    camera: str
    shift_m: Triple
    turn_deg: Triple


@dataclass(frozen=True, slots=True)
class Look:
    """Light, surfaces and cameras of one scene.

    Attributes:
        lamp_azimuth_deg: where the lamp stands: 0 ahead of the arm, 90 to its left.
        lamp_elevation_deg: 90 is straight above.
        lamp_factor: red, green and blue of the lamp against the nominal lamp.
        room_factor: the same for the light from everywhere.
        table_rgb: colour that multiplies the texture, 0 .. 1.
        objects: tints; the props take them in turn.
    """

    lamp_azimuth_deg: float
    lamp_elevation_deg: float
    lamp_factor: Triple
    room_factor: Triple
    table_texture: str
    table_rgb: Triple
    backdrop_rgb: Triple
    objects: tuple[Tint, ...]
    cameras: tuple[CameraMove, ...]


@dataclass(frozen=True, slots=True)
class Dynamics:
    """Factors on the nominal values; props and actuators take them in turn."""

    object_mass_factor: tuple[float, ...]
    arm_mass_factor: float
    friction_factor: tuple[float, ...]
    gain_factor: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sensing:
    """How late and how noisy the arm sees; noise is normal, image noise in grey levels of 255."""

    joint_noise_rad: float = 0.0
    joint_delay_s: float = 0.0
    camera_delay_s: float = 0.0
    image_noise_levels: float = 0.0


@dataclass(frozen=True, slots=True)
class Variation:
    """What is different from the nominal world in one scene; None leaves a part as it is."""

    look: Look | None = None
    dynamics: Dynamics | None = None
    sensing: Sensing = Sensing()


NOMINAL = Variation()
