"""A child process that gets wheels and puts them into directories of their own: a JSON line in for each, one out.

`versioned-import sync` starts one for each processor. The words of its command line are options for pip.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from versioned_import.errors import InstallError
from versioned_import.in_pip.fetcher import Fetcher, NotFetchedError
from versioned_import.install.engine import Planned
from versioned_import.metadata.fits import misfit
from versioned_import.metadata.layout import read_versioned

if TYPE_CHECKING:
    from typing import TextIO


@dataclass(frozen=True, slots=True)
class _Requirement:
    """What staging asks of one of pip's requirements."""

    req: Any
    local_file_path: str
    download_info: Any
    is_wheel: bool = True


def main() -> int:
    """Do what standard input asks for until it ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever else is printed, say by pip, is no answer
    return serve(sys.stdin, answers, Fetcher(sys.argv[1:]))


def serve(questions: TextIO, answers: TextIO, fetcher: Fetcher) -> int:
    """Answer each line; the first answer says whether this pip can be used: "" or why not.

    An answer is what was unpacked, an `error`, or why the file was `unfetched`.
    """
    print(json.dumps(_problem()), file=answers, flush=True)
    for line in questions:
        try:
            answer = _unpacked(json.loads(line), fetcher)
        except NotFetchedError as error:
            answer = {"unfetched": str(error)}
        except InstallError as error:
            answer = {"error": [error.request, error.reason, error.advice]}
        except Exception as error:  # noqa: BLE001 whatever pip raises, the parent has to know it
            answer = {"error": [json.loads(line)["wheel"], f"{type(error).__name__}: {error}", ""]}
        print(json.dumps(answer), file=answers, flush=True)
    return 0


def _problem() -> str:
    try:
        from versioned_import.in_pip.stage import problem
    except Exception as error:  # noqa: BLE001 a pip with other insides
        return f"{type(error).__name__}: {error}"
    return problem()


def _unpacked(job: dict[str, Any], fetcher: Fetcher) -> dict[str, Any]:
    from pip._internal.models.direct_url import DirectUrl

    from versioned_import.in_pip.stage import stage_wheel
    from versioned_import.libraries.packaging.requirements import Requirement

    wheel = job["wheel"]
    kinds = [kind for kind in job["hashes"] if kind in hashlib.algorithms_guaranteed and not kind.startswith("shake")]
    digests = fetcher.fetch(job["url"], wheel, kinds) if job["url"] else _digests(wheel, kinds)
    for kind, digest in digests.items():
        if job["must_fit"] and digest not in job["hashes"][kind]:
            expected = " or ".join(job["hashes"][kind])
            raise InstallError(
                f"{job['lock']}: {os.path.basename(wheel)}",
                f"the file's {kind} is not what the lock says\n  expected {expected}\n  got      {digest}",
                "Don't trust it: nothing was installed. If the file was replaced on purpose, lock again.",
            )
    planned = Planned(name=job["name"], version=job["version"], download=job["download"], is_direct=job["is_direct"])
    direct = DirectUrl.from_dict(job["download"]) if job["is_direct"] else None
    requirement = _Requirement(Requirement(job["name"]), wheel, direct)
    staged = stage_wheel(requirement, planned, job["directory"], job["site"], pycompile=job["compile"])
    if reason := misfit(read_versioned(job["directory"], planned.directory, 0)):
        raise InstallError(os.path.basename(wheel), f"the wheel {reason}", "Lock for this Python too.")
    return {"path": staged.path, "notices": list(staged.notices), "digests": digests}


def _digests(path: str, kinds: list[str]) -> dict[str, str]:
    found = {}
    for kind in kinds:
        with open(path, "rb") as file:
            found[kind] = hashlib.file_digest(file, kind).hexdigest()
    return found


if __name__ == "__main__":
    sys.exit(main())
