"""Making the demo: databases, company, the first synchronisation and the first run."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

from . import demo_data as names
from . import odoo_log
from .console import Failure, run, say, step
from .demo_server import ServedDemo, demo_server
from .paths import ADDON, CHECKOUT
from .postgres import Cluster
from .rpc import Session
from .runtime import Odoo, Tools, work_folder
from .template import TEMPLATE, copy_template

SYNC_ACTION = "ir_cron_sage100_sync"
RELEASE_ACTION = "ir_cron_followup_release"


def build_company(tools: Tools, template: Path, folder: Path) -> None:
    """Fill a cache entry with the company and its Sage base, nothing read yet."""
    with step("PostgreSQL, database cloned from the template"):
        copy_template(template, folder)
        files = folder / "data/filestore"
        (files / TEMPLATE).rename(files / names.DATABASE)
    with Cluster(folder / "pgdata") as cluster, work_folder() as work:
        cluster.sql(f'ALTER DATABASE "{TEMPLATE}" RENAME TO "{names.DATABASE}"')
        with step("Sage 100 database"):
            _build_sage(tools, cluster)
        odoo = Odoo(tools, cluster, work, folder / "data")
        with step("add-on installed"):
            log = odoo.install(names.DATABASE, ADDON, log=folder / "install.log")
            for record in odoo_log.complaints(log):
                say(str(record))
        with step("French company, users, Sage connection"):
            _set_up(odoo)


def build(tools: Tools, company: Path, folder: Path) -> None:
    """Fill a cache entry with the demo, as it is after its first run."""
    copy_template(company, folder)
    with demo_server(tools, folder, folder / "mails", crons=False) as demo:
        with step("scheduled action: synchronisation with Sage 100 through ODBC"):
            _synchronise(demo)
        with step("first run: prepared and released"):
            _first_run(demo, folder)
    log = (folder / "odoo.log").read_text("utf-8", "replace")
    for record in odoo_log.complaints(log, everything=True):
        say(str(record))


def _build_sage(tools: Tools, cluster: Cluster) -> None:
    cluster.sql(f'CREATE DATABASE "{names.SAGE_DATABASE}"')
    command = [tools.python, "-m", "demo.sage100"]
    command += ["--dsn", cluster.dsn(names.SAGE_DATABASE)]
    command += ["--reference-date", names.reference_date().isoformat()]
    command += ["--login", names.SAGE_LOGIN, "--password", names.SAGE_PASSWORD]
    say(run(command, cwd=CHECKOUT, env=tools.environment()).strip())


def _set_up(odoo: Odoo) -> None:
    """Run ``demo/setup_demo.py`` in Odoo's shell, with what it needs to know."""
    env = odoo.environment()
    known = {
        "users": names.USERS,
        "driver": env["FOLLOWUP_ODBC_POSTGRESQL"],
        "server": "127.0.0.1",
        "port": odoo.cluster.port,
        "database": names.SAGE_DATABASE,
        "login": names.SAGE_LOGIN,
        "password": names.SAGE_PASSWORD,
        "date": names.reference_date().isoformat(),
    }
    script = (CHECKOUT / "demo/setup_demo.py").read_text("utf-8")
    text = run(
        odoo.command("shell", "-d", names.DATABASE, "--no-http", "--log-level=warn"),
        cwd=odoo.work,
        env={**env, "FOLLOWUP_DEMO": json.dumps(known)},
        stdin=f"exec(compile({script!r}, 'demo/setup_demo.py', 'exec'))\n",
    )
    if "demo set up" not in text:
        raise Failure(f"demo/setup_demo.py:\n{text}")


def _synchronise(demo: ServedDemo) -> None:
    """Read Sage by the add-on's own scheduled action."""
    admin = demo.session(*names.ADMIN)
    _trigger(admin, SYNC_ACTION)
    syncs = admin.call("sage100.sync", "search_read", [], [], limit=1)
    if not syncs:
        raise Failure("The scheduled action left no synchronisation.")
    if syncs[0].get("state") in ("failed", "error"):
        raise Failure(f"The synchronisation failed: {syncs[0]}")
    say(
        "{customers_read} customers, {entries_kept} entries, {rejected} rejected,"
        " difference with Sage {difference:.2f}".format(**syncs[0])
    )


def _trigger(admin: Session, action: str) -> None:
    """Run a scheduled action of the add-on once, as an administrator would by hand."""
    known = [["module", "=", ADDON], ["name", "=", action]]
    found = admin.call("ir.model.data", "search_read", known, ["res_id"])
    if not found:
        raise Failure(f"The add-on has no scheduled action {action}.")
    admin.call("ir.cron", "method_direct_trigger", [found[0]["res_id"]])


def _first_run(demo: ServedDemo, folder: Path) -> None:
    """Prepare and release reminders as the person in charge does: wizard and buttons.

    The manager has given a plan of letters to the customers whom no e-mail reaches and
    to those who are more than sixty days late: a second run prints them.
    """
    marie = demo.session(*names.USERS[0][:2])
    paul = demo.session(*names.USERS[1][:2])
    plan_id = _letter_plan(paul)
    found = paul.call(
        "followup.situation",
        "search_read",
        ["|", "|", ["partner_id.email", "=", False], ["bucket_3", ">", 0], ["bucket_4", ">", 0]],
        ["partner_id"],
    )
    partner_ids = [situation["partner_id"][0] for situation in found]
    paul.call("res.partner", "write", partner_ids, {"followup_plan_id": plan_id})
    admin = demo.session(*names.ADMIN)
    _release(marie, admin, _prepare(marie), folder)
    _release(marie, admin, _prepare(marie, plan_id), folder)


def _letter_plan(session: Session) -> int:
    """A copy of the default plan in which every message is a letter."""
    plan_id = session.call("followup.plan", "search", [], limit=1)[0]
    copied = session.call("followup.plan", "copy", [plan_id])
    copy_id = copied[0] if isinstance(copied, list) else copied
    session.call("followup.plan", "write", [copy_id], {"name": "Suivi par courrier"})
    by_mail = [["plan_id", "=", copy_id], ["channel", "=", "email"]]
    levels = session.call("followup.level", "search", by_mail)
    session.call("followup.level", "write", levels, {"channel": "letter"})
    return copy_id


def _prepare(session: Session, plan_id: int | None = None) -> int:
    """Prepare a run with the wizard; a browser asks its values first, then saves."""
    form = {"company_id": {}, "plan_id": {}, "date": {}}
    asked = session.call("followup.send.wizard", "onchange", [], {}, [], form)
    values = asked["value"]
    for name in ("company_id", "plan_id"):
        if isinstance(values.get(name), dict):
            values[name] = values[name]["id"]
    values["date"] = names.reference_date().isoformat()
    if plan_id:
        values["plan_id"] = plan_id
    wizard = session.call("followup.send.wizard", "create", values)
    return session.call("followup.send.wizard", "action_prepare", [wizard])["res_id"]


def _release(session: Session, admin: Session, run_id: int, folder: Path) -> None:
    """Press the run's buttons: send the e-mails, print the letters and keep them.

    A large run leaves by the scheduled action, which the server does not start by itself while the demo is built.
    """
    figures = _read_run(session, run_id, ["display_name", "email_count", "letter_count"])
    say(f"{figures['display_name']}: {figures['email_count']} e-mails, {figures['letter_count']} letters")
    if figures["email_count"]:
        session.call("followup.run", "action_send_emails", [run_id])
        _trigger(admin, RELEASE_ACTION)
        _wait_for_mails(session, run_id)
    if figures["letter_count"]:
        session.call("followup.run", "action_print_letters", [run_id])
        _trigger(admin, RELEASE_ACTION)
        _wait_for_mails(session, run_id)
        session.call("followup.run", "action_open_letters", [run_id])
        kept = _read_run(session, run_id, ["letters_attachment_id"])
        attachment, _name = kept["letters_attachment_id"]
        letters = folder / "letters"
        letters.mkdir(exist_ok=True)
        target = letters / f"{run_id:02}_lettres-{names.reference_date()}.pdf"
        target.write_bytes(session.download(f"/web/content/{attachment}"))
        _save_each_letter(session, run_id, letters)
        _post_letters(session, run_id)


def _post_letters(session: Session, run_id: int) -> None:
    """Say that the printed letters were posted today: their levels count."""
    action = session.call("followup.run", "action_letters_posted", [run_id])
    printed = action["context"]["default_reminder_ids"]
    wizard = session.call("followup.post.wizard", "create", {"kind": "posted", "reminder_ids": [[6, 0, printed]]})
    session.call("followup.post.wizard", "action_apply", [wizard])


def _read_run(session: Session, run_id: int, fields: list[str]) -> dict[str, Any]:
    return session.call("followup.run", "read", [run_id], fields)[0]


def _wait_for_mails(session: Session, run_id: int) -> None:
    """Messages leave after the button's transaction: wait until none is on its way."""
    deadline = time.monotonic() + 180
    while _read_run(session, run_id, ["queued_count"])["queued_count"]:
        if time.monotonic() > deadline:
            raise Failure("E-mails of the first run are still on their way.")
        time.sleep(0.5)
    failed = _read_run(session, run_id, ["failed_count"])["failed_count"]
    if failed:
        raise Failure(f"{failed} reminders of the first run failed.")


def _save_each_letter(session: Session, run_id: int, letters: Path) -> None:
    """The PDF kept with each printed letter, one file a customer."""
    found = session.call(
        "followup.reminder",
        "search_read",
        [["run_id", "=", run_id], ["channel", "in", ["letter", "registered"]], ["state", "in", ["printed", "sent"]]],
        ["partner_id", "attachment_id"],
    )
    for letter in found:
        if letter["attachment_id"]:
            attachment, _name = letter["attachment_id"]
            customer = "".join(char if char.isalnum() else "_" for char in letter["partner_id"][1])
            target = letters / f"{letter['id']:04}_{customer[:50]}.pdf"
            target.write_bytes(session.download(f"/web/content/{attachment}"))


def export(folder: Path, out: Path) -> None:
    """Copy the first run's mails and letters to ``out/``, in place of older ones."""
    for name in ("mails", "letters"):
        shutil.rmtree(out / name, ignore_errors=True)
        (folder / name).mkdir(exist_ok=True)
        shutil.copytree(folder / name, out / name)
