from markupsafe import Markup

from odoo import api, models

ROW = Markup(
    '<tr><td style="padding: 2px 8px 2px 0; vertical-align: top; white-space: nowrap;"><code>%({name})s</code></td>'
    '<td style="padding: 2px 0; vertical-align: top;">{meaning}</td></tr>'
)
PART = Markup('<p class="fw-bold mt-3 mb-1">{title}</p><table class="o_followup_legend"><tbody>{rows}</tbody></table>')


class MailTemplate(models.Model):
    """The legend beside the editor: every placeholder, and what it stands for."""

    _inherit = "mail.template"

    @api.model
    def _get_followup_legend(self):
        """The legend as HTML, in the reader's language."""
        parts = [*self._get_followup_meanings(), (self.env._("Free fields of Sage 100"), self._get_free_meanings())]
        return Markup("").join(
            PART.format(
                title=title,
                rows=Markup("").join(ROW.format(name=name, meaning=text) for name, text in meanings.items()),
            )
            for title, meanings in parts
            if meanings
        )

    @api.model
    def _get_free_meanings(self):
        """{placeholder: name that the free field has in Odoo}."""
        companies = self.env["res.company"].sudo().search([])
        labels = dict(self.env["sage100.free.field"]._get_labels("customer", tuple(companies.ids)))
        return {name: labels[place] for name, place in self._get_free_placeholders().items()}

    @api.model
    def _get_followup_meanings(self):
        """[(part, {placeholder: what it stands for})] of `lib.placeholders.PLACEHOLDERS`."""
        _ = self.env._
        return [
            (
                _("Customer"),
                {
                    "partner_name": _("Name of the customer"),
                    "partner_ref": _("Account number, else the name"),
                    "contact_name": _("Person written to"),
                    "partner_city": _("Town of the customer"),
                    "partner_registry": _("SIREN or SIRET number"),
                },
            ),
            (
                _("What is claimed"),
                {
                    "amount_due": _("Amount claimed, currency by currency"),
                    "total_claimed": _("The same with the penalties claimed"),
                    "penalties": _("Late-payment penalties"),
                    "indemnity": _("Fixed indemnity for recovery costs"),
                    "balance": _("Balance of the account"),
                    "documents": _("Numbers of the invoices listed"),
                    "document_count": _("How many lines are listed"),
                    "oldest_due_date": _("Oldest due date"),
                    "days_late": _("Days late of the oldest line"),
                },
            ),
            (
                _("Message"),
                {
                    "date": _("Date of the message"),
                    "level": _("Name of the level"),
                    "previous_date": _("Date of the previous message"),
                },
            ),
            (
                _("Payment and contacts"),
                {
                    "iban": _("IBAN to pay to"),
                    "bic": _("BIC of that bank"),
                    "payment_reference": _("Reference to recall"),
                    "company_name": _("Name of your company"),
                    "company_phone": _("Its telephone"),
                    "company_email": _("Its e-mail"),
                    "user_name": _("Person in charge"),
                    "user_phone": _("Telephone of the person in charge"),
                    "user_email": _("E-mail of the person in charge"),
                    "user_signature": _("Signature: name, company, telephone, e-mail"),
                },
            ),
            (
                _("Blocks, in the text only"),
                {
                    "lines_table": _("Table of the lines"),
                    "penalties_table": _("Summary of the penalties, if any"),
                    "payment": _("How to pay: IBAN, reference"),
                    "parties": _("Creditor and debtor, as a formal notice names them"),
                },
            ),
        ]
