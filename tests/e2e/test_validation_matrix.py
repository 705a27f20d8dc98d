"""The matrix of all solvers starts, judges, goes on and writes its book."""

from __future__ import annotations

import json

import numpy as np

from tests.validation import matrix
from tests.validation.book import write_book
from tests.validation.problems import drawn, fixed


def test_there_are_enough_problems_and_a_seed_draws_the_same():
    names = [case.name for case in (*fixed(), *drawn(1, 3))]
    assert len(fixed()) >= 100
    assert len(names) == len(set(names))
    again = [case.problem.digest for case in drawn(1, 3)]
    assert again == [case.problem.digest for case in drawn(1, 3)]
    assert again != [case.problem.digest for case in drawn(2, 3)]


def test_a_problem_is_solved_judged_and_in_the_book(tmp_path):
    case = next(case for case in fixed() if case.group == "strip" and case.name.startswith("f"))
    row = matrix.run(case, matrix.SOLVERS[:3])
    assert set(row["pairs"]) >= {"planar-nec"}
    assert matrix.disagreements(row) == []
    results = tmp_path / "results.jsonl"
    results.write_text(json.dumps(row) + "\n")
    page = write_book(results, tmp_path, 150).read_text()
    assert "1 of 150 problems: a partial run" in page
    assert (tmp_path / "book.png").stat().st_size > 1000


def test_a_difference_beyond_both_errors_is_a_disagreement():
    case = fixed()[0]
    row = matrix.run(case, ("planar",))
    one = row["by"]["planar"]
    z = np.array([complex(*value) for value in one["z"]])
    for factor, wrong in ((1.0 + 1e-6, False), (1.5, True)):
        other = {**one, "z": [[v.real, v.imag] for v in (factor * z).tolist()]}
        judged = {"pairs": {"planar-other": matrix.pair(one, other)}}
        assert bool(matrix.disagreements(judged)) is wrong
