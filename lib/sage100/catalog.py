"""What the tables of one base really hold: columns differ with the generation, the country and the edition of Sage 100.

Nothing but the names found here is ever written into a statement, quoted, so no text from a setting can become SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .connection import Settings, pyodbc, translate
from .errors import Failure, Sage100Error


@dataclass(frozen=True, slots=True)
class Table:
    """A table of Sage 100: the columns that the reader cannot do without, and those that it uses when they exist."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    mandatory: bool = True


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "P_DOSSIER",
            _words("D_RaisonSoc D_DebutExo01 D_FinExo01"),
            _words(
                "D_DebutExo02 D_FinExo02 D_DebutExo03 D_FinExo03 D_DebutExo04 D_FinExo04 D_DebutExo05 D_FinExo05"
                " D_Siret JO_NumAN N_DeviseCompte"
            ),
        ),
        Table("P_DEVISE", _words("D_Intitule cbIndice"), _words("D_CodeISO D_Sigle"), mandatory=False),
        Table("P_REGLEMENT", _words("R_Intitule cbIndice"), _words("R_Code"), mandatory=False),
        Table("P_CRISQUE", _words("R_Intitule cbIndice"), _words("R_Type"), mandatory=False),
        Table("P_SERVICECPTA", _words("cbIndice"), _words("S_Intitule"), mandatory=False),
        Table("F_COMPTEG", _words("CG_Num CG_Intitule"), _words("CG_Type CG_Tiers CG_Report")),
        Table("F_JOURNAUX", _words("JO_Num JO_Type"), _words("JO_Intitule")),
        Table(
            "F_COLLABORATEUR",
            _words("CO_No CO_Nom"),
            _words("CO_Prenom CO_Fonction CO_Vendeur CO_ChargeRecouvr CO_EMail CO_Telephone"),
            mandatory=False,
        ),
        Table(
            "F_COMPTET",
            _words("CT_Num CT_Intitule CT_Type"),
            _words(
                "CG_NumPrinc CT_Adresse CT_Complement CT_CodePostal CT_Ville CT_Pays N_Devise CT_Siret "
                "CT_Identifiant"
                " CT_Commentaire CT_Encours CT_NumPayeur N_Risque CO_No CT_ControlEnc CT_NotRappel CT_NotPenal "
                "CT_Sommeil"
                " CT_Langue CT_LangueISO2 CT_Telephone CT_EMail CT_Site CT_Ape BT_Num"
            ),
        ),
        Table(
            "F_CONTACTT",
            _words("CT_Num CT_Nom"),
            _words("CT_No CT_Prenom N_Service CT_Fonction CT_Telephone CT_TelPortable CT_EMail"),
            mandatory=False,
        ),
        Table("F_BANQUET", _words("CT_Num BT_Num"), _words("BT_Intitule BT_IBAN BT_BIC"), mandatory=False),
        Table(
            "F_ECRITUREC",
            _words(
                "EC_No JO_Num JM_Date EC_Jour EC_Piece CG_Num CT_Num EC_Intitule EC_Echeance EC_Sens EC_Montant "
                "EC_Lettre EC_Lettrage"
            ),
            _words(
                "EC_RefPiece EC_Reference EC_Date N_Reglement N_Devise EC_Devise EC_ANType EC_CType EC_Norme "
                "EC_Rappel EC_DateRelance"
                " EC_Cloture cbModification"
            ),
        ),
    )
}


def quote(identifier: str) -> str:
    """Return an identifier in double quotes, as SQL Server (ODBC's default), PostgreSQL and SQLite all understand.

    Examples:
        >>> quote('CATEGORISATION NIV 1')
        '"CATEGORISATION NIV 1"'
        >>> quote('a"b')
        '"a""b"'
    """
    return '"' + identifier.replace('"', '""') + '"'


@dataclass(slots=True)
class Catalog:
    """The columns of one base, read once a table, found whatever the case of their letters."""

    connection: Any
    settings: Settings
    schema: str = "dbo"
    _columns: dict[str, dict[str, str]] = field(default_factory=dict)

    def source(self, table: str) -> str:
        """Return the table's name for a FROM clause; only known tables have one."""
        return f"{self.schema}.{TABLES[table].name}"

    def columns(self, table: str) -> dict[str, str]:
        """Return lower-case name → real name of every column of a table, {} when an unessential table is absent.

        An empty SELECT says it through every driver, with no need of a right on the system views.
        """
        if table not in self._columns:
            self._columns[table] = self._read_columns(table)
        return self._columns[table]

    def _read_columns(self, table: str) -> dict[str, str]:
        failure = None
        cursor = self.connection.cursor()
        try:
            cursor.execute(f"SELECT * FROM {self.source(table)} WHERE 1 = 0")  # noqa: S608 (a constant of this module)
        except pyodbc.ProgrammingError as error:
            if not TABLES[table].mandatory:
                return {}
            failure = translate(error, self.settings, subject=table)
        else:
            return {column[0].lower(): column[0] for column in cursor.description}
        finally:
            cursor.close()
        raise failure

    def select(self, table: str) -> list[str]:
        """Return the wanted columns that this base has (in Sage's own spelling); a missing required one is an error."""
        found = self.columns(table)
        spec = TABLES[table]
        if not found:
            return []
        missing = [name for name in spec.required if name.lower() not in found]
        if missing:
            raise Sage100Error(Failure.MISSING_COLUMN, subject=f"{table}: {', '.join(missing)}")
        return [*spec.required, *(name for name in spec.optional if name.lower() in found)]

    def has(self, table: str, column: str) -> bool:
        """Return whether this base has that column."""
        return column.lower() in self.columns(table)

    def quoted(self, table: str, names: Iterable[str]) -> list[str]:
        """Return the real names of known columns, quoted; an unknown name is a programming error."""
        found = self.columns(table)
        return [quote(found[name.lower()]) for name in names]
