"""Sets the demo's French company up: run within Odoo's shell, which provides ``env``.

``FOLLOWUP_DEMO`` (JSON) says who the users are and where the Sage 100 base answers. The
company is the one that the Sage base describes.
"""

import json
import os
import sys
from pathlib import Path

from odoo.fields import Command
from odoo.modules import get_module_path

ADDON = "account_receivable_followup"
known = json.loads(os.environ["FOLLOWUP_DEMO"])
sys.path.insert(0, str(Path(get_module_path(ADDON)).resolve()))
from demo.company import set_company_up  # noqa: E402
from demo.sage100.names import FIRM  # noqa: E402


def set_users_up(company):
    """The people of the demo, in French and in Paris."""
    french = {"lang": "fr_FR", "tz": "Europe/Paris"}
    env["res.users"].search([]).write(french)
    env["ir.default"].set("res.partner", "lang", "fr_FR")
    for login, password, name, group, role in known["users"]:
        env["res.users"].with_context(no_reset_password=True).create(
            {
                **french,
                "name": name,
                "login": login,
                "password": password,
                "email": f"{login}@{FIRM['domain']}",
                "signature": f"{name}<br/>{role.capitalize()}",
                # Odoo's own welcome would cover the screen of a phone.
                "odoobot_state": "disabled",
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "group_ids": [
                    Command.link(env.ref("base.group_user").id),
                    Command.link(env.ref(f"{ADDON}.followup_group_{group}").id),
                ],
            }
        )
    admin = env.ref("base.user_admin")
    admin.write({"email": f"admin@{FIRM['domain']}"})
    admin.partner_id.name = "Administrateur"


def set_mail_up():
    """Mails go to the local sink; its port is written at each start."""
    env["ir.mail_server"].create(
        {
            "name": "Boîte locale de la démonstration",
            "smtp_host": "127.0.0.1",
            "smtp_port": 8025,
            "smtp_encryption": "none",
            "smtp_authentication": "login",
        }
    )


def set_sage_up(company):
    """The connection to the Sage 100 base, through the driver of its server."""
    env["sage100.database"].create(
        {
            "name": FIRM["name"],
            "company_id": company.id,
            "driver": known["driver"],
            "server": known["server"],
            "port": known["port"],
            "database_name": known["database"],
            "login": known["login"],
            "password": known["password"],
            "encryption": "no",
        }
    )


set_company_up(env, env.company)
set_users_up(env.company)
set_mail_up()
set_sage_up(env.company)
env.cr.commit()
print("demo set up")
