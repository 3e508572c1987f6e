"""Executes the steps of a stress program in this process and says what came of each; it judges nothing.

`python stress_actor.py FILE` reads steps from FILE and writes its events to FILE.events, both JSON.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from importlib import metadata
from pathlib import Path
from typing import Any

Step = dict[str, Any]
MODULES = ("alpha", "beta", "gamma", "delta", "eps", "ns.one", "ns.two")
DISTRIBUTIONS = ("alpha", "beta", "gamma", "delta", "py-eps", "ns-one", "ns-two")
LONGEST = 15
QUIET = "STRESS_QUIET"
"""The environment variable that lets a process do nothing but its steps: to ask for metadata would end the short way."""
OWN_FOLDER = str(Path(__file__).resolve().parent)


def run(steps: list[Step]) -> list[dict[str, Any]]:
    """Execute steps; return an event for each: the step, its result, and what the process looked like before and after."""
    events = []
    before = snapshot()
    for step in steps:
        result = execute(step)
        after = snapshot()
        events.append({"step": step, "result": result, "before": before, "after": after})
        before = after
    return events


def execute(step: Step) -> dict[str, Any]:
    """Do one step; return what came of it."""
    try:
        return {"ok": True, **DOING[step["do"]](step)}
    except Exception as error:  # noqa: BLE001 it is the answer
        return {
            "ok": False,
            "error": type(error).__name__,
            "text": str(error),
            "kinds": [kind.__name__ for kind in type(error).__mro__],
            "trace": "".join(traceback.format_exception(error)),
        }


def statement(step: Step) -> dict[str, Any]:
    from stress_programs import statement_text

    namespace: dict[str, Any] = {}
    text = f"# coding: versioned\n{statement_text(step)}\n"
    exec(compile(text.encode(), "<program>", "exec"), namespace)
    if "got" not in namespace:
        return {"version": namespace["VERSION"]}
    return told(namespace["got"])


def plain(step: Step) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(f"import {step['name']} as got", namespace)
    return told(namespace["got"])


def told(module: Any) -> dict[str, Any]:
    """Return what a module says of itself."""
    return {"version": module.VERSION, "distribution": module.DISTRIBUTION, "file": module.__file__}


def lazy(step: Step) -> dict[str, Any]:
    module = sys.modules.get(step["name"])
    return {"saw": dict(module.lazy())} if module is not None else {}


def again(step: Step) -> dict[str, Any]:
    module = sys.modules.get(step["name"])
    return told(importlib.reload(module)) if module is not None else {}


def find(step: Step) -> dict[str, Any]:
    spec = importlib.util.find_spec(step["name"])
    return {"origin": spec.origin if spec is not None else None}


def require(step: Step) -> dict[str, Any]:
    from versioned_import.runtime.require import require as select

    return {"got": [[one.distribution, one.version] for one in select(*step["requirements"])]}


def at_once(step: Step) -> dict[str, Any]:
    """Run the steps of several threads behind one barrier."""
    lists: list[list[dict[str, Any]]] = [[] for _ in step["threads"]]
    barrier = threading.Barrier(len(lists))

    def work(number: int) -> None:
        barrier.wait(LONGEST)
        for one in step["threads"][number]:
            lists[number].append({"step": one, "result": execute(one)})

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(len(lists))]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST)
    sys.setswitchinterval(interval)
    return {"threads": lists, "stuck": any(thread.is_alive() for thread in threads)}


def child(step: Step) -> dict[str, Any]:
    """Run the steps of a child; its events come back through a file."""
    with tempfile.TemporaryDirectory() as place:
        steps = Path(place, "steps")
        steps.write_text(json.dumps(step["steps"]))
        if step["way"] == "subprocess":
            command = [sys.executable, "-s", os.path.join(OWN_FOLDER, "stress_actor.py"), str(steps)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
            said = done.stdout + done.stderr
        else:
            process = multiprocessing.get_context(step["way"]).Process(target=answer, args=(str(steps),))
            process.start()
            process.join(LONGEST)
            said = f"exit status {process.exitcode}"
        events = Path(f"{steps}.events")
        return {"events": json.loads(events.read_text()) if events.exists() else None, "said": said}


def answer(file: str) -> None:
    """Run the steps in a file and write the events beside it."""
    events = run(json.loads(Path(file).read_text()))
    if QUIET in os.environ:
        events.append({"short": "versioned_import.runtime.state" not in sys.modules})
    Path(f"{file}.events").write_text(json.dumps(events))


def snapshot() -> dict[str, Any]:
    """Return what is loaded and what metadata says, by import name and by distribution."""
    loaded = {}
    for name in MODULES:
        module = sys.modules.get(name)
        if module is not None and hasattr(module, "DISTRIBUTION"):
            sub = sys.modules.get(f"{name}.sub")
            loaded[name] = {
                **told(module),
                "saw": dict(getattr(module, "SAW", {})),
                "sub": getattr(sub, "VERSION", None),
                "repr": repr(module),
            }
    if QUIET in os.environ:
        return {"loaded": loaded}
    return {"loaded": loaded, "metadata": {name: version_of(name) for name in DISTRIBUTIONS}}


def version_of(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


DOING = {
    "statement": statement,
    "plain": plain,
    "lazy": lazy,
    "reload": again,
    "find": find,
    "require": require,
    "threads": at_once,
    "child": child,
}

if __name__ == "__main__":
    answer(sys.argv[1])
