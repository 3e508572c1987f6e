"""Ask a kernel, or execute a notebook; run by the tests in an environment that has Jupyter. JSON comes and goes."""

import json
import re
import sys

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def ask(steps):
    """Return what a new kernel replies to each `[request, code]`; to `execute` with all that it shows."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    try:
        return [
            _execute(client, code) if request == "execute" else _reply(client, request, code) for request, code in steps
        ]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def execute_notebook(text):
    """Return the notebook with the outputs that it has now; an error in a cell is one."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.reads(text, as_version=4)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", record_timing=False, coalesce_streams=True)
    client.execute()
    return json.loads(nbformat.writes(notebook))


def _execute(client, code):
    shown = []

    def show(message):
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            shown.append(content["text"])
        elif kind in ("execute_result", "display_data"):
            shown.append(content["data"]["text/plain"])
        elif kind == "error":
            shown.extend(content["traceback"])

    reply = client.execute_interactive(code, output_hook=show, timeout=60)["content"]
    error = f"{reply['ename']}: {reply['evalue']}" if reply["status"] == "error" else ""
    return {"shown": _COLOUR.sub("", "\n".join(shown)), "error": error}


def _reply(client, request, code):
    asked = getattr(client, request)(code)
    while True:
        message = client.get_shell_msg(timeout=60)
        if message["parent_header"]["msg_id"] == asked:
            return message["content"]


if __name__ == "__main__":
    given = sys.stdin.read()
    answer = execute_notebook(given) if sys.argv[1:] == ["notebook"] else ask(json.loads(given))
    sys.stdout.write(json.dumps(answer))
