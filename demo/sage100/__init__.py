"""A demo Sage 100 base: a small French firm's accounts, with every case of a real one.

base = generate(datetime.date(2026, 11, 21))
load(base, dsn, login, password)          # demo.sage100.load
expected_balances(base)                   # {(CT_Num, CG_Num): Decimal}
"""

from .expected import OpenItem, expected_balances, expected_open_items, expected_overdue
from .generator import Base, generate, generate_small

__all__ = [
    "Base",
    "OpenItem",
    "expected_balances",
    "expected_open_items",
    "expected_overdue",
    "generate",
    "generate_small",
]
