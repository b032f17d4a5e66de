"""What a round trip looks at besides the schema: what became of the rows, after each step of a revision."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alembic_lockstep.dialects.base import quoted
from alembic_lockstep.roundtrip import row_diff, rows
from alembic_lockstep.schema import ddl, types
from alembic_lockstep.schema.snapshot import columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alembic_lockstep.roundtrip.revision_run import RevisionRun
    from alembic_lockstep.roundtrip.rows import Rows
    from alembic_lockstep.roundtrip.scratch import ScratchDatabase
    from alembic_lockstep.schema.snapshot import Snapshot


def after_upgrade(turn: RevisionRun, stage: ScratchDatabase) -> None:
    """Check rows and views after the first upgrade."""
    made_up(turn, stage)
    values_fit(turn, stage)
    untouched(turn, stage)
    views_work(turn, stage)


def after_downgrade(turn: RevisionRun, stage: ScratchDatabase) -> None:
    """Check that rows are as before the upgrade."""
    restored(turn, stage)
    added(turn, stage, "downgrade")
    too_many(turn, stage)


def after_second_upgrade(turn: RevisionRun, stage: ScratchDatabase) -> None:
    """Check that rows are as after the first upgrade."""
    made_again(turn, stage)
    added(turn, stage, "second upgrade")


def made_up(turn: RevisionRun, stage: ScratchDatabase) -> None:
    """See that no server has made up values for a new column that is NOT NULL and has no default."""
    if not stage.dialect.makes_up_values:
        return
    said = [ddl.words(each, backslashes=stage.dialect.backslashes) for each in stage.walk.statements]
    for table, held in turn.data.items():
        if table in turn.touched.moved:
            continue
        before, after = turn.before.tables[table], turn.after.tables.get(table, {})
        for name, column in columns(after).items():
            given = column["nullable"] or column["default"] is not None or column.keys() & {"computed", "autoincrement"}
            if given or not held.values or f"column {name}" in before or name.lower() in turn.touched.words:
                continue
            # It was renamed, or had a default when it came.
            if not any(name.lower() in words and words & {"default", "change", "rename"} for words in said):
                text = f"column {table}.{name} is NOT NULL and has no default: the server made up a value for"
                turn.problem("upgrade", f"{text} {len(held.values)} rows", name, table)


def values_fit(turn: RevisionRun, stage: ScratchDatabase) -> None:
    """See that no values are left that their new type has no place for; SQLite does not care."""
    for table, held in stage.contents.items():
        parts, before = turn.after.tables[table], turn.before.tables.get(table)
        if before is None or before is parts:
            continue
        for name, column in columns(parts).items():
            was = before.get(f"column {name}")
            if was is not None and was["type"] == column["type"]:
                continue  # a new column may be one that was renamed
            wrong = [value for value in held.of(name) if not _fits(value, types.kind(column["type"]))]
            if wrong:
                text = f"column {table}.{name}: {len(wrong)} values do not fit {column['type']}, such as"
                turn.problem(
                    "upgrade", f"{text} {row_diff.shown(max(wrong, key=lambda value: len(str(value))))}", name, table
                )


def _fits(value: Any, kind: types.ColumnType) -> bool:  # noqa: PLR0911 - a family each
    if value is None:
        return True
    match kind.family:
        case "string":
            return not kind.size or not isinstance(value, str) or len(value) <= kind.size
        case "integer" if isinstance(value, int):
            # INTEGER of SQLite takes 64 bits, whatever its name is elsewhere.
            bits = kind.size or 64
            return bits >= 32 or -(2 ** (bits - 1)) <= value < 2**bits
        case "integer" | "float" | "decimal":
            return not isinstance(value, str)
        case "boolean":
            return value in {0, 1}
        case "json":
            return _is_json(value)
        case "date" | "datetime" | "time":
            return not isinstance(value, (str, int, float)) or bool(_TIMES[kind.family].fullmatch(str(value)))
        case _:
            return True


_TIMES = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "datetime": re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d.*)?"),
    "time": re.compile(r"\d\d:\d\d.*"),
}
"""How SQLite keeps them: as text."""


def _is_json(value: Any) -> bool:
    try:
        json.loads(value)
    except (TypeError, ValueError):
        return isinstance(value, (dict, list))
    return True


def untouched(turn: RevisionRun, stage: ScratchDatabase) -> None:
    """See that the upgrade leaves alone what it has no statements for, such as the rows of child tables."""
    if turn.touched.written and turn.before.triggers():
        return  # they may write elsewhere
    for name in _changed(turn.data, stage.contents):
        if name not in turn.touched.written | turn.touched.moved and name in stage.snapshot.tables:
            _lose(turn, "upgrade", name, turn.data[name], stage.contents.get(name), turn.before, _stable(turn, name))


def restored(turn: RevisionRun, stage: ScratchDatabase) -> None:
    """See that after the downgrade every row is as it was."""
    for name in _changed(turn.data, stage.contents):
        known = columns(turn.before.tables[name])
        # A statement for the table moves the clock of the row, also where it gives everything back.
        names = [column for column in known if name not in turn.touched.written or "on_update" not in known[column]]
        _lose(turn, "downgrade", name, turn.data[name], stage.contents.get(name), turn.before, names)


def made_again(turn: RevisionRun, stage: ScratchDatabase) -> None:
    """See that the second upgrade has filled what the first has filled.

    Not with the same values: they can depend on rows that have come since, on the clock and on chance.
    """
    for name in _changed(turn.data_after, stage.contents):
        then, now = turn.data_after[name], stage.contents.get(name)
        if now is None or name in turn.touched.moved:
            continue  # the schema tells, or it is another table
        if name in turn.data:
            _lose(turn, "second upgrade", name, turn.data[name], now, turn.before, _stable(turn, name))
        since = len(turn.added[name].values) if name in turn.added and name in turn.data else 0
        missing = len(then.values) + since - len(now.values)
        if missing > 0:
            text = f"{missing} of {len(then.values)} rows are missing that were there after the first upgrade"
            turn.lost.append(("second upgrade", row_diff.RowLoss(name, "", text)))
        for column in set(then.columns) - set(columns(turn.before.tables.get(name, {}))):
            if any(value is not None for value in then.of(column)) and all(value is None for value in now.of(column)):
                text = "it had values after the first upgrade and is NULL after the second"
                turn.lost.append(("second upgrade", row_diff.RowLoss(name, column, text)))


def added(turn: RevisionRun, stage: ScratchDatabase, step: str) -> None:
    """See that rows made after the upgrade are still there, as far as both schemas have a place for them."""
    for name, some in turn.added.items():
        stable, now = _stable(turn, name), stage.contents.get(name)
        if stable and now is not None and name in turn.data and name not in turn.touched.moved:
            if not set(rows.primary_key(turn.before.tables[name])) & set(stable):
                # The rows from before are like them: what is left beside those must be these.
                now = rows.without(rows.chosen(now, stable), rows.chosen(turn.data[name], stable))
            _lose(turn, step, name, rows.chosen(some, stable), now, turn.before, stable)


def too_many(turn: RevisionRun, stage: ScratchDatabase) -> None:
    """See that rows which the upgrade has put in are gone after the downgrade; triggers may write what they like."""
    if turn.before.triggers():
        return
    for name, before in turn.data.items():
        # What was put in under one name can have come back under another.
        names = {name, *(turn.touched.moved if name in turn.touched.moved else ())}
        since = sum(len(turn.added[each].values) for each in names if each in turn.added)
        extra = len(stage.contents[name].values) - len(before.values) - since if name in stage.contents else 0
        if extra > 0:
            text = f"{name}: {extra} {'row' if extra == 1 else 'rows'} too many, put in by the upgrade and left there"
            turn.problem("downgrade", text, name)


def views_work(turn: RevisionRun, stage: ScratchDatabase) -> None:
    """See that no view refers to what is not there any more; MySQL lets it stand."""
    for name, parts in stage.snapshot.tables.items():
        if "view" not in parts.get("", {}):
            continue
        try:
            stage.connection.exec_driver_sql(f"SELECT * FROM {quoted(stage.connection, name)} LIMIT 0")  # noqa: S608 - quoted
        except sa.exc.DBAPIError as error:
            turn.problem(
                "upgrade", f"view {name} does not work any more: {' '.join(str(error.orig).split())[:200]}", name
            )
        stage.connection.rollback()


def _changed(before: dict[str, Rows], now: dict[str, Rows]) -> list[str]:
    """Return the tables that were read again since then."""
    return [name for name, some in before.items() if some is not now.get(name)]


def _stable(turn: RevisionRun, table: str) -> list[str]:
    """Return the columns of a table that the revision leaves alone, and those of its key."""
    schema = turn.before.tables.get(table, {})
    before, after = columns(schema), columns(turn.after.tables.get(table, {}))
    key, written = rows.primary_key(schema), table in turn.touched.written
    return [
        name
        for name in before
        if name in after
        and (table, name.lower()) not in turn.touched.reshaped
        and types.kind(before[name]["type"]) == types.kind(after[name]["type"])
        and "computed" not in before[name].keys() | after[name].keys()
        and (not written or name in key or (name.lower() not in turn.touched.words and "on_update" not in before[name]))
    ]


def _lose(
    turn: RevisionRun, step: str, table: str, before: Rows, now: Rows | None, schema: Snapshot, names: Iterable[str]
) -> None:
    known = {str(loss) for _step, loss in turn.lost}
    found = row_diff.losses(table, before, now, list(names), rows.primary_key(schema.tables[table]))
    turn.lost += [(step, loss) for loss in found if str(loss) not in known]
