"""Private names of Alembic and SQLAlchemy, each with the public behaviour that it stands in for.

Nothing else in the package reaches them, so that a new release of either is looked at here.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from alembic import context as alembic_context
from alembic.operations.batch import BatchOperationsImpl
from alembic.runtime.environment import EnvironmentContext

if TYPE_CHECKING:
    import configparser
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    import sqlalchemy as sa
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy.engine.interfaces import Dialect


def set_ini(config: Config, ini: configparser.ConfigParser) -> None:
    """Give an Alembic config an ini that was read already: its own `Config(file)` fails where a % is in the path."""
    config.__dict__["file_config"] = ini


@contextmanager
def environment(config: Config, script: ScriptDirectory, **options: Any) -> Iterator[EnvironmentContext]:
    """Provide what `from alembic import context` gives a revision, for as long as the block lasts.

    `with EnvironmentContext(…)` does so, too, but takes away that of plain Alembic around it.

    Args:
        config: the section of the target.
        script: the chain.
        options: what the commands of Alembic give an EnvironmentContext, such as `fn`.
    """
    outer = getattr(alembic_context, "_proxy", None)
    try:
        with EnvironmentContext(config, script, **options) as made:
            yield made
    finally:
        if outer is not None:
            outer._install_proxy()


def command_name() -> str:
    """Return the command that runs env.py, such as `upgrade`, also where Python code called `alembic.command.upgrade`.

    The commands give their work to EnvironmentContext as a function of their own name; `stamp` calls it `do_stamp`.
    """
    return str(getattr(command_function(), "__name__", ""))


def command_function() -> Any:
    """Return the function by which the command that runs env.py gives the steps to run; env.py may wrap it."""
    options = getattr(alembic_context, "_proxy").context_opts  # noqa: B009 - not among the declared attributes
    return options.get("fn")


def upgrade_steps(script: ScriptDirectory, destination: str, current: Any) -> list[Any]:
    """Return the steps that `alembic.command.upgrade` runs, without the script directory that it loads each time."""
    return list(script._upgrade_revs(destination, current))


def downgrade_steps(script: ScriptDirectory, destination: str, current: Any) -> list[Any]:
    """Return the steps that `alembic.command.downgrade` runs, without the script directory that it loads each time."""
    return list(script._downgrade_revs(destination, current))


def revision_transaction(context: MigrationContext) -> AbstractContextManager[Any]:
    """Begin the transaction of one revision, as `run_migrations` does with `transaction_per_migration`."""
    return context.begin_transaction(_per_migration=True)


def reflected_type(dialect: Dialect, name: str) -> sa.types.TypeEngine[Any]:
    """Return the type as which SQLite's inspector reflects a column whose type is declared by this name."""
    made: sa.types.TypeEngine[Any] = dialect._resolve_type_affinity(name)  # type: ignore[attr-defined]
    return made


def preset_mysql(dialect: Any, charset: str) -> None:
    """Preset what SQLAlchemy's MySQL dialect asks on its first connection, for one whose `initialize` does nothing.

    Args:
        dialect: it has the public attributes already, such as `server_version_info`.
        charset: the connection's.
    """
    dialect._connection_charset = charset
    dialect._casing = 0
    dialect._needs_correct_for_88718_96365 = False


BIND = re.compile(r"(?<![:\w\\]):(?=\w)")
"""What `sa.text` takes for the beginning of a parameter (SQLAlchemy keeps the pattern with its compiler)."""


def with_escaped_colons(text: str) -> str:
    """Return SQL as `sa.text` takes it without finding parameters in it."""
    return BIND.sub(r"\\:", text)


def as_text(clause: Any) -> str:
    """Return the SQL of a `sa.text`, in which reflection does not escape what looks like a parameter."""
    return str(clause.text).replace("\\:", ":")


def doubles_percents(preparer: Any) -> bool:
    """Return whether compiled SQL has %% for %, as drivers with the paramstyle `format` need it."""
    return bool(preparer._double_percents)


@contextmanager
def single_percents(preparer: Any) -> Iterator[None]:
    """Compile SQL with % as it is meant: what a script holds is not on its way to a driver."""
    doubled, preparer._double_percents = preparer._double_percents, False
    try:
        yield
    finally:
        preparer._double_percents = doubled


def restoring_operation(op: Any) -> Any | None:
    """Return the operation itself by which `op.reverse()` restores what a drop removes, None if it is not known.

    `reverse()` is public but returns a copy; changes of the original decide what a downgrade restores.
    """
    return getattr(op, "_reverse", None)


def type_affinity(type_: sa.types.TypeEngine[Any]) -> type[sa.types.TypeEngine[Any]] | None:
    """Return the generic type that a type belongs to, as `isinstance` with each of the generic types would find."""
    return type_._type_affinity


def copy_column(column: sa.Column[Any]) -> sa.Column[Any]:
    """Return a copy of a column without its table, as `Table.to_metadata` makes of each column."""
    return column._copy()


def restore_by(op: Any, restoring: Any) -> None:
    """Make `op.reverse()` of a drop restore what another operation creates, which a constructor cannot be told."""
    op._reverse = restoring


def set_version_locations(script: ScriptDirectory, locations: list[str]) -> None:
    """Give a script directory other folders, as if it had been made with these `version_locations`.

    It keeps the folders that it was loaded with in an attribute that is computed once.
    """
    script.version_locations = locations
    script.__dict__.pop("_version_locations", None)


def variant(type_: Any, like: Any) -> Any:
    """Return what a type with variants is on the dialect from which another type was reflected, else the type itself.

    Stands in for `type_.dialect_impl(dialect)`, which needs the dialect.
    """
    dialect = type(like).__module__.removeprefix("sqlalchemy.dialects.").partition(".")[0]
    return getattr(type_, "_variant_mapping", {}).get(dialect, type_)


def variants(type_: sa.types.TypeEngine[Any]) -> dict[str, sa.types.TypeEngine[Any]]:
    """Return the variants of a type by dialect, which only `dialect_impl` shows, for one dialect at a time."""
    return dict(type_._variant_mapping)


def without_variants(type_: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Return a type as it is where none of its variants is meant."""
    alone: Any = type_.copy()
    alone._variant_mapping = type(type_._variant_mapping)()
    return alone  # type: ignore[no-any-return]


def constraint_name(constraint: Any, dialect: Dialect) -> str | None:
    """Return the name that DDL gives a constraint, from its models or the naming convention, None if it has none."""
    if constraint.name is None:
        return None
    name: str | None = dialect.identifier_preparer.format_constraint(constraint, _alembic_quote=False)
    return name


def is_type_bound(constraint: Any) -> bool:
    """Return whether a constraint belongs to a column's type, such as the CHECK of a Boolean."""
    return bool(constraint._type_bound)


def creation_order(constraint: Any) -> int:
    """Return a number by which constraints are sorted as CREATE TABLE lists them."""
    return int(constraint._creation_order)


def namespace(op: Any) -> sa.MetaData | None:
    """Return the MetaData of the models in which an operation was found: foreign keys are rendered by its tables."""
    found: sa.MetaData | None = op._namespace_metadata
    return found


def flush_batches(flush: Callable[[Any, Callable[[], None]], None]) -> None:
    """Put a function in the place of what Alembic does at the end of a `with op.batch_alter_table(…)` block.

    Stands in for an implementation of a dialect (`DefaultImpl`) that could say how it alters tables in batch mode.

    Args:
        flush: called with the BatchOperationsImpl of the block, and with what Alembic would do.
    """
    alembics = BatchOperationsImpl.flush

    def flushed(batch: Any) -> None:
        flush(batch, lambda: alembics(batch))

    BatchOperationsImpl.flush = flushed  # type: ignore[method-assign,assignment]


def is_created(constraint: sa.Constraint, compiler: Any) -> bool:
    """Return whether CREATE TABLE would have a constraint; that of a type depends on the dialect."""
    rule = constraint._create_rule
    return rule is None or bool(rule(compiler))
