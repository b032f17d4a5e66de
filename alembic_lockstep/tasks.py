"""The Invoke tasks. Each calls one command; exit code 0: all well, 1: something is wrong, 2: could not run."""

from __future__ import annotations

from invoke.collection import Collection
from invoke.context import Context

from alembic_lockstep.cli.command import DB, command, ini_of

DRY_RUN = "Print the revisions and statements that would run, and run nothing."
SHOW_VALUES = "Show values of rows in errors."


@command(
    help={
        "message": 'What the change is, "feat: …" or "fix: …".',
        "auto": "Write scripts that bring the chains up to the models.",
        "manual": "Write empty scripts, for changes of data.",
        "db": DB,
        "rename": "TABLE.OLD:NEW (or OLD:NEW for a table) is a rename that keeps the values. Repeatable.",
        "allow_drop": "Write drops of tables and columns; their values are lost.",
        "twins": "The reason why one database will differ between dialects.",
        "branch": "The branch to continue, by label or id, where a chain has several heads.",
        "dry_run": "Print the scripts and write nothing.",
        "keep_partial": "Keep the scripts of the targets that succeed when others fail.",
        "require_proof": "Fail if a script cannot be proven on a server. CI=true does the same.",
        "continue_": "Prove the scripts of the open draft as they are now, edited or not, and put them in place.",
        "abort": "Drop the open draft.",
    },
    iterable=["db", "rename"],
)
def migration(
    context: Context,
    message: str = "",
    auto: bool = False,
    manual: bool = False,
    db: list[str] | None = None,
    rename: list[str] | None = None,
    allow_drop: bool = False,
    twins: str = "",
    branch: str = "",
    dry_run: bool = False,
    keep_partial: bool = False,
    require_proof: bool = False,
    continue_: bool = False,
    abort: bool = False,
) -> int:
    """Make one proven migration script per database from a change of the models."""
    from alembic_lockstep.autogenerate.change import ChangeRequest
    from alembic_lockstep.commands.migration import migrate

    request = ChangeRequest(
        message=message,
        auto=auto,
        manual=manual,
        db=db or [],
        rename=rename or [],
        allow_drop=allow_drop,
        twins=twins,
        branch=branch,
        dry_run=dry_run,
        keep_partial=keep_partial,
        require_proof=require_proof,
        resume=continue_,
        abort=abort,
    )
    return migrate(ini_of(context), request)


@command(
    help={
        "db": f"{DB} Default: those of this installation's DB_TYPE.",
        "revision": "Up to this revision: an id, head, or +1 for the next one. Default: head.",
        "create": "Create a missing MySQL database (utf8mb4).",
        "dry_run": DRY_RUN,
        "show_values": SHOW_VALUES,
    },
    iterable=["db"],
)
def upgrade(
    context: Context,
    db: list[str] | None = None,
    revision: str = "head",
    create: bool = False,
    dry_run: bool = False,
    show_values: bool = False,
) -> int:
    """Upgrade live databases. Without --db those of this installation's DB_TYPE."""
    from alembic_lockstep.commands.upgrade import upgrade as run

    return run(ini_of(context), db or [], revision, create=create, dry_run=dry_run, show_values=show_values)


@command(
    help={
        "db": DB,
        "all_": "All databases of this installation.",
        "revision": "Down to this revision: an id, base, or -1 for the one before. Default: -1; "
        "several databases need an id or base.",
        "yes": "Do not ask.",
        "dry_run": DRY_RUN,
        "show_values": SHOW_VALUES,
    },
    iterable=["db"],
)
def downgrade(
    context: Context,
    db: list[str] | None = None,
    all_: bool = False,
    revision: str = "-1",
    yes: bool = False,
    dry_run: bool = False,
    show_values: bool = False,
) -> int:
    """Downgrade live databases, by one revision or to the one given. Asks before it runs."""
    from alembic_lockstep.commands.downgrade import downgrade as run

    return run(ini_of(context), db or [], revision, everything=all_, yes=yes, dry_run=dry_run, show_values=show_values)


@command(
    help={
        "db": DB,
        "json": "Print JSON, for machines.",
        "check": "Exit with 1 unless every database is reachable and at head, with its models in step.",
    },
    iterable=["db"],
)
def status(context: Context, db: list[str] | None = None, json: bool = False, check: bool = False) -> int:
    """Show at which revision live databases are, and whether the models are in step."""
    from alembic_lockstep.commands.status import status as run

    return run(ini_of(context), db or [], as_json=json, check=check)


@command(
    help={
        "db": DB,
        "revision": "Only one revision, by its id or the beginning of it. Default: all.",
        "server": "An image for the MySQL server, such as mysql:8.4 or mariadb:11.8.",
        "accept_known": "Write what is found into known_findings.toml: from then on it is known and does not fail.",
        "html": "Write a page for people to this file.",
        "json": "Print JSON, for machines.",
    },
    iterable=["db"],
)
def roundtrip(
    context: Context,
    db: list[str] | None = None,
    revision: str = "",
    server: str = "",
    html: str = "",
    json: bool = False,
    accept_known: bool = False,
) -> int:
    """Run every revision up, down and up again on scratch databases; compare schema and rows."""
    from alembic_lockstep.commands.roundtrip import roundtrip as run

    return run(
        ini_of(context),
        db or [],
        revision=revision,
        server=server,
        html=html,
        as_json=json,
        accept_known=accept_known,
    )


@command(
    help={
        "db": f"{DB} Default: all that have the revision.",
        "revision": "The revision, by its id or the beginning of it.",
        "at": "The commit whose models it stood for, or . for those of today. Default: the one that added its file.",
        "yes": "Do not ask.",
    },
    iterable=["db"],
)
def freeze(context: Context, db: list[str] | None = None, revision: str = "", at: str = "", yes: bool = False) -> int:
    """Write a revision that takes tables from the models as the operations it stood for. Asks first."""
    from alembic_lockstep.commands.freeze import freeze as run

    return run(ini_of(context), db or [], revision, at, yes=yes)


@command(
    help={
        "stop": "Stop and remove those that no command is using; the next proof starts new ones.",
        "all_": "With --stop: those that a command is using, too.",
    }
)
def scratch(_context: Context, stop: bool = False, all_: bool = False) -> int:
    """Show the MySQL servers that are kept warm for proofs, or stop them."""
    from alembic_lockstep.commands.scratch import scratch as run

    return run(stop=stop, everything=all_)


namespace = Collection(migration, upgrade, downgrade, status, roundtrip, freeze, scratch)
namespace.configure({"alembic_ini": ""})  # relative to the folder of tasks.py; empty for the one there or above
