"""Odoo 19 Community's code: ODOO_SOURCE, or Debian's package unpacked in the cache."""

import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from . import cache, debian
from .console import Failure, run

# Odoo and what its package links to, taken from Debian's unstable suite and from the
# stable one: the links resolve once all are unpacked into one root.
UNSTABLE = ["odoo-19", "fonts-montserrat"]
STABLE = [
    "libjs-jquery",
    "libjs-underscore",
    "libjs-jquery-form",
    "fonts-font-awesome",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
]
PACKAGES = Path("usr/lib/python3/dist-packages")
# Debian leaves this file out of its package, and without it the backend's assets log an
# error on which every browser tour fails.
SEGMENTATION = Path("mail/static/lib/selfie_segmentation/selfie_segmentation.js")
SEGMENTATION_NPM = "@mediapipe/selfie_segmentation"


@dataclass(frozen=True)
class OdooSource:
    """Where Odoo's code is."""

    pythonpath: Path  # the folder that holds the package ``odoo``
    addons: tuple[Path, ...]  # the standard add-ons' folders
    key: str  # changes with the code


def _unpack_segmentation(folder: Path, addons: Path) -> None:
    target = addons / SEGMENTATION
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    name = run(["npm", "pack", "--silent", SEGMENTATION_NPM], cwd=folder).split()[-1]
    with tarfile.open(folder / name) as archive:
        member = archive.extractfile(f"package/{target.name}")
        if member is None:
            raise Failure(f"{name} holds no {target.name}.")
        target.write_bytes(member.read())
    (folder / name).unlink()


def _build(folder: Path) -> None:
    root = folder / "root"
    root.mkdir()
    debs = debian.fetch("sid", UNSTABLE, folder)
    stable = folder / "stable"
    stable.mkdir()
    debs += debian.fetch(debian.codename(), STABLE, stable)
    for deb in debs:
        run(["dpkg-deb", "-x", deb, root])
    names = sorted(deb.name for deb in debs)
    (folder / "versions").write_text("\n".join(names) + "\n")
    shutil.rmtree(stable)
    shutil.rmtree(folder / "debs")
    _unpack_segmentation(folder, root / PACKAGES / "odoo/addons")


def _given(path: Path) -> OdooSource:
    """An Odoo 19 that is already on the machine."""
    release = path / "odoo/release.py"
    if not release.exists():
        raise Failure(f"ODOO_SOURCE={path}: no odoo/release.py there.")
    text = release.read_text("utf-8")
    if "version_info = (19," not in text:
        raise Failure(f"ODOO_SOURCE={path} is not Odoo 19.")
    addons = [path / "addons", path / "odoo/addons"]
    head = path / ".git/HEAD"
    key = cache.digest(str(path), text, head if head.exists() else "")
    return OdooSource(path, tuple(folder for folder in addons if folder.is_dir()), key)


def ensure_odoo() -> OdooSource:
    """Odoo 19's code, downloaded when ODOO_SOURCE does not name one."""
    if os.environ.get("ODOO_SOURCE"):
        return _given(Path(os.environ["ODOO_SOURCE"]).expanduser().resolve())
    key = cache.digest(*UNSTABLE, *STABLE, SEGMENTATION_NPM)
    folder = cache.entry("odoo", key, "Odoo 19 Community", _build)
    packages = folder / "root" / PACKAGES
    versions = folder / "versions"
    return OdooSource(packages, (packages / "odoo/addons",), cache.digest(versions))
