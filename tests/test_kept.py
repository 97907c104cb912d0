import hashlib
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_followup_letter_posted import LetterCommon


@tagged("post_install", "-at_install")
class TestKept(LetterCommon):
    """What left is kept, and a check says whether it is still what left (T34)."""

    def _kept(self, *partners):
        """Letters that left, each with its file, as the printer would have given it."""
        run, _lines = self._printed(*partners)
        for reminder in run.reminder_ids.sudo():
            content = b"%%PDF-1.4 %s" % reminder.partner_id.name.encode()
            reminder.state = "queued"
            attachment = self.env["ir.attachment"].create(
                {"name": "L.pdf", "raw": content, "res_model": reminder._name, "res_id": reminder.id}
            )
            reminder.write(
                {
                    "attachment_id": attachment.id,
                    "pdf_sha256": hashlib.sha256(content).hexdigest(),
                    "state": "printed",
                }
            )
        return run, run.reminder_ids

    def _spoil(self, reminder, content=b"%PDF-1.4 other"):
        """Somebody who has the server's disk changes the file behind Odoo's back."""
        attachment = reminder.sudo().attachment_id
        if attachment.store_fname:
            path = Path(attachment._full_path(attachment.store_fname))
            # The same content in another test is the same file.
            self.addCleanup(path.write_bytes, path.read_bytes())
            path.write_bytes(content)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_attachment SET db_datas = %s WHERE id = %s AND store_fname IS NULL", (content, attachment.id)
        )
        self.env.invalidate_all()

    def test_recipient_is_kept(self):
        """The address that the letter bore stays, whatever becomes of the customer's."""
        run, _line = self._printed()
        self.assertEqual(run.reminder_ids.sent_to, "Menuiserie Baudry, 12 rue des Acacias, 44000 NANTES")
        self.customer.write({"street": "1 place Neuve", "name": "Baudry et Fils"})
        self.assertIn("12 rue des Acacias", run.reminder_ids.sent_to)

    def test_intact(self):
        _run, letter = self._kept()
        action = letter.with_user(self.user).action_check_kept()
        self.assertEqual(action["params"]["type"], "success")
        self.assertRecordValues(letter, [{"kept_state": "intact", "kept_checked_by_id": self.user.id}])
        self.assertTrue(letter.kept_checked_at)

    def test_altered_and_missing(self):
        """Of three files, one changed and one gone: both are named, and found by the filter of the list."""
        partners = [self.customer, self._customer("Garage Perrin"), self._customer("Bois Martin")]
        run, letters = self._kept(*partners)
        altered, missing, intact = (
            letters.filtered(lambda letter, partner=partner: letter.partner_id == partner) for partner in partners
        )
        self._spoil(altered)
        self._spoil(missing, b"")
        action = run.with_user(self.user).action_check_kept()
        self.assertEqual(action["params"]["type"], "danger")
        message = action["params"]["message"]
        self.assertIn("2 of 3", message)
        self.assertIn("Menuiserie Baudry", message)
        self.assertNotIn("Bois Martin", message)
        self.assertEqual((altered.kept_state, missing.kept_state, intact.kept_state), ("altered", "missing", "intact"))

    def test_altered_file_is_not_handed_out(self):
        """Neither a duplicate nor the file for a third party passes an altered letter off as the one that left."""
        _run, letter = self._kept()
        self._spoil(letter)
        Document = self.env["followup.document"].with_user(self.user)
        common = {"partner_id": letter.partner_id.id, "company_id": letter.company_id.id}
        agency = self._customer("Cabinet Recouvrement")
        for values in (
            {"kind": "duplicate", "reminder_ids": [(6, 0, letter.ids)]},
            {"kind": "transmission", "third_party_id": agency.id, "with_letters": True},
        ):
            with self.subTest(values["kind"]), self.assertRaisesRegex(UserError, "no longer those that left"):
                Document.create({**common, **values}).action_make()

    def test_check_again(self):
        """A file put back from a backup is right again."""
        _run, letter = self._kept()
        content = letter.sudo().attachment_id.raw
        self._spoil(letter)
        letter.action_check_kept()
        self.assertEqual(letter.kept_state, "altered")
        self._spoil(letter, content)
        letter.action_check_kept()
        self.assertEqual(letter.kept_state, "intact")

    def test_nothing_kept(self):
        run, _line = self._printed()
        with self.assertRaisesRegex(UserError, "No PDF is kept yet"):
            run.action_check_kept()

    def test_who_may(self):
        """Whoever may read may check, and change nothing by it; others see nothing."""
        _run, letter = self._kept()
        viewer = self._user("viewer")
        letter.with_user(viewer).action_check_kept()
        self.assertEqual(letter.kept_checked_by_id, viewer)
        for user in viewer, self.user:
            with self.assertRaises(UserError):
                letter.with_user(user).write({"kept_state": "altered"})
        with self.assertRaises(UserError):
            letter.with_user(self.user).write({"pdf_sha256": "0" * 64})
        with self.assertRaises(AccessError):
            letter.with_user(self._user(None)).action_check_kept()

    def test_file_cannot_change(self):
        """The add-on itself refuses; the check is for what happens outside of it."""
        _run, letter = self._kept()
        with self.assertRaises(UserError):
            letter.attachment_id.sudo().raw = b"other"
        with self.assertRaises(UserError):
            letter.attachment_id.sudo().unlink()

    def test_put_back(self):
        """A letter that was not posted is printed again: nothing of the first one is said of the second."""
        _run, letter = self._kept()
        letter.action_check_kept()
        letter.sudo()._mark_not_posted("lost")
        letter.with_user(self.user).action_retry()
        self.assertRecordValues(letter, [{"kept_state": False, "sent_to": False}])
