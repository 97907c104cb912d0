from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .test_sage100_incremental import Sage100ReadingCommon


@tagged("post_install", "-at_install")
class TestSage100Guards(Sage100ReadingCommon):
    """A base that is not what it was is refused, with what happened and what to do; nothing is changed."""

    def _assert_refused(self, *words):
        lines, mirror = self._count_lines(), self._mirror()
        sync = self._synchronise(("failed",))
        self.assertEqual(sync.failure, "refused")
        for word in (*words, "accept"):
            self.assertIn(word, sync.message)
        self.assertEqual(self._count_lines(), lines)
        self.assertEqual(self.database.state, "failed")
        return mirror

    def _count_lines(self):
        return self.env["account.move.line"].search_count([("sage_database_id", "=", self.database.id)])

    def _accept(self):
        action = self.database.action_accept_base()
        sync = self.env["sage100.sync"].browse(action["res_id"])
        self.assertEqual(sync.state, "queued")
        self.assertTrue(self.database.base_accepted)
        sync = self._synchronise()
        self.assertTrue(sync.full)
        self.assertFalse(self.reading.accepted)
        self.assertEqual(sync.accepted_by_id, self.env.user)
        self._assert_same()
        return sync

    def test_emptied_base(self):
        self._sage("CREATE TABLE dbo.kept AS SELECT * FROM dbo.f_ecriturec")
        self._sage("DELETE FROM dbo.f_ecriturec")
        mirror = self._assert_refused("no customer entry")
        self.assertEqual(self._mirror(), mirror)
        self._sage("INSERT INTO dbo.f_ecriturec SELECT * FROM dbo.kept")
        self._synchronise()
        self._assert_same()

    def test_emptied_base_accepted(self):
        self._sage("DELETE FROM dbo.f_ecriturec")
        self._assert_refused()
        self._accept()
        self.assertFalse(self._count_lines())

    def _delete_many(self):
        self._sage(
            "DELETE FROM dbo.f_ecriturec WHERE ct_num IN (SELECT ct_num FROM dbo.f_comptet WHERE ct_type = 0) "
            "AND ec_no % 2 = 0"
        )

    def test_mass_deletion_refused_then_accepted(self):
        self._delete_many()
        self.assertEqual(self._assert_refused("are no longer in Sage"), self._mirror())
        self._accept()

    def test_mass_deletion_hidden_by_as_many_new_entries(self):
        """The number of entries is the same, they are others: found by the keys, once all are read."""
        self._sage("UPDATE dbo.f_ecriturec SET ec_no = ec_no + 700000 WHERE ec_antype = 0")
        self.reading.full_at = False
        lines = self._count_lines()
        sync = self._synchronise(("failed",))
        self.assertIn("are no longer in Sage", sync.message)
        self.assertEqual(self._count_lines(), lines)
        self._sage("UPDATE dbo.f_ecriturec SET ec_no = ec_no - 700000 WHERE ec_antype = 0")
        sync = self._synchronise(("failed",))  # the others are now those that disappear
        self._accept()
        self.assertEqual(self._count_lines(), lines)

    def test_share_is_a_setting(self):
        self.database.missing_percent = 90
        self._delete_many()
        self._synchronise()
        self._assert_same()

    def test_restored_to_an_earlier_date(self):
        self._sage("UPDATE dbo.f_ecriturec SET cbmodification = cbmodification - interval '3 days'")
        self.assertEqual(self._assert_refused("restored to an earlier date"), self._mirror())
        self._accept()
        self.assertEqual(self.reading.mark, self.mark - timedelta(days=3))

    def test_restored_to_a_few_hours_earlier(self):
        """The latest changes are undone: entries known as modified later are there as they were before."""
        entry = self._entry()
        self._sage("UPDATE dbo.f_ecriturec SET ec_montant = ec_montant + 1 WHERE ec_no = %s", [entry.ec_no])
        self._date(entry.ec_no, self._later(5))
        self._synchronise()
        self._sage("UPDATE dbo.f_ecriturec SET ec_montant = ec_montant - 1 WHERE ec_no = %s", [entry.ec_no])
        self._date(entry.ec_no, self.mark)
        self._assert_refused("restored to an earlier date")
        self._accept()

    def test_deleting_the_latest_entry_is_no_restoration(self):
        self._insert_entry(900001, like=self._entry().ec_no, ec_piece="LAST", cbmodification=self._later(5))
        self._synchronise()
        self._sage("DELETE FROM dbo.f_ecriturec WHERE ec_no = 900001")
        self._synchronise()
        self._assert_same()

    def test_entry_older_than_it_was_read(self):
        """The mark did not move, so nothing was merged yet when the sums led to reading this customer again."""
        entry = self._entry()
        self._sage("UPDATE dbo.f_ecriturec SET ec_montant = ec_montant + 1 WHERE ec_no = %s", [entry.ec_no])
        self._date(entry.ec_no, entry.modified_at - timedelta(hours=4))
        lines = self._count_lines()
        amount = self._line(entry.ec_no).balance
        self._assert_refused("restored to an earlier date")
        self.assertEqual((self._count_lines(), self._line(entry.ec_no).balance), (lines, amount))
        self._accept()
        self.assertAlmostEqual(self._line(entry.ec_no).balance, amount + 1)

    def test_another_company_accepted(self):
        self._sage("UPDATE dbo.p_dossier SET d_raisonsoc = 'AUTRE SARL', d_siret = '73282932000074'")
        self.assertIn("AUTRE SARL", self._synchronise(("failed",)).message)
        self._accept()
        self.assertEqual(self.database.sage_company, "AUTRE SARL")
        self.assertFalse(self._synchronise().accepted_by_id)

    def test_only_an_administrator_accepts(self):
        manager = new_test_user(
            self.env,
            "sage-manager",
            groups="account_receivable_followup.followup_group_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(UserError):
            self.database.with_user(manager).action_accept_base()

    def test_settings_that_change_what_is_read_mean_a_complete_reading(self):
        self.assertFalse(self._synchronise().full)
        self.database.account_prefixes = "411,413,416,409"
        self.assertTrue(self._synchronise().full)
        self.assertFalse(self._synchronise().full)
