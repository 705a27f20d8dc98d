"""Which solver, on which machine, from which input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..page import Section, Table

if TYPE_CHECKING:
    from ...solution import Solution


def origin_section(solution: Solution) -> Section:
    record = solution.provenance
    rows = [
        ("solver", f"{record.solver} {record.solver_version}"),
        ("package", f"lunar-antenna {record.package_version}"),
        ("accuracy", record.accuracy),
        ("unknowns", str(record.unknowns)),
        ("created", record.created),
        ("platform", record.platform),
        ("threads, wall time", f"{record.threads}, {record.wall_seconds:.1f} s"),
        ("problem (SHA-256)", record.problem_digest),
        *(("note", text) for text in record.notes),
    ]
    return Section("origin", "Provenance", tables=[Table(rows)])
