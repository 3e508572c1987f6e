import asyncio
import tempfile
from os import environ

environ["IPYTHONDIR"] = tempfile.mkdtemp()

import IPython
from IPython.core.interactiveshell import InteractiveShell
from IPython.lib.pretty import pretty
from IPython.utils.capture import capture_output
from shown import uses

uses(IPython="ipython", traitlets="traitlets", jedi="jedi", prompt_toolkit="prompt-toolkit", pygments="Pygments")
shell = InteractiveShell.instance()
shell.colors = "NoColor"
with capture_output() as captured:
    shell.run_cell("import math\nvalue = [math.floor(x / 2) for x in range(5)]\nvalue")
    shell.run_cell("%who_ls")
    shell.run_cell("%timeit -n1 -r1 -q 1 + 1")
    failed = shell.run_cell("1 / 0")
print(captured.stdout.replace("\x1b", ""), type(failed.error_in_exec).__name__)
print(shell.user_ns["value"], shell.run_cell("value[1:]", store_history=False, silent=True).result)
print(shell.complete("value.co")[1], shell.complete("math.fl")[1], shell.complete("%timei")[1])
print(shell.inspector.info(len)["type_name"])
print(pretty({"a": list(range(30))}, max_width=40), IPython.get_ipython() is shell)
shell.run_cell("async def f():\n    return 5\nanswer = await f()")
print(shell.user_ns["answer"], shell.transform_cell("!ls ?"), shell.run_line_magic("alias_magic", "tt timeit"))
shell.run_cell("!echo from the shell")
from jedi import Script

print([one.name for one in Script("import json\njson.dum").complete(2, 8)])
print(asyncio.iscoroutinefunction(shell.run_cell_async))
