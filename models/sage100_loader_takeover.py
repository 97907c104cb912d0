from odoo import fields, models
from odoo.tools import SQL, format_date

from .sage100_takeover import SAGE_LEVELS


class Sage100LoaderTakeover(models.AbstractModel):
    """Taking over, once, what Sage did before Odoo: reminders counted, their history, open recovery files.

    Everything is written in one transaction, with the flag that says it is done: a run cut before its end starts it
    again, and whatever was written is found by its key.
    """

    _name = "sage100.loader.takeover"
    _description = "Sage 100 import: take-over"

    def _load(self, job):
        """Take the base over, unless it has been already: later synchronisations touch no level."""
        database = job.database
        if database.takeover_at:
            return
        job.checkpoint(self.env._("Taking over the reminders of Sage"))
        self.env.flush_all()
        figures = {
            "levels": self._take_levels_over(database) if database.takeover_mode == "sage" else 0,
            "started": self._set_start_level(database) if database.takeover_mode != "none" else 0,
            "history": self._take_history_over(job),
            "stopped": self._stop_recovery_lines(database),
        }
        self.env.invalidate_all()
        self._queue_situations(database)
        database.write({"takeover_at": fields.Datetime.now(), "takeover_summary": self._summarise(database, figures)})

    # Levels

    def _take_levels_over(self, database):
        """Set the level of the lines that Sage chased, on the day Sage says; return their number.

        Without a day, the reminder counts as sent on the day of the import, so that minimum intervals hold. Plain SQL:
        the fields written are plain ones, nothing stored is computed from them.
        """
        rows = self._get_levels(database)
        if not rows:
            return 0
        company = database.company_id
        today = company._followup_today()
        Partner = self.env["res.partner"].with_company(company)
        default = self.env["followup.plan"]._get_default_for(company)
        plans, numbers, levels = (list(column) for column in zip(*rows, strict=True))
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_move_line l
                   SET followup_level_id = known.level_id,
                       followup_date = LEAST(COALESCE(l.sage_reminded_on, %(today)s), %(today)s)
                  FROM res_partner p
                  JOIN res_partner c ON c.id = p.commercial_partner_id,
                       UNNEST(%(plans)s, %(numbers)s, %(levels)s) AS known(plan_id, number, level_id)
                 WHERE l.sage_database_id = %(database)s
                   AND l.sage_reminders > 0
                   AND l.balance > 0
                   AND l.followup_level_id IS NULL
                   AND p.id = l.partner_id
                   AND known.plan_id = COALESCE(%(plan)s, %(default)s)
                   AND known.number = LEAST(l.sage_reminders, %(most)s)
                """,
                today=today,
                plans=plans,
                numbers=numbers,
                levels=levels,
                database=database.id,
                plan=Partner._field_to_sql("c", "followup_plan_id"),
                default=default.id or None,
                most=SAGE_LEVELS,
            )
        )
        return self.env.cr.rowcount

    def _get_levels(self, database):
        """Return (plan, level of Sage, level reached) for every plan; the table of the base comes first."""
        table = {row.number: row.level_id.id for row in database.takeover_level_ids}
        plans = self.env["followup.plan"].with_context(active_test=False)
        plans = plans.search([("company_id", "in", [False, database.company_id.id])])
        return [
            (plan.id, number, level)
            for plan in plans
            for number, level in (database._get_takeover_levels(plan) | table).items()
        ]

    def _set_start_level(self, database):
        """Give the start level, on its past day, to the open lines that were overdue then; return their number."""
        level, day = database.takeover_level_id, database.takeover_date
        if not level or not day:
            return 0
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_move_line
                   SET followup_level_id = %s, followup_date = %s
                 WHERE sage_database_id = %s
                   AND sage_ec_no <> 0
                   AND balance > 0
                   AND reconciled IS NOT TRUE
                   AND followup_level_id IS NULL
                   AND COALESCE(date_maturity, date) < %s
                """,
                level.id,
                min(day, database.company_id._followup_today()),
                database.id,
                day,
            )
        )
        return self.env.cr.rowcount

    # History

    def _take_history_over(self, job):
        """Write the reminders and recovery files that Sage kept; return their number."""
        reminders = getattr(job.snapshot, "reminders", None)
        if not reminders:
            return 0
        seen = {}
        rows = []
        for item in reminders.reminders:
            base = f"{item.customer}/{item.day}"
            seen[base] = rank = seen.get(base, 0) + 1
            rows.append(self._prepare_reminder(job, item, f"{base}/{rank}"))
        for file in reminders.files:
            rows.append(self._prepare_file(job, file))
            rows += [self._prepare_intervention(job, file, step, rank) for rank, step in enumerate(file.interventions)]
        History = self.env["sage100.history"]
        rows = [row for row in rows if row["partner_id"]]
        known = {
            (history.kind, history.key) for history in History.search_fetch([("database_id", "=", job.database.id)])
        }
        History.create([row for row in rows if (row["kind"], row["key"]) not in known])
        self.env.flush_all()
        self._link_reminders(job.database)
        self._link_files(job.database, reminders.files)
        return len(rows)

    def _prepare_reminder(self, job, item, key):
        return {
            "database_id": job.database.id,
            "kind": "reminder",
            "key": key,
            "partner_id": job.partners.get(item.customer),
            "customer_number": item.customer,
            "date": item.day,
            "label": self.env._("Reminder sent from Sage"),
            "reference": item.reference,
            "amount": float(item.balance or 0),
            "unpaid": float(item.unpaid or 0),
            "penalties": float(item.penalties or 0),
        }

    def _prepare_file(self, job, file):
        names = {person.number: person.name for person in job.snapshot.collaborators}
        return {
            "database_id": job.database.id,
            "kind": "file",
            "key": file.number,
            "partner_id": job.partners.get(file.customer),
            "customer_number": file.customer,
            "date": file.started_on,
            "end_date": file.ended_on,
            "is_open": file.open,
            "label": file.summary or self.env._("Recovery file %(number)s", number=file.number),
            "text": file.comment,
            "reference": file.number,
            "user_name": names.get(file.collector),
        }

    def _prepare_intervention(self, job, file, step, rank):
        return {
            "database_id": job.database.id,
            "kind": "intervention",
            "key": f"{file.number}/{rank}",
            "partner_id": job.partners.get(file.customer),
            "customer_number": file.customer,
            "date": step.day,
            "label": step.reason or self.env._("Step of recovery file %(number)s", number=file.number),
            "reference": file.number,
            "user_name": step.user,
            "promised_on": step.promised_on,
        }

    def _link_reminders(self, database):
        """Attach to each reminder the due lines of the customer that Sage last chased on that day."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO account_move_line_sage100_history_rel (sage100_history_id, account_move_line_id)
                SELECT h.id, l.id
                  FROM sage100_history h
                  JOIN account_move_line l
                    ON l.sage_database_id = h.database_id
                   AND l.partner_id = h.partner_id
                   AND l.sage_reminded_on = h.date
                 WHERE h.database_id = %s AND h.kind = 'reminder'
                    ON CONFLICT DO NOTHING
                """,
                database.id,
            )
        )

    def _link_files(self, database, files):
        """Attach to each file its due lines, found by their own number or by that of their opening copy."""
        numbers = [(file.number, ec_no) for file in files for ec_no in file.entries]
        if not numbers:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO account_move_line_sage100_history_rel (sage100_history_id, account_move_line_id)
                SELECT DISTINCT h.id, l.id
                  FROM UNNEST(%(files)s, %(numbers)s) AS known(file, ec_no)
                  JOIN sage100_history h
                    ON h.database_id = %(database)s AND h.kind = 'file' AND h.key = known.file
                  JOIN account_move_line l
                    ON l.sage_database_id = %(database)s
                   AND (l.sage_ec_no = known.ec_no OR l.sage_current_ec_no = known.ec_no)
                    ON CONFLICT DO NOTHING
                """,
                files=[number for number, _ec_no in numbers],
                numbers=[ec_no for _number, ec_no in numbers],
                database=database.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE sage100_history h
                   SET amount = total.amount
                  FROM (
                        SELECT r.sage100_history_id AS id, SUM(l.amount_residual) AS amount
                          FROM account_move_line_sage100_history_rel r
                          JOIN account_move_line l ON l.id = r.account_move_line_id
                      GROUP BY r.sage100_history_id
                       ) AS total
                 WHERE h.id = total.id AND h.database_id = %s AND h.kind = 'file'
                """,
                database.id,
            )
        )

    def _stop_recovery_lines(self, database):
        """Stop the open lines of open recovery files, with the file as the reason; return their number.

        Once only: a person may lift the stop, no synchronisation puts it back.
        """
        self.env.flush_all()
        self.env["sage100.history"].invalidate_model()
        stopped = 0
        for file in self.env["sage100.history"].search(
            [("database_id", "=", database.id), ("kind", "=", "file"), ("is_open", "=", True)]
        ):
            lines = file.line_ids.filtered(lambda line: not line.reconciled and not line.followup_stop)
            lines.write(
                {
                    "followup_stop": True,
                    "followup_stop_reason": self.env._("Recovery file no. %(number)s of Sage", number=file.reference),
                }
            )
            stopped += len(lines)
        return stopped

    # Afterwards

    def _queue_situations(self, database):
        """Have the situations of the customers of this base rebuilt."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT p.commercial_partner_id
                  FROM account_move_line l
                  JOIN res_partner p ON p.id = l.partner_id
                 WHERE l.sage_database_id = %s
                   AND (l.followup_level_id IS NOT NULL OR l.followup_stop)
                """,
                database.id,
            )
        )
        company_id = database.company_id.id
        self.env["followup.situation.queue"]._append((partner_id, company_id) for (partner_id,) in rows)

    def _summarise(self, database, figures):
        lines = [
            self.env._("%(count)s due lines go on from the level that Sage counted.", count=figures["levels"]),
            self.env._("%(count)s reminders and steps of recovery files are in the history.", count=figures["history"]),
            self.env._("%(count)s due lines of open recovery files are stopped.", count=figures["stopped"]),
        ]
        if figures["started"]:
            lines.insert(
                1,
                self.env._(
                    "%(count)s overdue lines start at “%(level)s”, as of %(day)s.",
                    count=figures["started"],
                    level=database.takeover_level_id.name,
                    day=format_date(self.env, database.takeover_date),
                ),
            )
        return "\n".join(lines)
