"""Long runs are left out here too unless they are asked for."""

from tests.properties.conftest import pytest_collection_modifyitems

__all__ = ["pytest_collection_modifyitems"]
