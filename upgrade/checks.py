"""What a round trip looks at besides the schema: what became of the rows, after each step of a revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upgrade import ddl, logical, losses, rows
from upgrade.snapshot import columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upgrade.rounds import Turn
    from upgrade.rows import Rows
    from upgrade.snapshot import Snapshot
    from upgrade.stage import Stage


def made_up(turn: Turn, stage: Stage) -> None:
    """See that no server has made up values for a new column that is NOT NULL and has no default."""
    for statement in stage.walk.statements:
        table, added = ddl.added_columns(statement, backslashes=stage.dialect.backslashes)
        held = turn.data.get(table)
        for name, column in added.items():
            needs = not column["nullable"] and column["default"] is None
            if held and held.values and needs and not column.keys() & {"computed", "autoincrement"}:
                text = f"column {table}.{name} is NOT NULL and has no default: the server made up a value for"
                turn.problem("upgrade", f"{text} {len(held.values)} rows", name, table)


def values_fit(turn: Turn, stage: Stage) -> None:
    """See that no values are left that their new type has no place for; SQLite does not care."""
    for table, held in stage.contents.items():
        parts, before = turn.after.tables[table], turn.before.tables.get(table)
        if before is None or before is parts:
            continue
        for name, column in columns(parts).items():
            was, kind = before.get(f"column {name}"), logical.kind(column["type"])
            if was is None or was["type"] == column["type"] or kind.family != "string" or not kind.size:
                continue
            sizes = [len(value) for value in held.of(name) if isinstance(value, str) and len(value) > kind.size]
            if sizes:
                text = f"column {table}.{name}: {len(sizes)} values do not fit {column['type']}"
                turn.problem("upgrade", f"{text}, the longest has {max(sizes)} characters", name, table)


def untouched(turn: Turn, stage: Stage) -> None:
    """See that the upgrade leaves alone what it has no statements for, such as the rows of child tables."""
    for name in _changed(turn.data, stage.contents):
        if name not in turn.written and name in stage.snapshot.tables:
            _lose(turn, "upgrade", name, turn.data[name], stage.contents.get(name), turn.before, _stable(turn, name))


def restored(turn: Turn, stage: Stage) -> None:
    """See that after the downgrade every row is as it was."""
    for name in _changed(turn.data, stage.contents):
        names = columns(turn.before.tables[name])
        _lose(turn, "downgrade", name, turn.data[name], stage.contents.get(name), turn.before, names)


def made_again(turn: Turn, stage: Stage) -> None:
    """See that the second upgrade makes of the rows what the first has made of them."""
    for name in _changed(turn.data_after, stage.contents):
        now = stage.contents.get(name)
        before, after = losses.settled(turn.data_after[name]), losses.settled(now) if now else None
        _lose(turn, "second upgrade", name, before, after, turn.after, columns(turn.after.tables[name]))


def added(turn: Turn, stage: Stage, step: str) -> None:
    """See that rows made after the upgrade are still there, as far as both schemas have a place for them."""
    for name, some in turn.added.items():
        stable = _stable(turn, name)
        if stable and name in stage.contents:
            _lose(turn, step, name, some, stage.contents[name], turn.before, stable)


def too_many(turn: Turn, stage: Stage) -> None:
    """See that rows which the upgrade has put in are gone after the downgrade."""
    elsewhere = sum(len(some.values) for name, some in turn.added.items() if name not in turn.data)  # a renamed table's
    for name, before in turn.data.items():
        allowed = len(before.values) + elsewhere + (len(turn.added[name].values) if name in turn.added else 0)
        extra = len(stage.contents[name].values) - allowed if name in stage.contents else 0
        if extra > 0:
            text = f"{name}: {extra} {'row' if extra == 1 else 'rows'} too many, put in by the upgrade and left there"
            turn.problem("downgrade", text, name)


def _changed(before: dict[str, Rows], now: dict[str, Rows]) -> list[str]:
    """Return the tables that were read again since then."""
    return [name for name, some in before.items() if some is not now.get(name)]


def _stable(turn: Turn, table: str) -> list[str]:
    """Return the columns of a table that the revision leaves alone."""
    before, after = columns(turn.before.tables.get(table, {})), columns(turn.after.tables.get(table, {}))
    names = [
        name
        for name in before.keys() & after.keys()
        if logical.kind(before[name]["type"]) == logical.kind(after[name]["type"])
        and "computed" not in before[name].keys() | after[name].keys()
    ]
    return [name for name in names if table not in turn.written or name.lower() not in turn.words]


def _lose(
    turn: Turn, step: str, table: str, before: Rows, now: Rows | None, schema: Snapshot, names: Iterable[str]
) -> None:
    known = {str(loss) for _step, loss in turn.lost}
    found = losses.losses(table, before, now, list(names), rows.primary_key(schema.tables[table]))
    turn.lost += [(step, loss) for loss in found if str(loss) not in known]
