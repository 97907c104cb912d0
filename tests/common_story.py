from contextlib import contextmanager
from datetime import timedelta

from odoo.fields import Date
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .common_traps import MAIL_LOGS, TrapCase


class StoryCase(TrapCase):
    """A customer's life told by its dates: the clock is that of the day, everything else is real.

    Accounts, decisions, runs and their release are the ones that persons use; mails go to a real server.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._user("user", name="Anne Martin")
        cls.company.write({"email": "compta@lenoir.example", "followup_user_id": cls.user.id})
        cls.company.alias_domain_id = cls.env["mail.alias.domain"].create(
            {"name": "lenoir.example", "bounce_alias": "retours", "catchall_alias": "reponses"}
        )

    def setUp(self):
        super().setUp()
        self.mail_server.from_filter = "lenoir.example,example.com"

    @contextmanager
    def on(self, day):
        """Ten o'clock, UTC, on that day."""
        self.env.flush_all()
        with freeze_time(f"{day} 10:00:00"):
            self.env.invalidate_all()  # what depends on the day
            yield Date.to_date(day)
            self.env.flush_all()

    @classmethod
    def _entry(cls, amount, days_late=None, due=None, **kwargs):
        return super()._entry(amount, days_late, Date.to_date(due), **kwargs)

    @classmethod
    def _run(cls, date=None, plan=None, partners=None, user=None, **vals):
        """A run prepared by hand, on that day, by the person in charge unless told."""
        Run = cls.env["followup.run"].with_user(user or cls.user)
        return Run._prepare_run(cls.company, plan or cls.plan, date or cls.TODAY, partners, **vals).sudo()

    def _contact(self, name, customer=None, **vals):
        customer = customer or self.customer
        domain = customer.email.split("@")[1]
        values = {"name": name, "parent_id": customer.id, "email": f"{name.lower()}@{domain}", "type": "contact"}
        return self.env["res.partner"].create({**values, **vals})

    def _receive(self, lines, day, amount=None, ref="VIR"):
        """The customer's money comes in that day, and is matched with these lines; the line of the payment."""
        partner = lines.partner_id.commercial_partner_id[:1]
        amount = sum(lines.mapped("amount_residual")) if amount is None else amount
        payment = self._entry(-amount, due=Date.to_date(day) + timedelta(days=30), partner=partner, ref=ref)
        (lines | payment).reconcile()
        return payment

    def _schedule(self):
        """The pass of the schedule of this very day, over our company."""
        with mute_logger(MAIL_LOGS):
            return self.env["followup.run"].sudo()._prepare_scheduled(self.company)

    def _report(self, message):
        """Something comes in through the mail gateway."""
        return self.env["mail.thread"].message_process(None, message)

    def _letter(self, reminder):
        """What the letter of this reminder says."""
        report = self.env.ref("account_receivable_followup.action_report_followup_letter").report_name
        html, _kind = self.env["ir.actions.report"].sudo()._render_qweb_html(report, reminder.ids)
        return html.decode().replace("\xa0", " ")

    def _subjects(self, address="compta@baudry.example"):
        """Subjects of the mails that this address got, in their order."""
        return [received.message["Subject"] for received in self.sink.to(address)]

    def _release_by_hand(self, run):
        """The person in charge presses the one button of the run."""
        with mute_logger(MAIL_LOGS):
            run.with_user(self.user).action_release()
        run.invalidate_recordset()
