"""What IPython calls for `%load_ext versioned_import` and `%unload_ext versioned_import`."""


def load_ipython_extension(shell: object) -> None:
    """Let the cells of IPython and Jupyter have version clauses."""
    from versioned_import.projects.offered import offered_names
    from versioned_import.runtime.finder import install
    from versioned_import.runtime.importing import cell_names
    from versioned_import.syntax.ipython import load

    install()
    load(shell, cell_names, offered_names)


def unload_ipython_extension(shell: object) -> None:
    """Undo it. What cells imported stays as it is."""
    from versioned_import.syntax.ipython import unload

    unload(shell)
