from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
import sqlalchemy as sa

from alembic_lockstep.commands import scratch as commands
from alembic_lockstep.errors import CannotRunError, NoServerError
from alembic_lockstep.progress import Notice, Progress, ignore
from alembic_lockstep.servers import docker, finding, local, scratch
from alembic_lockstep.servers.common import IDLE_SECONDS, own_folder
from alembic_lockstep.servers.keeper import ALIVE, DATA, GROUP, KEPT, STATE, is_held
from alembic_lockstep.servers.scratch import PREFIX
from alembic_lockstep.servers.settings import GIVEN
from tests.conftest import ROOT
from tests.support.servers import text_of
from tests.support.waiting import wait_until
from tests.tasks.test_roundtrip import add

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from alembic_lockstep.servers.server import Server
    from tests.conftest import Project

# Servers start and end here, and what others leave on the one that is given would be counted.
pytestmark = pytest.mark.serial

PROCESSES = Path("/proc")
linux = pytest.mark.skipif(not PROCESSES.is_dir(), reason="looks at all processes in /proc")
DOCKER = shutil.which("docker") or "docker"

FIND = """
import sys
from alembic_lockstep.servers import docker, finding
docker.LABEL = sys.argv[1]
print(finding.find(lambda text: print(text, file=sys.stderr, flush=True)).url.port)
"""
HOLD = """
import sys
from alembic_lockstep.servers import finding, scratch
with scratch.scratch_database(finding.find(print), "test") as url:
    print(url.database, flush=True)
    sys.stdin.read()
"""


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def port_found_by(process: subprocess.Popen[str]) -> int:
    answer, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint
    return int(answer.split()[-1])


def command_lines_during(process: subprocess.Popen[str]) -> bytes:
    """Return the command line of every process that was seen while this one ran."""
    seen: set[bytes] = set()
    while process.poll() is None:
        for file in PROCESSES.glob("[0-9]*/cmdline"):
            with suppress(OSError):
                seen.add(file.read_bytes())
        time.sleep(0.02)
    return b"\n".join(seen)


def missing(what: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"CI needs {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files of the test's own, and no way to a server."""
    with tempfile.TemporaryDirectory(prefix="m") as folder:  # short: pytest's own paths are too long for sockets
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.setenv("PATH", str(Path(folder) / "bin"))
        monkeypatch.delenv(GIVEN, raising=False)
        monkeypatch.delenv("MYSQL_IMAGE", raising=False)
        (Path(folder) / "bin").mkdir()
        yield Path(folder)


# A server that is given


@pytest.fixture
def given(server: Server, alone: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv(GIVEN, server.url.render_as_string(hide_password=False))
    return server


@contextmanager
def on(server: Server, user: str | None = None, password: str | None = None) -> Iterator[sa.Connection]:
    url = server.url.set(username=user or server.url.username, password=password or server.url.password)
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def databases(server: Server) -> set[str]:
    with on(server) as connection:
        return set(connection.exec_driver_sql("SHOW DATABASES").scalars())


def test_given_server_is_used(given: Server) -> None:
    found = finding.find(ignore)
    assert found.url.port == given.url.port
    assert found.label.endswith(f" at 127.0.0.1:{given.url.port}")
    assert found.label.startswith(("MySQL ", "MariaDB "))


def test_only_scratch_databases_are_made_and_dropped_on_a_given_server(given: Server) -> None:
    mark = secrets.token_hex(6)
    bystanders = {
        f"bystander_{mark}",
        f"migrationXscratch_agent_{mark}",  # in LIKE, an underscore would be any character
        f"migration_scratchy_{mark}",
        f"old_{PREFIX}agent_{mark}",
        f"{PREFIX}notes_of_mine_{mark[:4]}",
    }
    left_over = f"{PREFIX}mysql_agent_{mark}"
    before = databases(given)
    with on(given) as connection:
        try:
            for name in [*bystanders, left_over]:
                connection.exec_driver_sql(f"CREATE DATABASE `{name}`")
            with scratch.scratch_database(finding.find(ignore), "mysql_agent") as url:
                assert url.database is not None
                assert url.database.startswith(f"{PREFIX}mysql_agent_")
                during = databases(given)
            after = databases(given)
        finally:
            for name in bystanders:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS `{name}`")
    assert bystanders <= during
    assert url.database in during
    assert left_over not in during
    assert bystanders <= after
    assert url.database not in after
    assert url.database not in before


@pytest.fixture
def account(given: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Server]]:
    """Makes an account that has a privilege on the databases of a pattern, and the given server that of the account."""
    name, password = f"test_{secrets.token_hex(6)}", secrets.token_hex(8)

    def make(grant: str) -> Server:
        with on(given) as connection:
            connection.exec_driver_sql(f"CREATE USER {name}@'%%' IDENTIFIED BY '{password}'")
            connection.exec_driver_sql(f"GRANT {grant} TO {name}@'%%'")
        url = given.url.set(username=name, password=password)
        monkeypatch.setenv(GIVEN, url.render_as_string(hide_password=False))
        return finding.find(ignore)

    yield make
    with on(given) as connection:
        connection.exec_driver_sql(f"DROP USER IF EXISTS {name}@'%%'")


def test_account_that_may_only_use_scratch_databases_is_enough(account: Callable[[str], Server]) -> None:
    found = account(r"ALL ON `migration\_scratch\_%%`.*")
    with scratch.scratch_database(found, "mysql_ops") as url, sa.create_engine(url).connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INT PRIMARY KEY)")
        assert connection.exec_driver_sql("SHOW TABLES").scalars().all() == ["t"]


def test_account_that_may_not_make_databases_is_refused(account: Callable[[str], Server]) -> None:
    found = account("SELECT ON `nothing`.*")
    with (
        pytest.raises(CannotRunError, match=r"cannot make a scratch database: Access denied for user") as caught,
        scratch.scratch_database(found, "mysql_ops"),
    ):
        pass
    assert str(found.url.password) not in str(caught.value)


@pytest.fixture
def answers(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port at which something answers that is no MySQL server, or nothing at all."""
    greeting: bytes | None = request.param
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        if greeting:
                            connection.sendall(greeting)
                        connection.recv(1000)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "answers",
    [pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="another protocol"), pytest.param(b"", id="silence")],
    indirect=True,
)
def test_given_port_of_something_else_is_refused(answers: int, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alembic_lockstep.servers.server.CONNECT_SECONDS", 1)
    monkeypatch.setenv(GIVEN, f"mysql://root:hidden@127.0.0.1:{answers}/")
    with pytest.raises(CannotRunError, match=rf"{GIVEN}: cannot connect to root@127.0.0.1:{answers} \(.+\)$") as caught:
        finding.find(ignore)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param(
            "mysql://root:hidden@127.0.0.1:9/x",
            "cannot connect to root@127.0.0.1:9 (connection refused)",
            id="unreachable",
        ),
        pytest.param(
            "mysql://root:hidden@no-such-host.invalid/x",
            "cannot connect to root@no-such-host.invalid:3306 (",
            id="unknown host",
        ),
        pytest.param("mysql://root:hidden@127.0.0.1:x/", "no URL such as", id="port no number"),
        pytest.param("hidden", "no URL such as mysql://user:password@host:3306/", id="no URL"),
        pytest.param(
            "postgresql://root:hidden@127.0.0.1/",
            "is a URL of postgresql; it must be one of MySQL or MariaDB",
            id="PostgreSQL",
        ),
        pytest.param("sqlite:///hidden.db", "is a URL of sqlite; it must be one of MySQL or MariaDB", id="SQLite"),
        pytest.param("mysql://root:hi@dden@127.0.0.1:9/", "is written as %40", id="@ in the password"),
        pytest.param("mysql://root:hidden@127.0.0.1:9/?colour=red", "look at colour behind its ?", id="unknown option"),
    ],
)
def test_given_url_that_cannot_be_used_is_refused(
    url: str, message: str, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(GIVEN, url)
    with pytest.raises(CannotRunError) as caught:
        finding.find(ignore)
    assert str(caught.value).startswith(GIVEN)
    assert message in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert "dden" not in str(caught.value)


def test_wrong_password_of_a_given_server_fails_the_command_without_showing_it(
    project: Project, server: Server
) -> None:
    project.add_column()
    before = project.files()
    url = server.url.set(password="not-the-pass-word").render_as_string(hide_password=False)
    done = project.migration("--db", "mysql_agent", MIGRATION_MYSQL_URL=url)
    assert done.returncode == 2
    assert f"{GIVEN}: cannot connect to root@127.0.0.1:{server.url.port} (Access denied for user" in done.stdout
    assert "not-the-pass-word" not in done.stdout + done.stderr
    assert project.files() == before


# Docker


@pytest.fixture
def image(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An image of the test's own; what is started of it has a label of its own, and is removed."""
    base = docker.DEFAULT_IMAGE
    known = ask_docker("image", "inspect", base) if Path(DOCKER).is_absolute() else None
    if known is None or known.returncode:
        missing(f"a Docker daemon with the image {base}")
    label = f"migration-test-{secrets.token_hex(4)}"
    ask_docker("tag", base, f"mysql-{label}", check=True)
    (alone / "bin" / "docker").symlink_to(DOCKER)
    monkeypatch.setenv("MYSQL_IMAGE", f"mysql-{label}")
    monkeypatch.setattr(docker, "LABEL", label)
    yield f"mysql-{label}"
    docker.stop()
    ask_docker("rmi", "--force", f"mysql-{label}", check=True)


def ask_docker(*words: str, check: bool = False) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([DOCKER, *words], capture_output=True, text=True, check=False, timeout=60)
    assert not (check and done.returncode), done.stderr
    return done


def containers() -> list[Any]:
    """Return what Docker knows of the containers with the test's label."""
    names = ask_docker("ps", "--all", "--quiet", "--filter", f"label={docker.LABEL}").stdout.split()
    return json.loads(ask_docker("container", "inspect", *names).stdout) if names else []


@linux
def test_docker_server_stays_warm_until_it_is_idle(image: str) -> None:
    start = python(FIND, docker.LABEL)
    command_lines = command_lines_during(start)
    port = port_found_by(start)
    told: list[Progress | Notice] = []
    found = finding.find(told.append)
    assert told == []
    assert (found.url.port, found.label) == (port, image)
    assert [server.url.port for server in docker.running()] == [port]
    (container,) = containers()
    published = [place for places in container["NetworkSettings"]["Ports"].values() for place in places or []]
    assert published == [{"HostIp": "127.0.0.1", "HostPort": str(port)}]
    assert image.encode() in command_lines
    assert str(found.url.password).encode() not in command_lines
    with scratch.scratch_database(found, "mysql_agent") as url, sa.create_engine(url).connect() as connection:
        assert connection.exec_driver_sql("SELECT DATABASE()").scalar() == url.database
    ago = f"@{int(time.time()) - IDLE_SECONDS}"
    ask_docker("exec", container["Id"], "touch", "--date", ago, "/var/lib/mysql", check=True)
    wait_until(lambda: containers() == [], "the idle container is gone")


def test_commands_at_the_same_time_start_one_container_and_stop_removes_it(image: str) -> None:
    processes = [python(FIND, docker.LABEL) for _ in range(2)]
    ports = {port_found_by(process) for process in processes}
    assert len(containers()) == 1
    assert ports == {finding.find(ignore).url.port}
    assert docker.stop() == [image]
    assert containers() == []
    assert docker.stop() == []


def test_server_in_use_is_stopped_on_demand_only(image: str, capsys: pytest.CaptureFixture[str]) -> None:
    with scratch.scratch_database(finding.find(ignore), "mysql_ops"):
        assert commands.scratch(stop=True) == 1
        told = f"Not stopped: {image}, in use for mysql_ops; --stop --all stops it all the same.\n"
        assert capsys.readouterr().out == told
        assert len(containers()) == 1
        assert commands.scratch(stop=True, everything=True) == 0
        assert capsys.readouterr().out == f"Stopped: {image}\n"
    assert containers() == []
    assert commands.scratch(stop=True) == 0
    assert capsys.readouterr().out == "No server was running.\n"
    with pytest.raises(CannotRunError, match="--all goes with --stop"):
        commands.scratch(stop=False, everything=True)


def test_server_that_ends_during_a_round_trip_says_nothing_of_the_revision(image: str, project: Project) -> None:
    found = finding.find(ignore)
    (container,) = containers()
    end = f"import subprocess\nsubprocess.run([{DOCKER!r}, 'kill', {container['Id']!r}], check=True)\n"
    add(project, "mysql_ops", "b2", f"{end}op.execute('SELECT 1')", "pass")
    add(project, "sqlite_ops", "b2", "pass", "pass")
    done = project.invoke("roundtrip", "--db", "*_ops", cwd=None, **{GIVEN: text_of(found)})
    assert done.returncode == 2
    assert f"at 127.0.0.1:{found.url.port} has ended while it was in use. Run the command again.\n" in done.stdout
    assert "broken" not in done.stdout
    assert "not tested: mysql_ops" in done.stdout


def test_connection_that_a_revision_cuts_is_its_failure(mysql_project: Project) -> None:
    add(mysql_project, "mysql_ops", "b2", "op.execute('DO 1'); op.execute('KILL CONNECTION_ID()')", "pass")
    done = mysql_project.invoke("roundtrip", "--db", "mysql_ops", "--revision", "b2")
    assert done.returncode == 1
    assert "fails: (1317" in done.stdout or "fails: (2013" in done.stdout


def test_container_that_never_came_to_answer_is_replaced(image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alembic_lockstep.servers.server.CONNECT_SECONDS", 1)
    killed = python(FIND, docker.LABEL)
    wait_until(lambda: [each for each in containers() if each["State"]["Running"]], "the container runs")
    killed.kill()
    killed.communicate()
    (hung,) = containers()
    ask_docker("pause", hung["Id"], check=True)
    found = finding.find(ignore)
    (fresh,) = containers()
    assert fresh["Id"] != hung["Id"]
    with scratch.scratch_database(found, "mysql_agent") as url:
        assert url.database in databases(found)


def test_image_that_cannot_be_had_is_told(image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYSQL_IMAGE", "127.0.0.1:9/no-such-image")
    told: list[Progress | Notice] = []
    with pytest.raises(NoServerError) as caught:
        docker.server(told.append)
    assert told == [Notice("pulling 127.0.0.1:9/no-such-image")]
    assert str(caught.value).startswith("Docker cannot pull 127.0.0.1:9/no-such-image (Error response from daemon: ")
    assert "connection refused" in str(caught.value)


def test_image_that_is_no_server_is_told(image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # An empty image.
    broken = f"{image}-broken"
    subprocess.run([DOCKER, "import", "-", broken], input=b"\0" * 10240, capture_output=True, check=True)
    monkeypatch.setenv("MYSQL_IMAGE", broken)
    try:
        with pytest.raises(NoServerError, match=rf"^Docker cannot start {broken} \(docker: Error response from daemon"):
            docker.server(ignore)
        assert containers() == []
    finally:
        ask_docker("rmi", "--force", broken, check=True)


def test_docker_without_a_daemon_is_told(image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as changed:
        changed.setenv("DOCKER_HOST", "unix:///no/such/socket")
        with pytest.raises(NoServerError, match=r"^Docker does not answer \(.+daemon.+\), no mysqld on PATH, no "):
            finding.find(ignore)
        assert finding.running() == []
        assert finding.stop() == []


# mysqld on PATH


@pytest.fixture
def binary(alone: Path) -> Iterator[Path]:
    """The one program on PATH: the machine's MySQL or MariaDB server."""
    there = shutil.which("mariadbd", path=SEARCHED) or shutil.which("mysqld", path=SEARCHED)
    if there is None:
        missing("mariadbd or mysqld on PATH")
    link = alone / "bin" / Path(str(there)).name
    link.symlink_to(str(there))
    yield link
    local.stop()


SEARCHED = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


def folders(alone: Path) -> list[Path]:
    return [path for path in alone.glob("migration-scratch-*/*") if path.is_dir()]


def group(folder: Path) -> int:
    return int((folder / GROUP).read_text(encoding="ascii"))


def is_gone(process_group: int) -> bool:
    """Return whether nothing of a process group runs; what was killed and not asked for yet does not count."""
    for file in PROCESSES.glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _parent, found = file.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[:3]
            if int(found) == process_group and state != "Z":
                return False
    return True


def answers_at(port: int | None) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port or 0)) == 0


@linux
def test_private_server_stays_warm_until_it_is_idle(binary: Path, alone: Path) -> None:
    start = python(FIND, "")
    command_lines = command_lines_during(start)
    port = port_found_by(start)
    told: list[Progress | Notice] = []
    found = finding.find(told.append)
    assert told == []
    assert found.url.port == port
    assert found.label.endswith(" (private)")
    assert [server.url.port for server in local.running()] == [port]
    (folder,) = folders(alone)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert os.fsencode(folder) in command_lines
    assert str(found.url.password).encode() not in command_lines
    with on(found) as connection:
        assert connection.exec_driver_sql("SELECT @@bind_address").scalar() == "127.0.0.1"
        accounts = connection.exec_driver_sql("SELECT user FROM mysql.user WHERE user NOT IN ('mariadb.sys')")
        assert [name for name in accounts.scalars() if not name.startswith("mysql.")] == ["root"]
    running = group(folder)
    ago = time.time() - IDLE_SECONDS - 1
    os.utime(folder / DATA, (ago, ago))
    wait_until(lambda: not folder.exists(), "the idle server's folder is gone")
    wait_until(lambda: is_gone(running), "the idle server is gone")
    assert not answers_at(port)


@linux
def test_commands_at_the_same_time_start_one_private_server_and_stop_removes_it(binary: Path, alone: Path) -> None:
    processes = [python(FIND, "") for _ in range(2)]
    ports = {port_found_by(process) for process in processes}
    (folder,) = folders(alone)
    found = finding.find(ignore)
    assert ports == {found.url.port}
    running = group(folder)
    assert finding.stop() == [found.label]
    assert folders(alone) == []
    wait_until(lambda: is_gone(running), "the server is gone")
    assert not answers_at(found.url.port)
    assert finding.stop() == []


@linux
def test_private_server_whose_keeper_was_killed_is_replaced(binary: Path, alone: Path) -> None:
    old = finding.find(ignore)
    (folder,) = folders(alone)
    orphan = group(folder)
    os.kill(orphan, signal.SIGKILL)
    wait_until(lambda: not is_held(folder / KEPT), "the keeper is dead")
    assert answers_at(old.url.port)
    new = finding.find(ignore)
    wait_until(lambda: is_gone(orphan), "the orphan is gone")
    assert folders(alone) == [folder]
    assert new.url.password != old.url.password
    assert finding.find(ignore) == new


@linux
@pytest.mark.parametrize("killed", ["command", "keeper"])
def test_kill_while_a_private_server_starts_leaves_nothing_behind(killed: str, binary: Path, alone: Path) -> None:
    command = python(FIND, "")
    wait_until(lambda: [folder for folder in folders(alone) if is_held(folder / ALIVE)], "the keeper is at work")
    (folder,) = folders(alone)
    first = group(folder)
    assert not (folder / STATE).exists()
    if killed == "command":
        command.kill()
        command.communicate()
    else:
        os.kill(first, signal.SIGKILL)
        _, complaint = command.communicate(timeout=60)
        assert "NoServerError" in complaint
        assert not folder.exists()
    found = finding.find(ignore)
    assert len(folders(alone)) == 1
    assert finding.stop() == [found.label]
    wait_until(lambda: is_gone(first), "what was started first is gone")
    assert folders(alone) == []


def test_program_that_is_no_server_is_told(alone: Path) -> None:
    (alone / "bin" / "mysqld").symlink_to(shutil.which("false", path=SEARCHED) or "/bin/false")
    told: list[Progress | Notice] = []
    with pytest.raises(NoServerError, match=r"^no Docker, .*false does not start \(.+\), no MIGRATION_MYSQL_URL$"):
        finding.find(told.append)
    assert len(told) == 1
    assert folders(alone) == []


@pytest.mark.parametrize("made", ["open to all", "link", "of somebody else", "file"])
def test_temporary_folder_of_somebody_else_is_not_used(made: str, alone: Path) -> None:
    folder = alone / f"migration-scratch-{os.getuid()}"
    if made == "link":
        (alone / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(alone / "elsewhere")
    elif made == "file":
        folder.touch()
    else:
        folder.mkdir(mode=0o700)
        if made == "open to all":
            folder.chmod(0o777)
        elif os.getuid() == 0:
            os.chown(folder, 1, 1)
        else:
            pytest.skip("needs root")
    with pytest.raises(NoServerError, match=str(folder)):
        own_folder()
    with pytest.raises(CannotRunError, match=str(folder)):
        finding.stop()


def test_migration_is_proven_and_applied_on_a_private_server(project: Project, binary: Path, alone: Path) -> None:
    project.env |= {"PATH": os.environ["PATH"], "TMPDIR": str(alone)}
    project.add_column()
    done = project.migration("--db", "mysql_*")
    found = finding.find(ignore)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"proven on {found.label}" in done.stdout
    project.env |= {"DB_TYPE": "mysql", "DB_PORT": str(found.url.port), "DB_PASSWORD": str(found.url.password)}
    up = project.invoke("upgrade", "--create")
    assert up.returncode == 0, up.stdout + up.stderr
    written = re.search(r"revision (\w{12}),", done.stdout)
    assert written is not None
    with on(found) as connection:
        at = [
            connection.exec_driver_sql(f"SELECT version_num FROM openjiuwen_{database}.alembic_version").scalar()
            for database in ("agent", "ops")
        ]
        columns = connection.exec_driver_sql("SHOW COLUMNS FROM openjiuwen_agent.tag").scalars().all()
    assert at[0] == written.group(1)
    assert at[1] is not None
    assert "note" in columns


# Scratch databases


def database_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_scratch_database_of_a_killed_command_is_dropped_by_the_next_and_one_in_use_is_not(given: Server) -> None:
    killed, alive = python(HOLD), python(HOLD)
    dead, used = database_of(killed), database_of(alive)
    assert {dead, used} <= databases(given)
    killed.kill()
    killed.communicate()
    assert dead in databases(given)
    with scratch.scratch_database(given, "next"):
        during = databases(given)
    assert dead not in during
    assert used in during
    alive.send_signal(signal.SIGINT)
    _, complaint = alive.communicate()
    assert "KeyboardInterrupt" in complaint
    assert used not in databases(given)


def test_scratch_databases_at_the_same_time_do_not_disturb_each_other(given: Server) -> None:
    with (
        scratch.scratch_database(given, "same") as first,
        scratch.scratch_database(given, "same") as second,
        sa.create_engine(first).begin() as one,
        sa.create_engine(second).begin() as two,
    ):
        one.exec_driver_sql("CREATE TABLE first (id INT PRIMARY KEY)")
        two.exec_driver_sql("CREATE TABLE second (id INT PRIMARY KEY)")
        assert one.exec_driver_sql("SHOW TABLES").scalars().all() == ["first"]
        assert two.exec_driver_sql("SHOW TABLES").scalars().all() == ["second"]
    assert databases(given).isdisjoint({first.database, second.database})


def test_scratch_database_is_dropped_when_its_user_fails(given: Server) -> None:
    with pytest.raises(ZeroDivisionError), scratch.scratch_database(given, "fails") as url:  # noqa: PT012
        assert url.database in databases(given)
        raise ZeroDivisionError
    assert url.database not in databases(given)


def test_busy_left_over_does_not_hold_up_the_next_command(given: Server) -> None:
    left_over = f"{PREFIX}busy_{secrets.token_hex(6)}"
    with on(given) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {left_over}")
        connection.exec_driver_sql(f"CREATE TABLE {left_over}.t (id INT PRIMARY KEY)")
        connection.exec_driver_sql(f"LOCK TABLES {left_over}.t WRITE")
        with on(given) as other:
            other.exec_driver_sql("SET SESSION lock_wait_timeout = 1")
            assert scratch.sweep(other) == 0
        assert left_over in databases(given)
        connection.exec_driver_sql("UNLOCK TABLES")
    with on(given) as other:
        scratch.sweep(other)
    assert left_over not in databases(given)


def test_scratch_files_of_a_killed_command_are_removed_by_the_next(project: Project) -> None:
    project.add_column()
    marker = project.root / "marker"
    before = project.versions("sqlite_agent")
    body = f"""import os, pathlib, time
    while list(pathlib.Path({str(project.root)!r}).glob("upgrade/.work/*/*/*.db")):
        pathlib.Path({str(marker)!r}).write_text(str(os.getpid()))
        time.sleep(0.05)
    ${{upgrades"""
    shutil.copytree(ROOT / "alembic_lockstep" / "environment", project.root / "environment")
    project.edit("alembic.ini", "alembic_lockstep:environment", "%(here)s/environment")
    project.edit("environment/script.py.mako", "${upgrades", body)
    words = [sys.executable, "-m", "invoke", "migration", "--auto", "-m", "feat: x", "--db", "sqlite_agent"]
    with subprocess.Popen(words, cwd=project.root, env=project.env, stdout=subprocess.DEVNULL) as command:
        wait_until(lambda: marker.exists() and marker.read_text(), "the proof holds a scratch file")
        worker = int(marker.read_text())
        os.kill(worker, signal.SIGSTOP)  # or it would tidy up when its parent is gone
        command.kill()
    os.kill(worker, signal.SIGKILL)
    files = list(project.root.glob("upgrade/.work/*/*/*.db"))
    assert len(files) == 1
    done = project.invoke("status", "--db", "sqlite_ops")
    assert "was interrupted before it was written: removed its files" in done.stderr
    assert list(project.root.glob("upgrade/.work/*/*/*")) == []
    assert project.versions("sqlite_agent") == before


# Nothing serves


def test_reason_names_all_ways_where_nothing_serves(alone: Path) -> None:
    with pytest.raises(NoServerError) as caught:
        finding.find(ignore)
    assert str(caught.value) == "no Docker, no mysqld on PATH, no MIGRATION_MYSQL_URL"
    assert finding.running() == []
    assert finding.stop() == []
