"""The rules of the house that a machine can check: which room may import what, and names that shadow nothing."""

import ast
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("envs", "vla", "curricula", "benchmarks")  # each may import those before it
ALLOWED = {
    "envs": {"numpy", "scipy", "mujoco", "gymnasium"},
    "vla": {"numpy", "scipy", "mujoco", "gymnasium", "torch", "pyarrow", "PIL", "safetensors"},
    "curricula": {"numpy", "scipy", "mujoco", "gymnasium", "torch", "pyarrow", "PIL", "safetensors"},
}
LONGEST_FILE = 350  # lines that still read in one sitting
VAGUE = {"utils", "util", "common", "helpers", "helper", "base", "manager", "misc"}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> list[tuple[int, str]]:
    """(line, dotted module) of every import in a file, those inside functions included."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)}:{node.lineno}: write the import in full"
            found.append((node.lineno, node.module or ""))
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_down(room):
    below = set(ROOMS[: ROOMS.index(room) + 1])
    wrong = []
    for path in sources(room):
        for line, module in imports(path):
            top = module.split(".")[0]
            foreign = top not in sys.stdlib_module_names and top not in ROOMS
            upward = top in ROOMS and top not in below
            if upward or (foreign and room in ALLOWED and top not in ALLOWED[room]):
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {room}/ may not import {module}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_resolves_inside_this_repository(room):
    module = __import__(room)
    assert Path(module.__file__).resolve().parent == ROOT / room


def test_no_file_is_named_like_a_standard_module():
    taken = [p.relative_to(ROOT) for room in ROOMS for p in sources(room) if p.stem in sys.stdlib_module_names]
    assert not taken, f"these shadow the standard library: {taken}"


def test_no_file_has_a_vague_name():
    vague = [p.relative_to(ROOT) for room in ROOMS for p in sources(room) if p.stem in VAGUE]
    assert not vague, f"say what these hold: {vague}"


def test_every_file_reads_in_one_sitting():
    files = [path for room in ROOMS for path in sources(room)] + sorted((ROOT / "tests").glob("*.py"))
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in files}
    long = {str(path): n for path, n in lengths.items() if n > LONGEST_FILE}
    assert not long, f"longer than {LONGEST_FILE} lines: {long}"


def test_every_folder_of_code_is_an_installed_package():
    folders = {path.parent for room in ROOMS for path in sources(room)}
    bare = [folder.relative_to(ROOT) for folder in sorted(folders) if not (folder / "__init__.py").exists()]
    assert not bare, f"folders without __init__.py would be missing from an installation: {bare}"


def test_the_distribution_cannot_be_uploaded_by_mistake():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == "gradatim"
    assert "Private :: Do Not Upload" in project["classifiers"]


def test_the_tests_are_not_a_package():
    assert not (ROOT / "tests" / "__init__.py").exists()


def test_no_bare_except_and_no_global_seeding():
    wrong = []
    for room in ROOMS:
        for path in sources(room):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ExceptHandler) and node.type is None:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: a bare except swallows everything")
                if isinstance(node, ast.Call) and ast.unparse(node.func) in {"np.random.seed", "random.seed"}:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: hand randomness in, never seed globally")
    assert not wrong, "\n".join(wrong)
