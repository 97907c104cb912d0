from datetime import timedelta

from odoo.fields import Command, Date
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

GROUP = "account_receivable_followup.followup_group_%s"


class FollowupCommon(AccountTestInvoicingCommon):
    """Builders of a receivables ledger on a fixed day, `TODAY`."""

    TODAY = Date.to_date("2026-11-20")  # a Friday

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref(GROUP % "manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.company_data["company"]
        cls.company.partner_id.tz = "Europe/Paris"
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.plan = cls.env.ref("account_receivable_followup.followup_plan_default")
        cls.company.followup_plan_id = cls.plan
        cls.levels = cls.plan.level_ids.filtered("active").sorted("sequence")
        cls.customer = cls._customer("Menuiserie Baudry")

    @classmethod
    def _customer(cls, name, **vals):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "email": "compta@%s.example" % name.split()[-1].lower(),
                "street": "12 rue des Acacias",
                "zip": "44000",
                "city": "Nantes",
                "country_id": cls.env.ref("base.fr").id,
                "lang": "en_US",
                **vals,
            }
        )

    @classmethod
    def _entry(
        cls, amount, days_late=None, due=None, partner=None, ref="FA001", **vals
    ):
        """Posted entry with one receivable line, due `days_late` days before TODAY.

        A negative amount is a payment or a credit note.
        """
        due = due or cls.TODAY - timedelta(days=days_late or 0)
        partner = partner or cls.customer
        move = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": cls.company_data["default_journal_misc"].id,
                "date": due - timedelta(days=30),
                "ref": ref,
                "line_ids": [
                    Command.create(
                        {
                            "name": ref,
                            "account_id": cls.receivable.id,
                            "partner_id": partner.id,
                            "date_maturity": due,
                            "balance": amount,
                            "no_followup": False,
                            **vals,
                        }
                    ),
                    Command.create(
                        {
                            "name": ref,
                            "account_id": cls.company_data[
                                "default_account_revenue"
                            ].id,
                            "balance": -amount,
                        }
                    ),
                ],
            }
        )
        move.action_post()
        return move.line_ids.filtered(lambda line: line.account_id == cls.receivable)

    @classmethod
    def _sage_base(cls, company=None, name="BIJOU", **values):
        """Settings of a Sage 100 base that nobody reads."""
        vals = {
            "name": name,
            "company_id": (company or cls.company).id,
            "driver": "PostgreSQL Unicode",
            "server": "srv-sage",
            "database_name": name,
            "login": "lecture",
        }
        return cls.env["sage100.database"].sudo().create(vals | values)

    @classmethod
    def _run(cls, date=None, plan=None, partners=None, user=None):
        Run = cls.env["followup.run"]
        if user:
            Run = Run.with_user(user)
        return Run._prepare_run(
            cls.company, plan or cls.plan, date or cls.TODAY, partners
        )

    @classmethod
    def _user(cls, kind, **kwargs):
        return new_test_user(
            cls.env,
            login=f"followup_{kind}",
            groups=f"base.group_user,{GROUP % kind}" if kind else "base.group_user",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
            email=f"{kind}@example.com",
            **kwargs,
        )

    def _deliver(self, lines, level, date):
        """The reminder of `level` really left on `date` for these lines."""
        lines.write({"followup_level_id": level.id, "followup_date": date})
