from datetime import timedelta

from odoo.tests import tagged

from .common import GROUP
from .test_sage100_incremental import Sage100ReadingCommon

DECIDED = (
    "followup_promised_until",
    "followup_promised_amount",
    "followup_promised_rest",
    "followup_disputed",
    "followup_disputed_amount",
    "followup_stop",
    "followup_stop_until",
    "followup_stop_reason_id",
    "followup_stop_reason",
    "followup_forced_level_id",
    "followup_count",
    "followup_handed_over",
)


@tagged("post_install", "-at_install")
class TestFollowupSage100(Sage100ReadingCommon):
    """What persons decided about an imported line stays, whatever Sage changes of it."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref(GROUP % "user")

    def _decide(self, line):
        """A promise on a part, a dispute on another, a stop, a next level, a count."""
        partner, company = line.partner_id, self.company
        today = company._followup_today()
        reason = self.env.ref("account_receivable_followup.followup_dispute_reason_price")
        part = line.amount_residual / 4
        self.env["followup.promise"]._make(partner, company, today + timedelta(days=5), part, line)
        self.env["followup.dispute"]._make(
            partner, company, reason, line_ids=[(0, 0, {"move_line_id": line.id, "amount": part})]
        )
        line.write(
            {
                "followup_stop": True,
                "followup_stop_until": today + timedelta(days=30),
                "followup_stop_reason_id": self.env.ref(
                    "account_receivable_followup.followup_stop_reason_management"
                ).id,
                "followup_stop_reason": "Vu avec la direction",
                "followup_forced_level_id": self.env["followup.level"].search([("phase", "=", "notice")], limit=1).id,
                "followup_count": 3,
                "followup_handed_over": True,
            }
        )
        self.env.flush_all()
        return line.read(DECIDED)

    def test_decisions_survive_changes_and_a_complete_reading(self):
        entry = self._entry()
        line = self._line(entry.ec_no)
        decided = self._decide(line)
        self.assertTrue(all(decided[0][name] for name in DECIDED))
        # Changed alone, then everything read again
        self._sage("UPDATE dbo.f_ecriturec SET ec_intitule = 'AUTRE LIBELLE' WHERE ec_no = %s", [entry.ec_no])
        self._date(entry.ec_no, self._later())
        self.assertFalse(self._synchronise().full)
        self.env.invalidate_all()
        self.assertEqual(self._line(entry.ec_no).name, "AUTRE LIBELLE")
        self.assertEqual(self._line(entry.ec_no).read(DECIDED), decided)
        self._sage("UPDATE dbo.f_ecriturec SET ec_intitule = 'ENCORE' WHERE ec_no = %s", [entry.ec_no])
        self.reading.full_at -= timedelta(hours=self.database.full_hours)
        self.assertTrue(self._synchronise().full)
        self.env.invalidate_all()
        self.assertEqual(self._line(entry.ec_no).name, "ENCORE")
        self.assertEqual(self._line(entry.ec_no).read(DECIDED), decided)

    def test_what_sage_settles_keeps_the_promise(self):
        """A payment lettered in Sage, by plain SQL: nobody has to tell the promise."""
        entry = self._entry()
        line = self._line(entry.ec_no)
        today = self.company._followup_today()
        promise = self.env["followup.promise"]._make(
            line.partner_id, self.company, today + timedelta(days=5), lines=line
        )
        self.assertEqual(promise.state, "to_come")
        self._insert_entry(900010, like=entry.ec_no, ec_sens=1, ec_piece="REG10", cbmodification=self._later())
        self._sage(
            "UPDATE dbo.f_ecriturec SET ec_lettrage = 'ZZZ', ec_lettre = 1, cbmodification = %s WHERE ec_no IN %s",
            (self._later(), (entry.ec_no, 900010)),
        )
        self._synchronise()
        self.env.invalidate_all()
        self.assertTrue(line.reconciled)
        self.assertEqual((promise.state, promise.received), ("kept", promise.amount))

    def test_an_entry_deleted_in_sage_ends_its_promise(self):
        entry = self._entry()
        line = self._line(entry.ec_no)
        today = self.company._followup_today()
        promise = self.env["followup.promise"]._make(
            line.partner_id, self.company, today + timedelta(days=5), lines=line
        )
        number = entry.ec_no
        self._sage("DELETE FROM dbo.f_ecriturec WHERE ec_no = %s", [number])
        self._synchronise()
        self.env.invalidate_all()
        self.assertFalse(self._line(number))
        self.assertEqual(promise.state, "cancelled")
        self.assertEqual(self.env["followup.promise"].search([("state", "=", "cancelled")]), promise)
