"""From the tree that an engine filled to staged distributions: nothing is taken that differs from plan or RECORD."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from versioned_import.engines import wheels
from versioned_import.errors import InstallError
from versioned_import.install.engine import Staged
from versioned_import.install.staging import check_found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from versioned_import.engines.wheels import Distribution, Layout
    from versioned_import.install.engine import Planned


def take_apart(
    tree: str, layout: Layout, plan: Sequence[Planned], ready: str, again: Callable[[Planned, str], str]
) -> list[Staged]:
    """Move each distribution of a tree into a directory of its own in `ready`, which is made here.

    Files that several distributions claim, or that lack what RECORD says, are not guessed at: such a distribution is
    installed `again`, alone, by a callable that gets a new directory and returns the tree. Raises InstallError.
    """
    os.mkdir(ready, 0o755)
    found = wheels.distributions(tree, layout)
    _check_against_plan(found, plan)
    planned = {one.directory: one for one in plan}
    shared = wheels.shared_files(found)
    staged = []
    spoilt = [one for one in found if any(file.source in shared for file in one.files) or wheels.damage(tree, one)]
    for one in found:
        what = planned[_directory(one)]
        staged.append(_alone(what, layout, ready, again) if one in spoilt else _moved(tree, one, what, layout, ready))
    if not spoilt and (left := wheels.left_behind(tree, found)):
        request = ", ".join(sorted(one.directory for one in plan))
        raise InstallError(request, f"no RECORD names {left[0]}", "Ask for another release.")
    return staged


def _alone(planned: Planned, layout: Layout, ready: str, again: Callable[[Planned, str], str]) -> Staged:
    directory = os.path.join(ready, f"{planned.directory}.alone")
    os.mkdir(directory, 0o755)
    tree = again(planned, directory)
    found = wheels.distributions(tree, layout)
    _check_against_plan(found, [planned])
    if problem := wheels.damage(tree, found[0]):
        raise InstallError(str(found[0]), problem, "The wheel is broken: ask for another release.")
    return _moved(tree, found[0], planned, layout, ready)


def _moved(tree: str, distribution: Distribution, planned: Planned, layout: Layout, ready: str) -> Staged:
    path = os.path.join(ready, planned.directory)
    whole = _with_origin(tree, distribution, planned, layout)
    wheels.move_apart(tree, whole, path)
    check_found(ready, planned)
    return Staged(
        name=planned.name,
        version=planned.version,
        requested=planned.requested,
        download=planned.download,
        is_direct=planned.is_direct,
        path=path,
        notices=wheels.notices(whole),
    )


def _with_origin(tree: str, distribution: Distribution, planned: Planned, layout: Layout) -> Distribution:
    """Return the distribution with REQUESTED and direct_url.json (PEP 376, PEP 610) as the plan has them.

    What the installer wrote there speaks of how it was called, which is not how the user asked.
    """
    texts = {"REQUESTED": "" if planned.requested else None}
    texts["direct_url.json"] = json.dumps(planned.download, sort_keys=True) if planned.is_direct else None
    files = {file.path: file for file in distribution.files}
    for name, text in texts.items():
        path = f"{distribution.info}/{name}"
        source = os.path.join(layout.modules_at, path)
        if files.pop(path, None):
            os.unlink(os.path.join(tree, source))
        if text is not None:
            with open(os.path.join(tree, source), "w", encoding="utf-8") as file:
                file.write(text)
            files[path] = wheels.RecordedFile(source, path, "", "")
    return replace(distribution, files=tuple(files.values()))


def _check_against_plan(found: Sequence[Distribution], plan: Iterable[Planned]) -> None:
    """Raise InstallError unless the tree holds exactly what was planned."""
    names, expected = {_directory(one) for one in found}, {one.directory for one in plan}
    if names == expected and len(names) == len(found):
        return
    odd = min(names ^ expected) if names ^ expected else "a distribution found twice"
    raise InstallError(
        odd, "what was installed differs from what was planned", "Don't trust it: nothing was installed."
    )


def _directory(distribution: Distribution) -> str:
    return f"{distribution.name}-{distribution.version}"
