"""Which partner of Odoo a customer of Sage is: decided on plain facts, never on a name alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .tiers_values import normalise

SIRET = re.compile(r"\d{14}")
VAT = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,13}")


class Policy(StrEnum):
    """What a first match may rest on."""

    BOTH = "both"
    VAT = "vat"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A commercial partner with the numbers that Odoo, or another Sage base bound to it, knows of it."""

    partner: int
    siret: str = ""
    vat: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A customer of Sage that no binding knows yet."""

    number: str
    siret: str = ""
    vat: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The partner found (0: none), by which number, and those between which nothing could choose."""

    partner: int = 0
    by: str = ""
    rivals: tuple[int, ...] = ()


NOBODY = Decision()


def clean_siret(value: str | None) -> str:
    """Return a SIRET of fourteen digits, or nothing: a SIREN or a made-up number designates no establishment.

    Examples:
        >>> clean_siret("732 829 320 00074"), clean_siret("732829320"), clean_siret("00000000000000")
        ('73282932000074', '', '')
    """
    digits = re.sub(r"\W", "", value or "")
    return digits if SIRET.fullmatch(digits) and len(set(digits)) > 1 else ""


def clean_vat(value: str | None) -> str:
    """Return a VAT number without spaces, or nothing.

    Examples:
        >>> clean_vat("fr 44 732829320"), clean_vat("EXONERE"), clean_vat("FR00000000000"), clean_vat("/")
        ('FR44732829320', '', '', '')
    """
    number = re.sub(r"[\s.\-]", "", value or "").upper()
    digits = set(re.sub(r"\D", "", number))
    return number if VAT.fullmatch(number) and len(digits) > 1 else ""


class Candidates:
    """The partners that customers may turn out to be, found by their numbers."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self.by_siret: dict[str, set[int]] = defaultdict(set)
        self.by_vat: dict[str, set[int]] = defaultdict(set)
        self.sirets: dict[int, set[str]] = defaultdict(set)
        for candidate in candidates:
            siret, vat = clean_siret(candidate.siret), clean_vat(candidate.vat)
            if siret:
                self.by_siret[siret].add(candidate.partner)
                self.sirets[candidate.partner].add(siret)
            if vat:
                self.by_vat[vat].add(candidate.partner)

    def decide(self, customer: Unknown, policy: Policy = Policy.BOTH) -> Decision:
        """Return the only partner that fits, by SIRET then by VAT number.

        Establishments of one firm share its VAT number: a partner whose own SIRET is another one does not fit.

        Examples:
            >>> known = Candidates([Candidate(7, "73282932000074", "FR44732829320"), Candidate(8, "", "FR83404833048")])
            >>> known.decide(Unknown("A", siret="73282932000074")).partner
            7
            >>> known.decide(Unknown("B", siret="73282932000082", vat="FR44732829320")).partner
            0
            >>> known.decide(Unknown("C", siret="40483304800022", vat="FR83404833048")).by
            'vat'
        """
        siret, vat = clean_siret(customer.siret), clean_vat(customer.vat)
        if policy == Policy.NEVER:
            return NOBODY
        if policy == Policy.BOTH and siret and self.by_siret.get(siret):
            return self._choose(self.by_siret[siret], "siret")
        fitting = {
            partner
            for partner in self.by_vat.get(vat, ())
            if not siret or not self.sirets.get(partner) or siret in self.sirets[partner]
        }
        return self._choose(fitting, "vat")

    @staticmethod
    def _choose(partners: set[int], by: str) -> Decision:
        if len(partners) == 1:
            return Decision(next(iter(partners)), by)
        return Decision(rivals=tuple(sorted(partners))) if partners else NOBODY

    def decide_all(self, customers: Iterable[Unknown], policy: Policy = Policy.BOTH) -> dict[str, Decision]:
        """Return the decision for each number; a partner that several customers claim is given to none of them.

        Examples:
            >>> known = Candidates([Candidate(7, vat="FR44732829320")])
            >>> known.decide_all([Unknown("A", vat="FR44732829320"), Unknown("B", vat="FR44732829320")])["A"]
            Decision(partner=0, by='', rivals=(7,))
        """
        decisions = {customer.number: self.decide(customer, policy) for customer in customers}
        claims: dict[int, int] = defaultdict(int)
        for decision in decisions.values():
            claims[decision.partner] += 1
        return {
            number: Decision(rivals=(decision.partner,))
            if decision.partner and claims[decision.partner] > 1
            else decision
            for number, decision in decisions.items()
        }


@dataclass(frozen=True, slots=True)
class Tiers:
    """What tells that two numbers are one tiers: the mark of the row (cbMarq), the SIRET, the name."""

    number: str
    mark: int = 0
    siret: str = ""
    name: str = ""


def find_renumbered(gone: Iterable[Tiers], new: Iterable[Tiers]) -> dict[str, str]:
    """Return old number → new number, for the tiers that Sage renumbered.

    Same row (cbMarq) with the same SIRET or name; or, since Sage sometimes writes the row anew, same SIRET and same
    name. Only when one fits on each side: a doubt leaves both as they are.

    Examples:
        >>> find_renumbered([Tiers("OLD", 12, "", "DUPONT")], [Tiers("NEW", 12, "", "Dupont"), Tiers("B", 13)])
        {'OLD': 'NEW'}
        >>> find_renumbered([Tiers("OLD", 12, "", "DUPONT")], [Tiers("NEW", 12, "", "MARTIN")])
        {}
    """
    by_mark: dict[int, list[Tiers]] = defaultdict(list)
    by_identity: dict[tuple[str, str], list[Tiers]] = defaultdict(list)
    for tiers in new:
        by_mark[tiers.mark].append(tiers)
        by_identity[_identity(tiers)].append(tiers)
    found: dict[str, list[str]] = {}
    for old in gone:
        found[old.number] = _successors(old, by_mark, by_identity)
    claims: dict[str, int] = defaultdict(int)
    for numbers in found.values():
        for number in numbers:
            claims[number] += 1
    return {old: numbers[0] for old, numbers in found.items() if len(numbers) == 1 and claims[numbers[0]] == 1}


def _identity(tiers: Tiers) -> tuple[str, str]:
    return clean_siret(tiers.siret), normalise(tiers.name)


def _successors(
    old: Tiers, by_mark: Mapping[int, list[Tiers]], by_identity: Mapping[tuple[str, str], list[Tiers]]
) -> list[str]:
    siret, name = _identity(old)
    if old.mark:
        same = [
            tiers.number
            for tiers in by_mark.get(old.mark, ())
            if (siret and clean_siret(tiers.siret) == siret) or (name and normalise(tiers.name) == name)
        ]
        if same:
            return same
    if siret and name:
        return [tiers.number for tiers in by_identity.get((siret, name), ())]
    return []
