"""What the programs of this folder share: one line for each distribution they use, which names its version twice."""

import importlib
import importlib.metadata


def uses(**distributions):
    """Print the version of each distribution, by its metadata and by its module; keywords are IMPORT_NAME="distribution"."""
    for name, distribution in distributions.items():
        module = importlib.import_module(name.replace("__", "."))
        own = getattr(module, "__version__", None)
        if not isinstance(own, str):
            own = getattr(module, "VERSION", "unsaid")
        print("uses", distribution, importlib.metadata.version(distribution), own)
