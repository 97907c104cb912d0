"""Debian packages: those the machine needs, and those only unpacked into the cache."""

import os
import shutil
import sys
from pathlib import Path

from . import cache
from .console import Failure, run, step

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

# What must be there to say that the package is installed → its package.
NEEDED = {
    "postgresql": "postgresql",
    "chromium": "chromium",
    "libodbc.so.2": "libodbc2",
    "odbc/psqlodbcw.so": "odbc-postgresql",
    "odbc/libtdsodbc.so": "tdsodbc",
    "libXrender.so.1": "libxrender1",
    "libfontconfig.so.1": "libfontconfig1",
    "libXext.so.6": "libxext6",
    "libmagic.so.1": "libmagic1",
    "truetype/dejavu": "fonts-dejavu-core",
    "truetype/liberation": "fonts-liberation",
    "npm": "npm",
    "pdftotext": "poppler-utils",
    "setpriv": "util-linux",
}


def library(name: str) -> Path | None:
    """The path of a shared library (or ODBC driver) below Debian's library folders."""
    for pattern in (f"*-linux-gnu*/{name}", name):
        found = sorted(Path("/usr/lib").glob(pattern))
        if found:
            return found[0]
    return None


def driver(name: str) -> Path:
    """The path of an ODBC driver: ``psqlodbcw.so`` or ``libtdsodbc.so``."""
    found = library(f"odbc/{name}")
    if not found:
        raise Failure(f"The ODBC driver {name} is not installed.")
    return found


def postgres_bin() -> Path | None:
    """The folder of PostgreSQL's server programs, the newest one."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]),
    )
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def _is_there(mark: str) -> bool:
    if mark == "postgresql":
        return postgres_bin() is not None
    if mark == "chromium":
        names = (
            "chromium",
            "google-chrome",
            "chromium-browser",
            "google-chrome-stable",
        )
        return any(shutil.which(name) for name in names)
    if mark.startswith("truetype/"):
        return (Path("/usr/share/fonts") / mark).is_dir()
    if ".so" in mark:
        return library(mark) is not None
    return bool(shutil.which(mark) or shutil.which(mark, path="/usr/sbin:/sbin"))


def missing() -> list[str]:
    """The packages that the machine lacks."""
    packages = [package for mark, package in NEEDED.items() if not _is_there(mark)]
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        packages.append(f"python{version}-venv")
    return packages


def ensure_packages() -> None:
    """Install what the machine lacks; an ordinary user is told the command instead."""
    packages = missing()
    if not packages:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if os.geteuid() != 0:
        raise Failure(f"Debian packages are missing. Type this, then start again:\n  sudo {' '.join(command)}")
    if not shutil.which("apt-get"):
        raise Failure(f"Not a Debian machine. Install: {' '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with cache.locked("apt"), step(f"Debian packages: {' '.join(packages)}"):
        if not missing():
            return
        run(["apt-get", "update", "--quiet"], env=env)
        # An installation started by someone else is waited for, not fought.
        run([command[0], "-o", "DPkg::Lock::Timeout=600", *command[1:]], env=env)


def _archive() -> str:
    """The address of the Debian archive that this machine uses."""
    text = run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(SUITE) $(RELEASE)"] + ["Created-By: Packages"])
    for line in text.splitlines():
        address, *names = line.split()
        if not any("security" in name or "updates" in name for name in names):
            if address.rstrip("/").endswith("debian"):
                return address
    raise Failure("The machine's apt sources name no Debian archive.")


def codename() -> str:
    """The name of the Debian release that this machine runs."""
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip('"')
    raise Failure("/etc/os-release names no Debian release.")


def fetch(suite: str, packages: list[str], folder: Path) -> list[Path]:
    """Download packages of a suite into a folder, leaving the machine's apt alone."""
    state = folder / "apt"
    for name in ("lists/partial", "cache/archives/partial"):
        (state / name).mkdir(parents=True)
    sources = state / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {_archive()} {suite} main\n")
    options = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": state / "lists",
        "Dir::Cache": state / "cache",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    apt = ["apt-get", *(f"-o{key}={value}" for key, value in options.items())]
    debs = folder / "debs"
    debs.mkdir(exist_ok=True)
    run([*apt, "update"], cwd=debs)
    run([*apt, "download", *packages], cwd=debs)
    shutil.rmtree(state)
    return sorted(debs.glob("*.deb"))
