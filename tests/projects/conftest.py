import pytest
from environment import Environment


@pytest.fixture
def home(tmp_path):
    """Return a Python environment of its own that has this project."""
    return Environment(tmp_path / "home")
