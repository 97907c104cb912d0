from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .sage100_loader_read import OVERLAP

RESTORED = timedelta(hours=24)
FEW_MISSING = 50  # entries that may always disappear, however few are known
SAMPLE = 200  # entries looked at to tell whether the base was restored
FEW_LOST = 10  # entries of the latest day that may be deleted without the base looking like a restored one


class Sage100LoaderRead(models.AbstractModel):
    """Refusals: another base, an emptied, restored or mutilated one must not replace what was imported.

    Each says what happened and what to do; an administrator may accept the base as it is.
    """

    _inherit = "sage100.loader.read"

    def _check_base(self, job, reading, state):
        """Refuse a base that is not the one imported so far; nothing has been merged yet."""
        self._check_currency(job)
        if not state.accepted:
            self._check_company(job)
            self._check_count(job, state)
            self._check_not_restored(job, reading, state)
        company, database = job.snapshot.company, job.database
        if (database.sage_company, database.sage_siret or "") != (company.name, company.siret):
            database.write({"sage_company": company.name, "sage_siret": company.siret})

    def _check_company(self, job):
        company, database = job.snapshot.company, job.database
        # A firm may change its name or move: its SIREN stays.
        siren, known = company.siret[:9], (database.sage_siret or "")[:9]
        same = siren == known if siren and known else company.name == database.sage_company
        if database.sage_company and not same:
            raise UserError(
                self.env._(
                    "Database %(name)s: it now holds the books of « %(now)s » instead of « %(before)s ». "
                    "Nothing was imported. Check the name of the SQL database, or set up a new database.",
                    name=database.name,
                    now=f"{company.name} {company.siret}",
                    before=f"{database.sage_company} {database.sage_siret or ''}",
                )
            )

    def _check_currency(self, job):
        code = job.snapshot.currencies.get(job.snapshot.company.currency)
        currency = job.company.currency_id.name
        if code and code != currency:
            raise UserError(
                self.env._(
                    "Database %(name)s: its books are in %(sage)s and the company « %(company)s » keeps its own "
                    "in %(odoo)s. "
                    "Choose a company with the same currency.",
                    name=job.database.name,
                    sage=code,
                    company=job.company.name,
                    odoo=currency,
                )
            )

    # Disappeared entries

    def _check_count(self, job, state):
        """Refuse a base that holds far fewer entries than the last time, or none."""
        known, _missing = self._count_known(job, state)
        if known and not state.count:
            raise UserError(
                self.env._(
                    "Database %(name)s: it holds no customer entry any more, and %(known)s were known. "
                    "Nothing was changed. Check that it is the right SQL database, that it is not being restored, and "
                    "that the followed accounts (%(accounts)s) are still the right ones. If the base was really "
                    "emptied, an administrator can accept it as it is (page « Synchronisation » of the database).",
                    name=job.database.name,
                    known=known,
                    accounts=job.database.account_prefixes,
                )
            )
        self._check_missing(job, known - state.solid, known)

    def _check_missing(self, job, missing, known):
        percent = job.database.missing_percent
        if missing > max(FEW_MISSING, known * percent / 100):
            raise UserError(
                self.env._(
                    "Database %(name)s: %(missing)s of the %(known)s known entries are no longer in Sage (more than "
                    "%(percent)s %%). Nothing was changed. Check that the base is the right one and was not restored "
                    "from an old backup. If these entries were really deleted, an administrator can accept the base "
                    "as it is (page « Synchronisation » of the database).",
                    name=job.database.name,
                    missing=missing,
                    known=known,
                    percent=percent,
                )
            )

    def _count_known(self, job, state):
        """Return how many entries are known, and how many of them were not found; opening entries apart, which Sage
        writes anew each time it runs the opening again."""
        query = SQL(
            "SELECT COUNT(*) FROM sage100_entry WHERE database_id = %s AND NOT gone AND missing AND opening = 0",
            job.database.id,
        )
        ((missing,),) = self.env.execute_query(query)
        found = sum(mark.count - mark.openings for mark, _total in self._get_mirror(job, state).values())
        return found + missing, missing

    def _confirm_missing(self, job, state):
        """Declare gone the entries that the reading did not find, unless they are too many."""
        known, missing = self._count_known(job, state)
        if not state.accepted:
            self._check_missing(job, missing, known)
        self.env.cr.execute(
            SQL(
                """
                WITH gone AS (
                    UPDATE sage100_entry SET gone = TRUE, missing = FALSE
                     WHERE database_id = %(database)s AND missing
                 RETURNING customer, %(trace)s AS trace
                )
                INSERT INTO sage100_pending (database_id, number, traces)
                SELECT %(database)s, customer, jsonb_agg(trace) FROM gone GROUP BY customer
                    ON CONFLICT (database_id, number) DO UPDATE SET traces = sage100_pending.traces || EXCLUDED.traces
                """,
                database=job.database.id,
                trace=self._trace("sage100_entry"),
            )
        )

    # Restored base

    def _check_not_restored(self, job, reading, state):
        """Refuse a base whose latest change is older than the one known, unless it was merely deleted."""
        if not reading.mark or not state.mark or state.mark >= reading.mark:
            return
        known, now = self._get_latest(job, state)
        went_back = any(moment and moment < known[number] - OVERLAP for number, moment in now.items())
        lost = len(known) - len(now)
        if went_back or (lost > FEW_LOST and state.mark < reading.mark - RESTORED):
            raise self._restored(job, reading.mark, state.mark)

    def _get_latest(self, job, state):
        """Return EC_No → moment of modification of entries known as modified after the latest change of the base, as
        they were known then as they are now."""
        self.env.cr.execute(
            SQL(
                "SELECT ec_no, modified_at FROM sage100_entry WHERE database_id = %s AND NOT gone AND modified_at > %s "
                "ORDER BY modified_at DESC LIMIT %s",
                job.database.id,
                state.mark,
                SAMPLE,
            )
        )
        known = dict(self.env.cr.fetchall())
        return known, self._ask(job, lambda reader: reader.modified(list(known))) if known else {}

    def _check_not_older(self, job, state):
        """Refuse entries that were modified, in what is being read, earlier than when they were read before."""
        if state.accepted:
            return
        self.env.cr.execute(
            SQL(
                "SELECT known.modified_at, staging.modified_at FROM sage100_staging staging JOIN sage100_entry known "
                "ON known.database_id = %s AND known.ec_no = staging.ec_no AND NOT known.gone "
                "WHERE staging.modified_at < known.modified_at - %s LIMIT 1",
                job.database.id,
                OVERLAP,
            )
        )
        found = self.env.cr.fetchone()
        if found:
            raise self._restored(job, *found)

    def _restored(self, job, before, now):
        return UserError(
            self.env._(
                "Database %(name)s: it was restored to an earlier date. Changes were known up to %(before)s, the base "
                "only has those made before %(now)s. Nothing was changed. If the backup was restored by mistake, put "
                "the right base back. If Sage really goes on from this backup, an administrator can accept the base "
                "as it is (page « Synchronisation » of the database).",
                name=job.database.name,
                before=before.strftime("%d/%m/%Y %H:%M"),
                now=now.strftime("%d/%m/%Y %H:%M"),
            )
        )
