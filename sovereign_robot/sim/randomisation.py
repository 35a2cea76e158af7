"""What varies between scenes, and how far: the ranges of `config/randomisation.yaml` and a draw from them."""

from colorsys import hsv_to_rgb
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from sovereign_robot.contract.config_files import read_yaml
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.fields import Finite
from sovereign_robot.contract.resources import share_dir
from sovereign_robot.contract.validation import sentence
from sovereign_robot.sim.textures import TEXTURES
from sovereign_robot.sim.variation import (
    NOMINAL,
    CameraMove,
    Dynamics,
    Look,
    Sensing,
    Tint,
    Triple,
    Variation,
)

TRAIN, VISUAL = "train", "visual"
DRAWS = 6  # factors per scene; props and actuators take them in turn
DIGITS = 6


def _rising(limits: tuple[float, float]) -> tuple[float, float]:
    if limits[0] > limits[1]:
        raise ValueError(f"must be [smallest, largest], got {list(limits)}")
    return limits


def _within(lowest: float, highest: float) -> AfterValidator:
    def check(limits: tuple[float, float]) -> tuple[float, float]:
        if limits[0] < lowest or limits[1] > highest:
            raise ValueError(f"must lie within {lowest:g} .. {highest:g}, got {list(limits)}")
        return limits

    return AfterValidator(check)


def _known_texture(name: str) -> str:
    if name not in TEXTURES:
        raise ValueError(f"must be one of {', '.join(TEXTURES)}")
    return name


Range = Annotated[tuple[Finite, Finite], AfterValidator(_rising)]
Angle = Annotated[Range, _within(-360.0, 360.0)]
Elevation = Annotated[Range, _within(10.0, 90.0)]
Share = Annotated[Range, _within(0.0, 1.0)]
Factor = Annotated[Range, _within(0.1, 10.0)]
Delay = Annotated[Range, _within(0.0, 1000.0)]
JointNoise = Annotated[Range, _within(0.0, 0.1)]
ImageNoise = Annotated[Range, _within(0.0, 64.0)]
Texture = Annotated[str, AfterValidator(_known_texture)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CameraRange(_Part):
    """How far a camera may be from its nominal pose: distance [m], angle [deg]."""

    shift_m: Annotated[Finite, Field(ge=0.0, le=0.2)]
    turn_deg: Annotated[Finite, Field(ge=0.0, le=45.0)]


class LookRanges(_Part):
    """Ranges [smallest, largest] of a look; the YAML says what each means."""

    lamp_azimuth_deg: Angle
    lamp_elevation_deg: Elevation
    lamp_factor: Factor
    room_factor: Factor
    light_tint_factor: Factor
    table_textures: Annotated[tuple[Texture, ...], Field(min_length=1)]
    table_hue_deg: Angle
    table_saturation: Share
    table_brightness: Share
    backdrop_hue_deg: Angle
    backdrop_saturation: Share
    backdrop_brightness: Share
    object_hue_deg: Angle
    object_saturation_factor: Factor
    object_brightness_factor: Factor
    cameras: dict[str, CameraRange]


class DynamicsRanges(_Part):
    """Ranges of factors on masses, sliding friction and actuator gains."""

    object_mass_factor: Factor
    arm_mass_factor: Factor
    friction_factor: Factor
    gain_factor: Factor


class SensorRanges(_Part):
    """Ranges of noise and delay."""

    joint_noise_rad: JointNoise
    joint_delay_ms: Delay
    camera_delay_ms: Delay
    image_noise_levels: ImageNoise


class Ranges(_Part):
    """All of `config/randomisation.yaml`."""

    nominal_share: Annotated[Finite, Field(ge=0.0, le=1.0)]
    train: LookRanges
    visual: LookRanges
    dynamics: DynamicsRanges
    sensors: SensorRanges

    @model_validator(mode="after")
    def _visual_is_unseen(self) -> Self:
        seen = [name for name in self.visual.table_textures if name in self.train.table_textures]
        if seen:
            raise ValueError(f"visual.table_textures name {', '.join(seen)}, which train shows too")
        return self


def load_ranges(name_or_path: str = "default") -> Ranges:
    """The shipped ranges ("default"), or those of a YAML file.

    Raises:
        UsageError: unknown name, no such file, or a wrong field; names the field.
    """
    path = Path(name_or_path)
    if name_or_path == "default":
        path = share_dir() / "config" / "randomisation.yaml"
    elif path.suffix not in (".yaml", ".yml"):
        raise UsageError(f"randomisation {name_or_path!r} is not known; give a YAML file or default")
    try:
        return Ranges.model_validate(read_yaml("randomisation", path, UsageError))
    except ValidationError as error:
        raise UsageError(f"{path}: {sentence(error, 'randomisation')}") from error


def draw(ranges: Ranges, rng: np.random.Generator, split: str) -> Variation:
    """What is different in one scene of a split.

    `train` varies everything but a declared share of its scenes, `visual` the look; every other split is
    nominal, so that it tests one thing only.
    """
    if split == VISUAL:
        return Variation(look=_look(ranges.visual, rng))
    if split != TRAIN or rng.random() < ranges.nominal_share:
        return NOMINAL
    return Variation(_look(ranges.train, rng), _dynamics(ranges.dynamics, rng), _sensing(ranges.sensors, rng))


def _look(ranges: LookRanges, rng: np.random.Generator) -> Look:
    return Look(
        lamp_azimuth_deg=_one(rng, ranges.lamp_azimuth_deg),
        lamp_elevation_deg=_one(rng, ranges.lamp_elevation_deg),
        lamp_factor=_light(rng, ranges.lamp_factor, ranges.light_tint_factor),
        room_factor=_light(rng, ranges.room_factor, ranges.light_tint_factor),
        table_texture=ranges.table_textures[int(rng.integers(len(ranges.table_textures)))],
        table_rgb=_colour(rng, ranges.table_hue_deg, ranges.table_saturation, ranges.table_brightness),
        backdrop_rgb=_colour(
            rng, ranges.backdrop_hue_deg, ranges.backdrop_saturation, ranges.backdrop_brightness
        ),
        objects=tuple(_tint(rng, ranges) for _ in range(DRAWS)),
        cameras=tuple(
            CameraMove(name, _in_ball(rng, camera.shift_m), _in_ball(rng, camera.turn_deg))
            for name, camera in ranges.cameras.items()
        ),
    )


def _dynamics(ranges: DynamicsRanges, rng: np.random.Generator) -> Dynamics:
    return Dynamics(
        object_mass_factor=_several(rng, ranges.object_mass_factor),
        arm_mass_factor=_one(rng, ranges.arm_mass_factor),
        friction_factor=_several(rng, ranges.friction_factor),
        gain_factor=_several(rng, ranges.gain_factor),
    )


def _sensing(ranges: SensorRanges, rng: np.random.Generator) -> Sensing:
    return Sensing(
        joint_noise_rad=_one(rng, ranges.joint_noise_rad),
        joint_delay_s=_one(rng, ranges.joint_delay_ms) / 1000.0,
        camera_delay_s=_one(rng, ranges.camera_delay_ms) / 1000.0,
        image_noise_levels=_one(rng, ranges.image_noise_levels),
    )


def _tint(rng: np.random.Generator, ranges: LookRanges) -> Tint:
    return Tint(
        _one(rng, ranges.object_hue_deg),
        _one(rng, ranges.object_saturation_factor),
        _one(rng, ranges.object_brightness_factor),
    )


def _light(rng: np.random.Generator, brightness: Range, tint: Range) -> Triple:
    strength = _one(rng, brightness)
    red, green, blue = (round(strength * _one(rng, tint), DIGITS) for _ in range(3))
    return red, green, blue


def _colour(rng: np.random.Generator, hue_deg: Range, saturation: Range, brightness: Range) -> Triple:
    rgb = hsv_to_rgb(_one(rng, hue_deg) / 360.0 % 1.0, _one(rng, saturation), _one(rng, brightness))
    red, green, blue = (round(part, DIGITS) for part in rgb)
    return red, green, blue


def _in_ball(rng: np.random.Generator, radius: float) -> Triple:
    """A point evenly inside a ball, by rejection: no function whose last digit differs between machines."""
    while True:
        x, y, z = (float(v) for v in rng.uniform(-1.0, 1.0, 3))
        if x * x + y * y + z * z <= 1.0:
            return round(radius * x, DIGITS), round(radius * y, DIGITS), round(radius * z, DIGITS)


def _several(rng: np.random.Generator, limits: Range) -> tuple[float, ...]:
    return tuple(_one(rng, limits) for _ in range(DRAWS))


def _one(rng: np.random.Generator, limits: Range) -> float:
    return round(float(rng.uniform(*limits)), DIGITS)
