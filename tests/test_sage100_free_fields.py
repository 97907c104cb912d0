import psycopg2

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..lib.sage100 import free_fields
from .common_sage100_free import INSURANCE, FreeFieldCase

ODD = 'ZONE "NORD" ?; DROP TABLE dbo.f_comptet --'


@tagged("post_install", "-at_install")
class TestFreeFields(FreeFieldCase):
    """Free fields of a base: what is found, what is shown, under which name."""

    def test_found(self):
        """Only columns that the base lists, whatever their names, with what they hold."""
        self._sage('ALTER TABLE dbo.f_comptet ADD "PLAFOND" numeric(24,6), ADD "DERNIERE VISITE" timestamp')
        self._sage('ALTER TABLE dbo.f_comptet ADD "NON LISTE" varchar(10), ADD "EMPREINTE" bytea')
        for name in ("PLAFOND", "DERNIERE VISITE", "EMPREINTE", "SANS COLONNE"):
            self._sage("INSERT INTO dbo.cbsyslibre (cb_file, cb_name) VALUES ('F_COMPTET', %s)", [name])
        self.database.action_read_free_fields()
        self.assertEqual(
            [(f.target, f.sage_name, f.label, f.kind, f.max_length) for f in self.database.free_field_ids],
            [
                ("customer", "CATEGORISATION NIV 1", "Categorisation niv 1", "text", 35),
                ("customer", "CONDITION PAIEMENT", "Condition paiement", "text", 35),
                ("customer", "DERNIERE VISITE", "Derniere visite", "date", 0),
                ("customer", INSURANCE, "N° dossier assurance", "text", 21),
                ("customer", "PLAFOND", "Plafond", "number", 0),
                ("entry", "CHANTIER LIVRÉ", "Chantier livré", "text", 35),
                ("entry", "N° BON DE COMMANDE", "N° bon de commande", "text", 21),
            ],
        )

    def test_found_without_list(self):
        """A base without cbSysLibre, or with an empty one, offers the columns that do not look like Sage's own."""
        for statement in ("DELETE FROM dbo.cbsyslibre", "DROP TABLE dbo.cbsyslibre"):
            with self.subTest(statement=statement):
                self._sage(statement)
                self.database.action_read_free_fields()
                self.assertEqual(
                    self.database.free_field_ids.mapped("sage_name"),
                    ["CATEGORISATION NIV 1", "CONDITION PAIEMENT", INSURANCE, "CHANTIER LIVRÉ", "N° BON DE COMMANDE"],
                )

    def test_none(self):
        self._sage("DELETE FROM dbo.cbsyslibre")
        self._sage("INSERT INTO dbo.cbsyslibre (cb_file, cb_name) VALUES ('F_ARTICLE', 'COULEUR')")
        with self.assertRaisesRegex(UserError, "no free field"):
            self.database.action_read_free_fields()

    def test_unreachable(self):
        """The way out is told when the base cannot be read."""
        self.database.database_name = "nowhere"
        with self.assertRaisesRegex(UserError, "BIJOU"):
            self.database.action_read_free_fields()

    def test_places(self):
        """A place is given once and kept; hiding a field frees its place and no other."""
        self._show("CATEGORISATION NIV 1", INSURANCE, "CHANTIER LIVRÉ")
        self.assertEqual(self._field(INSURANCE).slot, 2)
        self.assertEqual(
            self.database._get_free_columns(),
            {"F_COMPTET": ["CATEGORISATION NIV 1", INSURANCE], "F_ECRITUREC": ["CHANTIER LIVRÉ"]},
        )
        self._field("CATEGORISATION NIV 1").used = False
        self.assertEqual(self.database._get_free_columns()["F_COMPTET"], ["", INSURANCE])
        self._field("CONDITION PAIEMENT").used = True
        self.assertEqual(self.database._get_free_columns()["F_COMPTET"], ["CONDITION PAIEMENT", INSURANCE])

    def test_most(self):
        """Ten on customers and three on entries; one more is refused, unless it takes the place of another."""
        for rank in range(8):
            self._sage(f'ALTER TABLE dbo.f_comptet ADD "LIBRE {rank}" varchar(10)')
            self._sage("INSERT INTO dbo.cbsyslibre (cb_file, cb_name) VALUES ('F_COMPTET', %s)", [f"LIBRE {rank}"])
        self.database.action_read_free_fields()
        customers = self.database.free_field_ids.filtered(lambda field: field.target == "customer")
        customers[:10].used = True
        self.assertEqual(customers[:10].mapped("slot"), list(range(1, 11)))
        self.assertIn("10 of 10", self.database.free_field_note)
        with self.assertRaisesRegex(UserError, "10 free fields at most"):
            customers[10].used = True
        self.database.write(
            {
                "free_field_ids": [
                    Command.update(customers[10].id, {"used": True}),
                    Command.update(customers[3].id, {"used": False}),
                ]
            }
        )
        self.assertEqual(customers[10].slot, 4)

    def test_most_entries(self):
        for rank in range(2):
            self._sage(f'ALTER TABLE dbo.f_ecriturec ADD "LIBRE {rank}" varchar(10)')
            self._sage("INSERT INTO dbo.cbsyslibre (cb_file, cb_name) VALUES ('F_ECRITUREC', %s)", [f"LIBRE {rank}"])
        self.database.action_read_free_fields()
        entries = self.database.free_field_ids.filtered(lambda field: field.target == "entry")
        entries[:3].used = True
        with self.assertRaisesRegex(UserError, "3 free fields at most"):
            entries[3].used = True

    def test_changed_mapping(self):
        """A place given to another field is empty until Sage is read again, and everything will be."""
        self._show("CATEGORISATION NIV 1", INSURANCE, "CHANTIER LIVRÉ")
        self.customer.write({"free_1": "Négoce", "free_2": "AC1"})
        self._insert_read_entry("Dépôt", "kept")
        reading = self.database._get_reading()
        reading.write({"full_at": "2026-11-01 08:00:00", "kind": "full", "cursor": 12})
        self._field("CATEGORISATION NIV 1").used = False
        self.assertFalse(self.customer.free_1)
        self.assertEqual(self.customer.free_2, "AC1")
        self.assertTrue(reading.full_at, "customers are always all read")
        self._field("CHANTIER LIVRÉ").used = False
        self.assertFalse(reading.full_at or reading.kind or reading.cursor)
        entry = self.env["sage100.entry"].sudo().search([("ec_no", "=", 990001)])
        self.assertFalse(entry.free_1)
        self.assertEqual(entry.free_2, "kept")

    def _insert_read_entry(self, *values):
        """Add an entry as the reader does, by SQL."""
        self.env.cr.execute(
            "INSERT INTO sage100_entry (database_id, ec_no, customer, account, journal, date, amount, free_1, free_2)"
            " VALUES (%s, 990001, 'EXEMPLE', '411000', 'VTE', '2026-03-01', 10, %s, %s)",
            [self.database.id, *values],
        )

    def test_during_synchronisation(self):
        """Nothing changes place while a synchronisation fills the places."""
        self.database.action_read_free_fields()
        other = psycopg2.connect(dbname=self.env.cr.dbname)
        self.addCleanup(other.close)
        with other.cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(hashtext('sage100.database'), %s)", [self.database.id])
        with self.assertRaisesRegex(UserError, "already running"):
            self._field(INSURANCE).used = True

    def test_renaming_is_no_change(self):
        """Another name on screen needs no new reading."""
        self._show(INSURANCE, "CHANTIER LIVRÉ")
        self.customer.free_1 = "AC1"
        self.database._get_reading().full_at = "2026-11-01 08:00:00"
        self.database.free_field_ids.label = "Police d'assurance"
        self.assertTrue(self.database._get_reading().full_at)
        self.assertEqual(self.customer.free_1, "AC1")

    def test_empty_label(self):
        """An empty name gives the name in Sage back."""
        self._show(INSURANCE)
        self._field(INSURANCE).label = "Police"
        self._field(INSURANCE).label = "  "
        self.assertEqual(self._field(INSURANCE).label, "N° dossier assurance")

    def test_gone(self):
        """A field that is shown stays with its values when the base loses it, and says so; others leave the list."""
        self._show(INSURANCE)
        self.customer.free_1 = "AC1"
        self._sage(f'ALTER TABLE dbo.f_comptet DROP "{INSURANCE}", DROP "CONDITION PAIEMENT"')
        self.database.action_read_free_fields()
        self.assertTrue(self._field(INSURANCE).missing)
        self.assertEqual(self._field(INSURANCE).slot, 1)
        self.assertEqual(self.customer.free_1, "AC1")
        self.assertFalse(self._field("CONDITION PAIEMENT"))
        self._sage(f'ALTER TABLE dbo.f_comptet ADD "{INSURANCE}" varchar(21)')
        self.database.action_read_free_fields()
        self.assertFalse(self._field(INSURANCE).missing)

    def test_odd_name(self):
        """A name is never more than a name, whatever it is made of."""
        self._sage("ALTER TABLE dbo.f_comptet ADD {} varchar(10)".format('"' + ODD.replace('"', '""') + '"'))
        self._sage("INSERT INTO dbo.cbsyslibre (cb_file, cb_name) VALUES ('F_COMPTET', %s)", [ODD])
        self._show(ODD)
        with self.database._connect() as reader:
            found = free_fields.available(reader.catalog, "F_COMPTET")
        self.assertIn(ODD, [field.name for field in found])
        self.assertEqual(self.database._get_free_columns()["F_COMPTET"], [ODD])


@tagged("post_install", "-at_install")
class TestFreeFieldValues(FreeFieldCase):
    """What Sage holds arrives with the synchronisation, in the place given to the field."""

    def _customers(self, column):
        """Return number → value in Sage, of the customers that have one."""
        rows = self._sage(
            f'SELECT ct_num, "{column}" FROM dbo.f_comptet'  # noqa: S608  # pylint: disable=sql-injection
            f" WHERE ct_type = 0 AND trim(\"{column}\") <> ''"
        )
        return {number.strip(): value.strip() for number, value in rows}

    def _customers_in_odoo(self, slot):
        customers = self.env["sage100.customer"].search(
            [
                ("database_id", "=", self.database.id),
                ("number", "!=", "EXEMPLE"),
                (f"free_{slot}", "not in", ["", False]),
            ]
        )
        return dict(customers.mapped(lambda customer: (customer.number, customer[f"free_{slot}"])))

    def _entries(self, column):
        """Return EC_No → value in Sage, of the lines kept in Odoo that have one."""
        lines = self.env["account.move.line"].search([("sage_database_id", "=", self.database.id)])
        numbers = tuple(line.sage_current_ec_no or line.sage_ec_no for line in lines)
        rows = self._sage(
            f'SELECT ec_no, trim("{column}") FROM dbo.f_ecriturec'  # noqa: S608  # pylint: disable=sql-injection
            f" WHERE trim(\"{column}\") <> '' AND ec_no IN %s",
            [numbers],
        )
        return dict(rows)

    def _entries_in_odoo(self, slot):
        lines = self.env["account.move.line"].search(
            [("sage_database_id", "=", self.database.id), (f"sage_free_{slot}", "not in", ["", False])]
        )
        return {line.sage_current_ec_no or line.sage_ec_no: line[f"sage_free_{slot}"] for line in lines}

    def test_values(self):
        self._show("CATEGORISATION NIV 1", INSURANCE, "CHANTIER LIVRÉ", "N° BON DE COMMANDE")
        self._field("CATEGORISATION NIV 1").used = False  # a place not used moves no value
        self._synchronise()
        expected = self._customers(INSURANCE)
        self.assertTrue(expected)
        self.assertEqual(self._customers_in_odoo(2), expected)
        self.assertEqual(self._customers_in_odoo(1), {})
        for slot, column in enumerate(("CHANTIER LIVRÉ", "N° BON DE COMMANDE"), 1):
            expected = self._entries(column)
            self.assertTrue(expected)
            self.assertEqual(self._entries_in_odoo(slot), expected)

    def test_changed_mapping(self):
        """Another field in the same place: only its values are there after the next synchronisation."""
        self._show("CATEGORISATION NIV 1", "CHANTIER LIVRÉ")
        self._synchronise()
        self._field("CATEGORISATION NIV 1").used = False
        self._field("CHANTIER LIVRÉ").used = False
        self.assertEqual(self._customers_in_odoo(1), {})
        self.assertEqual(self._entries_in_odoo(1), {})
        self._field(INSURANCE).used = True
        self._field("N° BON DE COMMANDE").used = True
        self._synchronise()
        self.assertEqual(self._customers_in_odoo(1), self._customers(INSURANCE))
        self.assertEqual(self._entries_in_odoo(1), self._entries("N° BON DE COMMANDE"))

    def test_hidden_and_shown_again(self):
        """The values come back, although nothing changed in Sage."""
        self._show(INSURANCE, "CHANTIER LIVRÉ")
        self._synchronise()
        for name in (INSURANCE, "CHANTIER LIVRÉ"):
            self._field(name).used = False
            self._field(name).used = True
        self.assertEqual(self._customers_in_odoo(1), {})
        self._synchronise()
        self.assertEqual(self._customers_in_odoo(1), self._customers(INSURANCE))
        self.assertEqual(self._entries_in_odoo(1), self._entries("CHANTIER LIVRÉ"))

    def test_changed_in_sage(self):
        """A value typed, changed or emptied in Sage is so in Odoo."""
        self._show(INSURANCE, "CHANTIER LIVRÉ")
        self._synchronise()
        number = next(iter(self._customers(INSURANCE)))
        entry = next(iter(self._entries("CHANTIER LIVRÉ")))
        self._sage(f'UPDATE dbo.f_comptet SET "{INSURANCE}" = NULL WHERE trim(ct_num) = %s', [number])
        self._sage(
            "UPDATE dbo.f_ecriturec SET \"CHANTIER LIVRÉ\" = 'Hangar', cbmodification = '2026-11-20 18:00'"
            " WHERE ec_no = %s",
            [entry],
        )
        self._synchronise()
        self.assertNotIn(number, self._customers_in_odoo(1))
        self.assertEqual(self._entries_in_odoo(1)[entry], "Hangar")

    def test_kinds(self):
        """Dates and numbers read as people write them; Sage's null date is nothing."""
        self._sage('ALTER TABLE dbo.f_comptet ADD "PLAFOND" numeric(24,6), ADD "VISITE" timestamp')
        for name in ("PLAFOND", "VISITE"):
            self._sage("INSERT INTO dbo.cbsyslibre (cb_file, cb_name) VALUES ('F_COMPTET', %s)", [name])
        first, second = list(self._customers("CATEGORISATION NIV 1"))[:2]
        self._sage('UPDATE dbo.f_comptet SET "PLAFOND" = 1500.5, "VISITE" = \'2026-03-31\' WHERE ct_num = %s', [first])
        self._sage('UPDATE dbo.f_comptet SET "PLAFOND" = 0, "VISITE" = \'1753-01-01\' WHERE ct_num = %s', [second])
        self._show("PLAFOND", "VISITE")
        self._synchronise()
        self.assertEqual(self._customers_in_odoo(1), {first: "1500.5", second: "0"})
        self.assertEqual(self._customers_in_odoo(2), {first: "31/03/2026"})

    def test_odd_name(self):
        """Quotes, question marks and SQL in a name are read as a name."""
        column = '"' + ODD.replace('"', '""') + '"'
        for table in ("f_comptet", "f_ecriturec"):
            self._sage(f"ALTER TABLE dbo.{table} ADD {column} varchar(10)")
            self._sage("INSERT INTO dbo.cbsyslibre (cb_file, cb_name) VALUES (%s, %s)", [table.upper(), ODD])
            self._sage(f"UPDATE dbo.{table} SET {column} = 'Lille'")
        self.database.action_read_free_fields()
        self._field(ODD).used = True
        self._synchronise()
        self.assertEqual(set(self._customers_in_odoo(1).values()), {"Lille"})
        self.assertEqual(set(self._entries_in_odoo(1).values()), {"Lille"})

    def test_invented_name(self):
        """A name that is no column of the base is never sent to it, even if it was forced into the settings."""
        self._show(INSURANCE)
        self.env["sage100.free.field"].sudo().create(
            {
                "database_id": self.database.id,
                "target": "customer",
                "sage_name": 'CT_Num" FROM dbo.f_comptet; DROP TABLE dbo.f_comptet --',
                "used": True,
            }
        )
        sync = self._synchronise(state=("warning",))
        self.assertEqual(self._customers_in_odoo(1), self._customers(INSURANCE))
        self.assertEqual(self._customers_in_odoo(2), {})
        self.assertIn("DROP TABLE", self._missing(sync).message)

    def _missing(self, sync):
        return self.env["sage100.issue"].search([("sync_id", "=", sync.id), ("reason", "=", "missing_free_field")])

    def test_gone(self):
        """The last values of a field that Sage lost are kept, and one warning says so until it is seen to."""
        self._show(INSURANCE, "CATEGORISATION NIV 1", "CHANTIER LIVRÉ")
        self._synchronise()
        insurance, sites = self._customers_in_odoo(1), self._entries_in_odoo(1)
        self._sage(f'ALTER TABLE dbo.f_comptet DROP "{INSURANCE}"')
        self._sage('ALTER TABLE dbo.f_ecriturec DROP "CHANTIER LIVRÉ"')
        self._sage("UPDATE dbo.f_comptet SET \"CATEGORISATION NIV 1\" = 'Autre'")
        self._sage("UPDATE dbo.f_ecriturec SET ec_intitule = 'Autre', cbmodification = '2026-11-20 18:00'")
        for _turn in range(2):
            sync = self._synchronise(state=("warning",))
            self.assertEqual(self._customers_in_odoo(1), insurance)
            self.assertEqual(set(self._customers_in_odoo(2).values()), {"Autre"})
            self.assertEqual(self._entries_in_odoo(1), sites)
            self.assertEqual(self._missing(sync).mapped("sage_key"), [INSURANCE, "CHANTIER LIVRÉ"])
        self.assertTrue(self._field(INSURANCE).missing)
        self._field(INSURANCE).used = False
        self._field("CHANTIER LIVRÉ").used = False
        self.assertFalse(self._missing(self._synchronise()))
