import logging
import time
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.modules import module
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: Messages that one worker takes in hand at once: one SMTP session, one report, one reading of the accounts.
CHUNK = 50
#: Seconds after which a chunk begins no other message: a slow mail server must not make the worker last too long.
CHUNK_SECONDS = 45
#: How many waiting messages are looked at to find a chunk; those of customers in other hands are passed over.
LOOKED_AT = 2000
#: Messages that are sent while the person who releases them waits, instead of by a scheduled action.
AT_ONCE = 20
#: Times that a chunk undone by somebody else's writing is done again.
ATTEMPTS = 4


class FollowupRelease(models.AbstractModel):
    """The machine that sends released reminders: chunk by chunk, never twice, losing nothing.

    A released reminder is `queued`. A worker (the scheduled action, a job, the request of the person who released a
    few) takes the customers of a chunk in hand: a lock of PostgreSQL that goes with its connection, so that a killed
    worker frees them. It reads the accounts again, writes the texts, then hands each message over. What is sure is
    committed at once: `attempted_at` just before a message goes out to a server, its result just after. A reminder that
    nobody has in hand is therefore either untouched, and taken up again, or attempted without a result: nobody knows
    whether that one left, and a person decides.
    """

    _name = "followup.release"
    _description = "Release of reminders"

    # Starting

    @api.model
    def _start(self, reminders):
        """See to it that these reminders, just marked as released, are sent."""
        if module.current_test:
            # As Odoo's own mails in tests: in the same transaction, which a test never commits.
            self._for_chunk(reminders)._treat()
        elif len(reminders) > AT_ONCE:
            self._wake()
        else:
            # What only produces documents is done in the request itself; what goes out, once it is committed.
            outgoing = reminders.filtered(lambda reminder: reminder._goes_out)
            if reminders - outgoing:
                self._for_chunk(reminders - outgoing)._treat()
            if outgoing:
                self._work_after_commit(outgoing.ids)

    @api.model
    def _wake(self):
        """Have workers begin as soon as the transaction is committed."""
        self.env.ref("account_receivable_followup.ir_cron_followup_release").sudo()._trigger()

    @api.model
    def _work_after_commit(self, reminder_ids):
        """Send these messages at the end of the request; what cannot be sent then is left to the scheduled action."""
        registry = self.env.registry

        @self.env.cr.postcommit.add
        def work():
            try:
                with registry.cursor() as cr:
                    api.Environment(cr, SUPERUSER_ID, {})["followup.release"]._work(reminder_ids)
            except Exception:  # the request itself is committed: its answer must not be a failure
                _logger.exception("Released reminders are left to the scheduled action")

    @api.model
    def _for_chunk(self, reminders):
        """These reminders as their release writes them: in the name and language of who released them."""
        user = reminders.release_user_id[:1] or self.env["res.users"].browse(SUPERUSER_ID)
        company = reminders.company_id[:1]
        lang = user.lang if user.id != SUPERUSER_ID else company.partner_id.lang
        return (
            reminders.with_user(user)
            .sudo()
            .with_company(company)
            .with_context(
                allowed_company_ids=company.ids,
                followup_at_release=True,
                followup_releasing_run_id=reminders.run_id[:1].id,
                lang=lang or self.env.lang,
                mail_notify_force_send=False,
            )
        )

    # Working

    @api.model
    def _cron_release(self):
        """Send what was released, until nothing waits or the server's time is over."""
        IrCron = self.env["ir.cron"]
        waiting = self._count_waiting()
        if not IrCron._commit_progress(remaining=waiting):
            return
        while waiting:
            done = self._work_chunk()
            waiting = self._count_waiting()
            # What waits in other hands is theirs: this worker has nothing left to do.
            seconds = IrCron._commit_progress(done, remaining=waiting if done else 0)
            if not done or not seconds:
                return

    @api.model
    def _count_waiting(self):
        due = Domain("retry_at", "=", False) | Domain("retry_at", "<=", "now")
        waiting = Domain("to_settle", "=", True) | Domain("state", "=", "queued") & due
        return self.env["followup.reminder"].sudo().search_count(waiting)

    @api.model
    def _work(self, reminder_ids):
        """Treat these messages, but for those that are in other hands."""
        while self._work_chunk(reminder_ids):
            pass

    @api.model
    def _work_chunk(self, only=None):
        """Take a chunk in hand and treat it, with cursors of its own; return how many messages it has done with.

        The first cursor does nothing but hold the customers; the other one commits as it goes.

        :param only: ids of the messages to choose among; None for all that wait
        """
        registry = self.env.registry
        with registry.cursor() as holder:
            taken = api.Environment(holder, SUPERUSER_ID, {})["followup.release"]._take_in_hand(only)
            if not taken:
                return 0
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    deadline = time.monotonic() + CHUNK_SECONDS
                    with registry.cursor() as cr:
                        env = api.Environment(
                            cr, SUPERUSER_ID, {"followup_commit": True, "followup_deadline": deadline}
                        )
                        reminders = env["followup.reminder"].browse(taken)
                        env["followup.release"]._for_chunk(reminders)._treat()
                        untouched = reminders._still_waiting()
                    break
                except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                    if attempt == ATTEMPTS:
                        raise
                    _logger.info("A chunk of reminders was undone by a writing of somebody else: it is done again")
                    time.sleep(0.1 * attempt)
        # Nothing done: those who hold what is needed will be through by the next time.
        return len(taken) - len(untouched)

    @api.model
    def _take_in_hand(self, only=None):
        """Lock the customers of a chunk until the end of the transaction; return the ids of their messages.

        All the messages that one run has for a customer go together, and no two runs at once: of two messages that two
        users released to the same customer, the second is decided upon when the first has left.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id, r.run_id, r.company_id, r.partner_id, r.release_user_id
                  FROM followup_reminder r
             LEFT JOIN mail_mail m ON m.id = r.mail_mail_id
                 WHERE (r.to_settle
                        OR r.state = 'queued'
                           AND (m.id IS NULL OR m.state <> 'outgoing' OR r.attempted_at IS NOT NULL)
                           AND (r.retry_at IS NULL OR r.retry_at <= now() AT TIME ZONE 'UTC'))
                   AND %s
              ORDER BY r.asked_at, r.run_id, r.id
                 LIMIT %s
                """,
                SQL("TRUE") if only is None else SQL("r.id = ANY(%s)", list(only)),
                LOOKED_AT,
            )
        )
        groups = {}
        for reminder_id, run_id, company_id, partner_id, user_id in rows:
            groups.setdefault((company_id, run_id, user_id), {}).setdefault(partner_id, []).append(reminder_id)
        seen = set()
        for (company_id, _run_id, _user_id), by_partner in groups.items():
            free = [partner for partner in by_partner if (company_id, partner) not in seen]
            # In a later run, a customer waits until its earlier one is over, whoever has it in hand.
            seen.update((company_id, partner) for partner in by_partner)
            taken = self._lock_customers(company_id, free, by_partner)
            if taken:
                return taken
        return []

    @api.model
    def _lock_customers(self, company_id, partner_ids, by_partner):
        """Ids of the messages of the customers locked, about a chunk of them."""
        taken = []
        while partner_ids and len(taken) < CHUNK:
            some, partner_ids = partner_ids[: CHUNK - len(taken)], partner_ids[CHUNK - len(taken) :]
            for partner_id in self._try_lock(company_id, some):
                taken += by_partner[partner_id]
        return taken

    @api.model
    def _try_lock(self, company_id, partner_ids):
        """Those of these customers that are in nobody else's hands; they are in ours until the transaction ends."""
        rows = self.env.execute_query(
            SQL(
                "SELECT number FROM unnest(%s) AS number WHERE pg_try_advisory_xact_lock(hashtext(%s), number)",
                list(partner_ids),
                f"followup.release {company_id}",
            )
        )
        return [number for (number,) in rows]

    @contextmanager
    def _holding(self, reminders):
        """A block in which the customers of these messages are in our hands; yields False when they are in others'.

        For messages that Odoo's own mail queue sends.
        """
        if not self._commits():
            yield True
            return
        with self.env.registry.cursor() as holder:
            release = api.Environment(holder, SUPERUSER_ID, {})["followup.release"]
            wanted = {(reminder.company_id.id, reminder.partner_id.id) for reminder in reminders}
            yield all(release._try_lock(company_id, [partner_id]) for company_id, partner_id in wanted)

    # Transactions

    @api.model
    def _commits(self):
        """Whether the transaction is the release's own; in a person's request or a test it is not."""
        return bool(self.env.context.get("followup_commit"))

    @api.model
    def _is_time_over(self):
        """Whether the chunk must give way, before the server stops its worker in the middle of a message."""
        return time.monotonic() > self.env.context.get("followup_deadline", float("inf"))

    @api.model
    def _commit(self):
        """Make sure of what is done so far, where the transaction is ours."""
        self.env.flush_all()
        if self._commits():
            self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _commit_one(self):
        """As `_commit`, between the messages of a chunk: what was read for the whole chunk is kept.

        Settings, contacts and texts are those of the beginning of the chunk, as they would be in one transaction. What
        decides whether a message leaves is read from the database each time.
        """
        cr = self.env.cr
        self.env.flush_all()
        if self._commits():
            cr.flush()
            transaction, cr.transaction = cr.transaction, None
            try:
                cr.commit()  # pylint: disable=invalid-commit
            finally:
                cr.transaction = transaction

    @contextmanager
    def _undone_if_fails(self):
        """A block that leaves nothing behind when it raises."""
        if self._commits():
            try:
                yield
                self.env.flush_all()
            except BaseException:
                self.env.cr.rollback()
                raise
        else:
            with self.env.cr.savepoint():
                yield

    @api.model
    def _write_alone(self, reminders, values):
        """Write columns of these reminders and nothing that depends on them.

        The run's state and the like are recomputed when the consequences are drawn: computing them here would write on
        rows that others share, and a conflict there would lose what is recorded here.
        """
        if not reminders:
            return
        reminders.flush_recordset()
        columns = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), None if value is False and not self._is_boolean(name) else value)
            for name, value in values.items()
        )
        self.env.cr.execute(
            SQL(
                "UPDATE followup_reminder SET %s, write_date = now() AT TIME ZONE 'UTC' WHERE id = ANY(%s)",
                columns,
                reminders.ids,
            )
        )
        reminders.invalidate_recordset(list(values), flush=False)

    @api.model
    def _is_boolean(self, name):
        return self.env["followup.reminder"]._fields[name].type == "boolean"
