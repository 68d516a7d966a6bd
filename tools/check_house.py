"""Keeps the house small and its rooms tidy: the limits of size and the rules that no linter knows.

How things are counted:

* a function runs from its `def` line to its last line: decorators are left out, the docstring counts,
  because the reader reads it too; a class likewise;
* a public method is a name without a leading underscore; a property and its setter are one;
* project imports are the distinct project modules that a module imports, wherever in the file. Left
  out are imports for type checking, the children that a package's `__init__` lists, and tests;
* migrations are generated, so no limit of size holds for them.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

HOUSES = ("desktop", "domain", "server", "tools", "benchmarks", "installers", "tests")
LIMITS = {
    "module lines": 500,
    "function lines": 60,
    "class lines": 400,
    "public methods": 25,
    "project imports": 12,
}
GENERATED = "desktop/models/migrations/**"
MAY_EXEC = ("desktop/ui/**", "benchmarks/**", "tests/**")  # in tests a guard refuses it at run time
SENTENCE_END = tuple(".!?。！？")
# Spelled so that this file does not find itself.
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|X{3}|HAC[K])\b")
MACHINE_PATH = re.compile(r"(?<![\w.}>])(?:/(?:home|root|work|tmp|Users)/|[A-Z]:\\+Users\b)")

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Measure:
    """One counted size: what was counted, of what, where, and how much."""

    kind: str
    name: str
    line: int
    amount: int


@dataclass(frozen=True)
class Module:
    """One source file with what the rules ask of it; `path` is relative to the root, with slashes."""

    root: Path
    path: str
    late_imports: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        return (self.root / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def package(self) -> str:
        return ".".join(Path(self.path).parts[:-1])

    def lies_in(self, *patterns: str) -> bool:
        return any(fnmatch(self.path, pattern) for pattern in patterns)


# ── sizes ───────────────────────────────────────────────────────────────────────────────────────


def measures(module: Module) -> Iterator[Measure]:
    """Count everything that has a limit."""
    if not module.lies_in(GENERATED):
        yield Measure("module lines", module.path, 1, len(module.text.splitlines()))
        yield from measures_of_definitions(module)
    if not module.lies_in("tests/**"):
        yield Measure("project imports", module.path, 1, len(project_imports(module)))


def measures_of_definitions(module: Module) -> Iterator[Measure]:
    for node in module.nodes:
        if isinstance(node, FUNCTION):
            yield Measure("function lines", node.name, node.lineno, lines_of(node))
        elif isinstance(node, ast.ClassDef):
            yield Measure("class lines", node.name, node.lineno, lines_of(node))
            methods = {item.name for item in node.body if isinstance(item, FUNCTION)}
            public = sum(not name.startswith("_") for name in methods)
            yield Measure("public methods", node.name, node.lineno, public)


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def project_imports(module: Module) -> set[str]:
    """Return the project's modules that a module imports when it runs."""
    typing_only = {
        inner
        for node in module.nodes
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found = {name for node in module.nodes if node not in typing_only for name in imported(module, node)}
    project = {name for name in found if name.split(".")[0] in HOUSES}
    if Path(module.path).name == "__init__.py":
        project = {name for name in project if not name.startswith(f"{module.package}.")}
    return project


def imported(module: Module, node: ast.AST) -> Iterator[str]:
    """Name the modules of one import statement; `from package import module` names the module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        folder = module.root.joinpath(*node.module.split("."))
        for alias in node.names:
            is_module = (folder / f"{alias.name}.py").is_file() or (folder / alias.name).is_dir()
            yield f"{node.module}.{alias.name}" if is_module else node.module


def too_large(module: Module) -> Iterator[Finding]:
    for measure in measures(module):
        limit = LIMITS[measure.kind]
        if measure.amount > limit:
            message = f"{measure.name} has {measure.amount} {measure.kind}, the limit is {limit}"
            yield Finding(module.path, measure.line, message)


# ── rules ───────────────────────────────────────────────────────────────────────────────────────


def silent_opening(module: Module) -> Iterator[Finding]:
    """Find modules that do not say why they exist; only an empty `__init__` has nothing to say."""
    if not module.tree.body:
        return
    opening = (ast.get_docstring(module.tree) or "").split("\n\n")[0].strip()
    if not opening.endswith(SENTENCE_END):
        yield Finding(
            module.path, 1, "the module does not open with a docstring sentence saying why it exists"
        )


def shared_names(module: Module) -> Iterator[Finding]:
    for node in module.nodes:
        if isinstance(node, ast.Global):
            yield Finding(module.path, node.lineno, f"global {', '.join(node.names)}: pass the value instead")
        elif isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            yield Finding(module.path, node.lineno, f"star import from {node.module}: name what is used")


def late_imports(module: Module) -> Iterator[Finding]:
    """Find imports inside functions, which hide arrows, where ruff was not told that they are on purpose."""
    if module.lies_in(*module.late_imports):
        return
    functions = (node for node in module.nodes if isinstance(node, FUNCTION))
    inside = {inner for function in functions for inner in ast.walk(function)}
    for node in inside:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield Finding(
                module.path, node.lineno, "import inside a function: move it to the top of the module"
            )


def nested_event_loops(module: Module) -> Iterator[Finding]:
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and node.attr == "processEvents":
            yield Finding(module.path, node.lineno, "processEvents: give the work to the job runner")
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in {"exec", "exec_"} and not module.lies_in(*MAY_EXEC):
            yield Finding(
                module.path, node.lineno, "exec() outside desktop/ui: raise a Refusal and let the UI show it"
            )


def unfit_words(module: Module) -> Iterator[Finding]:
    for number, line in enumerate(module.text.splitlines(), start=1):
        if word := UNFINISHED.search(line):
            yield Finding(module.path, number, f"{word.group()}: finish it or leave it out")
        if path := MACHINE_PATH.search(line):
            yield Finding(module.path, number, f"{path.group()}...: a path of one machine")


RULES: tuple[Callable[[Module], Iterable[Finding]], ...] = (
    too_large,
    silent_opening,
    shared_names,
    late_imports,
    nested_event_loops,
    unfit_words,
)

# ── the whole house ─────────────────────────────────────────────────────────────────────────────


def modules_of(root: Path) -> list[Module]:
    exceptions = late_import_exceptions(root / "pyproject.toml")
    files = sorted(file for house in HOUSES for file in (root / house).rglob("*.py"))
    return [Module(root, file.relative_to(root).as_posix(), exceptions) for file in files]


def late_import_exceptions(pyproject: Path) -> tuple[str, ...]:
    """Read from ruff's own list which modules may import late, so that there is one list."""
    settings = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    ignores = settings["tool"]["ruff"]["lint"]["per-file-ignores"]
    return tuple(pattern for pattern, codes in ignores.items() if "PLC0415" in codes)


def findings(modules: Iterable[Module]) -> list[Finding]:
    return sorted({finding for module in modules for rule in RULES for finding in rule(module)})


def summary(modules: Iterable[Module]) -> str:
    """Say how large things are: median, ninth decile and largest of each measure, tests left out."""
    amounts: dict[str, list[int]] = defaultdict(list)
    for module in modules:
        if not module.lies_in("tests/**"):
            for measure in measures(module):
                amounts[measure.kind].append(measure.amount)
    parts = (f"{kind} {spread(amounts[kind])} of {limit}" for kind, limit in LIMITS.items() if amounts[kind])
    return "median/p90/max: " + ", ".join(parts)


def spread(amounts: list[int]) -> str:
    ninth = sorted(amounts)[int(0.9 * (len(amounts) - 1))]
    return f"{statistics.median(amounts):g}/{ninth}/{max(amounts)}"


def main(root: Path) -> int:
    modules = modules_of(root)
    found = findings(modules)
    for finding in found:
        print(finding)
    print(f"house: {len(modules)} modules, {len(found)} findings; {summary(modules)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
