"""Every command that a page or a script shows exists and has the flags that it is given."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from sovereign_robot.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README.ja.md", "CONTRIBUTING.md", "Makefile", "tools/make_policy", ".ci/run")
TWO_WORDS = "|".join(name for name in COMMANDS if " " in name)


def shown_commands() -> list[tuple[str, str, tuple[str, ...]]]:
    """(page, command, flags) of every `sovereign-robot <command> ...` in the pages and scripts."""
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8").replace("\\\n", " ")
        for command, rest in re.findall(rf"sovereign-robot ({TWO_WORDS}|[a-z]\w*)(.*)", text):
            found.append((page, command, tuple(re.findall(r"(?<!\S)--[\w-]+", rest))))
        for flags in re.findall(r"DEMO_FLAGS \??= ?(.*)|DEMO_FLAGS=\"(.*?)\"", text):
            found.append((page, "demo", tuple(re.findall(r"--[\w-]+", " ".join(flags)))))
    return found


@cache
def help_of(command: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "sovereign_robot.cli.main", *command.split(), "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize(("page", "command", "flags"), shown_commands())
def test_a_shown_command_has_the_flags_that_it_is_given(page: str, command: str, flags: tuple[str, ...]):
    text = help_of(command)
    unknown = [flag for flag in flags if flag not in ("--help",) and not re.search(rf"{flag}(?![\w-])", text)]
    assert unknown == []


@pytest.mark.parametrize("page", ["README.md", "README.ja.md", "CONTRIBUTING.md", ".ci/run"])
def test_a_shown_make_target_exists(page: str):
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    shown = set(
        re.findall(
            r"(?:`|^|step \w+ )\s*make ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8"), flags=re.M
        )
    )
    assert shown
    assert shown <= targets


def commands_in(page: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    return [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]


def figures_in(page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"(?<![\w.-])\d+(?:[.,]\d+)*", text, flags=re.ASCII)


def test_both_readmes_show_the_same_commands():
    assert commands_in("README.md") == commands_in("README.ja.md") != []


def test_both_readmes_hold_the_same_figures():
    assert sorted(figures_in("README.md")) == sorted(figures_in("README.ja.md"))


def test_a_shown_launch_file_exists():
    for name in re.findall(
        r"ros2 launch sovereign_robot (\S+)", (ROOT / "README.md").read_text(encoding="utf-8")
    ):
        assert (ROOT / "launch" / name).is_file()
