"""What became of the rows after each step of a revision, as far as it is a problem."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.roundtrip import row_diff
from alembic_lockstep.schema import sql
from alembic_lockstep.schema.types import ColumnType, column_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic_lockstep.roundtrip.revision_run import RevisionRun
    from alembic_lockstep.roundtrip.rows import Rows
    from alembic_lockstep.roundtrip.scratch import ScratchDatabase
    from alembic_lockstep.schema.snapshot import Snapshot

_RENAMING = {"default", "change", "rename"}
"""A statement with one of these words and the name of a new column may have renamed one, or have given values."""
_TIMES = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "datetime": re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d.*)?"),
    "time": re.compile(r"\d\d:\d\d.*"),
}
"""How SQLite keeps them: as text."""


def after_upgrade(run: RevisionRun, scratch: ScratchDatabase) -> None:
    """Check rows and views after the first upgrade."""
    _invented_values(run, scratch)
    _unfit_values(run, scratch)
    _unrelated_losses(run, scratch)
    _broken_views(run, scratch)


def after_downgrade(run: RevisionRun, scratch: ScratchDatabase) -> None:
    """Check that rows are as before the upgrade."""
    _not_restored(run, scratch)
    _added_rows_lost(run, scratch, "downgrade")
    _surplus_rows(run, scratch)


def after_second_upgrade(run: RevisionRun, scratch: ScratchDatabase) -> None:
    """Check that rows are as after the first upgrade."""
    _not_filled_again(run, scratch)
    _added_rows_lost(run, scratch, "second upgrade")


def _invented_values(run: RevisionRun, scratch: ScratchDatabase) -> None:
    """Report new columns that are NOT NULL without a default, for which the server has invented values."""
    if not scratch.dialect.traits.invents_values:
        return
    statements = [
        sql.words(each, backslashes=scratch.dialect.traits.backslash_escapes) for each in scratch.runner.statements
    ]
    for table, held in run.data.items():
        if table in run.touched.renamed or table not in run.after.tables or not held.values:
            continue
        before = run.before.tables[table].columns
        for name, column in run.after.tables[table].columns.items():
            word = name.lower()
            if not column.needs_value() or name in before or word in run.touched.words:
                continue
            if not any(word in words and words & _RENAMING for words in statements):
                text = f"column {table}.{name} is NOT NULL and has no default: the server made up a value for"
                run.problem("upgrade", f"{text} {len(held.values)} rows", name, table)


def _unfit_values(run: RevisionRun, scratch: ScratchDatabase) -> None:
    """Report values that do not fit the new type of their column; SQLite does not care."""
    for name, held in scratch.contents.items():
        table, before = run.after.tables[name], run.before.tables.get(name)
        if before is None or before is table:
            continue
        for each, column in table.columns.items():
            was = before.columns.get(each)
            if was is not None and was.type == column.type:
                continue  # a new column may be one that was renamed
            type_ = column_type(column.type)
            wrong = [value for value in held.of(each) if not _fits(value, type_)]
            if wrong:
                example = row_diff.shown(max(wrong, key=lambda value: len(str(value))))
                text = f"column {name}.{each}: {len(wrong)} values do not fit {column.type}, such as {example}"
                run.problem("upgrade", text, each, name)


def _fits(value: Any, type_: ColumnType) -> bool:  # noqa: PLR0911 - a family each
    if value is None:
        return True
    match type_.family:
        case "string":
            return not type_.size or not isinstance(value, str) or len(value) <= type_.size
        case "integer" if isinstance(value, int):
            # INTEGER of SQLite takes 64 bits, whatever its name is elsewhere.
            bits = type_.size or 64
            return bits >= 32 or -(2 ** (bits - 1)) <= value < 2**bits
        case "integer" | "float" | "decimal":
            return not isinstance(value, str)
        case "boolean":
            return value in {0, 1}
        case "json":
            return _is_json(value)
        case "date" | "datetime" | "time":
            return not isinstance(value, (str, int, float)) or bool(_TIMES[type_.family].fullmatch(str(value)))
        case _:
            return True


def _is_json(value: Any) -> bool:
    try:
        json.loads(value)
    except (TypeError, ValueError):
        return isinstance(value, (dict, list))
    return True


def _unrelated_losses(run: RevisionRun, scratch: ScratchDatabase) -> None:
    """Report rows that the upgrade has lost without a statement for their table, such as those that refer to others."""
    if run.touched.written and run.before.has_triggers():
        return  # they may write anywhere
    for name in _read_again(run.data, scratch.contents):
        if name not in run.touched.written | run.touched.renamed and name in scratch.snapshot.tables:
            now = scratch.contents.get(name)
            _report(run, "upgrade", name, run.data[name], now, run.before, _stable_columns(run, name))


def _not_restored(run: RevisionRun, scratch: ScratchDatabase) -> None:
    """Report rows that are not as they were before the revision, after its downgrade."""
    for name in _read_again(run.data, scratch.contents):
        now = scratch.snapshot.tables.get(name)
        if now is None:
            continue  # the comparison of schemas reports it
        columns = run.before.tables[name].columns.items()
        # A statement for the table sets the time of the row, also where it restores everything.
        names = [
            each
            for each, column in columns
            if (name not in run.touched.written or column.on_update is None)
            and each in now.columns
            and column_type(column.type).family == column_type(now.columns[each].type).family
        ]
        _report(run, "downgrade", name, run.data[name], scratch.contents.get(name), run.before, names)


def _not_filled_again(run: RevisionRun, scratch: ScratchDatabase) -> None:
    """Report what the first upgrade has filled and the second has not.

    The values need not be the same: they can depend on rows that were added since, on the time and on chance.
    """
    for name in _read_again(run.data_after, scratch.contents):
        then, now = run.data_after[name], scratch.contents.get(name)
        if now is None or name in run.touched.renamed:
            continue  # the comparison of schemas reports it, or it is another table
        if name in run.data:
            names = _stable_columns(run, name)
            _report(run, "second upgrade", name, run.data[name], now, run.before, names)
        since = len(run.added[name].values) if name in run.added and name in run.data else 0
        expected = len(then.values) + since
        missing = expected - len(now.values)
        if missing > 0:
            text = f"{missing} of {expected} rows are missing that were there after the first upgrade"
            run.lost.append(("second upgrade", row_diff.RowLoss(name, "", text)))
        before = run.before.tables.get(name)
        known = before.columns if before is not None else ()
        for column in [each for each in then.columns if each in now.columns and each not in known]:
            if any(value is not None for value in then.of(column)) and all(value is None for value in now.of(column)):
                text = "it had values after the first upgrade and is NULL after the second"
                run.lost.append(("second upgrade", row_diff.RowLoss(name, column, text)))


def _added_rows_lost(run: RevisionRun, scratch: ScratchDatabase, step: str) -> None:
    """Report rows that were added after the upgrade and are gone, as far as both schemas can hold them."""
    for name, some in run.added.items():
        now = scratch.contents.get(name)
        stable = [each for each in _stable_columns(run, name) if now is not None and each in now.columns]
        if stable and now is not None and name in run.data and name not in run.touched.renamed:
            if not set(run.before.tables[name].key_columns()) & set(stable):
                # The rows from before are like them: those that are left beside them must be these.
                now = now.select(stable).without(run.data[name].select(stable))
            _report(run, step, name, some.select(stable), now, run.before, stable)


def _surplus_rows(run: RevisionRun, scratch: ScratchDatabase) -> None:
    """Report rows that the upgrade has inserted and the downgrade has not deleted."""
    if run.before.has_triggers():
        return  # they may write what they like
    for name, before in run.data.items():
        # What was inserted under one name can have come back under another.
        names = {name, *(run.touched.renamed if name in run.touched.renamed else ())}
        since = sum(len(run.added[each].values) for each in names if each in run.added)
        extra = len(scratch.contents[name].values) - len(before.values) - since if name in scratch.contents else 0
        if extra > 0 and "irreversible" in run.declared:
            run.no_way_back = True
        elif extra > 0:
            count = f"{extra} {'row' if extra == 1 else 'rows'}"
            text = f"{name}: {count} too many: inserted by the upgrade and not deleted by the downgrade"
            run.problem("downgrade", text, name)


def _broken_views(run: RevisionRun, scratch: ScratchDatabase) -> None:
    """Report views that refer to what is not there any more; MySQL allows them."""
    for name, table in scratch.snapshot.tables.items():
        if table.view is None:
            continue
        try:
            scratch.connection.exec_driver_sql(f"SELECT * FROM {quoted(scratch.connection, name)} LIMIT 0")  # noqa: S608 - quoted
        except sa.exc.DBAPIError as error:
            reason = " ".join(str(error.orig).split())[:200]
            run.problem("upgrade", f"view {name} does not work any more: {reason}", name)
        scratch.connection.rollback()


def _read_again(before: dict[str, Rows], now: dict[str, Rows]) -> list[str]:
    """Return the tables that were read again since then."""
    return [name for name, some in before.items() if some is not now.get(name)]


def _stable_columns(run: RevisionRun, name: str) -> list[str]:
    """Return the columns of a table that the revision leaves alone, and those of its key."""
    before, after = run.before.tables.get(name), run.after.tables.get(name)
    if before is None or after is None:
        return []
    key, written = before.key_columns(), name in run.touched.written
    found = []
    for each, column in before.columns.items():
        now, word = after.columns.get(each), each.lower()
        if now is None or column_type(column.type) != column_type(now.type):
            continue
        if (name, word) in run.touched.reshaped or column.computed is not None or now.computed is not None:
            continue
        if not written or each in key or (word not in run.touched.words and column.on_update is None):
            found.append(each)
    return found


def _report(
    run: RevisionRun, step: str, name: str, before: Rows, now: Rows | None, schema: Snapshot, columns: Iterable[str]
) -> None:
    """Report losses of a table's rows that were not reported yet."""
    known = {loss for _step, loss in run.lost}
    found = row_diff.losses(name, before, now, list(columns), schema.tables[name].key_columns())
    run.lost += [(step, loss) for loss in found if loss not in known]
