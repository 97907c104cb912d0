from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .account_move_line_followup import READERS

REGIMES = [
    ("professional", "Professional"),
    ("public", "Public buyer"),
    ("consumer", "Consumer"),
]


class ResPartner(models.Model):
    """Which law late payment falls under, and whether penalties are waived.

    Professional: article L441-10 of the Code de commerce. Public buyer: articles L2192-10 and R2192-31 of the Code de
    la commande publique. Consumer: article 1231-6 of the Code civil alone.
    """

    _inherit = "res.partner"

    followup_debtor_regime = fields.Selection(
        REGIMES,
        string="Late-payment law",
        compute="_compute_followup_debtor_regime",
        inverse="_inverse_followup_debtor_regime",
        store=True,
        groups=READERS,
        help="A firm, or whoever has a SIRET or a VAT number, is a professional; another person is a consumer. Public "
        "buyers are told by hand.",
    )
    followup_regime_by_hand = fields.Selection(
        REGIMES, string="Late-payment law, chosen by hand", copy=False, groups=READERS
    )
    followup_penalty_waiver = fields.Selection(
        [("waived", "Waived"), ("due", "Due, whatever Sage says")],
        string="Penalties",
        company_dependent=True,
        groups=READERS,
        help="Waived: no late-payment penalty and no indemnity for this customer. Empty: waived when Sage leaves the "
        "customer out of penalties.",
    )
    followup_penalty_waiver_reason = fields.Char(
        string="Why penalties are waived", company_dependent=True, groups=READERS
    )

    @api.depends("is_company", "vat", "company_registry", "followup_regime_by_hand")
    def _compute_followup_debtor_regime(self):
        for partner in self:
            partner.followup_debtor_regime = partner.followup_regime_by_hand or partner._find_debtor_regime()

    def _find_debtor_regime(self):
        """The law that a customer falls under when nobody said which."""
        self.ensure_one()
        return "professional" if self.is_company or self.vat or self.company_registry else "consumer"

    def _inverse_followup_debtor_regime(self):
        """Keep the choice: a VAT number typed later does not undo it. Emptied, the law is found again."""
        for regime, partners in self.grouped("followup_debtor_regime").items():
            partners.followup_regime_by_hand = regime
            if not regime:
                partners._compute_followup_debtor_regime()

    @api.constrains("followup_penalty_waiver", "followup_penalty_waiver_reason", "followup_regime_by_hand")
    def _check_followup_penalty_waiver(self):
        for partner in self.sudo():
            if partner.followup_penalty_waiver != "waived":
                continue
            partner._check_followup_may_waive()
            if not (partner.followup_penalty_waiver_reason or "").strip():
                raise ValidationError(
                    self.env._("%(customer)s: say why the penalties are waived.", customer=partner.display_name)
                )

    def _check_followup_may_waive(self):
        """Refuse to give up the penalties of public buyers (article L2192-14 of the Code de la commande publique)."""
        for partner in self.sudo():
            if partner.followup_debtor_regime == "public":
                raise ValidationError(
                    self.env._(
                        "%(customer)s is a public buyer: nobody may waive its penalties (article L2192-14 of the Code "
                        "de la commande publique).",
                        customer=partner.display_name,
                    )
                )
