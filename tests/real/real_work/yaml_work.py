import dataclasses
import io

import yaml
from shown import uses

uses(yaml="PyYAML")
text = "a: &x [1, 2.5, null]\nb: *x\nwhen: 2024-02-29\nmore:\n  - {deep: 'yes'}\n  - |\n    lines\n    of text\n"
print(yaml.safe_load(text), yaml.load(text, yaml.CSafeLoader) == yaml.safe_load(text), yaml.__with_libyaml__)
print(yaml.dump(yaml.safe_load(text), Dumper=yaml.CDumper, sort_keys=True), end="")


@dataclasses.dataclass
class Point:
    x: int
    y: int


yaml.add_representer(Point, lambda dumper, point: dumper.represent_mapping("!point", vars(point)))
yaml.add_constructor("!point", lambda loader, node: Point(**loader.construct_mapping(node)), yaml.SafeLoader)
print(yaml.safe_load(yaml.dump([Point(1, 2)])), yaml.dump(Point(3, 4)))
print([type(event).__name__ for event in yaml.parse("a: [1]", Loader=yaml.CLoader)])
try:
    yaml.safe_load(io.StringIO("a: [1"))
except yaml.YAMLError as error:
    print(type(error).__name__, error.problem_mark.line)
import _yaml

print(_yaml.__name__, list(yaml.safe_load_all("--- 1\n--- 2\n")))
print(yaml.load("!!python/object/apply:collections.Counter [[a, a]]", yaml.UnsafeLoader))
