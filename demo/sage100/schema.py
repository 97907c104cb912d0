"""Tables of a Sage 100 accounting base, recent generation, as PostgreSQL DDL.

Names and types are Sage's; ``datetime`` becomes ``timestamp``, ``uniqueidentifier``
becomes ``uuid``. Names are not quoted, so PostgreSQL keeps them in lower case, except
free fields: those bear the label that the user typed. The computed binary twins
(``cbCT_Num``…) are left out; the indexes that Sage builds on them stand on the column.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from .dates import NULL_DATE
from .tables_accounting import ACCOUNTING_TABLES
from .tables_parameters import PARAMETER_TABLES
from .tables_reminders import REMINDER_TABLES
from .tables_tiers import TIERS_TABLES

SCHEMA = "dbo"

TECHNICAL = """
cbProt smallint
cbMarq int NN
cbCreateur char(4)
cbModification timestamp
cbReplication int
cbFlag smallint
cbCreation timestamp
cbCreationUser uuid
"""

UNIQUE_INDEXES: dict[str, dict[str, tuple[str, ...]]] = {
    "F_COMPTET": {"UKA_F_COMPTET_CT_Num": ("CT_Num",)},
    "F_COMPTETG": {"ICT_CTNUM": ("CT_Num", "CG_Num")},
    "F_CONTACTT": {"ICT_NO": ("CT_No",), "ICT_NOM": ("CT_Num", "CT_Nom", "CT_Prenom")},
    "F_COLLABORATEUR": {"ICO_NO": ("CO_No",), "ICO_NOM": ("CO_Nom", "CO_Prenom")},
    "F_BANQUET": {"IBT_NUM": ("CT_Num", "BT_Num")},
    "F_MANDAT": {"IMD_NO": ("MD_No",), "IMD_REFERENCE": ("MD_Reference",)},
    "F_COMPTEG": {"ICG_NUM": ("CG_Num",)},
    "F_JOURNAUX": {"IJO_NUM": ("JO_Num",)},
    "F_JMOUV": {"IJM_NUM": ("JO_Num", "JM_Date")},
    "F_ECRITUREC": {"IEC_ECNO": ("EC_No",)},
    "F_DRECOUVREMENT": {"IDR_NUM": ("DR_Num",)},
    "F_DRECOUVREMENTEC": {"IDE_ECNO": ("EC_No",)},
}

INDEXES: dict[str, dict[str, tuple[str, ...]]] = {
    "F_COMPTET": {
        "ICT_TYPE": ("CT_Type", "CT_Num"),
        "ICT_CONO": ("CO_No",),
        "ICT_NUMPAYEUR": ("CT_NumPayeur",),
        "ICT_SOMTYPE": ("CT_Sommeil", "CT_Type"),
    },
    "F_COLLABORATEUR": {"ICO_CHARGERECOUVR": ("CO_ChargeRecouvr", "CO_Nom")},
    "F_ECRITUREC": {
        "IEC_CTNUM": ("CT_Num", "JM_Date", "EC_Jour", "EC_Piece"),
        "IEC_CTLETTRE": ("CT_Num", "EC_Lettre", "JM_Date", "EC_Jour", "EC_Piece"),
        "IEC_LETTRE": ("CG_Num", "EC_Lettre"),
        "IEC_JOUR": ("JO_Num", "JM_Date", "EC_CType", "EC_Jour", "EC_No"),
        "IEC_PIECE": ("JO_Num", "JM_Date", "EC_Piece"),
        "IEC_REFPIECE": ("EC_RefPiece",),
    },
}


@dataclass(frozen=True)
class Column:
    """One column: its name, PostgreSQL type, whether it is required or a free field."""

    name: str
    sql_type: str
    required: bool
    free: bool

    @property
    def identifier(self) -> str:
        """The name as written in SQL."""
        return f'"{self.name}"' if self.free else self.name

    @property
    def length(self) -> int | None:
        """Greatest number of characters, for text columns."""
        if self.sql_type.startswith(("varchar(", "char(")):
            return int(self.sql_type[self.sql_type.index("(") + 1 : -1])
        return None

    @property
    def default(self) -> object:
        """What Sage writes when nothing is typed: 0, an empty text or the null date."""
        if self.length is not None:
            return ""
        if self.sql_type in ("smallint", "int"):
            return 0
        if self.sql_type.startswith("numeric"):
            return Decimal(0)
        if self.sql_type == "timestamp":
            return NULL_DATE
        return None

    def accepts(self, value: object) -> bool:
        """Whether the value fits the type and, for texts, the length."""
        if value is None:
            return not self.required
        if self.length is not None:
            return isinstance(value, str) and len(value) <= self.length
        if self.sql_type in ("smallint", "int"):
            return type(value) is int
        if self.sql_type.startswith("numeric"):
            return isinstance(value, Decimal) and value == round(value, 6)
        if self.sql_type == "timestamp":
            return isinstance(value, dt.datetime)
        return isinstance(value, str)


def _parse(text: str) -> tuple[Column, ...]:
    """Columns from lines ``name[,name…] type [NN]``; a quoted name is a free field."""
    columns = []
    for line in filter(None, map(str.strip, text.splitlines())):
        free = line.startswith('"')
        if free:
            names, rest = line[1:].split('"', 1)
        else:
            names, rest = line.split(" ", 1)
        sql_type, *flags = rest.split()
        columns += [
            Column(name, sql_type, "NN" in flags, free)
            for name in ([names] if free else names.split(","))
        ]
    return tuple(columns)


TABLES: dict[str, tuple[Column, ...]] = {
    name: _parse(body + TECHNICAL if name.startswith("F_") else body)
    for name, body in {**TIERS_TABLES, **ACCOUNTING_TABLES, **PARAMETER_TABLES, **REMINDER_TABLES}.items()
}

DEFAULTS: dict[str, dict[str, object]] = {
    table: {column.name: column.default for column in columns}
    for table, columns in TABLES.items()
}


def complete(table: str, **values: object) -> dict[str, object]:
    """A whole row of the table: the values given, Sage's defaults elsewhere.

    A name that the table does not have is refused, so that no case is lost by a slip.
    """
    row = DEFAULTS[table]
    unknown = values.keys() - row.keys()
    if unknown:
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
    return row | values


def create_statements() -> list[str]:
    """DDL of the whole base, without the schema itself."""
    statements = []
    for table, columns in TABLES.items():
        lines = [
            f"{column.identifier} {column.sql_type}"
            + (" NOT NULL" if column.required else "")
            for column in columns
        ]
        if any(column.name == "cbMarq" for column in columns):
            lines.append(f"CONSTRAINT PK_CBMARQ_{table} PRIMARY KEY (cbMarq)")
        body = ",\n  ".join(lines)
        statements.append(f"CREATE TABLE {SCHEMA}.{table} (\n  {body}\n)")
    for unique, groups in (("UNIQUE ", UNIQUE_INDEXES), ("", INDEXES)):
        for table, indexes in groups.items():
            statements += [
                f"CREATE {unique}INDEX {table}_{name} ON {SCHEMA}.{table}"
                f" ({', '.join(names)})"
                for name, names in indexes.items()
            ]
    return statements
