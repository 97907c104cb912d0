"""What each refusal means: messages captured from FreeTDS 1.3, Microsoft's driver 18 and psqlODBC 13."""

import pytest

from lib.sage100.errors import PASSING, Failure, Sage100Error, classify

FREETDS = "[FreeTDS][SQL Server]"
MICROSOFT = "[Microsoft][ODBC Driver 18 for SQL Server]"
SERVER = f"{MICROSOFT}[SQL Server]"
DEADLOCK = (
    "Transaction (Process ID 51) was deadlocked on lock resources with another process and has been chosen as the "
    "deadlock victim. Rerun the transaction. (1205) (SQLFetch)"
)
SNAPSHOT = (
    "Snapshot isolation transaction failed accessing database 'BIJOU' because snapshot isolation is not allowed in "
    "this database. Use ALTER DATABASE to allow snapshot isolation. (3952) (SQLExecDirectW)"
)
RIGHT = "The SELECT permission was denied on the object 'F_COMPTET', database 'BIJOU', schema 'dbo'. (229)"


@pytest.mark.parametrize(
    ("state", "message", "failure"),
    [
        # Driver
        ("01000", "Can't open lib 'Nope' : file not found", Failure.UNKNOWN_DRIVER),
        ("IM002", "Data source name not found", Failure.UNKNOWN_DRIVER),
        # Login and base
        ("42000", f"{FREETDS}Login failed for user 'reader'. (18456) (SQLDriverConnect)", Failure.WRONG_PASSWORD),
        ("28000", f"{SERVER}Login failed for user 'reader'. (18456) (SQLDriverConnect)", Failure.WRONG_PASSWORD),
        ("28000", "Échec de l'ouverture de session de l'utilisateur 'lecture'. (18456)", Failure.WRONG_PASSWORD),
        ("08001", 'FATAL: password authentication failed for user "x"', Failure.WRONG_PASSWORD),
        (
            "28000",
            f"{SERVER}Login failed for user 'x'. Reason: The account is disabled. (18470)",
            Failure.LOGIN_REFUSED,
        ),
        ("28000", f"{SERVER}Login failed. The login is from an untrusted domain (18452)", Failure.LOGIN_REFUSED),
        (
            "28000",
            f"{SERVER}Login failed for user 'x'. Reason: The password has expired. (18487)",
            Failure.LOGIN_REFUSED,
        ),
        ("08001", 'FATAL: no pg_hba.conf entry for host "127.0.0.1"', Failure.LOGIN_REFUSED),
        (
            "42000",
            f'{SERVER}Cannot open database "NOPE" requested by the login. The login failed. (4060) (SQLDriverConnect)',
            Failure.UNKNOWN_BASE,
        ),
        ("08001", 'FATAL: database "MY BASE" does not exist', Failure.UNKNOWN_BASE),
        (
            "42000",
            f"{SERVER}Database 'BIJOU' cannot be opened. It is in the middle of a restore. (927)",
            Failure.BASE_UNAVAILABLE,
        ),
        ("42000", f"{SERVER}Database 'BIJOU' cannot be opened because it is offline. (942)", Failure.BASE_UNAVAILABLE),
        # Encryption
        (
            "08001",
            f"{MICROSOFT}SSL Provider: [error:0A000086:SSL routines::certificate verify failed:self-signed "
            "certificate] (-1) (SQLDriverConnect)",
            Failure.CERTIFICATE,
        ),
        ("08001", f"{MICROSOFT}Encryption not supported on SQL Server. (20)", Failure.ENCRYPTION),
        ("08001", f"{MICROSOFT}SSL Provider: [error:0A000102:SSL routines::unsupported protocol]", Failure.ENCRYPTION),
        # Rights, tables, columns
        ("42000", f"{FREETDS}{RIGHT} (SQLExecDirectW)", Failure.MISSING_RIGHT),
        ("42501", "ERROR: permission denied for table f_comptet", Failure.MISSING_RIGHT),
        ("42S02", f"{FREETDS}Invalid object name 'dbo.F_COMPTET'. (208) (SQLExecDirectW)", Failure.MISSING_TABLE),
        ("42P01", 'ERROR: relation "dbo.f_comptet" does not exist', Failure.MISSING_TABLE),
        ("42S22", f"{SERVER}Invalid column name 'nope'. (207) (SQLExecDirectW)", Failure.MISSING_COLUMN),
        # Beside other people
        ("42000", f"{FREETDS}{DEADLOCK}", Failure.DEADLOCK),
        ("40001", f"{SERVER}{DEADLOCK}", Failure.DEADLOCK),
        ("42000", f"{SERVER}Lock request time out period exceeded. (1222) (SQLExecDirectW)", Failure.LOCKED),
        ("55P03", "ERROR: canceling statement due to lock timeout", Failure.LOCKED),
        ("42000", f"{FREETDS}{SNAPSHOT}", Failure.SNAPSHOT),
        # Network
        (
            "08001",
            f"{MICROSOFT}SQL Server Network Interfaces: Error Locating Server/Instance Specified [xFFFFFFFF].",
            Failure.INSTANCE_NOT_FOUND,
        ),
        ("08001", 'could not translate host name "x"', Failure.SERVER_NOT_FOUND),
        ("08001", "Connection refused", Failure.PORT_CLOSED),
        ("HYT00", f"{MICROSOFT}Login timeout expired (0) (SQLDriverConnect)", Failure.TIMEOUT),
        ("HYT00", f"{FREETDS}Timeout expired (0) (SQLFetch)", Failure.TIMEOUT),
        ("HYT00", f"{MICROSOFT}Query timeout expired (0) (SQLGetData)", Failure.TIMEOUT),
        ("57014", "canceling statement due to statement timeout", Failure.TIMEOUT),
        ("08S01", f"{FREETDS}Communication link failure (0) (SQLExecDirectW)", Failure.CONNECTION_CUT),
        ("HY000", f"{FREETDS}Unknown error (0) (SQLFetch)", Failure.CONNECTION_CUT),
        ("08S01", f"{MICROSOFT}TCP Provider: Error code 0x2746 (10054) (SQLGetData)", Failure.CONNECTION_CUT),
        ("08S01", f"{MICROSOFT}TCP Provider: Error code 0x20 (32) (SQLExecDirectW)", Failure.CONNECTION_CUT),
        ("HY000", "terminating connection due to administrator command", Failure.CONNECTION_CUT),
        ("HY008", f"{FREETDS}Operation was cancelled (0) (SQLExecDirectW)", Failure.CANCELLED),
        ("57014", "ERROR: canceling statement due to user request", Failure.CANCELLED),
        ("HY000", "odd", Failure.OTHER),
    ],
)
def test_each_refusal_is_recognised(state, message, failure):
    assert classify(state, message) is failure


def test_numbers_inside_a_message_are_not_error_numbers():
    """Amounts, ports and names may hold the very digits of an error number."""
    assert classify("HY000", "entry 18456 of account 4060, 229 rows, port 1205") is Failure.OTHER


def test_only_what_passes_by_itself_is_worth_another_try_at_once():
    assert PASSING == {Failure.CONNECTION_CUT, Failure.DEADLOCK}


def test_an_error_never_shows_more_than_its_code_and_its_subject():
    assert str(Sage100Error(Failure.MISSING_RIGHT, detail="said by the driver", subject="F_X")) == "missing_right: F_X"
