"""What a deployment sets of each node: `config/nodes/<executable>.yaml`, in ROS's own form.

What is chosen for a run is an argument of the launch file and of the demo instead (`graph.ARGUMENTS`); no
parameter has two places.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from sovereign_robot.contract.config_files import read_yaml
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.resources import share_dir
from sovereign_robot.nodes.parameters import PARAMETERS, check_values

type Value = str | int | float | bool


def config_folder() -> Path:
    """The folder that ships with the package."""
    return share_dir() / "config" / "nodes"


def read_node_config(
    executable: str, arguments: Collection[str], folder: Path | None = None
) -> Mapping[str, Value]:
    """The parameters that the file of one executable sets.

    Args:
        executable: a key of `PARAMETERS`; its file is `<folder>/<executable>.yaml`.
        arguments: parameters that are chosen per run and may not stand in the file.
        folder: where the files are, by default those of the package.

    Raises:
        UsageError: the file is missing, is not YAML, has another form, or sets what it may not.
    """
    path = (folder or config_folder()) / f"{executable}.yaml"
    values = _values(read_yaml("parameter", path, UsageError), executable)
    if values is None:
        raise UsageError(
            f"parameter file {path} has another form than {executable}: ros__parameters: <name>: <value>"
        )
    _check(path, executable, values, arguments)
    return values


def _values(content: object, executable: str) -> dict[str, Value] | None:
    """What stands below <executable>: ros__parameters: if that is all there is."""
    for key in (executable, "ros__parameters"):
        if not isinstance(content, dict) or list(content) != [key]:
            return None
        content = content[key]
    return content if isinstance(content, dict) else None


def _check(path: Path, executable: str, values: Mapping[str, Value], arguments: Collection[str]) -> None:
    for name in arguments:
        if name in values:
            raise UsageError(
                f"parameter file {path} sets {name}, which is chosen per run: give {name}:={values[name]} "
                "to the launch file, or its flag to the demo"
            )
    try:
        check_values(executable, PARAMETERS[executable], values)
    except UsageError as error:
        raise UsageError(f"parameter file {path}: {error}") from error
