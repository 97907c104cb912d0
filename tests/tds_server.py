"""A SQL Server stand-in that speaks TDS 7.2–7.4 on a loopback port: any ODBC driver of SQL Server talks to it.

Packets, TLS inside TDS, LOGIN7 and tokens are ``pysqlbridge``'s; sessions, prepared statements, faults and the record
of every statement received are here. ``tds_sql`` answers.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import threading
from dataclasses import dataclass
from typing import Any

from pysqlbridge.tds.batch import parse_sql_batch
from pysqlbridge.tds.login import Login7, deobfuscate_password
from pysqlbridge.tds.packet import Message, PacketType, build_packet
from pysqlbridge.tds.prelogin import Encryption, Prelogin, Version, server_response
from pysqlbridge.tds.result import SELECT_COMMAND, col_metadata
from pysqlbridge.tds.result import row as row_token
from pysqlbridge.tds.tls import TlsError
from pysqlbridge.tds.token import DoneStatus, EnvChangeType, env_change, error, login_response
from pysqlbridge.tds.transaction import TransactionRequestType, parse_transaction_request

from .tds_prepared import Prepared, returned
from .tds_sql import Answer, Database, Login, Settings, SqlError
from .tds_types import FRENCH
from .tds_wire import DONE, DONE_IN_PROC, DONE_PROC, Cut, Response, Wire, done

VERSION = Version(major=15, minor=0, build=2000)  # SQL Server 2019


@dataclass
class Statement:
    """A statement as it arrived."""

    login: str
    text: str
    parameters: dict[str, Any]
    verb: str = ""

    @property
    def tables(self) -> list[str]:
        """The tables that it names."""
        return re.findall(r"\bdbo\]?\.\[?\"?(\w+)", self.text)


@dataclass
class Fault:
    """Something that goes wrong when a table is read: an error, the link cut or silence, after some rows."""

    table: str
    number: int = 0
    message: str = ""
    cut: bool = False
    after: int = 0
    times: int = 1


class Session(threading.Thread):
    """One client: handshake, login, then requests until it leaves."""

    def __init__(self, server: Server, link: socket.socket) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.wire = Wire(link)
        self.settings = Settings()
        self.prepared = Prepared()
        self.login: Login | None = None
        self.began = False  # a transaction

    def run(self) -> None:
        """Serve the client; a broken link is the end, never an error."""
        try:
            with contextlib.suppress(OSError, TlsError):
                if self._log_in():
                    while (message := self.wire.receive()) is not None:
                        self._answer(message)
        except Cut:
            self.wire.cut()
        finally:
            self.wire.link.close()

    # Login

    def _log_in(self) -> bool:
        message = self.wire.receive()
        if message is None or message.type is not PacketType.PRELOGIN:
            return False
        asked = Prelogin.parse(message.payload)
        agreed = self._agree(asked.encryption)
        answer = server_response(version=VERSION, encryption=agreed, asked=asked)
        self.wire.send(build_packet(PacketType.TABULAR_RESULT, answer.build()))
        if agreed is not Encryption.NOT_SUPPORTED:
            self.wire.tunnel = self.wire.secure()
        message = self.wire.receive()
        if message is None or message.type is not PacketType.LOGIN7:
            return False
        if agreed is Encryption.OFF:
            self.wire.tunnel = None  # only the login travels encrypted
        self.server.encrypted.append(agreed is Encryption.ON)
        return self._admit(Login7.parse(message.payload))

    def _agree(self, asked: Encryption | None) -> Encryption:
        if not self.server.encryption or asked is Encryption.NOT_SUPPORTED:
            return Encryption.NOT_SUPPORTED
        return Encryption.ON if asked in (Encryption.ON, Encryption.REQUIRED) else Encryption.OFF

    def _admit(self, request: Login7) -> bool:
        """Answer a login: in, or out with the number that says why."""
        login = self.server.logins.get(request.user_name)
        response = Response(self.wire)
        refusal = SqlError(18456, f"Login failed for user '{request.user_name}'.", 14)
        if login is None or login.password != deobfuscate_password(request.password):
            self._refuse(response, refusal)
        elif request.database and request.database.lower() not in self.server.databases:
            text = f'Cannot open database "{request.database}" requested by the login. The login failed.'
            self._refuse(response, SqlError(4060, text, 11), refusal)
        else:
            self.login = login
            self.settings.database = request.database.lower()
            response.add(
                login_response(
                    version=(VERSION.major, VERSION.minor, VERSION.build),
                    server_name=self.server.name,
                    database=request.database or "master",
                ).replace(bytes.fromhex("0904d00034"), FRENCH)
            )
        response.end()
        return self.login is not None

    def _refuse(self, response: Response, *refusals: SqlError) -> None:
        for refusal in refusals:
            response.add(error(refusal.number, str(refusal), severity=refusal.severity, server=self.server.name))
        response.add(done(DONE, DoneStatus.ERROR))

    # Requests

    def _answer(self, message: Message) -> None:
        response = Response(self.wire)
        if message.type is PacketType.ATTENTION:
            response.add(done(DONE, DoneStatus.ATTENTION))
        elif message.type is PacketType.SQL_BATCH:
            self._run(response, parse_sql_batch(message.payload), {}, DONE)
        elif message.type is PacketType.RPC:
            self._call(response, message.payload)
        else:
            response.add(self._transaction(message.payload) + done(DONE))
        response.end()

    def _transaction(self, payload: bytes) -> bytes:
        """Return what a client wants to hear of a transaction that it begins or ends; nothing is ever written."""
        descriptor = (1).to_bytes(8, "little")
        kind = parse_transaction_request(payload).kind
        if kind is TransactionRequestType.BEGIN_XACT:
            self.began = True
            return env_change(EnvChangeType.BEGIN_TRAN, descriptor, b"")
        if kind is TransactionRequestType.COMMIT_XACT:
            return env_change(EnvChangeType.COMMIT_TRAN, b"", descriptor)
        return env_change(EnvChangeType.ROLLBACK_TRAN, b"", descriptor)

    def _call(self, response: Response, payload: bytes) -> None:
        call = self.prepared.parse(payload)
        failed = False
        if call.unknown:
            failed = True
            text = f"Could not find stored procedure '{call.unknown}'."
            response.add(error(2812, text, server=self.server.name))
        elif call.text:
            failed = self._run(response, call.text, call.parameters, DONE_IN_PROC)
        if not response.cancelled:
            response.add(returned(call.handle) + done(DONE_PROC, DoneStatus.ERROR if failed else 0))

    def _run(self, response: Response, text: str, parameters: dict[str, Any], ending: int) -> bool:
        """Run a batch and send its results; return whether it failed."""
        assert self.login is not None
        statement = Statement(self.login.name, text, parameters)
        self.server.statements.append(statement)
        database = self.server.databases.get(self.settings.database) or Database("master")
        results = list(database.execute(text, parameters, self.login, self.settings))
        statement.verb = " ".join(verb for verb, _answer in results)
        for number, (_verb, result) in enumerate(results, start=1):
            more = DoneStatus.MORE if number < len(results) or ending == DONE_IN_PROC else DoneStatus.FINAL
            try:
                if isinstance(result, SqlError):
                    raise result
                self._send(response, result, ending, more)
            except SqlError as refusal:
                response.add(
                    error(refusal.number, str(refusal), severity=refusal.severity, server=self.server.name)
                    + done(ending, DoneStatus.ERROR | (more if ending == DONE_IN_PROC else 0))
                )
                return True
            if response.cancelled:
                self._cancelled(response)
                return False
        if not results:
            response.add(done(ending))
        return False

    def _send(self, response: Response, answer: Answer, ending: int, more: int) -> None:
        if not answer.columns:
            response.add(done(ending, more))
            return
        fault = self.server.take_fault(answer.tables)
        response.add(col_metadata(answer.columns))
        for number, values in enumerate(answer.rows):
            if fault and number == fault.after:
                self._break(response, fault)
            if response.cancelled:
                return
            response.add(row_token(answer.columns, values))
        if fault and fault.after >= len(answer.rows):
            self._break(response, fault)
        if not response.cancelled:
            response.add(done(ending, DoneStatus.COUNT | more, SELECT_COMMAND, len(answer.rows)))

    def _break(self, response: Response, fault: Fault) -> None:
        """Fail as the test wants: cut, refuse, or stay silent until the client gives up."""
        if fault.cut:
            response.flush()
            raise Cut
        if fault.number:
            raise SqlError(fault.number, fault.message, 13)
        response.flush()
        while not self.wire.waiting(0.05):
            if self.server.stopping.is_set():
                raise Cut
        response.cancelled = True

    def _cancelled(self, response: Response) -> None:
        """Acknowledge a cancellation, once read."""
        message = self.wire.receive()
        if message is None or message.type is not PacketType.ATTENTION:
            raise Cut
        self.server.cancellations += 1
        response.add(done(DONE, DoneStatus.ATTENTION))


class Server:
    """The stand-in. ``start`` it, ``stop`` it; in between, tests change its databases, logins and faults."""

    def __init__(self, name: str = "SRV-SAGE") -> None:
        self.name = name
        self.encryption = True
        self.databases: dict[str, Database] = {}
        self.logins: dict[str, Login] = {}
        self.stopping = threading.Event()
        self.sessions: list[Session] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self.forget()

    def start(self) -> Server:
        """Begin to listen."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and drop every client."""
        self.stopping.set()
        self._listener.close()
        self.drop_clients()
        self._thread.join(5)

    def drop_clients(self) -> None:
        """Cut every link."""
        for session in self.sessions:
            with contextlib.suppress(OSError):
                session.wire.link.shutdown(socket.SHUT_RDWR)
        for session in self.sessions:
            session.join(5)
        self.sessions = []

    def forget(self) -> None:
        """Clear what was recorded and what should go wrong."""
        self.drop_clients()
        self.statements: list[Statement] = []
        self.faults: list[Fault] = []
        self.encrypted: list[bool] = []
        self.cancellations = 0

    def fail(self, table: str, **values: Any) -> Fault:
        """Make the next readings of a table go wrong."""
        fault = Fault(table, **values)
        self.faults.append(fault)
        return fault

    def take_fault(self, tables: list[str]) -> Fault | None:
        """Return what should go wrong now."""
        for fault in self.faults:
            if fault.times and fault.table in tables:
                fault.times -= 1
                return fault
        return None

    def _listen(self) -> None:
        while not self.stopping.is_set():
            with contextlib.suppress(OSError):
                if not select.select([self._listener], [], [], 0.1)[0]:
                    continue
                link, _address = self._listener.accept()
                session = Session(self, link)
                self.sessions.append(session)
                session.start()
