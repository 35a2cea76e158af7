"""Say what this machine has for running the robot, and for each missing thing how to get it."""

import importlib.util
import json
import os
import platform
from dataclasses import asdict, dataclass
from importlib import metadata

from rich.console import Console
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.contract.errors import SovereignError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.nodes.transport import prepare_transport, transport_in_use
from sovereign_robot.policy.bundle import Bundle, open_bundle
from sovereign_robot.policy.default import default_policy_dir
from sovereign_robot.sim.graphics import choose_backend

# Import name -> distribution, in groups; only the first two groups are needed to run the robot.
PACKAGES = {
    "core": {
        "numpy": "numpy",
        "pydantic": "pydantic",
        "yaml": "pyyaml",
        "cv2": "opencv-python",
        "av": "av",
        "mujoco": "mujoco",
        "mink": "mink",
        "gymnasium": "gymnasium",
        "onnxruntime": "onnxruntime",
        "matplotlib": "matplotlib",
    },
    "ros": {
        "rclpy": "ros-rclpy",
        "sensor_msgs": "ros-sensor-msgs",
        "rmw_implementation": "ros-rmw-implementation",
    },
    "train": {"torch": "torch", "lerobot": "lerobot", "onnx": "onnx", "onnxscript": "onnxscript"},
}
NEEDED_TO_RUN = ("core", "ros")


@dataclass
class Args:
    """What `sovereign-robot doctor` takes."""

    json: bool = False
    """Print the findings as JSON alone."""


@dataclass(frozen=True)
class Findings:
    """What the machine has; `missing` holds one sentence for each thing that keeps the demo from running."""

    sovereign_robot: str
    python: str
    machine: str
    cores: int
    packages: dict[str, dict[str, str | None]]
    rendering: str | None
    default_policy: str | None
    default_policy_sha256: str | None
    dds_transport: str
    missing: list[str]


def main(args: Args) -> int:
    """Prints the findings; 0 when the demo can run here, 1 when something is missing."""
    findings = examine()
    if args.json:
        print(json.dumps(asdict(findings), indent=2))
    else:
        _print_table(findings)
    return 1 if findings.missing else 0


def examine() -> Findings:
    """Looks at everything that the robot needs from this machine; changes nothing."""
    missing: list[str] = []
    packages = {
        group: {name: installed(name, dist) for name, dist in names.items()}
        for group, names in PACKAGES.items()
    }
    for group in NEEDED_TO_RUN:
        absent = [name for name, version in packages[group].items() if version is None]
        if absent:
            extra = "" if group == "core" else f"[{group}]"
            missing.append(f"missing {', '.join(absent)}: pip install -e '.{extra}' -c constraints.txt")
    policy = _default_policy(missing)
    return Findings(
        sovereign_robot=__version__,
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        cores=len(os.sched_getaffinity(0)),
        packages=packages,
        rendering=_rendering(missing),
        default_policy=str(policy.folder) if policy else None,
        default_policy_sha256=policy.sha256 if policy else None,
        dds_transport=_dds_transport(missing),
        missing=missing,
    )


def installed(name: str, distribution: str) -> str | None:
    """Version of an importable package, "present" when it carries none, None when it cannot be imported."""
    if importlib.util.find_spec(name) is None:
        return None
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "present"


def _rendering(missing: list[str]) -> str | None:
    if installed("mujoco", "mujoco") is None:
        return None
    try:
        return choose_backend()
    except SovereignError as error:
        missing.append(str(error))
        return None


def _default_policy(missing: list[str]) -> Bundle | None:
    try:
        return open_bundle(default_policy_dir(), load_robot("so101"))
    except SovereignError as error:
        missing.append(str(error))
        return None


def _dds_transport(missing: list[str]) -> str:
    environ = dict(os.environ)
    shortfall = prepare_transport(environ)
    if shortfall:
        missing.append(shortfall)
    return transport_in_use(environ)


def _print_table(findings: Findings) -> None:
    console = Console()
    table = Table(show_header=False, box=None)
    for name, value in asdict(findings).items():
        if name not in ("packages", "missing"):
            table.add_row(name.replace("_", " "), "-" if value is None else str(value))
    for group, packages in findings.packages.items():
        table.add_row(f"packages: {group}", ", ".join(f"{n} {v or '(absent)'}" for n, v in packages.items()))
    console.print(table)
    for sentence in findings.missing:
        console.print(sentence, style="bold red", markup=False, highlight=False, soft_wrap=True)
