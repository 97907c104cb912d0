from psycopg2 import sql

from odoo.tests import new_test_user

from .common_sage100 import Sage100Common

GROUP = "account_receivable_followup.followup_group_%s"
SIRET, SAME_FIRM, OTHER_SIRET = "73282932000074", "73282932000082", "40483304800022"
VAT, OTHER_VAT = "FR44732829320", "FR83404833048"


class Sage100TiersCommon(Sage100Common):
    """Customers of a Sage base changed as accountants change them."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.database._synchronise()
        cls.env.flush_all()

    def _customer(self, number):
        return self.env["sage100.customer"].search([("database_id", "=", self.database.id), ("number", "=", number)])

    @property
    def known(self):
        """A customer with entries, an address and contacts."""
        return self.env["sage100.customer"].search(
            [("database_id", "=", self.database.id), ("siret", "!=", False), ("contact_ids", "!=", False)],
            order="number",
            limit=1,
        )

    def _copy_row(self, table, condition, **values):
        """Add a row like the first one that meets ``condition``, other columns replaced."""
        columns = [
            row[0]
            for row in self._sage(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'dbo' AND table_name = %s",
                (table,),
            )
        ]
        chosen = [sql.Placeholder(name) if name in values else sql.Identifier(name) for name in columns]
        self._sage(
            sql.SQL("INSERT INTO dbo.{} ({}) SELECT {} FROM dbo.{} WHERE {} LIMIT 1").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join(chosen),
                sql.Identifier(table),
                sql.SQL(condition),
            ),
            values,
        )

    def _add_customer(self, number, **values):
        """Add a customer that nobody knows, without address nor entries."""
        blank = {
            "ct_intitule": f"CLIENT {number}",
            "cbmarq": 900000 + len(number) + int("".join(filter(str.isdigit, number)) or 0),
            "ct_siret": "",
            "ct_identifiant": "",
            "ct_email": "",
            "ct_telephone": "",
            "ct_adresse": "",
            "ct_complement": "",
            "ct_numpayeur": number,
            "ct_sommeil": 0,
            "ct_notrappel": 0,
            "ct_pays": "",
            "ct_langueiso2": "",
            "co_no": 0,
        }
        self._copy_row("f_comptet", "ct_type = 0", ct_num=number, **{**blank, **values})

    def _change(self, number, **values):
        """Change columns of a customer in Sage."""
        assignments = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in values
        )
        self._sage(
            sql.SQL("UPDATE dbo.f_comptet SET {} WHERE ct_num = {}").format(assignments, sql.Literal(number)), values
        )

    def _renumber(self, old, new, tables=("f_comptet", "f_ecriturec", "f_contactt", "f_reglementt", "f_banquet")):
        for table in tables:
            self._sage(
                sql.SQL("UPDATE dbo.{} SET ct_num = %s WHERE ct_num = %s").format(sql.Identifier(table)), (new, old)
            )

    def _user(self, kind, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            login=f"tiers_{kind}_{company.id}",
            groups=f"base.group_user,{GROUP % kind}",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
