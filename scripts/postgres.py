"""A private PostgreSQL: its own data folder, socket, port and process.

The server runs as an ordinary user when we are root, answers on a Unix socket without
a password (the socket's folder is ours) and on a loopback port with one, and stops by
its own handle. It also stops when the program that started it dies.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from . import debian
from .console import Failure, run
from .ports import free_port

SUPERUSER = "odoo"
PASSWORD = "odoo"  # of the superuser, for the loopback port only


def _account() -> pwd.struct_passwd | None:
    """The ordinary user to run the server as; None when we are one."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Failure("No ordinary user (postgres, nobody) to run PostgreSQL as.")


def _as_account(args: list[str | Path]) -> list[str | Path]:
    account = _account()
    prefix: list[str | Path] = ["setpriv", "--pdeathsig", "INT"]
    if account:
        prefix += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}"]
        prefix += ["--clear-groups"]
    return [*prefix, "--", *args]


def hand_over(folder: Path) -> None:
    """Give a folder to the user that the server runs as."""
    account = _account()
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)


def _program(name: str) -> Path:
    folder = debian.postgres_bin()
    if not folder:
        raise Failure("PostgreSQL is not installed.")
    return folder / name


def create_data(data: Path) -> None:
    """Make an empty data folder (``initdb``)."""
    data.mkdir(mode=0o700)
    hand_over(data)
    password = data.parent / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    args: list[str | Path] = [_program("initdb"), "-D", data, "-U", SUPERUSER]
    args += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    args += ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}"]
    try:
        run(_as_account(args), cwd=Path("/"))
    except Failure as failure:
        if "ermission denied" in str(failure):
            raise Failure(
                f"{failure}\nThe cache must stand where the user that runs PostgreSQL may enter: set FOLLOWUP_CACHE."
            ) from failure
        raise
    finally:
        password.unlink()


def copy_data(source: Path, target: Path) -> None:
    """Copy the data folder of a stopped server, owners and rights kept."""
    run(["cp", "--archive", "--reflink=auto", source, target])


class Cluster:
    """A running PostgreSQL server; use it as a context manager."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = 0
        self.socket = Path()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Cluster":
        # A socket's path may not exceed 107 characters, so it is not below the data.
        self.socket = Path(tempfile.mkdtemp(prefix="followup-pg-"))
        hand_over(self.socket)
        try:
            for _attempt in range(5):  # a port found free may be taken before we bind
                if self._start():
                    return self
            log = (self.data / "server.log").read_text("utf-8", "replace")
            raise Failure(f"PostgreSQL does not start:\n{log[-2000:]}")
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def _start(self) -> bool:
        self.port = free_port()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.socket),
            # Everything here can be built again: speed before durability.
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            # An eighth of an 8 GB machine, half of what PostgreSQL advises: indexes of large tables are to stay in it.
            "shared_buffers": "1GB",
            "work_mem": "16MB",
            "max_connections": "100",
            "max_wal_size": "4GB",
            "autovacuum_naptime": "20s",
            "jit": "off",
        }
        args: list[str | Path] = [_program("postgres"), "-D", self.data]
        args += [f"--{name}={value}" for name, value in settings.items()]
        with open(self.data / "server.log", "ab") as log:
            self._process = subprocess.Popen(
                [str(word) for word in _as_account(args)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for us: we stop it last
            )
        ready = [str(_program("pg_isready")), "-q", "-h", str(self.socket)]
        ready += ["-p", str(self.port)]
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return False
            if subprocess.run(ready, check=False).returncode == 0:
                return True
            time.sleep(0.1)
        return False

    def stop(self) -> None:
        """Stop the server, its clients cut, and remove its socket."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(30)
        self._process = None
        shutil.rmtree(self.socket, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        """libpq's variables: ``psql``, ``psycopg2.connect(dbname=…)`` just work."""
        return {
            "PGHOST": str(self.socket),
            "PGPORT": str(self.port),
            "PGUSER": SUPERUSER,
            "PGPASSWORD": PASSWORD,
        }

    def dsn(self, database: str) -> str:
        """A libpq connection string of the superuser, through the loopback port."""
        return f"host=127.0.0.1 port={self.port} dbname={database} user={SUPERUSER} password={PASSWORD}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement with psql and return its rows, unaligned."""
        args: list[str | Path] = [_program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1"]
        args += ["-d", database, "-c", statement]
        return run(args, env={**os.environ, **self.environment()}).strip()

    def databases(self) -> set[str]:
        """The names of the databases."""
        rows = self.sql("SELECT datname FROM pg_database WHERE NOT datistemplate")
        return set(rows.split())
