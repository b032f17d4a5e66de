"""The server in memory: it executes statements on the tables of one database."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from alembic_lockstep.errors import NeedsServerError
from alembic_lockstep.memory_mysql import columns, queries
from alembic_lockstep.memory_mysql.driver import OperationalError, ProgrammingError
from alembic_lockstep.memory_mysql.expressions import decoded, expression, literal
from alembic_lockstep.memory_mysql.queries import Rows
from alembic_lockstep.memory_mysql.table import Check, ForeignKey, Key, Part, Table
from alembic_lockstep.schema import ddl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from alembic_lockstep.memory_mysql.columns import Column
    from alembic_lockstep.schema.ddl import Cursor, Token

DATABASE = "scratch"
COLLATION = "utf8mb4_0900_ai_ci"
VARIABLES = {"character_set_database": "utf8mb4", "collation_database": COLLATION, "default_storage_engine": "InnoDB",
             "version": "9.7.0", "transaction_isolation": "REPEATABLE-READ",
             "sql_mode": "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
             "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION", "lower_case_table_names": "0"}  # fmt: skip
NO_SCHEMA = frozenset(
    "INSERT UPDATE DELETE REPLACE WITH SET ANALYZE OPTIMIZE TRUNCATE COMMIT BEGIN START ROLLBACK SAVEPOINT RELEASE "
    "LOCK UNLOCK DO".split()
)
"""First words of statements that leave the schema as it is."""
KEYS = ("UNIQUE", "FULLTEXT", "SPATIAL")
ASKS = frozenset(["SELECT", "SHOW", "TABLE", "VALUES", "EXPLAIN"])
BESIDE = frozenset(["VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"])
"""What is made, changed and dropped without a change of any table."""
DROPPED_FIRST = frozenset(["FOREIGN", "CHECK", "CONSTRAINT", "INDEX", "KEY", "PRIMARY"])
OWN_TABLES = [ddl.Token("word", "FROM"), ddl.Token("name", DATABASE)]
HARMLESS = frozenset(
    "foreign_key_checks unique_checks names autocommit time_zone lock_wait_timeout innodb_lock_wait_timeout "
    "sql_log_bin sql_safe_updates sql_notes session global local old_foreign_key_checks old_unique_checks utf8mb4 utf8 "
    "utf8mb3 wait_timeout max_execution_time transaction isolation level read committed repeatable".split()
)
"""Variables, and words about them, that do not change what later statements mean."""
VALUES = frozenset(["on", "off", "true", "false", "default"])
ODD = (AttributeError, IndexError, KeyError, RecursionError, StopIteration, TypeError, ValueError)
"""What the readers of statements raise where one is otherwise than they expect."""
SHOWN = 60
"""Characters of a statement that a message shows."""


def shown(statement: str) -> str:
    """Return the beginning of a statement, in one line."""
    text = " ".join(statement.split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"


class Server:
    """The tables of a database, and the statements that make and change them.

    Attributes:
        tables: the tables by name.
        views: the names of the views.
        obstacle: the first thing that was not known.
        changed_nothing: the last statement has certainly changed no row, since its tables are empty.
    """

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.views: set[str] = set()
        self.obstacle: NeedsServerError | None = None
        self.changed_nothing = True
        self._guarded = True
        self._triggered: set[str] = set()
        self._passed_over = False

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Remember what is not known first: a revision may go on without it."""
        try:
            yield
        except NeedsServerError as error:
            self.obstacle = self.obstacle or error
            raise

    def execute(self, statement: str, *, with_values: bool = False) -> Rows | None:
        """Execute a statement.

        Args:
            statement: SQL.
            with_values: it has parameters.

        Returns:
            What it found; None for one that finds nothing.

        Raises:
            DatabaseError: MySQL would refuse it.
            NeedsServerError: what it does is not known here.
        """
        cursor = ddl.Cursor(ddl.tokens(statement, backslashes=True))
        while cursor.tokens and cursor.tokens[-1].text == ";":
            cursor.tokens.pop()
        self.changed_nothing = True
        try:
            if not _unbalanced(cursor.tokens):
                return self._execute(cursor, statement, with_values=with_values)
        except ODD:
            pass  # it is otherwise than the reader of its kind expects
        raise NeedsServerError(f"executes SQL that is not understood here: {shown(statement)}")

    def dump(self) -> dict[str, str] | None:
        """Return the statement that makes each table again, None if there is more than tables, or rows.

        Rows in Alembic's own table are not told.
        """
        if self._passed_over or any(table.filled for name, table in self.tables.items() if name != ddl.VERSION_TABLE):
            return None
        return {name: table.described() for name, table in self.tables.items()}

    def _execute(self, cursor: Cursor, statement: str, *, with_values: bool) -> Rows | None:
        word = cursor.word()
        if word in ASKS or cursor.opens() or queries.is_query(cursor.tokens):
            return self._answer(cursor, statement)
        if word in {"DESCRIBE", "DESC"}:
            return self._describe(cursor, statement)
        if word in NO_SCHEMA:
            self._leave(cursor, statement, with_values=with_values)
            return None
        if with_values:
            raise NeedsServerError(f"changes the schema by a statement with parameters: {shown(statement)}")
        try:
            understood = self._change(cursor)
        except NeedsServerError as error:
            raise NeedsServerError(f"{error} (in {shown(statement)})") from None
        if not understood or not cursor.over():
            raise ValueError(statement)
        return None

    def _describe(self, cursor: Cursor, statement: str) -> Rows:
        cursor.next()
        if cursor.word() in ASKS:
            return Rows(["EXPLAIN"], None, shown(statement))
        name = _name(cursor)
        if name in self.views:
            return Rows(["Field"], None, shown(statement))
        return Rows(["Field"], [(each,) for each in self._table(name).names()])

    def _answer(self, cursor: Cursor, statement: str) -> Rows:
        if cursor.take("SHOW", "CREATE", "TABLE"):
            name = _name(cursor)
            if name in self.views:
                return Rows(["View", "Create View"], None, shown(statement))
            return Rows(["Table", "Create Table"], [(name, self._table(name).described())])
        if cursor.take("SHOW", "FULL", "TABLES") and (cursor.over() or cursor.tokens[3:] == OWN_TABLES):
            views = [(name, "VIEW") for name in self.views]
            return Rows(["Tables", "Table_type"], [*((name, "BASE TABLE") for name in self.tables), *views])
        asked = re.findall(r"@@(?:\w+\.)?(\w+)", statement)
        plain = re.fullmatch(r"(?is)\s*SELECT\s+(@@[\w.]+[\s,]*)+", statement)
        if plain and set(asked) <= VARIABLES.keys():
            return Rows(asked, [tuple(VARIABLES[name] for name in asked)])
        found = queries.rows(cursor.tokens, self.tables)
        if found is not None:
            return found
        names = queries.names(cursor.tokens, self.tables)
        if names is None:
            raise NeedsServerError(f"asks the database: {shown(statement)}")
        return Rows(names, None, shown(statement))

    def _leave(self, cursor: Cursor, statement: str, *, with_values: bool) -> None:
        """Execute what leaves the schema as it is: a table may have rows after it, and foreign keys be unguarded."""
        if cursor.take("SET"):
            self._set(cursor, statement, with_values=with_values)
            return
        named = {token.text for token in cursor.tokens} & self.tables.keys()
        self.changed_nothing = not any(self.tables[name].filled for name in named)
        if cursor.word() in {"INSERT", "REPLACE", "WITH"}:
            new = queries.filled(cursor.tokens, self.tables)
            self.changed_nothing = not new
            self._fill(new)
        if not self.changed_nothing:
            self._fill(self._triggered & self.tables.keys())

    def _set(self, cursor: Cursor, statement: str, *, with_values: bool) -> None:
        """Set variables; one that may change how statements are read needs a server."""
        words = [token.text.lower() for token in cursor.tokens]
        own = {number for number in range(2, len(words)) if words[number - 1] == "@" and words[number - 2] != "@"}
        names = [word for n, word in enumerate(words) if n and re.fullmatch(r"[a-z]\w*", word) and n not in own]
        if with_values or not set(names) <= HARMLESS | VALUES:
            raise NeedsServerError(f"sets what may change the meaning of statements: {shown(statement)}")
        if "foreign_key_checks" in words:
            value = words[words.index("foreign_key_checks") + 1 :]
            self._guarded = value[:2] not in (["=", "0"], ["=", "off"])

    def _fill(self, names: Iterable[str]) -> None:
        for name in names:
            self.tables[name].filled = True

    def _table(self, name: str) -> Table:
        try:
            return self.tables[name]
        except KeyError:
            raise ProgrammingError(1146, f"Table '{DATABASE}.{name}' doesn't exist") from None

    def _change(self, cursor: Cursor) -> bool:
        """Execute what changes the schema; return whether it is understood."""
        words = [token.text.upper() if token.kind == "word" else "" for token in cursor.tokens]
        conditional = "IF" in words[3:-1] and words[words.index("IF", 3) + 1] in {"EXISTS", "NOT"}
        if (conditional and words[1] in {"INDEX", "TABLE"}) or words[:3] in (
            ["DROP", "INDEX", "IF"],
            ["ALTER", "TABLE", "IF"],
        ):
            raise NeedsServerError("says IF where MySQL does not know it")
        kinds: list[tuple[tuple[str, ...], Callable[[Cursor], None]]] = [
            (("CREATE", "TABLE"), self._create_table),
            (("DROP", "TABLE"), self._drop_table),
            (("RENAME", "TABLE"), self._rename_tables),
            (("ALTER", "TABLE"), self._alter_table),
            (("DROP", "INDEX"), self._drop_index),
            (("CREATE", "INDEX"), self._create_index),
            *((("CREATE", kind, "INDEX"), partial(self._create_index, kind=kind)) for kind in KEYS),
        ]
        for first, change in kinds:
            if cursor.take(*first):
                change(cursor)
                return True
        return cursor.word() in {"CREATE", "DROP", "ALTER"} and self._beside_tables(cursor)

    def _beside_tables(self, cursor: Cursor) -> bool:
        """Execute what concerns views, triggers and routines; return whether it does."""
        words = [token.text.upper() if token.kind == "word" else "" for token in cursor.tokens]
        kind = next((word for word in words if word in BESIDE), None)
        if kind is None or "TABLE" in words[: words.index(kind)]:
            return False
        self._passed_over = True
        if kind == "TRIGGER" and words[0] == "CREATE":  # which may put rows into what it names
            everything = self.tables if "CALL" in words else [token.text for token in cursor.tokens]
            self._triggered |= set(everything)
        if kind == "VIEW":
            cursor.at = words.index(kind) + 1
            _ = cursor.take("IF", "EXISTS") or cursor.take("IF", "NOT", "EXISTS")
            if words[0] == "DROP":
                self.views -= {_name(ddl.Cursor(part)) for part in ddl.split(cursor.tokens[cursor.at :])}
            else:
                self.views.add(_name(cursor))
        cursor.at = len(cursor.tokens)
        return True

    # ---- Tables ----------------------------------------------------------------------------------------------------

    def _create_table(self, cursor: Cursor) -> None:
        lenient = cursor.take("IF", "NOT", "EXISTS")
        name = _name(cursor)
        if name in self.tables or name in self.views:
            if not lenient:
                raise OperationalError(1050, f"Table '{name}' already exists")
            cursor.at = len(cursor.tokens)
            return
        if cursor.take("LIKE"):
            self.tables[name] = self._table(_name(cursor)).copied(name)
            return
        if not cursor.opens():
            raise NeedsServerError("makes a table out of a query")
        body = cursor.group()
        table = Table(name, COLLATION)
        _read_options(table, cursor)
        if not cursor.over():
            raise NeedsServerError(f"says {cursor.peek().text} of a table, which is not understood here")
        definitions = [ddl.Cursor(part) for part in ddl.split(body)]
        names = [part.peek().text for part in definitions if not _constrains(part)]
        for part in [part for part in definitions if not _constrains(part)]:
            self._add_column(table, part, names)
        for part in [part for part in definitions if _constrains(part)]:
            self._add_constraint(table, part)
        table.settle()
        self._check_references(table)
        self.tables[name] = table

    def _drop_table(self, cursor: Cursor) -> None:
        lenient = cursor.take("IF", "EXISTS")
        gone = [_name(ddl.Cursor(part)) for part in ddl.split(cursor.tokens[cursor.at :])]
        cursor.at = len(cursor.tokens)
        for name in gone:
            if name not in self.tables and not lenient:
                raise OperationalError(1051, f"Unknown table '{DATABASE}.{name}'")
            for child in self.tables.values():
                keys = [key for key in child.foreign_keys if key.table == name]
                if keys and child.name not in gone and self._guarded:
                    by = f"a foreign key constraint '{keys[0].name}' on table '{child.name}'"
                    raise OperationalError(3730, f"Cannot drop table '{name}' referenced by {by}.")
        for name in gone:
            self.tables.pop(name, None)

    def _rename_tables(self, cursor: Cursor) -> None:
        for part in ddl.split(cursor.tokens[cursor.at :]):
            each = ddl.Cursor(part)
            old = _name(each)
            each.take("TO")
            self._rename_table(self._table(old), _name(each))
        cursor.at = len(cursor.tokens)

    def _rename_table(self, table: Table, new: str) -> None:
        if new in self.tables:
            raise OperationalError(1050, f"Table '{new}' already exists")
        old = table.name
        table.rename(new)
        self.tables[new] = self.tables.pop(old)
        for child in self.tables.values():
            for key in child.foreign_keys:
                key.table = new if key.table == old else key.table

    def _check_references(self, table: Table) -> None:
        for key in table.foreign_keys:
            parent = table if key.table == table.name else self.tables.get(key.table)
            if parent is None:
                if self._guarded:
                    raise OperationalError(1824, f"Failed to open the referenced table '{key.table}'")
                continue
            spelled = []
            for name in key.referred:
                referred = parent.find(name)
                if referred is None:
                    missing = f"Missing column '{name}' for constraint '{key.name}' in the table '{key.table}'"
                    raise OperationalError(3734, f"Failed to add the foreign key constraint. {missing}")
                spelled.append(referred.name)
            key.referred = spelled

    def _check_children(self, table: Table, renamed: Mapping[str, str]) -> None:
        """See that what other tables refer to is still there."""
        for child in self.tables.values():
            for key in [key for key in child.foreign_keys if key.table == table.name and child.name != table.name]:
                referred = [renamed.get(name, name) for name in key.referred]
                for name in referred:
                    if table.find(name) is None:
                        text = f"needed in a foreign key constraint '{key.name}' of table '{child.name}'"
                        raise OperationalError(1829, f"Cannot drop column '{name}': {text}")
                if self._guarded and not any(each.begins_with(referred) for each in table.keys):
                    text = f"needed in a foreign key constraint '{key.name}' of table '{child.name}'"
                    raise OperationalError(1553, f"Cannot drop the index of {', '.join(referred)}: {text}")

    # ---- ALTER TABLE -----------------------------------------------------------------------------------------------

    def _alter_table(self, cursor: Cursor) -> None:
        original = self._table(_name(cursor))
        # On a copy: a statement that fails leaves the table as it was.
        table = original.draft()
        renamed: list[tuple[str, str]] = []
        name: str | None = None
        # Drops are of what was there before: they come first, those of columns last.
        actions = sorted((ddl.Cursor(part) for part in ddl.split(cursor.tokens[cursor.at :])), key=_turn)
        for action in actions:
            if action.word() == "RENAME" and action.peek(1).text.upper() not in {"COLUMN", "INDEX", "KEY"}:
                action.next()
                _ = action.take("TO") or action.take("AS")
                name = _name(action)
            else:
                self._alter(table, action, renamed, alone=len(actions) == 1)
            if not action.over():
                raise NeedsServerError(f"says {action.peek().text} of a table, which is not understood here")
        cursor.at = len(cursor.tokens)
        if not table.columns:
            raise OperationalError(1090, "You can't delete all columns with ALTER TABLE; use DROP TABLE instead")
        table.settle()
        self._check_still_served(table)
        _rename_referred(table, table.name, renamed)
        self._check_references(table)
        self._check_children(table, dict(renamed))
        for child in self.tables.values():
            _rename_referred(child, table.name, renamed)
        self.tables[table.name] = table
        if name is not None:
            self._rename_table(table, name)

    def _alter(self, table: Table, cursor: Cursor, renamed: list[tuple[str, str]], *, alone: bool) -> None:
        if cursor.take("ADD"):
            self._add(table, cursor)
        elif cursor.take("DROP"):
            _drop(table, cursor)
        elif cursor.take("MODIFY"):
            cursor.take("COLUMN")
            self._change_column(table, cursor.peek().text, cursor)
        elif cursor.take("CHANGE"):
            cursor.take("COLUMN")
            old = table.column(cursor.next().text).name
            _require_free(table, old, cursor.peek().text, alone=alone)
            renamed.append((old, cursor.peek().text))
            self._change_column(table, old, cursor)
        elif cursor.take("ALTER"):
            _alter_default(table, cursor)
        elif cursor.take("RENAME", "COLUMN"):
            old = table.column(cursor.next().text).name
            cursor.take("TO")
            _require_free(table, old, cursor.peek().text, alone=alone)
            renamed.append((old, cursor.next().text))
            table.rename_column(*renamed[-1])
        elif cursor.take("RENAME", "INDEX") or cursor.take("RENAME", "KEY"):
            key = _existing_key(table, cursor.next().text)
            cursor.take("TO")
            if table.key(cursor.peek().text) not in (None, key):
                raise OperationalError(1061, f"Duplicate key name '{cursor.peek().text}'")
            key.name, key.generated = cursor.next().text, False
        else:
            _read_options(table, cursor)

    def _add(self, table: Table, cursor: Cursor) -> None:
        if _constrains(cursor):
            self._add_constraint(table, cursor)
            return
        cursor.take("COLUMN")
        if cursor.opens():
            for part in ddl.split(cursor.group()):
                self._add_column(table, ddl.Cursor(part), table.names())
        else:
            self._add_column(table, cursor, table.names())

    def _add_column(self, table: Table, cursor: Cursor, names: list[str]) -> None:
        column = columns.read(cursor, names, table.collation)
        if table.find(column.name) is not None:
            raise OperationalError(1060, f"Duplicate column name '{column.name}'")
        table.columns.append(column)
        _place(table, column, cursor)
        self._add_extra(table, column)

    def _change_column(self, table: Table, old: str, cursor: Cursor) -> None:
        before = table.column(old)
        changed = columns.read(cursor, table.names(), table.collation)
        primary = table.primary()
        if primary is not None and before.name in primary.columns():
            if changed.said_null:
                text = "All parts of a PRIMARY KEY must be NOT NULL; if you need NULL in a key, use UNIQUE instead"
                raise OperationalError(1171, text)
            changed.forbid_null()
        if changed.name != before.name:
            table.rename_column(before.name, changed.name)
        table.columns[table.columns.index(before)] = changed
        table.refit_keys()
        _place(table, changed, cursor)
        self._add_extra(table, changed)

    def _add_extra(self, table: Table, column: Column) -> None:
        """Add the constraints that a column's definition holds."""
        for kind, name, tokens in column.extra:
            cursor = ddl.Cursor(tokens)
            if kind in {"primary", "unique"}:
                table.add_key(Key("PRIMARY" if kind == "primary" else "", kind.upper(), [Part(column.name)]))
            elif kind == "check":
                table.add_check(_check(table, name, tokens))
            else:
                table.add_foreign_key(_foreign_key(name, [column.name], cursor), name or "")
        column.extra = []

    # ---- Keys and constraints --------------------------------------------------------------------------------------

    def _add_constraint(self, table: Table, cursor: Cursor) -> None:
        name = ""
        if cursor.take("CONSTRAINT") and cursor.word() not in {"PRIMARY", "UNIQUE", "FOREIGN", "CHECK"}:
            name = cursor.next().text
        if cursor.take("PRIMARY", "KEY"):
            table.add_key(_key(table, cursor, "PRIMARY", "PRIMARY"))
        elif cursor.take("FOREIGN", "KEY"):
            index = "" if cursor.opens() else cursor.next().text
            local = [part.column or "" for part in _parts(table, cursor)]
            cursor.take("REFERENCES")
            table.add_foreign_key(_foreign_key(name, local, cursor), name or index)
        elif cursor.take("CHECK"):
            check = _check(table, name, cursor.group())
            check.enforced = not cursor.take("NOT", "ENFORCED")
            cursor.take("ENFORCED")
            table.add_check(check)
        else:
            kind = cursor.next().text.upper() if cursor.word() in KEYS else ""
            _ = cursor.take("INDEX") or cursor.take("KEY")
            called = "" if cursor.opens() or cursor.word() == "USING" else cursor.next().text
            table.add_key(_key(table, cursor, called or name, kind))

    def _create_index(self, cursor: Cursor, kind: str = "") -> None:
        name = cursor.next().text
        using = _using(cursor)
        cursor.take("ON")
        table = self._table(_name(cursor)).draft()
        key = _key(table, cursor, name, kind)
        key.options = using or key.options
        table.add_key(key)
        table.settle()
        self.tables[table.name] = table

    def _drop_index(self, cursor: Cursor) -> None:
        name = cursor.next().text
        cursor.take("ON")
        table = self._table(_name(cursor)).draft()
        table.keys.remove(_existing_key(table, name))
        self._check_still_served(table, name)
        self._check_children(table, {})
        self.tables[table.name] = table

    def _check_still_served(self, table: Table, name: str = "") -> None:
        """See that no foreign key is without the index that it needs."""
        for key in table.foreign_keys:
            if not any(each.begins_with(key.columns) for each in table.keys):
                raise OperationalError(
                    1553, f"Cannot drop index '{name or key.name}': needed in a foreign key constraint"
                )


def _unbalanced(tokens: list[Token]) -> bool:
    depths = [(token.text == "(") - (token.text == ")") for token in tokens if token.kind == "other"]
    return sum(depths) != 0


def _name(cursor: Cursor) -> str:
    """Take the name of a table, without that of its database."""
    name = cursor.next().text
    if cursor.peek().text == ".":
        if name != DATABASE:
            raise NeedsServerError(f"names a table of another database, {name}")
        cursor.next()
        name = cursor.next().text
    return name


def _turn(action: Cursor) -> int:
    """Return when an action of ALTER TABLE has its turn: drops, then names, then columns, then what is on them."""
    if action.word() == "DROP":
        return 0 if action.peek(1).text.upper() in DROPPED_FIRST else 1
    if action.word() == "RENAME":
        return 2
    if action.word() == "ADD":
        action.next()
        constrains = _constrains(action)
        action.at -= 1
        return 4 if constrains else 3
    return 3


def _rename_referred(table: Table, parent: str, renamed: list[tuple[str, str]]) -> None:
    """Let the foreign keys of a table follow new names of their parent's columns."""
    for old, new in renamed:
        for key in table.foreign_keys:
            if key.table == parent:
                key.referred = [new if name == old else name for name in key.referred]


def _require_free(table: Table, old: str, new: str, *, alone: bool) -> None:
    """See that a column's new name is not another's, which may be on its way to another one, too."""
    if table.find(new) not in (None, table.find(old)):
        if alone:
            raise OperationalError(1060, f"Duplicate column name '{new}'")
        raise NeedsServerError("gives a column the name of another in one statement")


def _constrains(cursor: Cursor) -> bool:
    """Return whether a definition is a key or a constraint, and no column."""
    token = cursor.peek()
    if token.kind != "word":
        return False
    return token.text.upper() in {
        "CONSTRAINT", "PRIMARY", "FOREIGN", "CHECK", "UNIQUE", "INDEX", "KEY", "FULLTEXT", "SPATIAL",
    }  # fmt: skip


def _read_options(table: Table, cursor: Cursor) -> None:  # noqa: C901 - an option each
    """Read options of a table as far as they are understood; the rest is left for the caller to find."""
    collated = False
    while not cursor.over():
        if cursor.peek().text == ",":
            cursor.next()
            continue
        start = cursor.at
        default = cursor.take("DEFAULT")
        if cursor.take("CHARACTER", "SET") or cursor.take("CHARSET"):
            charset = {"utf8": "utf8mb3"}.get(value := _option(cursor).lower(), value)
            if charset not in columns.COLLATIONS:
                raise NeedsServerError(f"has the character set {charset}, which is not known here")
            if not collated:
                table.collation = columns.COLLATIONS[charset]
        elif cursor.take("COLLATE"):
            table.collation, collated = columns.collation(_option(cursor)), True
        elif default:
            cursor.at = start
            return
        elif cursor.take("COMMENT"):
            table.comment = decoded(_option(cursor))
        elif cursor.take("ENGINE"):
            engine = decoded(value) if (value := _option(cursor))[:1] in "'\"" else value
            table.engine = {"innodb": "InnoDB", "myisam": "MyISAM", "memory": "MEMORY"}.get(engine.lower(), engine)
        elif cursor.take("ROW_FORMAT"):
            table.options["ROW_FORMAT"] = _option(cursor).upper()
        elif cursor.take("AUTO_INCREMENT") or cursor.take("ALGORITHM") or cursor.take("LOCK"):
            _option(cursor)
        else:
            return


def _option(cursor: Cursor) -> str:
    if cursor.peek().text == "=":
        cursor.next()
    return cursor.next().text


def _place(table: Table, column: Column, cursor: Cursor) -> None:
    if cursor.take("FIRST"):
        table.columns.remove(column)
        table.columns.insert(0, column)
    elif cursor.take("AFTER"):
        after = table.column(cursor.next().text)
        table.columns.remove(column)
        table.columns.insert(table.columns.index(after) + 1, column)


def _parts(table: Table, cursor: Cursor) -> list[Part]:
    parts = []
    for tokens in ddl.split(cursor.group()):
        part = ddl.Cursor(tokens)
        text, column, length = "", None, None
        if part.opens():
            text = expression(part.group(), table.names())
        else:
            column = part.next().text
            length = int(part.group()[0].text) if part.opens() else None
        descending = part.take("DESC")
        part.take("ASC")
        if not part.over():  # a call that has no parentheses of its own around it
            raise NeedsServerError("makes an index on what is not understood here")
        parts.append(Part(column, length, descending, text))
    return parts


def _using(cursor: Cursor) -> str:
    return f" USING {cursor.next().text.upper()}" if cursor.take("USING") else ""


def _key(table: Table, cursor: Cursor, name: str, kind: str) -> Key:
    options = _using(cursor)
    if cursor.peek(1).text == ")":
        raise OperationalError(1064, f"You have an error in your SQL syntax: the key {name} has no columns")
    key = Key(name, kind, _parts(table, cursor))
    while not cursor.over():
        if cursor.take("WITH", "PARSER"):
            options += f" /*!50100 WITH PARSER `{cursor.next().text}` */ "
        elif cursor.take("COMMENT"):
            options += f" COMMENT {literal(cursor.next())}"
        elif cursor.take("INVISIBLE"):
            options += " /*!80000 INVISIBLE */"
        elif cursor.take("ALGORITHM") or cursor.take("LOCK"):
            _option(cursor)
        elif not (using := _using(cursor)):
            break
        else:
            options = using + options
    key.options = options.replace(" USING HASH", "")  # which InnoDB has not got
    return key


def _check(table: Table, name: str | None, tokens: list[Token]) -> Check:
    words = {token.text.lower() for token in tokens if token.kind in {"word", "name"}}
    named = {column.name for column in table.columns if column.name.lower() in words}
    return Check(name or "", expression(tokens, table.names()), named)


def _foreign_key(name: str | None, local: list[str], cursor: Cursor) -> ForeignKey:
    table = _name(cursor)
    if not cursor.opens():
        raise NeedsServerError("refers to a table without naming its columns")
    referred = [part[0].text for part in ddl.split(cursor.group())]
    actions = {"DELETE": "", "UPDATE": ""}
    while cursor.take("ON"):
        event, action = cursor.next().text.upper(), cursor.next().text.upper()
        action = f"{action} {cursor.next().text.upper()}" if action in {"SET", "NO"} else action
        actions[event] = f" ON {event} {action}" if action != "NO ACTION" else ""
    return ForeignKey(name or "", local, table, referred, "".join(actions.values()))


def _existing_key(table: Table, name: str) -> Key:
    key = table.key(name)
    if key is None:
        raise OperationalError(1091, f"Can't DROP '{name}'; check that column/key exists")
    return key


def _drop(table: Table, cursor: Cursor) -> None:
    if cursor.take("PRIMARY", "KEY"):
        table.keys.remove(_existing_key(table, "PRIMARY"))
    elif cursor.take("FOREIGN", "KEY"):
        name = cursor.next().text
        found = [key for key in table.foreign_keys if key.name.lower() == name.lower()]
        if not found:
            raise OperationalError(1091, f"Can't DROP '{name}'; check that column/key exists")
        table.foreign_keys.remove(found[0])
    elif cursor.take("CHECK"):
        name = cursor.next().text
        checks = [check for check in table.checks if check.name.lower() == name.lower()]
        if not checks:
            raise OperationalError(3821, f"Check constraint '{name}' is not found in the table.")
        table.checks.remove(checks[0])
    elif cursor.take("INDEX") or cursor.take("KEY"):
        table.keys.remove(_existing_key(table, cursor.next().text))
    elif cursor.take("CONSTRAINT"):
        _drop_constraint(table, cursor.next().text)
    else:
        cursor.take("COLUMN")
        table.drop_column(cursor.next().text)


def _drop_constraint(table: Table, name: str) -> None:
    found = list(table.constraints(name))
    if not found:
        raise OperationalError(3940, f"Constraint '{name}' does not exist.")
    match found[0]:
        case Key() as key:
            table.keys.remove(key)
        case ForeignKey() as key:
            table.foreign_keys.remove(key)
        case Check() as check:
            table.checks.remove(check)


def _alter_default(table: Table, cursor: Cursor) -> None:
    if cursor.word() in {"CHECK", "INDEX", "CONSTRAINT"}:
        raise NeedsServerError(f"says {cursor.peek().text} of a table, which is not understood here")
    cursor.take("COLUMN")
    column = table.column(cursor.next().text)
    if cursor.take("DROP", "DEFAULT"):
        column.default = None
    elif cursor.take("SET", "DEFAULT"):
        default = cursor.tokens[cursor.at :]
        if len(default) == 3 and cursor.opens() and default[1].kind != "word":
            default = default[1:2]  # here, and only here, parentheses around a literal do not count
        columns.set_default(column, default, table.names())
        cursor.at = len(cursor.tokens)
