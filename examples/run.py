"""Set up one shared environment with versions that exclude each other, and run the example scripts in it.

    python3 examples/run.py

It needs Python 3.11 or later and a package index; it makes the directory .venv-example beside the project's files, and
uses nothing else. Run again, it uses what is there.
"""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
ENVIRONMENT = PROJECT / ".venv-example"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
VERSIONS = ["requests==2.25.1", "requests==2.32.3"]


class Reports(http.server.BaseHTTPRequestHandler):
    """Answers every second request with 503, so that the scripts have to retry."""

    answered = 0

    def do_GET(self) -> None:
        Reports.answered += 1
        busy = Reports.answered % 2 == 1
        body = b"" if busy else json.dumps({"rows": 42}).encode()
        self.send_response(503 if busy else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base class's name
        """Keep the output of the scripts readable."""


def main() -> int:
    if sys.version_info < (3, 11):
        print(f"versioned_import needs Python 3.11 or later; this is {sys.version.split()[0]}")
        return 2
    if not PYTHON.exists():
        say("making an environment in .venv-example")
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    say("installing versioned_import into it")
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", PROJECT], check=True)
    say(f"pip install --allow-multiple {' '.join(VERSIONS)}")
    install = [PYTHON, "-m", "versioned_import", "pip", "install", "--allow-multiple", *VERSIONS]
    subprocess.run(install, check=True)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Reports)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/report"
    say("two scripts of one environment, each with the versions it names")
    for script in ("old_report.py", "new_report.py"):
        subprocess.run([PYTHON, HERE / script, address], check=True)
    say("both versions in one process: refused, with the reason (this traceback is meant)")
    refused = subprocess.run([PYTHON, HERE / "both_at_once.py"], stderr=subprocess.PIPE, text=True, check=False)
    print(refused.stderr, end="")
    server.shutdown()
    return 0 if "VersionConflictError" in refused.stderr else 1


def say(text: str) -> None:
    print(f"\n== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
