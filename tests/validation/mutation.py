"""Do the tests notice a fault?  Faults put into the code one at a time, and what the tests say.

    python -m tests.validation.mutation [--seed N] [--sample N] [--only NAME ...] [--out FILE]

cosmic-ray's operators change one operator, comparison, number, decorator, ... of one module of a
copy of the tree; the few test files that guard the module run until the first failure.  Compiled
kernels are changed like the rest: those that call them are compiled anew.  Left out, since no test
could or need notice: changes of annotations, of ``slots``, of reshape's -1 into another negative
number, of the sign of a zero, and of arithmetic into shifts, bits, powers, whole or left-over
division, which any run of the line breaks.  Lines already in FILE are not run again.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEAST_SHARE = 0.85  # of the faults that are noticed; below it the exit code is 1
COPIED = ("lunar_antenna", "tests", "geometries", "soil_models", "measurements", "arrays")
COPIED_FILES = ("pyproject.toml", "setup.py", "README.md")
CRUDE = re.compile(r"_(RShift|LShift|BitOr|BitAnd|BitXor|FloorDiv|Mod|Pow)$|_Is(Not)?$|Variable")
PLANAR = "lunar_antenna/solvers/planar"
LAWS = "tests/laws"
# module: the test files that guard it
WHOLE = {
    "lunar_antenna/measurement/fsv.py": ("tests/unit/measurement/test_measurement_fsv.py",),
    "lunar_antenna/circuit/waves.py": ("tests/unit/circuit/test_circuit_waves.py",),
}
OWN_TESTS = tuple(
    f"tests/unit/solvers/planar/test_planar_{name}.py" for name in ("line", "memory", "sommerfeld")
)
KERNEL_TESTS = OWN_TESTS + tuple(
    f"{LAWS}/test_planar_{name}.py"
    for name in (
        "image_pairs",
        "images",
        "quadrature",
        "flux",
        "convergence",
        "laws",
        "floor",
        "kernels",
    )
)
SAMPLED = {
    f"{PLANAR}/spectral.py": KERNEL_TESTS,
    f"{PLANAR}/fill.py": KERNEL_TESTS,
    f"{PLANAR}/pairs.py": KERNEL_TESTS,
    f"{PLANAR}/near.py": KERNEL_TESTS,
    f"{PLANAR}/kernels.py": KERNEL_TESTS,
    f"{PLANAR}/sky.py": (
        "tests/unit/solvers/planar/test_planar_sky.py",
        f"{LAWS}/test_sky_power.py",
        f"{LAWS}/test_planar_laws.py",
    ),
    "lunar_antenna/media": (
        "tests/unit/media",
        f"{LAWS}/test_soil_laws.py",
        f"{LAWS}/test_plane_wave.py",
        f"{LAWS}/test_edge_law.py",
        f"{LAWS}/test_film_law.py",
        f"{LAWS}/test_openems_rim_laws.py",
    ),
    "lunar_antenna/array": ("tests/unit/array", f"{LAWS}/test_array.py"),
    "lunar_antenna/bounds": (
        "tests/unit/bounds",
        f"{LAWS}/test_bound_laws.py",
        f"{LAWS}/test_bound_fed.py",
    ),
}


@dataclass(frozen=True)
class Fault:
    module: str
    operator: str
    occurrence: int


def faults_of(module: Path) -> list[Fault]:
    """Every fault that the operators know of."""
    import cosmic_ray.plugins
    from cosmic_ray.ast import ast_nodes, get_ast

    nodes = list(ast_nodes(get_ast(module.read_text(encoding="utf-8"))))
    found = []
    for name in cosmic_ray.plugins.operator_names():
        if CRUDE.search(name):
            continue
        operator = cosmic_ray.plugins.get_operator(name)()
        places = sum(1 for node in nodes for _ in operator.mutation_positions(node))
        found += [Fault(str(module.relative_to(ROOT)), name, place) for place in range(places)]
    return found


def runs(fault: Fault) -> bool:
    """Whether ``fault`` changes what the code does and leaves it readable."""
    source = (ROOT / fault.module).read_text(encoding="utf-8")
    changed = _changed(source, fault)
    return changed is not None and _meaning(changed) not in (_meaning(source), None)


def _changed(source: str, fault: Fault) -> str | None:
    import cosmic_ray.plugins
    from cosmic_ray.mutating import mutate_code

    operator = cosmic_ray.plugins.get_operator(fault.operator)()
    changed: str | None = mutate_code(source, operator, fault.occurrence)
    return changed


def _meaning(source: str) -> str | None:
    """The code without what does nothing; None where it does not parse."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            arguments = node.args
            for item in (*arguments.args, *arguments.posonlyargs, *arguments.kwonlyargs):
                item.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.Call):
            node.keywords = [item for item in node.keywords if item.arg != "slots"]
            if isinstance(node.func, ast.Attribute) and node.func.attr == "reshape":
                node.args = [ast.Constant(-1) if _negative(item) else item for item in node.args]
        elif (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Add | ast.Sub)
            and isinstance(node.right, ast.Constant)
            and node.right.value == 0
        ):
            node.op = ast.Add()
    return ast.dump(tree)


def _negative(node: ast.expr) -> bool:
    """Whether ``node`` is a number below zero."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return (
            isinstance(node, ast.UnaryOp)
            and isinstance(node.op, ast.Invert)
            and isinstance(node.operand, ast.Constant)
        )
    return isinstance(value, int) and value < 0


def modules_of(name: str) -> list[Path]:
    place = ROOT / name
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]


def drawn(seed: int, sample: int, only: list[str]) -> list[tuple[Fault, tuple[str, ...]]]:
    """All faults of the modules of WHOLE and ``sample`` of those of SAMPLED, alike from each."""
    chosen = []
    for name, tests in WHOLE.items():
        if not only or any(word in name for word in only):
            chosen += [(fault, tests) for fault in faults_of(ROOT / name) if runs(fault)]
    share = -(-sample // len(SAMPLED))
    for name, tests in SAMPLED.items():
        if only and not any(word in name for word in only):
            continue
        every = [fault for module in modules_of(name) for fault in faults_of(module)]
        random.Random(f"{seed} {name}").shuffle(every)
        some = itertools.islice((fault for fault in every if runs(fault)), share)
        chosen += [(fault, tests) for fault in some]
    return chosen


class Copy:
    """A copy of the tree in which faults are made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        skipped = shutil.ignore_patterns("*.nbi", "*.nbc", "*.pyc")
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name, ignore=skipped)
        for name in COPIED_FILES:
            shutil.copy2(ROOT / name, folder / name)
        self.callers = self._callers()

    def _callers(self) -> dict[str, list[Path]]:
        """Modules with compiled kernels, by the kernel module that they import from."""
        planar = self.folder / PLANAR
        compiled = {
            path.stem: path
            for path in planar.glob("*.py")
            if re.search(r"^@compiled", path.read_text(encoding="utf-8"), re.MULTILINE)
        }
        found: dict[str, list[Path]] = {}
        for name in compiled:
            imports = re.compile(rf"^from \.{name} import", re.MULTILINE)
            found[name] = [p for p in compiled.values() if imports.search(p.read_text("utf-8"))]
        return found

    def run(self, tests: tuple[str, ...], timeout: float) -> tuple[bool, float]:
        """Whether all tests pass, and the seconds that it took."""
        environment = dict(os.environ, PYTHONPATH=str(self.folder), PYTHONDONTWRITEBYTECODE="1")
        began = time.monotonic()
        command = (sys.executable, "-m", "pytest", "-x", "-q", "-m", "not slow")
        try:
            done = subprocess.run(
                (*command, "-p", "no:cacheprovider", *tests),
                cwd=self.folder,
                env=environment,
                timeout=timeout,
                capture_output=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False, time.monotonic() - began
        if done.returncode > 2:  # not the tests' verdict; a crash of a compiled kernel, < 0, is
            raise SystemExit(f"pytest said {done.returncode}: {done.stdout.decode()[-2000:]}")
        return done.returncode == 0, time.monotonic() - began

    def with_fault(
        self, fault: Fault, tests: tuple[str, ...], timeout: float
    ) -> tuple[bool, float]:
        module = self.folder / fault.module
        source = module.read_text(encoding="utf-8")
        changed = _changed(source, fault)
        assert changed is not None
        touched = [module, *self.callers.get(module.stem, [])]
        try:
            module.write_text(changed, encoding="utf-8")
            for path in touched:
                os.utime(path)
            return self.run(tests, timeout)
        finally:
            module.write_text(source, encoding="utf-8")
            for path in touched:
                os.utime(path)


def line_of(fault: Fault) -> str:
    """The changed lines, as they were and as they are."""
    source = (ROOT / fault.module).read_text(encoding="utf-8")
    changed = _changed(source, fault) or ""
    for number, (old, new) in enumerate(
        zip(source.splitlines(), changed.splitlines(), strict=False), 1
    ):
        if old != new:
            return f"{fault.module}:{number}: {old.strip()} -> {new.strip()}"
    return f"{fault.module}: {fault.operator}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=300, help="faults of the sampled modules")
    parser.add_argument("--only", nargs="*", default=[], help="parts of module names")
    parser.add_argument("--out", type=Path, default=Path("out/mutation.jsonl"))
    parser.add_argument("--hours", type=float, default=12.0)
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    rows = (
        [json.loads(line) for line in given.out.read_text().splitlines()]
        if (given.out.exists())
        else []
    )
    known = {(row["module"], row["operator"], row["occurrence"]) for row in rows}
    wanted = drawn(given.seed, given.sample, given.only)
    end = time.monotonic() + 3600.0 * given.hours
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        usual: dict[tuple[str, ...], float] = {}
        for number, (fault, tests) in enumerate(wanted, 1):
            if (fault.module, fault.operator, fault.occurrence) in known:
                continue
            if time.monotonic() > end:
                print(f"time is up after {number - 1} of {len(wanted)}; run again to go on")
                break
            if tests not in usual:
                passed, _ = copy.run(tests, 3600.0)  # compiles
                passed, usual[tests] = copy.run(tests, 3600.0)
                if not passed:
                    raise SystemExit(f"the tests fail without a fault: {' '.join(tests)}")
            alive, seconds = copy.with_fault(fault, tests, 120.0 + 5.0 * usual[tests])
            row = {**asdict(fault), "alive": alive, "seconds": seconds, "line": line_of(fault)}
            rows.append(row)
            with given.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps(row) + "\n")
            if alive:
                print(f"{number}/{len(wanted)} not noticed: {row['line']}", flush=True)
    asked = {(fault.module, fault.operator, fault.occurrence) for fault, _ in wanted}
    return told(
        [row for row in rows if (row["module"], row["operator"], row["occurrence"]) in asked]
    )


def told(rows: list[dict[str, object]]) -> int:
    """Print the counts; 1 where too few were noticed."""
    every = Counter(str(row["module"]) for row in rows)
    alive = Counter(str(row["module"]) for row in rows if row["alive"])
    for name in sorted(every):
        print(f"{name}: {every[name] - alive[name]} of {every[name]} noticed")
    share = 1.0 - alive.total() / max(every.total(), 1)
    print(f"all: {every.total() - alive.total()} of {every.total()} noticed, {100 * share:.1f} %")
    return int(share < LEAST_SHARE)


if __name__ == "__main__":
    sys.exit(main())
