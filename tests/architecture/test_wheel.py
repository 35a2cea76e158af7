"""A wheel brings the package's data and shared files, and finds them without a checkout."""

import os
import subprocess
import sys
import venv
from pathlib import Path


def run(*command: str | Path, cwd: Path) -> str:
    env = {
        name: value for name, value in os.environ.items() if name not in ("AMENT_PREFIX_PATH", "PYTHONPATH")
    }
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_installed_wheel_finds_its_shared_files_below_the_prefix(
    package_copy: Path, tmp_path: Path, root: Path
):
    pip = (sys.executable, "-m", "pip", "--quiet")
    run(
        *pip,
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        tmp_path,
        package_copy,
        cwd=tmp_path,
    )
    (wheel,) = tmp_path.glob("*.whl")
    prefix = tmp_path / "env"
    venv.create(prefix, with_pip=False)
    python = prefix / "bin" / "python"
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=tmp_path)

    found = run(
        python,
        "-c",
        "from sovereign_robot.contract.resources import share_dir; print(share_dir())",
        cwd=tmp_path,
    )
    share = Path(found.strip())
    assert share == prefix / "share" / "sovereign_robot"
    for folder in ("launch", "config", "sim_assets"):
        wanted = {
            p.relative_to(root) for p in (root / folder).rglob("*") if p.is_file() and p.suffix != ".pyc"
        }
        assert {path for path in wanted if not (share / path).is_file()} == set()
    (package,) = prefix.glob("lib/python*/site-packages/sovereign_robot")
    shipped = {p.name for p in (root / "sovereign_robot/policy/shipped").iterdir()}
    assert {p.name for p in (package / "policy" / "shipped").iterdir()} == shipped
    assert all((prefix / "bin" / name).is_file() for name in ("sovereign-robot", "sim_node", "policy_node"))
