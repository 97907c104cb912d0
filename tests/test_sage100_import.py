from collections import defaultdict
from decimal import Decimal

from odoo.tests import tagged

from ..demo.sage100 import expected_balances, expected_open_items
from .common_sage100 import Sage100Common

PREFIXES = ("411", "413", "416")


@tagged("post_install", "-at_install", "odoo_runner")
class TestSage100Import(Sage100Common):
    """The whole import, through a real ODBC driver."""

    @classmethod
    @Sage100Common.setup_country("fr")
    @Sage100Common.setup_chart_template("fr")
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.database._synchronise()
        cls.env.flush_all()
        cls.env.cr.execute("ANALYZE account_move, account_move_line, account_partial_reconcile")
        cls.customers = {
            customer.number: customer
            for customer in cls.env["sage100.customer"].search([("database_id", "=", cls.database.id)])
        }
        cls.lines = cls.env["account.move.line"].search([("sage_database_id", "=", cls.database.id)])

    def _residuals(self):
        sums = defaultdict(Decimal)
        numbers = {c.partner_id: number for number, c in self.customers.items()}
        for line in self.lines:
            key = numbers[line.partner_id], line.account_id.code
            sums[key] += Decimal(str(line.amount_residual)).quantize(Decimal("0.01"))
        return {key: amount for key, amount in sums.items() if amount}

    # First import

    def test_every_balance_agrees_to_the_cent(self):
        self.assertIn(self.first.state, ("done", "warning"), self.first.message)
        expected = {
            key: amount
            for key, amount in expected_balances(self.base).items()
            if key[1].startswith(PREFIXES) and amount
        }
        self.assertEqual(self._residuals(), expected)
        self.assertFalse(self.first.customers_differing)
        self.assertAlmostEqual(self.first.difference, 0)

    def test_open_lines_are_those_of_sage(self):
        wanted = {item.first_no: item for item in expected_open_items(self.base) if item.cg_num.startswith(PREFIXES)}
        opened = {
            line.sage_ec_no: line for line in self.lines if not line.company_currency_id.is_zero(line.amount_residual)
        }
        plain = {n for n, item in wanted.items() if not item.prelettered}
        self.assertLessEqual(plain, set(opened))
        self.assertLessEqual(set(opened), set(wanted))
        for number in plain:
            line, item = opened[number], wanted[number]
            with self.subTest(number=number):
                self.assertEqual(line.sage_current_ec_no, item.current_no)
                self.assertEqual(line.date_maturity, item.due or line.date)
                self.assertEqual(line.currency_id.name, item.currency)

    def test_settled_lines_are_kept_as_history(self):
        self.assertTrue(self.lines.filtered("reconciled"))
        full = self.lines.full_reconcile_id
        self.assertTrue(full)
        for group in full:
            lines = group.reconciled_line_ids
            self.assertEqual(len(lines.partner_id), 1)
            self.assertEqual(len(lines.account_id), 1)

    def test_moves_are_posted_balanced_and_followed_up(self):
        moves = self.lines.move_id
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assertEqual(moves.journal_id, self.database.journal_id)
        self.assertFalse(any(self.lines.mapped("no_followup")))
        self.assertFalse(moves.filtered("made_sequence_gap"))
        for move in moves:
            self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0)

    def test_accounts_exist_with_their_kind(self):
        kinds = {a.code[:3]: a.followup_kind for a in self.lines.account_id}
        self.assertEqual(kinds.get("416", "doubtful"), "doubtful")
        self.assertTrue(all(self.lines.account_id.mapped("reconcile")))

    def test_foreign_currency_keeps_its_amounts(self):
        foreign = self.lines.filtered(lambda line: line.currency_id != self.company.currency_id)
        self.assertEqual(foreign.currency_id.mapped("name"), ["USD"])
        self.assertTrue(foreign.currency_id.active)

    def test_suppliers_and_simulations_stay_in_sage(self):
        suppliers = {row["CT_Num"] for row in self.base.tables["F_COMPTET"] if row["CT_Type"]}
        self.assertFalse(suppliers & set(self.customers))
        situation = {row["JO_Num"] for row in self.base.tables["F_JOURNAUX"] if row["JO_Type"] == 4}
        self.assertFalse(situation & set(self.lines.mapped("sage_journal")))

    def test_what_cannot_be_used_is_listed_with_its_reason(self):
        refused = self.first.issue_ids.filtered(lambda issue: issue.kind == "rejected")
        self.assertEqual(refused.mapped("reason"), ["no_customer"])

    # Second run

    def test_second_run_writes_nothing(self):
        stamps = {line.id: line.write_date for line in self.lines}
        second = self._synchronise()
        self.assertRecordValues(
            second,
            [
                {
                    "customers_created": 0,
                    "customers_updated": 0,
                    "contacts_created": 0,
                    "entries_created": 0,
                    "entries_updated": 0,
                    "entries_removed": 0,
                    "matchings_made": 0,
                    "matchings_undone": 0,
                }
            ],
        )
        self.lines.invalidate_recordset()
        self.assertEqual(stamps, {line.id: line.write_date for line in self.lines})

    def test_second_run_costs_few_queries(self):
        self._synchronise()
        before = self.cr.sql_log_count
        self._synchronise()
        self.assertLess(self.cr.sql_log_count - before, 150)

    # Changes in Sage

    def _open_invoice(self):
        """An open invoice of the current year that no code binds."""
        return self.lines.filtered(
            lambda line: (
                line.balance > 0
                and line.amount_residual == line.balance
                and line.date.year == 2026
                and not line.sage_lettering
                and len(line.move_id.line_ids) == 2
                and line.currency_id == self.company.currency_id
            )
        )[0]

    def test_new_payment_then_lettering_then_unlettering(self):
        line = self._open_invoice()
        number = line.sage_ec_no
        self._insert_entry(
            900001,
            like=number,
            jo_num="BNQ",
            ec_sens=1,
            ec_piece="REG1",
            ec_refpiece="",
            ec_echeance=None,
        )
        sync = self._synchronise()
        self.assertEqual(sync.entries_created, 1)
        self.assertFalse(line.reconciled)
        self._letter("ZZZ", 1, number, 900001)
        sync = self._synchronise()
        self.assertEqual((sync.matchings_made, sync.entries_created), (1, 0))
        self.assertTrue(line.reconciled)
        self.assertEqual(line.sage_lettering, "ZZZ")
        self._letter("", 0, number, 900001)
        sync = self._synchronise()
        self.assertEqual(sync.matchings_undone, 1)
        self.assertFalse(line.reconciled or line.sage_lettering)

    def _letter(self, code, lettered, *numbers):
        self._sage(
            "UPDATE dbo.f_ecriturec SET ec_lettrage = %s, ec_lettre = %s WHERE ec_no IN %s",
            (code, lettered, numbers),
        )

    def test_part_payment_in_lower_case(self):
        line = self._open_invoice()
        self._insert_entry(
            900002,
            like=line.sage_ec_no,
            jo_num="BNQ",
            ec_sens=1,
            ec_piece="REG2",
            ec_montant=Decimal("10.00"),
        )
        self._letter("zz", 0, line.sage_ec_no, 900002)
        self._synchronise()
        self.assertAlmostEqual(line.amount_residual, line.balance - 10)
        self.assertTrue(self._line(900002).reconciled)
        self.assertFalse(line.full_reconcile_id)

    def test_same_letters_in_another_case_are_another_group(self):
        line = self._open_invoice()
        for number, amount in ((900003, "7.00"), (900004, "9.00")):
            self._insert_entry(
                number,
                like=line.sage_ec_no,
                jo_num="BNQ",
                ec_sens=int(number == 900004),
                ec_piece=str(number),
                ec_montant=Decimal(amount),
            )
        self._letter("QQ", 1, 900003)
        self._letter("qq", 0, 900004)
        self._synchronise()
        self.assertFalse(self._line(900003).matched_credit_ids)

    def test_light_change_is_written_without_touching_the_move(self):
        line = self._open_invoice()
        move, name = line.move_id, line.move_id.name
        self._sage(
            "UPDATE dbo.f_ecriturec SET ec_echeance = '2027-01-31', ec_rappel = 2 WHERE ec_no = %s",
            (line.sage_ec_no,),
        )
        sync = self._synchronise()
        self.assertEqual((sync.entries_updated, sync.entries_created), (1, 0))
        self.assertEqual(str(line.date_maturity), "2027-01-31")
        self.assertEqual(line.sage_reminders, 2)
        self.assertEqual((line.move_id, move.name), (move, name))

    def test_changed_amount_rewrites_the_piece_and_keeps_the_line(self):
        line = self._open_invoice()
        line_id, amount = line.id, line.balance + 12.5
        line.followup_date = "2026-11-01"
        self._sage(
            "UPDATE dbo.f_ecriturec SET ec_montant = %s WHERE ec_no = %s",
            (amount, line.sage_ec_no),
        )
        self._synchronise()
        line = self._line(line.sage_ec_no)
        self.assertEqual(line.id, line_id)
        self.assertAlmostEqual(line.balance, amount)
        self.assertEqual(str(line.followup_date), "2026-11-01")
        self.assertEqual(line.move_id.state, "posted")

    def test_entry_moved_to_another_piece_keeps_what_odoo_knows(self):
        """Two lines of one piece; one of them is given another piece number in Sage."""
        line = self._open_invoice()
        self._insert_entry(900010, like=line.sage_ec_no)
        self._synchronise()
        other = self._line(900010)
        self.assertEqual(other.move_id, line.move_id)
        other.write({"followup_stop": True, "followup_date": "2026-11-02"})
        self._sage("UPDATE dbo.f_ecriturec SET ec_piece = 'MOVED' WHERE ec_no = 900010")
        self._synchronise()
        moved = self._line(900010)
        self.assertNotEqual(moved.move_id, line.move_id)
        self.assertTrue(moved.followup_stop)
        self.assertEqual(str(moved.followup_date), "2026-11-02")
        self.assertEqual(len(line.move_id.line_ids), 2)

    def test_rewritten_member_of_a_settled_group_is_settled_again(self):
        line = self._open_invoice()
        for number, amount in ((900011, line.balance - 1), (900012, 1)):
            self._insert_entry(
                number,
                like=line.sage_ec_no,
                jo_num="BNQ",
                ec_sens=1,
                ec_piece=str(number),
                ec_montant=Decimal(str(amount)),
            )
        self._letter("YYY", 1, line.sage_ec_no, 900011, 900012)
        self._synchronise()
        self.assertTrue(line.full_reconcile_id)
        self._sage("UPDATE dbo.f_ecriturec SET ec_piece = 'OTHER' WHERE ec_no = 900011")
        self._synchronise()
        lines = self._line(900011) + self._line(900012) + line
        self.assertEqual(len(lines.full_reconcile_id), 1)
        self.assertTrue(all(lines.mapped("reconciled")))

    def test_deleted_entry_goes(self):
        line = self._open_invoice()
        number = line.sage_ec_no
        self._sage("DELETE FROM dbo.f_ecriturec WHERE ec_no = %s", (number,))
        sync = self._synchronise()
        self.assertEqual(sync.entries_removed, 1)
        self.assertFalse(self._line(number))

    def test_an_emptied_base_is_refused_and_nothing_lost(self):
        count = len(self.lines)
        self._sage("DELETE FROM dbo.f_ecriturec WHERE ec_no > 40")
        sync = self._synchronise(("failed",))
        self.assertEqual(sync.failure, "refused")
        self.assertEqual(
            self.env["account.move.line"].search_count([("sage_database_id", "=", self.database.id)]),
            count,
        )

    def test_another_company_in_the_base_is_refused(self):
        self._sage("UPDATE dbo.p_dossier SET d_raisonsoc = 'AUTRE SARL', d_siret = '73282932000074'")
        sync = self._synchronise(("failed",))
        self.assertIn("AUTRE SARL", sync.message)

    def test_a_company_that_changes_its_name_is_still_itself(self):
        self._sage("UPDATE dbo.p_dossier SET d_raisonsoc = 'NOUVEAU NOM'")
        self._synchronise()
        self.assertEqual(self.database.sage_company, "NOUVEAU NOM")

    def test_another_currency_is_refused(self):
        self._sage(
            "UPDATE dbo.p_devise SET d_codeiso = 'CHF' WHERE cbindice = (SELECT n_devisecompte FROM dbo.p_dossier)"
        )
        sync = self._synchronise(("failed",))
        self.assertIn("CHF", sync.message)

    def test_a_difference_with_sage_fails_the_synchronisation(self):
        """A line that no longer says what Sage does, whatever damaged it."""
        line = self._open_invoice()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET amount_residual = amount_residual - 5 WHERE id = %s", [line.id]
        )
        line.invalidate_recordset(["amount_residual"], flush=False)
        sync = self._synchronise(("failed",))
        self.assertEqual((sync.failure, sync.customers_differing), ("control", 1))
        issue = sync.issue_ids.filtered(lambda item: item.kind == "control")
        self.assertEqual(issue.partner_id, line.partner_id)
        self.assertAlmostEqual(issue.difference, -5)
        self.assertEqual(self.database.state, "failed")

    def test_what_a_person_reconciled_in_odoo_is_no_difference(self):
        """Someone settles a Sage line in Odoo against an entry that Sage ignores."""
        line = self._open_invoice()
        other = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    (0, 0, {"account_id": account.id, "balance": balance, **values})
                    for account, balance, values in (
                        (line.account_id, -5, {"partner_id": line.partner_id.id}),
                        (self.company_data["default_account_revenue"], 5, {}),
                    )
                ],
            }
        )
        other.action_post()
        (line + other.line_ids[0]).reconcile()
        self._synchronise()
        self.assertAlmostEqual(line.amount_residual, line.balance - 5)

    def test_lock_date_is_respected_and_said(self):
        line = self._open_invoice()
        self._insert_entry(900005, like=line.sage_ec_no, ec_piece="LOCK1")
        self.company.fiscalyear_lock_date = "2026-12-31"
        sync = self._synchronise(("failed",))
        self.assertIn("locked", sync.issue_ids.mapped("reason"))
        self.assertFalse(self._line(900005))

    # Opening entries

    def test_opening_run_again_changes_nothing(self):
        """Sage deletes the opening entries and writes them anew: new numbers."""
        self._sage("UPDATE dbo.f_ecriturec SET ec_no = ec_no + 500000 WHERE ec_antype = 1")
        sync = self._synchronise()
        self.assertEqual((sync.entries_created, sync.entries_removed), (0, 0))

    def test_settled_after_a_provisional_opening_is_not_open(self):
        """Paid and lettered in the old year, the opening not run again: not to be chased."""
        line = self.lines.filtered(
            lambda item: (
                item.sage_current_ec_no != item.sage_ec_no
                and item.amount_residual == item.balance
                and item.account_id.code == "411000"
                and item.date.year == 2025
                and not item.sage_lettering
            )
        )[0]
        self._insert_entry(
            900020,
            like=line.sage_ec_no,
            jo_num="BNQ",
            ec_sens=int(line.balance > 0),
            ec_montant=Decimal(str(abs(line.balance))),
            ec_piece="REG20",
        )
        self._letter("XYZ", 1, line.sage_ec_no, 900020)
        sync = self._synchronise(("warning",))
        self.assertTrue(line.reconciled)
        self.assertIn("stale_opening", sync.issue_ids.mapped("reason"))
        self.assertFalse(sync.customers_differing)

    # Customers

    def test_customers_and_contacts(self):
        rows = {row["CT_Num"]: row for row in self.base.tables["F_COMPTET"]}
        for number, customer in self.customers.items():
            with self.subTest(number=number):
                partner = customer.partner_id
                self.assertEqual(partner.ref, number)
                self.assertEqual(partner.name, rows[number]["CT_Intitule"].strip())
                self.assertTrue(partner.is_company)
        contacts = self.env["sage100.contact"].search([("database_id", "=", self.database.id)])
        self.assertTrue(contacts)
        self.assertTrue(any(contacts.partner_id.mapped("followup_contact")))

    def test_excluded_in_sage_stops_the_follow_up(self):
        excluded = [c for c in self.customers.values() if c.no_reminder]
        self.assertTrue(excluded)
        for customer in excluded:
            partner = customer.partner_id.sudo().with_company(self.company)
            self.assertTrue(partner.followup_stop)
            self.assertTrue(partner.followup_stop_reason)

    def test_what_was_typed_in_odoo_is_never_erased(self):
        customer = next(iter(self.customers.values()))
        partner = customer.partner_id
        partner.phone = "0102030405"
        self._sage(
            "UPDATE dbo.f_comptet SET ct_telephone = '0999999999', ct_ville = 'BREST' WHERE ct_num = %s",
            (customer.number,),
        )
        sync = self._synchronise()
        self.assertEqual(sync.customers_updated, 1)
        self.assertEqual((partner.phone, partner.city), ("0102030405", "BREST"))
        self.assertFalse(self._synchronise().customers_updated)

    def test_invalid_vat_number_is_dropped_and_noted(self):
        customer = next(iter(self.customers.values()))
        self._sage(
            "UPDATE dbo.f_comptet SET ct_identifiant = 'FR00000000000' WHERE ct_num = %s",
            (customer.number,),
        )
        sync = self._synchronise()
        if self.env["ir.module.module"]._get("base_vat").state == "installed":
            self.assertIn("invalid_vat", sync.issue_ids.mapped("reason"))
            self.assertFalse(customer.partner_id.vat)

    def test_salespeople_become_users_by_their_address(self):
        collaborator = self.env["sage100.collaborator"].search(
            [("database_id", "=", self.database.id), ("seller", "=", True)], limit=1
        )
        if not collaborator.email:
            self.skipTest("no salesperson with an address in the small base")
        user = self.env["res.users"].create(
            {
                "name": "Seller",
                "login": collaborator.email,
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
            }
        )
        self._synchronise()
        self.assertEqual(collaborator.user_id, user)
        mine = [c for c in self.customers.values() if c.collaborator_id == collaborator]
        for customer in mine:
            self.assertEqual(customer.partner_id.user_id, user)
