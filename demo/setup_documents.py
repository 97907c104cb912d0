"""Makes every document of the add-on for an invented firm: run within Odoo's shell, which provides ``env``.

``FOLLOWUP_DOCUMENTS`` is the folder that receives the PDFs, called ``<document>.<language>.pdf``.
"""

import base64
import os
import sys
from datetime import date, timedelta
from pathlib import Path

from odoo.fields import Command
from odoo.modules import get_module_path

ADDON = "account_receivable_followup"
FOLDER = Path(os.environ["FOLLOWUP_DOCUMENTS"])
#: A day of a semester whose rates are shipped.
DAY = date(2026, 5, 20)
sys.path.insert(0, str(Path(get_module_path(ADDON)).resolve()))
from demo.company import set_company_up  # noqa: E402

#: Level of the default plan → name of its document; all are made as letters.
LEVELS = {
    "prevention": "prevention",
    "1": "reminder_1",
    "2": "reminder_2",
    "3": "reminder_3",
    "notice": "formal_notice",
    "thanks": "thanks",
}
#: Number, days late, amount, already paid.
INVOICES = (
    ("FA2500909", 148, 9776.16, 0),
    ("FA2500890", 144, 5719.32, 1500),
    ("FA2600050", 99, 4204.44, 0),
    ("FA2600066", 48, 6306.24, 0),
    ("FA2600112", 12, 6082.56, 0),
)


def customer(name, lang, **vals):
    return env["res.partner"].create(
        {
            "name": name,
            "is_company": True,
            "lang": lang,
            "ref": "411THOUARE",
            "street": "78 chemin des Écoliers",
            "street2": "Bâtiment B",
            "zip": "44470",
            "city": "Thouaré-sur-Loire",
            "country_id": env.ref("base.fr").id,
            "company_registry": "73282932000074",
            **vals,
        }
    )


def entry(partner, number, due, amount):
    """A posted invoice, or a payment when negative; its receivable line."""
    receivable = partner.property_account_receivable_id
    other = env["account.account"].search([("account_type", "=", "income")], limit=1)
    journal = env["account.journal"].search([("type", "=", "general")], limit=1)
    move = env["account.move"].create(
        {
            "move_type": "entry",
            "journal_id": journal.id,
            "date": due - timedelta(days=30),
            "ref": number,
            "line_ids": [
                Command.create(
                    {
                        "account_id": receivable.id,
                        "partner_id": partner.id,
                        "name": number,
                        "date_maturity": due,
                        "balance": amount,
                        "no_followup": False,
                    }
                ),
                Command.create({"account_id": other.id, "name": number, "balance": -amount}),
            ],
        }
    )
    move.action_post()
    return move.line_ids.filtered(lambda line: line.account_id == receivable)


def open_account(partner, invoices=INVOICES, ahead=0):
    """Due lines of a customer, some of them paid in part; `ahead` moves all due dates into the future."""
    lines = env["account.move.line"]
    for number, late, amount, paid in invoices:
        line = entry(partner, number, DAY - timedelta(days=late - ahead), amount)
        if paid:
            (line + entry(partner, f"VIR{number[-4:]}", DAY - timedelta(days=20), -paid)).reconcile()
        lines += line
    return lines


def reminder(partner, level, lines):
    """A letter of that level on these lines, as the add-on would make it."""
    made = (
        env["followup.reminder"]
        .sudo()
        .create(
            {
                "company_id": env.company.id,
                "partner_id": partner.id,
                "recipient_id": partner.child_ids[:1].id or partner.id,
                "date": DAY,
                "level_id": level.id,
                "level_name": level.name,
                "channel": "registered" if level.channel == "registered" else "letter",
                "user_id": env.user.id,
                "line_ids": [
                    Command.create(
                        {
                            "company_id": env.company.id,
                            "move_line_id": line.id,
                        "partner_id": partner.id,
                            "document": line.name,
                            "document_date": line.date,
                            "due_date": line.date_maturity,
                            "days_late": max((DAY - line.date_maturity).days, 0),
                            "amount": line.balance,
                            "paid": line.balance - line.amount_residual,
                            "residual": line.amount_residual,
                            "residual_company": line.amount_residual,
                            "currency_id": env.company.currency_id.id,
                        }
                    )
                    for line in lines
                ],
            }
        )
    )
    made._sum_lines()
    made._read_amounts_again()
    made._set_penalties()
    made._render_texts()
    assert made.state == "prepared", made.failure_reason
    return made


def keep(name, lang, content):
    (FOLDER / f"{name}.{lang[:2]}.pdf").write_bytes(content)


def make(lang):
    partner = customer("Thouaré Portes et Fenêtres", lang)
    env["res.partner"].create({"name": "Stéphanie Delaunay", "parent_id": partner.id, "type": "contact", "lang": lang})
    lines = open_account(partner)
    coming = open_account(customer("Atelier du Pin", lang), INVOICES[:2], ahead=155)
    printer = env["ir.actions.report"].sudo().with_context(report_pdf_no_attachment=True)
    for key, name in LEVELS.items():
        level = env.ref(f"{ADDON}.followup_level_default_{key}")
        mine = coming if key == "prevention" else lines
        made = reminder(mine.partner_id, level, mine)
        keep(name, lang, printer._render_qweb_pdf(f"{ADDON}.report_followup_letter", made.ids)[0])
        if key == "notice":
            notice = made
    # The formal notice left: its duplicate and the file for a third party tell of it.
    notice.with_context(report_pdf_no_attachment=False)._keep_pdfs()
    notice.write({"state": "sent", "sent_at": f"{DAY} 09:00:00", "posted_on": DAY})
    long = customer("Société des Établissements Métallurgiques du Nord", lang)
    many = tuple((f"FA26{n:05}", 150 - n, 480.25 + 37 * n, 0) for n in range(60))
    made = reminder(long, env.ref(f"{ADDON}.followup_level_default_2"), open_account(long, many))
    keep("long_table", lang, printer._render_qweb_pdf(f"{ADDON}.report_followup_letter", made.ids)[0])
    for kind in ("statement", "duplicate", "transmission"):
        values = {"partner_id": partner.id, "kind": kind, "date": DAY, "with_letters": False}
        if kind == "duplicate":
            values["reminder_ids"] = [Command.set(notice.ids)]
        if kind == "transmission":
            agency = customer("Recouvrement de l’Ouest", lang, ref=False, street2=False, city="Nantes", zip="44000")
            values["third_party_id"] = agency.id
        document = env["followup.document"].with_context(lang=lang).create(values)
        document.action_make()
        keep(kind, lang, base64.b64decode(document.file))


set_company_up(env, env.company)
env.user.write({"name": "Marie Lefèvre", "email": "marie.lefevre@comptoir-ligerien.example", "phone": "02 61 91 10 00"})
for language in ("fr_FR", "en_US"):
    make(language)
print("documents made")
