import subprocess
import sys
import tempfile
from pathlib import Path

import black
import blib2to3.pgen2.tokenize
from shown import uses

uses(black="black", click="click", pathspec="pathspec", platformdirs="platformdirs")
TEXT = "def f(a,b):\n  x = {'a':1,\n   'b':2}\n  with open('a') as f, open('b') as g: return(x)\nclass A:\n\n    y=f(1,2)\n"
print(black.format_str(TEXT, mode=black.Mode(line_length=40)))
try:
    black.format_str("def (", mode=black.Mode())
except black.InvalidInput as error:
    print(error)
print(blib2to3.pgen2.tokenize.__name__, Path(black.__file__).suffix, black.nodes.__name__)
with tempfile.TemporaryDirectory() as directory:
    for number in range(3):
        Path(directory, f"file{number}.py").write_text(TEXT)
    Path(directory, "pyproject.toml").write_text("[tool.black]\nline-length = 60\n")
    # Several files are formatted by a pool of processes.
    command = [sys.executable, "-m", "black", "--workers", "2", directory]
    done = subprocess.run(command, capture_output=True, text=True)
    print(done.returncode, done.stderr.splitlines()[-1], Path(directory, "file2.py").read_text())
    done = subprocess.run([*command[:3], "--version"], capture_output=True, text=True)
    print(done.stdout)
    print(subprocess.run([*command, "--check", "-q"]).returncode)
