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
        return [
            (
                self.env._("Customer"),
                {
                    "partner_name": self.env._("Name of the customer"),
                    "partner_ref": self.env._("Account number, else the name"),
                    "contact_name": self.env._("Person written to"),
                    "partner_city": self.env._("Town of the customer"),
                    "partner_registry": self.env._("SIREN or SIRET number"),
                },
            ),
            (
                self.env._("What is claimed"),
                {
                    "amount_due": self.env._("Amount claimed, currency by currency"),
                    "total_claimed": self.env._("The same with the penalties claimed"),
                    "penalties": self.env._("Late-payment penalties"),
                    "indemnity": self.env._("Fixed indemnity for recovery costs"),
                    "balance": self.env._("Balance of the account"),
                    "documents": self.env._("Numbers of the invoices listed"),
                    "document_count": self.env._("How many lines are listed"),
                    "oldest_due_date": self.env._("Oldest due date"),
                    "days_late": self.env._("Days late of the oldest line"),
                },
            ),
            (
                self.env._("Message"),
                {
                    "date": self.env._("Date of the message"),
                    "level": self.env._("Name of the level"),
                    "previous_date": self.env._("Date of the previous message"),
                },
            ),
            (
                self.env._("Payment and contacts"),
                {
                    "iban": self.env._("IBAN to pay to"),
                    "bic": self.env._("BIC of that bank"),
                    "payment_reference": self.env._("Reference to recall"),
                    "company_name": self.env._("Name of your company"),
                    "company_phone": self.env._("Its telephone"),
                    "company_email": self.env._("Its e-mail"),
                    "user_name": self.env._("Person in charge"),
                    "user_phone": self.env._("Telephone of the person in charge"),
                    "user_email": self.env._("E-mail of the person in charge"),
                    "user_signature": self.env._("Signature: name, company, telephone, e-mail"),
                },
            ),
            (
                self.env._("Blocks, in the text only"),
                {
                    "lines_table": self.env._("Table of the lines"),
                    "penalties_table": self.env._("Summary of the penalties, if any"),
                    "payment": self.env._("How to pay: IBAN, reference"),
                    "parties": self.env._("Creditor and debtor, as a formal notice names them"),
                },
            ),
        ]
