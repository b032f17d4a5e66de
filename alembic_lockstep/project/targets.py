"""Targets: the sections `alembic_<dialect>_<database>` of a project's alembic.ini."""

from __future__ import annotations

import configparser
import fnmatch
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alembic_lockstep.dialects import LABELS
from alembic_lockstep.dialects.base import DatabaseSettings
from alembic_lockstep.errors import CannotRunError, one_line
from alembic_lockstep.project.message import TYPES
from alembic_lockstep.schema.sql import VERSION_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

INI = "alembic.ini"
PREFIX = "alembic_"
REQUIRED = ("version_locations", "models", "url")
OPTIONAL = (
    "ignored_tables",
    "ignored_columns",
    "ignored_indexes",
    "include_object",
    "initial",
    "starts_at",
    "heads",
    "x_arguments",
    "version_table",
    "naming_convention_from",
    "charset",
    "collation",
)
"""What a section has to have, and may have, beside what plain Alembic knows."""
OF_ALEMBIC = (
    "script_location",
    "prepend_sys_path",
    "path_separator",
    "file_template",
    "truncate_slug_length",
    "timezone",
)
"""What Alembic reads of a section: a % that it cannot interpolate would be a traceback of its own."""


@dataclass(frozen=True, slots=True)
class Target:
    """One chain on one dialect.

    Attributes:
        ini: the alembic.ini that declares it; its folder is the project's root.
        name: `<dialect>_<database>`, such as mysql_agent.
        dialect: one of `alembic_lockstep.dialects.LABELS`.
        database: what it migrates, such as agent.
        versions: the folder of its revisions.
        models: where its MetaData is, as `module:attribute`.
        url: of its live database, as `module:callable` or a literal URL.
        ignored_tables: shell patterns of the tables that are not compared.
        initial: the tables that exist before the first revision: a MetaData as `module:attribute`, or a file of SQL;
            empty for none.
        starts_at: the revision after which a database with the tables of `initial` is; empty for before the first.
        many_heads: whether its chain is meant to have several heads.
        x_arguments: what revisions get from `context.get_x_argument()`, as `alembic -x` gives it.
        charset: the default character set of its scratch databases; empty for the usual one.
        collation: their default collation; empty for that of the character set.
        ignored_columns: shell patterns of columns that are not compared, as `table.column`.
        ignored_indexes: shell patterns of indexes, unique constraints and CHECKs that are not compared.
        include_object: a function with the signature of Alembic's hook, as `module:attribute`; empty for none.
        version_table: the table in which Alembic keeps the revision of the database.
        naming_convention_from: the first revision for which the naming convention of the models holds, or `base` or
            `never`; empty where nobody has decided that: then it holds for all.
    """

    ini: Path
    name: str
    dialect: str
    database: str
    versions: Path
    models: str
    url: str
    ignored_tables: frozenset[str]
    initial: str = ""
    starts_at: str = ""
    many_heads: bool = False
    x_arguments: tuple[str, ...] = ()
    charset: str = ""
    collation: str = ""
    ignored_columns: frozenset[str] = frozenset()
    ignored_indexes: frozenset[str] = frozenset()
    include_object: str = ""
    version_table: str = VERSION_TABLE
    naming_convention_from: str = ""

    @property
    def root(self) -> Path:
        """The project's root: where alembic.ini is."""
        return self.ini.parent

    @property
    def section(self) -> str:
        """The section of alembic.ini, as `alembic -n` takes it."""
        return PREFIX + self.name

    @property
    def label(self) -> str:
        """The name for people, such as `MySQL Agent Database`."""
        return f"{LABELS[self.dialect]} {self.database.replace('_', ' ').title()} Database"

    @property
    def initial_file(self) -> Path | None:
        """The file of SQL that creates the tables of `initial`; None where models do, or nothing."""
        return self.root / self.initial if self.initial.lower().endswith(".sql") else None

    @property
    def made_as(self) -> DatabaseSettings:
        """What the databases are like that are made for it."""
        named = re.match(r"\w+\+(\w+):", self.url)
        return DatabaseSettings(self.charset, self.collation, named[1] if named else "")

    def require_folder(self) -> None:
        """Raise CannotRunError if the revisions' folder is missing: Alembic would treat the chain as empty."""
        if not self.versions.is_dir():
            folder = self.versions.relative_to(self.root) if self.versions.is_relative_to(self.root) else self.versions
            raise CannotRunError(
                f"{self.name}: {folder.as_posix()} does not exist. "
                f"Fix version_locations in [{self.section}] of {self.ini.name}, or create the folder for a new target.",
                kind="broken-ini",
            )


def pairs(targets: list[Target]) -> list[tuple[Target, Target]]:
    """Return the pairs of twins among targets: the first of each database with each of the others."""
    first: dict[str, Target] = {}
    return [
        (first[target.database], target) for target in targets if first.setdefault(target.database, target) != target
    ]


def find_ini(start: Path) -> Path:
    """Return the alembic.ini in a folder, or in the nearest one above.

    Raises:
        CannotRunError: there is none.
    """
    folder = start.resolve()
    for each in (folder, *folder.parents):
        if (each / INI).is_file():
            return each / INI
    raise CannotRunError(f"{INI} not found in {folder} or above. Run inside the project.", kind="no-ini")


def load(ini: Path) -> list[Target]:
    """Read the targets of an alembic.ini, in its order.

    Args:
        ini: the file.

    Raises:
        CannotRunError: the file is missing or broken, or a section lacks something.
    """
    parser = parse(ini)
    targets = [_target(ini, parser[section]) for section in parser.sections() if section.startswith(PREFIX)]
    if not targets:
        raise CannotRunError(f"{ini} has no target: a section such as [{PREFIX}mysql_agent].", kind="broken-ini")
    return targets


def dialect_by_name(ini: Path) -> dict[str, str]:
    """Return the dialect of each target of an alembic.ini by its name; none where the file cannot be read."""
    parser = configparser.ConfigParser(interpolation=None)
    with suppress(OSError, UnicodeDecodeError, configparser.Error):
        parser.read(ini, encoding="utf-8")
    found = [section.removeprefix(PREFIX) for section in parser.sections() if section.startswith(PREFIX)]
    return {name: _parts(name)[0] for name in found}


def _parts(name: str) -> tuple[str, str]:
    """Return the dialect and the database of a target's name."""
    dialect, _, database = name.partition("_")
    return dialect, database


def message_types(ini: Path) -> tuple[str, ...]:
    """Return what messages of changes can begin with: `message_types` in [DEFAULT], or feat and fix.

    Raises:
        CannotRunError: alembic.ini is missing or broken, or a type is no word.
    """
    types = _words(parse(ini).defaults().get("message_types", ""))
    for each in types:
        if not re.fullmatch(r"[a-z]+", each):
            text = f"{ini.name}: message_types: {each} is no word in small letters. For example: feat, fix, refactor"
            raise CannotRunError(text, kind="broken-ini")
    return tuple(types) or TYPES


def parse(ini: Path) -> configparser.ConfigParser:
    """Read an alembic.ini with `here` for its values, as Alembic does, but also where its path contains a %.

    Raises:
        CannotRunError: it is missing or broken.
    """
    parser = configparser.ConfigParser({"here": str(ini.parent).replace("%", "%%")})
    try:
        parser.read_string(ini.read_text(encoding="utf-8"), source=ini.name)
    except FileNotFoundError:
        raise CannotRunError(
            f"alembic.ini not found: {ini} does not exist. Run inside the project, or correct `alembic_ini`.",
            kind="no-ini",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRunError(f"{ini} cannot be read: {error}", kind="broken-ini") from error
    except configparser.Error as error:
        raise CannotRunError(f"{ini.name} is broken: {_fault_of_a_file(error)}", kind="broken-ini") from None
    return parser


def _fault_of_a_file(error: configparser.Error) -> str:
    """Return what is wrong with a file; lines and values are not repeated, since any may hold a password."""
    if isinstance(error, configparser.ParsingError):
        lines = [error.lineno] if hasattr(error, "lineno") else [line for line, _text in error.errors]
        return f"line {', '.join(map(str, lines))} is no [section] and no `name = value` in one"
    return one_line(error)  # a section or a name that is there twice


def _value(ini: Path, section: configparser.SectionProxy, key: str) -> str:
    """Return a setting of a section; what cannot be read is not repeated, since it may hold a password."""
    try:
        return section.get(key, "").strip()
    except configparser.Error:
        callable_ = ", or let Python code give it: url = module:callable" if key == "url" else ""
        raise CannotRunError(
            f"{ini.name}: [{section.name}] {key}: a % in it begins no %(name)s that this file knows. "
            f"Write %% where a % is meant{callable_}.",
            kind="broken-ini",
        ) from None


def load_one(ini: Path, section: str) -> Target:
    """Return the target of one section, as `alembic -n` names it."""
    for target in load(ini):
        if target.section == section:
            return target
    known = " ".join(target.section for target in load(ini))
    raise CannotRunError(
        f"[{section}] is no target of {ini.name}. Use alembic -n with one of: {known}", kind="unknown-target"
    )


def _target(ini: Path, section: configparser.SectionProxy) -> Target:
    name = section.name.removeprefix(PREFIX)
    dialect, database = _parts(name)
    if dialect not in LABELS or not database:
        raise CannotRunError(
            f"{ini.name}: [{section.name}] is not {PREFIX}<dialect>_<database>. Known dialects: {', '.join(LABELS)}",
            kind="broken-ini",
        )
    values = {}
    for key in (*REQUIRED, *OPTIONAL):
        values[key] = _value(ini, section, key)
        if not values[key] and key in REQUIRED:
            raise CannotRunError(f"{ini.name}: [{section.name}] has no {key}.", kind="broken-ini")
        if key in {"charset", "collation"} and not re.fullmatch(r"\w*", values[key]):
            raise CannotRunError(f"{ini.name}: [{section.name}] {key} is no name such as utf8mb4.", kind="broken-ini")
    for key in OF_ALEMBIC:
        _value(ini, section, key)
    for pattern in _words(values["ignored_columns"]):
        if "." not in pattern:
            text = f"{ini.name}: [{section.name}] ignored_columns: {pattern} is not table.column"
            raise CannotRunError(text, kind="broken-ini")
    if values["starts_at"] and not values["initial"]:
        text = (
            f"{ini.name}: [{section.name}] starts_at needs initial: the tables that the revisions up to it have made."
        )
        raise CannotRunError(text, kind="broken-ini")
    if values["heads"] not in {"", "one", "many"}:
        text = f"{ini.name}: [{section.name}] heads = {values['heads']}: it is one or many."
        raise CannotRunError(text, kind="broken-ini")
    return Target(
        ini=ini,
        name=name,
        dialect=dialect,
        database=database,
        versions=ini.parent / values["version_locations"],
        models=values["models"],
        url=values["url"],
        ignored_tables=frozenset(_words(values["ignored_tables"])),
        initial=values["initial"],
        starts_at=values["starts_at"],
        many_heads=values["heads"] == "many",
        x_arguments=tuple(_words(values["x_arguments"])),
        ignored_columns=frozenset(_words(values["ignored_columns"])),
        ignored_indexes=frozenset(_words(values["ignored_indexes"])),
        include_object=values["include_object"],
        version_table=values["version_table"] or VERSION_TABLE,
        naming_convention_from=values["naming_convention_from"],
        charset=values["charset"],
        collation=values["collation"],
    )


def _words(text: str) -> list[str]:
    return list(filter(None, re.split(r"[\s,]+", text)))


def select(targets: list[Target], names: Iterable[str]) -> list[Target]:
    """Return the targets that `names` choose, in the order of `targets`.

    Args:
        targets: all targets of the project.
        names: names or shell patterns, each also as a list with commas; none at all chooses every target.

    Raises:
        CannotRunError: a name or pattern that matches no target.
    """
    wanted = [part.strip() for name in names for part in name.split(",")]
    if not wanted:
        return list(targets)
    known = [target.name for target in targets]
    chosen: set[str] = set()
    for pattern in wanted:
        matches = fnmatch.filter(known, pattern)
        if not matches:
            problem = f"{pattern}: unknown target" if pattern else "--db needs the name of a target"
            raise CannotRunError(f"{problem}. Known: {', '.join(known)}", kind="unknown-target")
        chosen.update(matches)
    return [target for target in targets if target.name in chosen]
