"""The shipped files against the JSON Schemas by which editors complete them, judged by the library `jsonschema`; and
broken ones, each of which must be refused. The program's own loader is tested elsewhere.

usage: schemas.py FOLDER-OF-THE-PACKAGE
"""

import copy
import json
import pathlib
import sys

import jsonschema
import yaml

root = pathlib.Path(sys.argv[1])
passed, failed = 0, 0


def check(name, good, detail=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {name}: {detail}")


def validator(name):
    schema = json.loads((root / "Protocols/schema" / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def errors(judge, content):
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in judge.iter_errors(content)]


def without(content, *path):
    changed = copy.deepcopy(content)
    place = changed
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return changed


def having(content, value, *path):
    changed = copy.deepcopy(content)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


kinds = {
    "protocol": sorted((root / "Protocols").glob("*.yaml")),
    "checklist": sorted((root / "Protocols/checklists").glob("*.yaml")),
    "rig": sorted((root / "Hardware/rigs").glob("*.yaml")),
    "policy": sorted((root / "Hardware").glob("*.yaml")),
}
for kind, paths in kinds.items():
    judge = validator(kind)
    check(f"{kind}: there are files", bool(paths))
    for path in paths:
        content = yaml.safe_load(path.read_text())
        found = errors(judge, content)
        check(f"{path.name} fits its schema", not found, found)
        line = path.read_text().splitlines()[0]
        named = line.removeprefix("# yaml-language-server: $schema=")
        target = (path.parent / named).resolve()
        check(
            f"{path.name} leads an editor to its schema",
            target == (root / "Protocols/schema" / f"{kind}.schema.json").resolve(), line)
        # Which keys are required is held against the loader's grammar elsewhere.
        required = judge.schema["$defs"][kind]["required"]
        check(f"{path.name}: something is required", len(required) > (1 if kind == "policy" else 5))
        for key in required:
            check(f"{path.name} without {key} is refused", errors(judge, without(content, key)))
        check(f"{path.name} with a foreign key is refused", errors(judge, having(content, 1, "foreign")))

protocol = validator("protocol")
treatment = yaml.safe_load((root / "Protocols/vmo-restore-surface.yaml").read_text())
search = yaml.safe_load((root / "Protocols/vmo-search-surface.yaml").read_text())
for name, content in {
    "a word for a number": having(treatment, "much", "pulse", "frequency_hz", "value"),
    "a number without its source": without(treatment, "pulse", "frequency_hz", "source"),
    "a certainty that there is not": having(treatment, "high", "pulse", "frequency_hz", "certainty"),
    "a negative number": having(treatment, -1, "pulse", "frequency_hz", "value"),
    "a treatment without a phase": without(treatment, "pulse", "phase_duration_us"),
    "a search with a phase": having(
        search, treatment["pulse"]["phase_duration_us"], "pulse", "phase_duration_us"),
    "a pattern that there is not": having(treatment, "random", "pattern", "kind"),
    "contractions without a rest": without(treatment, "pattern", "rest_s"),
    "a search that claims a benefit": having(search, "low", "evidence", "pfp_benefit"),
    "an id with capitals": having(treatment, "VMO", "id"),
}.items():
    check(f"{name} is refused", errors(protocol, content))

print(f"schemas: {passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
