"""Getting one wheel by its URL through a session of the user's pip: its cache, certificates, proxies and logins."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class NotFetchedError(Exception):
    """Why a file can't be got this way; pip's own command line may get it still, or says better why not."""


class Fetcher:
    """Gets files with one session, made when the first is asked for; `words` are options for `pip wheel`."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = [*words, "--no-input", "-q"]
        self.held = ExitStack()  # the session lives as long as the process
        self.session: Any = None

    def fetch(self, url: str, path: str, kinds: Iterable[str]) -> dict[str, str]:
        """Write what a URL gives to a new file; return its hashes. Raises NotFetchedError, and leaves a part perhaps."""
        try:
            return self._fetch(url, path, kinds)
        except NotFetchedError:
            raise
        except (Exception, SystemExit) as error:  # whatever pip or the network raises; optparse exits
            raise NotFetchedError(f"{type(error).__name__}: {error}") from error

    def _fetch(self, url: str, path: str, kinds: Iterable[str]) -> dict[str, str]:
        from pip._internal.network.utils import HEADERS, raise_for_status, response_chunks

        if self.session is None:
            self.session = self._opened()
        answer = self.session.get(url, headers=HEADERS, stream=True)
        raise_for_status(answer)
        digests = {kind: hashlib.new(kind) for kind in kinds}
        size = 0
        with open(path, "xb") as file:
            for chunk in response_chunks(answer):
                size += len(chunk)
                file.write(chunk)
                for digest in digests.values():
                    digest.update(chunk)
        expected = answer.headers.get("content-length", "")
        if expected.isdigit() and int(expected) != size and not answer.headers.get("content-encoding"):
            reason = f"the connection ended after {size} of {expected} bytes"
            raise NotFetchedError(reason)
        return {kind: digest.hexdigest() for kind, digest in digests.items()}

    def _opened(self) -> Any:
        from pip._internal.commands import create_command
        from pip._internal.utils.filesystem import check_path_owner
        from pip._internal.utils.misc import normalize_path
        from pip._internal.utils.virtualenv import running_under_virtualenv

        command: Any = create_command("wheel")
        options, arguments = command.parse_args(self.words)
        if arguments or options.requirements or options.editables or options.constraints:
            reason = "pip is to take more into account than one file"
            raise NotFetchedError(reason)
        if options.require_venv and not running_under_virtualenv():
            reason = "pip requires a virtual environment"
            raise NotFetchedError(reason)
        if options.cache_dir:  # as pip does before each of its commands
            own = normalize_path(options.cache_dir)
            options.cache_dir = own if check_path_owner(own) else None
        self.held.enter_context(command.main_context())
        return command.get_default_session(options)
