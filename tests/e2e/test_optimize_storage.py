"""The study's database: any SQLAlchemy URL, few transactions, readable by optuna itself.

The PostgreSQL test starts a server of its own and is skipped, with the reason, where there is no
server program or no driver.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
import tomllib
import warnings
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from lunar_antenna.common.parameter import Parameter
from lunar_antenna.common.secret import redacted
from lunar_antenna.common.sources import PACKAGE
from lunar_antenna.errors import InputError, SolverError
from lunar_antenna.search.run.jobs import InProcess, Outcome
from lunar_antenna.search.run.storage import Records
from lunar_antenna.search.run.study import STUDY_NAME, Study
from lunar_antenna.search.space import SearchSpace
from lunar_antenna.search.study.trials import Evaluation

SPACE = SearchSpace((Parameter("a", "", 0.5, 0.0, 1.0), Parameter("b", "", 0.5, 0.0, 1.0)))


def hill(parameters):
    return Evaluation(2.0 - sum((value - 0.3) ** 2 for value in parameters.values()), (1.0,))


def opened(url=None, trials=14, sampler="cma-es", maximise=(True,), resume=False):
    return Study(
        SPACE,
        trials=trials,
        seed=1,
        sampler=sampler,
        fingerprint={"geometry": "hill"},
        maximise=maximise,
        storage=url,
        resume=resume,
    )


def run(study, stop_after=None):
    told = []

    def report(trial, count):
        told.append(trial)
        if count == stop_after:
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        study.run(InProcess(hill), report)
    return [(trial.number, trial.parameters, trial.score) for trial in study.finished()]


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'study.db'}"


@pytest.mark.parametrize("sampler", ["cma-es", "tpe"])
def test_a_broken_off_study_in_a_file_goes_on_as_if_nothing_had_happened(url, sampler):
    """The same proposals, number by number, as a study in memory that was never stopped."""
    whole = run(opened(sampler=sampler))
    run(opened(url, sampler=sampler), stop_after=9)
    assert run(opened(url, sampler=sampler, resume=True)) == whole


@pytest.mark.parametrize("sampler", ["nsga2", "nsga3"])
def test_a_front_goes_on_after_a_break(url, sampler):
    """Parents are chosen again from what is stored: third generation as without the break."""
    wanted = {"trials": 72, "sampler": sampler, "maximise": (True, False)}

    def two(parameters):
        a, b = parameters["a"], parameters["b"]
        return Evaluation(1.0, (a * b, (a - 0.3) ** 2 + b), violations=(0.2 - b,))

    def finish(study, stop_after=None):
        def report(_trial, count):
            if count == stop_after:
                raise KeyboardInterrupt

        with contextlib.suppress(KeyboardInterrupt):
            study.run(InProcess(two), report)
        return [(trial.number, trial.parameters) for trial in study.finished()]

    whole = finish(opened(**wanted))
    finish(opened(url, **wanted), stop_after=53)
    assert finish(opened(url, **wanted, resume=True)) == whole


def read_by_optuna(url):
    """The study as optuna's public reader finds it; it refuses a schema that is not its own."""
    import optuna

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return optuna.load_study(study_name=STUDY_NAME, storage=url)


def test_optuna_itself_reads_the_study(url):
    """States, values, parameters and attributes are where its dashboard looks for them."""
    mine = run(opened(url))
    study = read_by_optuna(url)
    trials = study.trials
    assert [(t.number, t.params, t.value) for t in trials] == mine
    assert {t.state.name for t in trials} == {"COMPLETE"}
    assert all(t.datetime_complete >= t.datetime_start for t in trials)
    assert all(t.user_attrs["record"]["evaluation"]["score"] == t.value for t in trials)
    assert all(t.distributions == SPACE.distributions() for t in trials)
    best = max(mine, key=lambda row: row[2])
    assert (study.best_trial.number, study.best_params, study.best_value) == best


def test_optuna_itself_reads_a_front_with_failed_and_unfinished_trials(url):
    """Directions, several values, the state of what failed and of what was broken off."""

    def two(parameters):
        if parameters["a"] > 0.8:
            raise ZeroDivisionError
        return Evaluation(1.0, (parameters["a"], parameters["b"] ** 2))

    class Failing(InProcess):
        def run(self, jobs, report):
            for job in jobs:
                try:
                    report(Outcome(job.number, self.evaluate(job.parameters)))
                except ZeroDivisionError:
                    report(Outcome(job.number, None, failed="divided by zero"))

    def report(_trial, count):
        if count == 21:
            raise KeyboardInterrupt

    study = opened(url, 30, "tpe", (True, False))
    with contextlib.suppress(KeyboardInterrupt):
        study.run(Failing(two), report)
    found = read_by_optuna(url)
    assert [item.name for item in found.directions] == ["MAXIMIZE", "MINIMIZE"]
    states = [trial.state.name for trial in found.trials]
    assert states[:21] == ["FAIL" if t.params["a"] > 0.8 else "COMPLETE" for t in found.trials[:21]]
    assert {"FAIL", "COMPLETE"} == set(states[:21])
    assert set(states[21:]) == {"RUNNING"}
    for trial in found.trials[:21]:
        if trial.state.name == "COMPLETE":
            assert trial.values == [trial.params["a"], trial.params["b"] ** 2]
    failed = [trial for trial in found.trials if trial.state.name == "FAIL"]
    assert all(trial.user_attrs["record"]["failed"] == "divided by zero" for trial in failed)
    assert 0 < len(found.best_trials) <= states.count("COMPLETE")


def test_one_file_alone_knows_what_is_private_to_optuna():
    """And the minor version whose tables it writes is the one that is installed and pinned."""
    private = re.compile(r"optuna\.\w[\w.]*\._|\._rdb|\._study_id|\._trial_id|_study\._storage")
    named = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if private.search(path.read_text(encoding="utf-8"))
    }
    assert named == {"search/run/storage.py"}
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [Requirement(item) for item in project["project"]["dependencies"]]
    (bound,) = (item.specifier for item in needed if item.name == "optuna")
    major, minor = (int(part) for part in version("optuna").split(".")[:2])
    assert version("optuna") in bound
    assert f"{major}.{minor + 1}.0" not in bound
    assert f"{major + 1}.0.0" not in bound


def test_a_closed_study_is_one_plain_file(url, tmp_path):
    run(opened(url, trials=7))
    assert [path.name for path in tmp_path.iterdir()] == ["study.db"]


def test_transactions_do_not_grow_with_the_study(url):
    """One per batch of proposals and one per result, the 100th like the 10th."""
    import sqlalchemy as sa

    study = opened(url, trials=60)
    commits = []
    sa.event.listen(study._records._engine, "commit", lambda _: commits.append(1))
    seen = []
    study.run(InProcess(hill), lambda _trial, count: seen.append((count, len(commits))))
    batches = 60 // 6
    assert len(commits) == 60 + batches


def test_a_second_writer_is_noticed(url):
    """Two processes on one study would both call their trials the same numbers."""
    first = opened(url, trials=60)
    run(first, stop_after=6)
    second = opened(url, trials=60, resume=True)
    run(second, stop_after=12)
    with pytest.raises(SolverError, match="another process is writing"):
        first.run(InProcess(hill), lambda *_: None)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://me:secret@localhost/studies", r"driver MySQLdb is not installed .*mysqlclient"),
        ("nonsense://here", r"nonsense"),
        ("not a url", r"parse"),
        ("sqlite:////no/such/folder/study.db", r"unable to open database file"),
    ],
)
def test_an_unusable_url_is_one_line_without_its_password(url, complaint):
    if url.startswith("mysql"):
        with contextlib.suppress(ImportError):
            import MySQLdb  # noqa: F401

            pytest.skip("the MySQL driver is installed")
    with pytest.raises(InputError, match=complaint) as told:
        Records(url, "x")
    text = str(told.value)
    assert "\n" not in text
    assert "secret" not in text
    assert "cannot be used" in text


def test_password_is_not_shown():
    assert redacted("postgresql://me:secret@host/db") == "postgresql://me:***@host/db"


@pytest.fixture
def postgres():
    """URL of a PostgreSQL server of our own on the loopback interface."""
    try:
        import psycopg
    except ImportError:
        pytest.skip("PostgreSQL driver psycopg is not installed")
    if shutil.which("initdb") is None or shutil.which("postgres") is None:
        pytest.skip("no PostgreSQL server (initdb, postgres) on the path")
    user = None
    if os.geteuid() == 0:  # the server refuses to run as root
        try:
            user = pwd.getpwnam("postgres").pw_name
        except KeyError:
            pytest.skip("PostgreSQL does not run as root and there is no user postgres")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data = str(folder / "data")
    quiet = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    subprocess.run(["initdb", "-D", data, "-U", "me", "-A", "trust", "-N"], check=True, **quiet)
    server = subprocess.Popen(
        ["postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-F"],
        **quiet,
    )
    try:
        import psycopg

        end = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(f"postgresql://me@127.0.0.1:{port}/postgres").close()
                break
            except psycopg.OperationalError:
                assert server.poll() is None
                assert time.monotonic() < end, "PostgreSQL did not start within 30 s"
                time.sleep(0.1)
        yield f"postgresql+psycopg://me@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def test_postgresql_keeps_a_study(postgres):
    whole = run(opened())
    run(opened(postgres), stop_after=9)
    assert run(opened(postgres, resume=True)) == whole
