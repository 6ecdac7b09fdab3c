"""Every example in a docstring is true."""

import doctest
import importlib
import pkgutil

import pytest

from divio_provider import estate

MODULES = [module.name for module in pkgutil.iter_modules(estate.__path__, "divio_provider.estate.")]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_is_true(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
