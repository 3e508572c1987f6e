// A `python` command made of npm's pyodide package: node python.mjs SETTINGS
//
// SETTINGS is JSON: `package` (the unpacked npm package), `args` (Python's command line), and, if wanted, `site` (a host
// directory to serve as site-packages, its .pth and .start files included), `mounts` (directory inside -> host directory),
// `cwd` (inside) and `env`. The exit status is Python's. There are no child processes and no threads inside.
import path from "node:path";
import { pathToFileURL } from "node:url";

const settings = JSON.parse(process.argv[2]);
const entry = pathToFileURL(path.join(path.resolve(settings.package), "pyodide.mjs"));
const { loadPyodide } = await import(entry.href);

const pyodide = await loadPyodide({
  args: settings.args,
  // The package's own default would keep the interpreter alive behind the program's end.
  env: { HOME: "/home/pyodide", PYTHONINSPECT: "", ...settings.env },
  async fsInit(FS, { sitePackages }) {
    const mounts = { ...settings.mounts };
    // Before the interpreter starts, so that `site` reads the directory as on any machine.
    if (settings.site) mounts[sitePackages] = settings.site;
    for (const [inside, root] of Object.entries(mounts)) {
      FS.mkdirTree(inside);
      FS.mount(FS.filesystems.NODEFS, { root }, inside);
    }
    if (settings.cwd) FS.chdir(settings.cwd);
  },
});

// With no argument they go to node's own streams; pyodide's default adds line buffering of its own.
pyodide.setStdout();
pyodide.setStderr();
process.exit(status(pyodide._module));

// Run the command line and return its exit status, which Python's exit() hands over by an exception.
function status(module) {
  try {
    return module._run_main();
  } catch (error) {
    if (error?.name === "ExitStatus") return error.status;
    throw error;
  }
}
