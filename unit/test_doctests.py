"""The examples in the docstrings of lib/ are tests too."""

import doctest
import importlib
import pkgutil

import pytest

import lib

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(lib.__path__, prefix="lib.")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    """Each example prints what its docstring says."""
    failed, _tried = doctest.testmod(importlib.import_module(name))
    assert not failed
