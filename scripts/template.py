"""The database that all others are cloned from: accounting, French chart, French."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import cache, debian
from .postgres import Cluster, copy_data, create_data
from .runtime import Odoo, Tools, work_folder

TEMPLATE = "followup_template"
MODULES = "account,l10n_fr_account"
# The chart of accounts is loaded for a French company, as an accountant would have it.
SETUP = """
env["res.lang"]._activate_lang("fr_FR")
company = env.company
company.write({"country_id": env.ref("base.fr").id})
if company.chart_template != "fr":
    env["account.chart.template"].try_loading("fr", company, install_demo=False)
env["base.language.install"].create(
    {"lang_ids": [(6, 0, env.ref("base.lang_fr").ids)], "overwrite": True}
).lang_install()
env.cr.commit()
assert company.chart_template == "fr" and company.currency_id.name == "EUR"
"""


def _build(tools: Tools, folder: Path) -> None:
    create_data(folder / "pgdata")
    with Cluster(folder / "pgdata") as cluster, work_folder() as work:
        odoo = Odoo(tools, cluster, work, folder / "data", addons=False)
        log = folder / "install.log"
        odoo.install(TEMPLATE, MODULES, log=log)
        script = SETUP + "\nprint('template', 'ready')\n"
        shell = odoo.run("shell", "-d", TEMPLATE, "--no-http", stdin=script)
        if "template ready" not in shell:
            raise RuntimeError(shell)
        cluster.sql("VACUUM ANALYZE", TEMPLATE)


def ensure_template(tools: Tools) -> Path:
    """The folder that holds the template's server data and Odoo files."""
    key = cache.digest(
        tools.odoo.key,
        tools.python.parent.parent.name,
        str(debian.postgres_bin()),
        MODULES,
        SETUP,
    )
    title = f"template database ({MODULES})"
    return cache.entry("template", key, title, lambda folder: _build(tools, folder))


def copy_template(template: Path, target: Path) -> None:
    """Copy the template's server data and Odoo files into a folder."""
    copy_data(template / "pgdata", target / "pgdata")
    copy_data(template / "data", target / "data")


@contextmanager
def fresh_odoo(tools: Tools) -> Iterator[Odoo]:
    """Odoo on a server of its own that holds the template, thrown away at the end.

    Each run has its own server, so nothing that another run does can be felt here.
    """
    template = ensure_template(tools)
    with work_folder() as work:
        os.chmod(work, 0o711)  # the server's user must enter, not list
        copy_template(template, work)
        with Cluster(work / "pgdata") as cluster:
            yield Odoo(tools, cluster, work)
