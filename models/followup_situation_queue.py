from odoo import api, fields, models
from odoo.tools import SQL


class FollowupSituationQueue(models.Model):
    """Customers whose situation must be rebuilt.

    Append-only: whoever posts an entry adds a row and never waits for, nor
    collides with, somebody else doing the same for the same customer.
    """

    _name = "followup.situation.queue"
    _description = "Account situations to rebuild"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", index=True
    )

    @api.model
    def _append(self, pairs):
        """Queue (partner id, company id) `pairs`, and wake the rebuild at commit."""
        pairs = sorted(set(pairs))
        if not pairs:
            return
        self.env.cr.execute_values(
            "INSERT INTO followup_situation_queue (partner_id, company_id) VALUES %s",
            pairs,
        )
        data = self.env.cr.precommit.data
        if not data.get("followup_situation_queue"):
            data["followup_situation_queue"] = True
            cron = self.env.ref(
                "account_receivable_followup.ir_cron_followup_situation",
                raise_if_not_found=False,
            )
            if cron:
                cron.sudo()._trigger()

    @api.model
    def _take(self, company):
        """Remove and return the queued partner ids of `company`.

        Rows that another transaction is draining are skipped: that one rebuilds them.
        """
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM followup_situation_queue
                 WHERE id IN (
                    SELECT id FROM followup_situation_queue
                     WHERE company_id = %s
                       FOR UPDATE SKIP LOCKED
                 )
                RETURNING partner_id
                """,
                company.id,
            )
        )
        return {partner_id for (partner_id,) in rows}
