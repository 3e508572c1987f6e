"""Everything of the standard library that looks at modules sees a selected version as it would see a flat one (spec 3.9).

Each row of the table is looked at in four programs: with `demo` 1.0 flat and nothing else, or with 1.0 as a versioned
directory beside a flat 3.0; chosen as a dependency but not yet imported, or after its import. In each program every row
has a process of its own.
"""

import itertools
import json
import os
import textwrap

import pytest
from child_processes import Children
from made import make_flat, make_versioned, write

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="each row is looked at in a fork")

SUB = '''\
"""A module with an example.

>>> f(2)
(2, 'VERSION')
"""

import dataclasses
import enum
import logging
import typing
import warnings


class Colour(enum.Enum):
    RED = 1


class Point(typing.NamedTuple):
    x: "int"


@dataclasses.dataclass
class Thing:
    colour: "Colour" = Colour.RED
    other: "Thing | None" = None


def f(x: "int") -> "Point":
    """Return what it got."""
    return x, "VERSION"


def calls(*, level=1):
    warnings.warn("old", DeprecationWarning, stacklevel=level)


def logs(logger):
    logger.warning("said")


def fails():
    raise ValueError("VERSION")
'''


def files_of(version):
    return {
        "demo/__init__.py": f"VERSION = {version!r}\n",
        "demo/__main__.py": f"print('main of {version}', __name__, __package__)\nRESULT = {version!r}\n",
        "demo/sub.py": SUB.replace("VERSION", version),
        "demo/deep/__init__.py": "",
        "demo/deep/leaf.py": f"VERSION = {version!r}\n",
        "demo/data.txt": f"data of {version}\n",
        "demo/data/more.txt": f"more of {version}\n",
        "demo_single.py": f"VERSION = {version!r}\n",
        "demo_space/part/__init__.py": f"VERSION = {version!r}\n",
        "demo_space/note.txt": f"note of {version}\n",
        "flat_space/part/__init__.py": f"VERSION = {version!r}\n",
        "flat_space/note.txt": f"note of {version}\n",
    }


def make_demo(site, version, flat):
    make = make_flat if flat else make_versioned
    path = make(site, "Demo_Dist", version, files_of(version), requires=["dep<2"])
    info = path if flat else path / f"Demo_Dist-{version}.dist-info"
    write(info / "entry_points.txt", f"[demo.plugins]\nplug{version[0]} = demo.sub:f\n")
    write(info / "direct_url.json", f'{{"url": "https://index.example/{version}"}}')


def make_world(site, flat):
    make_demo(site, "1.0", flat)
    make = make_flat if flat else make_versioned
    make(site, "user", "1.0", requires=["demo-dist==1.0"])
    make(site, "dep", "1.0")
    make_flat(
        site,
        "neighbour",
        "7.0",
        {f"{name}_space/beside/__init__.py": "" for name in ("demo", "flat")} | {"neighbour.py": ""},
    )
    if not flat:
        make_demo(site, "2.0", flat=False)
        make_demo(site, "3.0", flat=True)
        make_flat(site, "dep", "3.0")
        make_flat(site, "user", "3.0")


# Name of the row, and the body of a function that returns what is seen.
ROWS = {
    "metadata.version": "return [importlib.metadata.version(n) for n in ('demo-dist', 'Demo.Dist', 'dep', 'neighbour')]",
    "metadata.distributions": """
        found = [(d.metadata['Name'], d.version) for d in importlib.metadata.distributions()]
        return sorted(one for one in found if one[0] in ('Demo_Dist', 'dep', 'user', 'neighbour'))
    """,
    "metadata.distributions of a name": """
        find = importlib.metadata.distributions
        return [[d.version for d in find(name=n)] for n in ('demo_dist', 'dep', 'neighbour', 'absent')]
    """,
    "metadata.requires": "return importlib.metadata.requires('demo-dist')",
    "metadata.files": """
        files = importlib.metadata.files('demo-dist')
        texts = {str(p): p.read_text() for p in files if p.suffix == '.txt' and p.parts[0] != 'demo_space'}
        return sorted(map(str, files)), texts, [str(p.locate()) for p in files if p.name == 'sub.py']
    """,
    "metadata.locate_file": "return str(importlib.metadata.distribution('demo-dist').locate_file('demo/data.txt'))",
    "metadata.read_text": """
        found = importlib.metadata.distribution('demo-dist')
        return found.read_text('INSTALLER'), found.read_text('absent'), found.name, found.metadata['Version']
    """,
    "metadata.origin": "return str(getattr(importlib.metadata.distribution('demo-dist'), 'origin', ''))",
    "metadata.entry_points": """
        found = importlib.metadata.entry_points(group='demo.plugins')
        return [(one.name, one.value, one.load()(2), one.dist.version) for one in found]
    """,
    "metadata.entry_points of a distribution": """
        return [one.name for one in importlib.metadata.distribution('demo-dist').entry_points]
    """,
    "metadata.packages_distributions": """
        found = importlib.metadata.packages_distributions()
        return [sorted(found.get(name, ())) for name in ('demo', 'demo_single', 'user', 'neighbour')]
    """,
    "metadata of a directory that the caller names": """
        return len(list(importlib.metadata.distributions(name='demo-dist', path=[SITE])))
    """,
    "metadata with one context twice": """
        context = importlib.metadata.DistributionFinder.Context(name='dep')
        find = importlib.metadata.Distribution.discover
        return [[one.version for one in find(context=context)] for _ in range(3)]
    """,
    "metadata that is absent": """
        try:
            importlib.metadata.version('absent')
        except importlib.metadata.PackageNotFoundError as error:
            return str(error)
    """,
    "resources.files": """
        found = importlib.resources.files('demo')
        return found.joinpath('data.txt').read_text(), (found / 'data' / 'more.txt').read_text(), str(found)
    """,
    "resources.as_file": """
        with importlib.resources.as_file(importlib.resources.files('demo') / 'data.txt') as path:
            return str(path), path.read_text()
    """,
    "resources.read_text": "return importlib.resources.read_text('demo', 'data.txt', encoding='utf-8')",
    "resources of a namespace package": """
        found = importlib.resources.files('demo_space')
        return found.joinpath('note.txt').read_text(), sorted({one.name for one in found.iterdir()} - {'__pycache__'})
    """,
    "pkgutil.iter_modules": """
        import demo
        return [(one.name, one.ispkg) for one in pkgutil.iter_modules(demo.__path__, 'demo.')]
    """,
    "pkgutil.iter_modules of everything": """
        found = [one for one in pkgutil.iter_modules() if one.name in ('demo', 'demo_single', 'user', 'dep')]
        return sorted((one.name, one.ispkg, one.module_finder.find_spec(one.name).origin) for one in found)
    """,
    "pkgutil.walk_packages": """
        import demo
        return [one.name for one in pkgutil.walk_packages(demo.__path__, 'demo.')]
    """,
    "pkgutil.resolve_name": "return pkgutil.resolve_name('demo.sub:f')(2), pkgutil.resolve_name('demo.deep.leaf').VERSION",
    "pkgutil.get_data": "return pkgutil.get_data('demo', 'data.txt')",
    "pkgutil.get_loader": """
        if not hasattr(pkgutil, 'get_loader'):
            return None
        return pkgutil.get_loader('demo').path, pkgutil.find_loader('demo.sub').path
    """,
    "inspect.getsource": """
        import demo.sub
        return inspect.getsource(demo.sub.f), inspect.getsourcelines(demo.sub.Thing), len(inspect.getsource(demo.sub))
    """,
    "inspect.getfile": """
        import demo.sub
        return inspect.getfile(demo.sub.f), inspect.getsourcefile(demo.sub.Thing), inspect.getfile(demo)
    """,
    "inspect.getmodule": """
        import demo.sub
        return inspect.getmodule(demo.sub.f).__name__, inspect.getmodule(demo.sub.f.__code__).__name__
    """,
    "inspect.signature": "import demo.sub; return str(inspect.signature(demo.sub.f, eval_str=True))",
    "util.find_spec": """
        spec = importlib.util.find_spec('demo')
        return spec.name, spec.origin, spec.submodule_search_locations, type(spec.loader).__name__
    """,
    "util.find_spec of a submodule": """
        return importlib.util.find_spec('demo.sub').origin, importlib.util.find_spec('demo.absent')
    """,
    "util.find_spec of others": """
        names = 'demo_single', 'demo_space.part', 'user', 'demo_space.beside', 'neighbour'
        return [importlib.util.find_spec(name).origin for name in names]
    """,
    "util.module_from_spec": """
        spec = importlib.util.find_spec('demo_single')
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.VERSION
    """,
    "util.LazyLoader": """
        sys.modules.pop('demo_single', None)
        spec = importlib.util.find_spec('demo_single')
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.VERSION
    """,
    "reload": """
        import demo.sub
        again = importlib.reload(demo)
        return again is demo, demo.VERSION, demo.__file__, importlib.reload(demo.sub) is demo.sub, demo.sub.f(1)
    """,
    "reload of a namespace package": """
        import demo_space.part
        again = importlib.reload(demo_space)
        import demo_space.beside
        return again is demo_space, importlib.reload(demo_space.part).VERSION, demo_space.beside.__name__
    """,
    "reload of what a statement named": """
        import user
        pseudo = [name for name in sys.modules if name.startswith('_versioned_user')]
        again = importlib.reload(sys.modules[pseudo[0]] if pseudo else user)
        return again is user, again.VERSION, again.__name__, again.__spec__.name, again.__spec__.origin
    """,
    "resources of a namespace package that was loaded before": """
        import flat_space.part
        found = importlib.resources.files('flat_space')
        return flat_space.part.VERSION, found.joinpath('note.txt').read_text(), found.joinpath('beside').is_dir()
    """,
    "import after sys.modules was emptied": """
        import demo.sub
        for name in [name for name in sys.modules if name.partition('.')[0] == 'demo']:
            del sys.modules[name]
        return importlib.import_module('demo').VERSION, importlib.import_module('.sub', 'demo').f(1)
    """,
    "a module's own names": """
        import demo.sub
        seen = demo.sub
        return seen.__name__, seen.__package__, seen.__file__, seen.__spec__.name, seen.__spec__.origin, seen.__loader__.name
    """,
    "pickle": """
        from demo.sub import Colour, Point, Thing, f
        things = [Thing(Colour.RED), Point(1), Colour.RED, f, Thing]
        return [pickle.dumps(things, protocol) for protocol in range(6)], pickle.loads(pickle.dumps(things)) == things
    """,
    "pickle that imports": "return pickle.loads(b'cdemo.sub\\nf\\n.')(2)",
    "copy": """
        from demo.sub import Colour, Thing
        thing = Thing(Colour.RED, Thing())
        return copy.copy(thing) == copy.deepcopy(thing) == thing, copy.deepcopy(thing).colour is Colour.RED
    """,
    "typing.get_type_hints": """
        from demo.sub import Point, Thing, f
        return str([typing.get_type_hints(one) for one in (Point, Thing, f)])
    """,
    "mock.patch": """
        with unittest.mock.patch('demo.sub.f', return_value=5), unittest.mock.patch.dict('demo.sub.__dict__', new=1):
            import demo.sub
            seen = demo.sub.f(), demo.sub.new
        return seen, demo.sub.f(2), hasattr(demo.sub, 'new')
    """,
    "warnings.catch_warnings": """
        import demo.sub
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            demo.sub.calls()
        (one,) = caught
        return one.filename, one.lineno, str(one.message)
    """,
    "warnings with a stack level": """
        import demo.sub
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            demo.sub.calls(level=2)
        return os.path.basename(caught[0].filename)
    """,
    "warnings filtered by module": """
        import demo.sub
        warnings.filterwarnings('error', module=r'demo\\.sub$')
        try:
            demo.sub.calls()
        except DeprecationWarning as error:
            return str(error)
    """,
    "warnings registry": """
        import demo.sub
        warnings.simplefilter('default')
        with contextlib.redirect_stderr(io.StringIO()) as shown:
            demo.sub.calls()
            demo.sub.calls()
        return shown.getvalue(), [key for key in demo.sub.__warningregistry__ if key != 'version']
    """,
    "logging": """
        import demo.sub
        shown = io.StringIO()
        form = '%(module)s %(filename)s %(funcName)s %(lineno)d %(pathname)s'
        logging.basicConfig(stream=shown, format=form)
        demo.sub.logs(logging.getLogger('demo'))
        return shown.getvalue()
    """,
    "doctest.testmod": "import demo.sub; return tuple(doctest.testmod(demo.sub))[:2]",
    "doctest.DocTestFinder": """
        import demo.sub
        return sorted((one.name, one.lineno, one.filename) for one in doctest.DocTestFinder().find(demo.sub))
    """,
    "unittest.TestLoader": "return str(unittest.TestLoader().loadTestsFromName('demo.sub'))",
    "runpy.run_module of a package": """
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            result = runpy.run_module('demo', run_name='__main__', alter_sys=True)
        return shown.getvalue(), result['RESULT'], result['__file__']
    """,
    "runpy.run_module of a module": """
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            result = runpy.run_module('demo.deep.leaf')
        return result['VERSION'], result['__file__'], result['__spec__'].name, result['__name__']
    """,
    "traceback": """
        import demo.sub
        try:
            demo.sub.fails()
        except ValueError:
            return traceback.format_exc().split('\\n')[-4:]
    """,
    "linecache": "import demo.sub; return linecache.getline(demo.sub.__file__, 3), linecache.getline('x', 3, vars(demo.sub))",
    "pydoc": "return pydoc.plain(pydoc.render_doc('demo.sub.f')), pydoc.locate('demo.deep.leaf').VERSION",
    "pyclbr": "return sorted(pyclbr.readmodule_ex('demo.sub'))",
    "modulefinder": "return importlib.util.find_spec('demo.deep').loader.is_package('demo.deep')",
}

PROGRAM = """\
import contextlib, copy, doctest, importlib, importlib.metadata, importlib.resources, importlib.util, inspect, io, json
import linecache, logging, os, pickle, pkgutil, pyclbr, pydoc, runpy, sys, traceback, typing, unittest.mock, warnings
warnings.simplefilter("ignore")
SITE = {site!r}
{statements}

def answer(text):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            names = dict(globals(), __name__="row")
            exec(text, names)
            said = repr(names["row"]())
        except BaseException:
            said = traceback.format_exc()
        with open(writer, "w") as file:
            file.write(said)
        os._exit(0)
    os.close(writer)
    with open(reader) as file:
        said = file.read()
    os.waitpid(child, 0)
    return said

print(json.dumps({{name: answer(text) for name, text in {texts!r}.items()}}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Return what each of the three programs saw, by row; the versioned directory reads as the flat one's place."""
    texts = {
        name: f"def row():\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n" for name, body in ROWS.items()
    }
    imports = {
        "before": "assert 'demo' not in sys.modules",
        "after": "import demo.sub, demo.deep.leaf, demo_single, demo_space.part",
    }
    answers = {}
    for way, how in itertools.product(imports, ("flat", "versioned")):
        directory = tmp_path_factory.mktemp(f"{way}-{how}")
        site = directory / "site"
        make_world(site, flat=how == "flat")
        children = Children(directory, [site])
        statement = "import user" if how == "flat" else "import user version 1.0"
        statements = f"import flat_space.beside\n{statement}\nassert user.VERSION == '1.0'\n{imports[way]}"
        program = PROGRAM.format(site=str(site), statements=statements, texts=texts)
        text = children.output(program, environ={"PYTHONPATH": str(site)})
        for entry in ("demo-dist-1.0", "user-1.0", "dep-1.0"):
            text = text.replace(f"{site}/{entry}/", f"{site}/")
        answers[way, how] = json.loads(text.replace(str(directory), "DIRECTORY"))
    return answers


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("way", ["before", "after"])
def test_it_is_seen_as_a_flat_install_is(seen, row, way):
    flat = seen[way, "flat"][row]
    assert "Traceback" not in flat
    assert seen[way, "versioned"][row] == flat
    assert "3.0" not in flat
