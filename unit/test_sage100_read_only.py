"""Sage is only read: what the sources themselves say."""

import ast
import re
from pathlib import Path

import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from lib.sage100.connection import Settings
from lib.sage100.reader import Reader
from lib.sage100.tables import TABLES

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "lib/sage100"
WRITING = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE|DROP|ALTER|CREATE|TRUNCATE|GRANT|EXEC|EXECUTE|CALL|INTO)\b")
# One file opens connections; these send statements through them.
SENDERS = {"catalog.py", "connection.py", "free_fields.py", "reader.py"}


def trees(folder):
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def docstrings(tree):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, kinds) and node.body and isinstance(node.body[0], ast.Expr)
    }


def test_no_statement_of_the_library_writes():
    for path, tree in trees(LIBRARY):
        explained = docstrings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained:
                assert not WRITING.search(node.value), f"{path.name}:{node.lineno}: {node.value}"


def test_only_a_few_places_send_statements():
    found = {
        path.name
        for path, tree in trees(LIBRARY)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("execute", "executemany", "callproc")
    }
    assert found == SENDERS


def test_nothing_else_of_the_add_on_speaks_odbc():
    """Models get a reader; none imports the driver, opens a connection or sends a statement of its own to Sage."""
    opening = []
    for folder in ("models", "wizards", "controllers", "reports"):
        for path, tree in trees(ROOT / folder):
            for node in ast.walk(tree):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = [getattr(node, "module", "") or "", *(alias.name for alias in node.names)]
                    assert "pyodbc" not in names, path.name
                if isinstance(node, ast.Attribute):
                    inner = ast.unparse(node)
                    assert not re.search(r"\breader\.(connection|catalog\.connection)\b", inner), (
                        f"{path.name}: {inner}"
                    )
                    if inner == "odbc.connect":
                        opening.append(path.name)
    assert opening == ["sage100_database_connection.py"]


class Nothing:
    """A base whose tables have any columns and no row."""

    def __init__(self, columns):
        self.columns = columns
        self.statements = []
        self.description = []

    def cursor(self):
        return self

    def execute(self, statement, *_parameters):
        self.statements.append(statement)
        self.description = [(name, str, None, 0) for name in self.columns]
        return self

    def fetchmany(self, _size):
        return []

    def close(self):
        """Nothing to close."""


hostile = st.text(st.sampled_from("aZ_0 é€°?;'\"[]{}()-/*=,.%@#\\`\n"), min_size=1, max_size=20)


@given(names=st.lists(hostile, min_size=1, max_size=4, unique_by=str.lower), unknown=hostile)
def test_whatever_the_names_of_columns_a_statement_is_one_select(names, unknown):
    """Names come from the base and are quoted; a name that the base has not is never written."""
    table = TABLES["F_COMPTET"]
    base = Nothing([*table.required, *names])
    reader = Reader(base, Settings("FreeTDS", "", ""), free={"F_COMPTET": [*names, unknown]})
    assert list(reader.rows("F_COMPTET")) == []
    for dialect in ("tsql", "postgres"):
        (tree,) = sqlglot.parse(base.statements[-1], read=dialect)
        assert isinstance(tree, exp.Select) and [found.name for found in tree.find_all(exp.Table)] == ["F_COMPTET"]
        known = {name.lower(): name for name in names + list(table.required)}
        wanted = [*table.required, *names, known.get(unknown.lower())]
        assert [node.name if isinstance(node, exp.Column) else None for node in tree.selects] == wanted
