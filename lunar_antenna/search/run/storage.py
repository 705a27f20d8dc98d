"""Where a study is kept: optuna's tables in any database that SQLAlchemy can reach.

The samplers work on a study in memory, filled from the database when it is opened; what they
propose is written once per batch and each result once as it arrives, in one transaction each.
Through optuna's own storage class every parameter, attribute and state would be a transaction by
itself, tens of milliseconds for each trial.  The tables are optuna's, so that its dashboard and
``optuna.load_study`` read them.  They are no public interface: this file alone knows them, and the
minor version of optuna is pinned for its sake.

SQLite runs with a write-ahead log and without a disk flush for each commit: a killed process
loses nothing, a power cut at most the last trials, and neither leaves a broken file.  One process
at a time may go on with a study.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...common.secret import redacted, without_secrets
from ...errors import InputError, SolverError, one_line
from .claim import lock_beside

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

_TRIES, _PAUSE = 8, 0.05  # s, while somebody else holds the file


def memory_study(name: str, directions: Sequence[str]) -> optuna.Study:
    """An empty study that no file keeps."""
    import optuna

    return optuna.create_study(study_name=name, directions=list(directions))


def annotate(study: optuna.Study, number: int, key: str, value: Any) -> None:
    """Set a user attribute of trial ``number``, finished or not, of a study in memory."""
    storage = study._storage
    trial = storage.get_trial_id_from_study_id_trial_number(study._study_id, number)
    storage.set_trial_user_attr(trial, key, value)


class Records:
    """The study ``name`` in the database at ``url``; :class:`InputError` where it has no access."""

    def __init__(self, url: str, name: str) -> None:
        from optuna.storages import RDBStorage

        self.name, self.redacted, self._url = name, redacted(url), url
        sqlite = _is_sqlite(url)
        options = {"connect_args": {"timeout": 60}} if sqlite else {"pool_pre_ping": True}
        self._study_id = -1
        self._saved: dict[int, tuple[int, frozenset[str]]] = {}  # number: row, attributes saved
        with self._reported_as(InputError):
            if sqlite:
                _start_log(url)
            self._storage = RDBStorage(url, engine_kwargs=options)
            self._engine = self._storage.engine
            if sqlite:
                _commit_without_flush(self._engine)
            weakref.finalize(self, _close, self._storage, url)
            studies = {item.study_name: item for item in self._storage.get_all_studies()}
        self.known = name in studies
        self.has_lock = lock_beside(url) is not None

    def open(self, directions: Sequence[str]) -> optuna.Study:
        """The study in memory with all that is stored; made in the database if it is new."""
        import optuna

        with self._reported_as(InputError):
            kept = optuna.create_study(
                storage=self._storage,
                study_name=self.name,
                directions=list(directions),
                load_if_exists=True,
            )
            self._study_id = kept._study_id
            trials = sorted(kept.get_trials(deepcopy=False), key=lambda trial: trial.number)
            attributes = dict(kept.user_attrs)
            stored = [direction.name.lower() for direction in kept.directions]
        study = memory_study(self.name, stored)
        for key, value in attributes.items():
            study.set_user_attr(key, value)
        for trial in trials:
            self._saved[trial.number] = (trial._trial_id, frozenset(trial.system_attrs))
            study._storage.create_new_trial(study._study_id, template_trial=trial)
        return study

    def attribute(self, key: str) -> Any:
        """An attribute of the study, as it is at this moment; None where there is none."""
        with self._reported_as(SolverError):
            return self._storage.get_study_user_attrs(self._study_id).get(key)

    def set_attribute(self, key: str, value: Any) -> None:
        """An attribute of the study."""
        with self._reported_as(SolverError):
            self._storage.set_study_user_attr(self._study_id, key, value)

    def propose(self, trials: Sequence[FrozenTrial]) -> None:
        """Write a batch that is about to be evaluated, all of it or nothing."""
        import sqlalchemy as sa
        from optuna.storages._rdb import models

        table = models.TrialModel.__table__
        rows: dict[int, int] = {}
        with self._reported_as(SolverError), self._engine.begin() as connection:
            count = sa.select(sa.func.count()).where(table.c.study_id == self._study_id)
            there = connection.execute(count).scalar_one()
            if there != len(self._saved):
                raise SolverError(
                    f"another process is writing to the study in {self.redacted}; let one finish, "
                    "then go on with --resume"
                )
            for trial in trials:
                values = {
                    "number": trial.number,
                    "study_id": self._study_id,
                    "state": trial.state,
                    "datetime_start": _utc(trial.datetime_start),
                }
                inserted = connection.execute(table.insert().values(values))
                rows[trial.number] = int(inserted.inserted_primary_key[0])
            _insert(
                connection,
                models.TrialParamModel,
                (
                    {**row, "trial_id": rows[trial.number]}
                    for trial in trials
                    for row in _parameters(trial)
                ),
            )
            _insert(
                connection,
                models.TrialSystemAttributeModel,
                (
                    {**row, "trial_id": rows[trial.number]}
                    for trial in trials
                    for row in _attributes(trial.system_attrs)
                ),
            )
        for trial in trials:
            self._saved[trial.number] = (rows[trial.number], frozenset(trial.system_attrs))

    def finish(self, trial: FrozenTrial) -> None:
        """Write the result of a trial that was proposed."""
        from optuna.storages._rdb import models

        row, saved = self._saved[trial.number]
        new = {key: value for key, value in trial.system_attrs.items() if key not in saved}
        table = models.TrialModel.__table__
        change = table.update().where(table.c.trial_id == row)
        values = {"state": trial.state, "datetime_complete": _utc(trial.datetime_complete)}
        own = {"trial_id": row}
        with self._reported_as(SolverError), self._engine.begin() as connection:
            user, system = _attributes(trial.user_attrs), _attributes(new)
            _insert(connection, models.TrialUserAttributeModel, ({**own, **r} for r in user))
            _insert(connection, models.TrialSystemAttributeModel, ({**own, **r} for r in system))
            _insert(connection, models.TrialValueModel, ({**own, **r} for r in _values(trial)))
            connection.execute(change.values(values))
        self._saved[trial.number] = (row, saved | frozenset(new))

    @contextlib.contextmanager
    def _reported_as(self, kind: type[Exception]) -> Iterator[None]:
        """Failures of the database as one line."""
        import sqlalchemy.exc
        from optuna.exceptions import StorageInternalError

        known = (sqlalchemy.exc.SQLAlchemyError, StorageInternalError, ImportError, ValueError)
        try:
            yield
        except (*known, RuntimeError) as error:
            detail = _detail(error, self._url)
            if kind is SolverError:
                raise SolverError(
                    f"storage {self.redacted} failed: {detail}; finished trials are kept, "
                    "go on with --resume"
                ) from None
            raise InputError(
                f"storage {self.redacted} cannot be used: {detail}; give a SQLAlchemy URL such as "
                "sqlite:///study.db or postgresql://user@host/database"
            ) from None


def _detail(error: BaseException, url: str) -> str:
    cause = error.__cause__ or error
    if isinstance(cause, ModuleNotFoundError):
        return f"its driver {cause.name} is not installed (pip install {_package(cause.name)})"
    if type(cause) is ValueError:  # of parts of a URL that cannot be told apart, one of them secret
        return "it is no URL; write % / @ : of a password as %25 %2F %40 %3A"
    return one_line(without_secrets(str(getattr(cause, "orig", None) or cause), url))[:300]


def _package(module: str | None) -> str:
    """What to install for a driver."""
    return {"MySQLdb": "mysqlclient", "psycopg": "'psycopg[binary]'"}.get(str(module), str(module))


def _start_log(url: str) -> None:
    """Switch the file, made if it is absent, to a write-ahead log."""
    import sqlalchemy as sa

    with contextlib.suppress(sa.exc.OperationalError):  # an unusable file is told by what follows
        _switch(url, "WAL")


def _commit_without_flush(engine: Any) -> None:
    """For all connections made from now on; with the log this is safe against a kill."""
    import sqlalchemy as sa

    def configure(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    sa.event.listen(engine, "connect", configure)
    engine.dispose()


def _close(storage: Any, url: str) -> None:
    """Give back all connections; of SQLite one plain file is left."""
    import sqlalchemy as sa

    storage.remove_session()
    storage.engine.dispose()
    if _is_sqlite(url):
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            _switch(url, "DELETE")


def _switch(url: str, mode: str) -> None:
    """Set the journal mode; while somebody else has the file open it may stay, to no harm."""
    import sqlalchemy as sa

    options = {"timeout": _PAUSE}
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=options)
    for attempt in range(_TRIES):
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA journal_mode={mode}")
            return
        except sa.exc.OperationalError as error:
            if "locked" not in str(error) or attempt == _TRIES - 1:
                raise
            time.sleep(_PAUSE)


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def _insert(connection: Any, model: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    found = list(rows)
    if found:
        connection.execute(model.__table__.insert(), found)


def _parameters(trial: FrozenTrial) -> Iterator[dict[str, Any]]:
    from optuna.distributions import distribution_to_json

    for name, value in trial.params.items():
        distribution = trial.distributions[name]
        yield {
            "param_name": name,
            "param_value": distribution.to_internal_repr(value),
            "distribution_json": distribution_to_json(distribution),
        }


def _attributes(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for key, value in table.items():
        yield {"key": key, "value_json": json.dumps(value)}


def _values(trial: FrozenTrial) -> Iterator[dict[str, Any]]:
    from optuna.storages._rdb.models import TrialValueModel

    for objective, value in enumerate(trial.values or ()):
        stored, kind = TrialValueModel.value_to_stored_repr(value)
        yield {"objective": objective, "value": stored, "value_type": kind}


def _utc(time: dt.datetime | None) -> dt.datetime | None:
    """optuna keeps UTC without saying so and shows local time."""
    return None if time is None else time.astimezone(dt.UTC).replace(tzinfo=None)
