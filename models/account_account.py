from odoo import api, fields, models

#: PCG prefix → kind of claim; the longest prefix wins.
KIND_BY_PREFIX = {
    "4117": "retention",
    "411": "ordinary",
    "413": "bills",
    "416": "doubtful",
}


class AccountAccount(models.Model):
    """General account, with what the follow-up does of its entries."""

    _inherit = "account.account"

    followup_kind = fields.Selection(
        [
            ("ordinary", "Ordinary claims"),
            ("doubtful", "Doubtful claims (416)"),
            ("bills", "Bills receivable (413)"),
            ("retention", "Retentions (4117)"),
        ],
        string="Follow-up",
        compute="_compute_followup_kind",
        store=True,
        readonly=False,
        index="btree_not_null",
        help="What the follow-up does of the entries of this account. Bills and "
        "retentions count in the balance but are not chased; an account without "
        "kind is not followed at all.",
    )

    @api.depends("account_type", "code")
    def _compute_followup_kind(self):
        """Kind proposed from the code (PCG): 416 is typed as a current asset in
        the French chart, so the account type alone would lose doubtful claims."""
        for account in self:
            account.followup_kind = account._followup_kind_from_code()

    def _followup_kind_from_code(self):
        self.ensure_one()
        code = self.code or ""
        for length in (4, 3):
            kind = KIND_BY_PREFIX.get(code[:length])
            if kind and self._followup_can_be_claim():
                return kind
        return "ordinary" if self.account_type == "asset_receivable" else False

    def _followup_can_be_claim(self):
        """True when entries of the account can be reconciled, hence have a residual."""
        return self.account_type == "asset_receivable" or (
            self.account_type == "asset_current"
            and (self.code or "").startswith("416")
        )

    def write(self, vals):
        """Following an account up or not changes every situation."""
        if not {"account_type", "code", "followup_kind"}.isdisjoint(vals):
            self.env["res.company"]._followup_expire_situations()
        return super().write(vals)
