"""Random programs for the stress test: steps as plain data, which `stress_actor` executes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stress_world import NAMES, VERSIONS

if TYPE_CHECKING:
    from random import Random

    from stress_world import Made

Step = dict[str, Any]
CLAUSES = ("1", "1.1", "2", "10", "3", "1.2", "3.0rc1", "1.0", "2.1", "99")
QUOTED = (">=1", ">=1,<2", "<2", "==1.0", "~=1.0", "!=2.0", "<=2.1", ">=2", ">1.0", "===2.0", "==1.*", ">=3.0rc1")


def random_program(random: Random, world: list[Made], *, children: bool = True) -> list[Step]:
    """Return the steps of one process."""
    return [random_step(random, world, children=children) for _ in range(random.choice((1, 2, 3, 3, 4, 5, 7)))]


def random_step(random: Random, world: list[Made], *, children: bool) -> Step:
    """Return one step; some of them hold steps of threads or of a child."""
    name = random.choice(world).name if world and random.random() < 0.97 else random.choice(list(NAMES))
    module = NAMES[name]
    kind = random.choices(
        ("statement", "plain", "lazy", "require", "find", "reload", "threads", "child"), (40, 20, 8, 8, 3, 3, 9, 7)
    )[0]
    if kind == "statement":
        way = random.choice(("import", "import", "from", "function", "call"))
        return {"do": "statement", "name": module, "clause": random_clause(random, name, world), "way": way}
    if kind == "require":
        return {"do": "require", "requirements": random_requirements(random, world)}
    if kind == "threads" and children:
        count = random.choice((2, 2, 3, 4))
        simple = [[random_simple(random, world) for _ in range(random.choice((1, 1, 2)))] for _ in range(count)]
        if random.random() < 0.3:
            simple = [simple[0]] * count
        return {"do": "threads", "threads": simple}
    if kind == "child" and children:
        way = random.choice(("fork", "fork", "subprocess", "spawn"))
        return {"do": "child", "way": way, "steps": random_program(random, world, children=False)[:3]}
    if kind in ("lazy", "find", "reload"):
        return {"do": kind, "name": module}
    return {"do": "plain", "name": module}


def random_simple(random: Random, world: list[Made]) -> Step:
    """Return a step that several threads can do at once."""
    name = random.choice(world).name
    if random.random() < 0.7:
        return {
            "do": "statement",
            "name": NAMES[name],
            "clause": random_clause(random, name, world),
            "way": random.choice(("import", "call")),
        }
    return {"do": "plain", "name": NAMES[name]}


def random_clause(random: Random, name: str, world: list[Made]) -> str:
    """Return a clause that has some chance to be answered."""
    roll = random.random()
    if roll < 0.45:
        return random.choice([made.version for made in world if made.name == name] or VERSIONS)
    if roll < 0.65:
        return random.choice(CLAUSES)
    if roll < 0.9:
        return random.choice(QUOTED)
    extras = "[more]" if random.random() < 0.5 else ""
    other = random.choice(list(NAMES)) if random.random() < 0.1 else name
    return f"{other}{extras}{random.choice(QUOTED)}"


def random_requirements(random: Random, world: list[Made]) -> list[str]:
    """Return what one call of `require` asks."""
    names = random.sample([made.name for made in world], min(len(world), random.choice((1, 1, 2))))
    return [f"{name}{random.choice(('', '', '[more]'))}{random.choice(('', *QUOTED))}" for name in dict.fromkeys(names)]


def text_of(step: Step, indent: str = "") -> str:
    """Return a step as a reader would write it, for the report of a failure."""
    if step["do"] == "statement":
        return indent + statement_text(step)
    if step["do"] == "require":
        return f"{indent}require({', '.join(map(repr, step['requirements']))})"
    if step["do"] == "threads":
        parts = [
            f"{indent}at once:",
            *(f"{indent}  thread:\n{_block(one, indent + '    ')}" for one in step["threads"]),
        ]
        return "\n".join(parts)
    if step["do"] == "child":
        return f"{indent}in a child by {step['way']}:\n{_block(step['steps'], indent + '    ')}"
    forms = {
        "plain": "import {}",
        "lazy": "{0}.lazy()  # if loaded",
        "find": "importlib.util.find_spec({!r})",
        "reload": "importlib.reload({})  # if loaded",
    }
    return indent + forms[step["do"]].format(step["name"])


def _block(steps: list[Step], indent: str) -> str:
    return "\n".join(text_of(step, indent) for step in steps)


def statement_text(step: Step) -> str:
    """Return a versioned statement that binds `got`."""
    clause = step["clause"]
    bare = clause if clause[0].isdigit() else f'"{clause}"'
    if step["way"] == "call":
        return f"import versioned_import; got = versioned_import.import_module({step['name']!r}, {clause!r})"
    if step["way"] == "from":
        return f"from {step['name']} version {bare} import VERSION"
    if step["way"] == "function":
        return f"def function():\n    import {step['name']} version {bare} as got\n    return got\ngot = function()"
    return f"import {step['name']} version {bare} as got"
