#!/usr/bin/env python3
"""Follows each hazard to its controls, requirements and tests, and back, and each limit of the kernel to its source.

Reads Docs/hazards.yaml, Docs/requirements.yaml, the lines `// Proves R-STOP-01, R-STOP-04.` above tests and suites
(`# Proves …` at the head of shell and Python tests), and the limit tables of Sources/SafetyKernel. Writes
Docs/traceability.md. An orphan in either direction is named with file and line, and the exit status is 1.

usage: scripts/trace.py [--check] [--root FOLDER] [--results FILE.xml … [--passed PATH …]]
  --check     write nothing; a stale Docs/traceability.md is an orphan, too
  --results   what `swift test --xunit-output` wrote: each requirement needs a test that passed, and none that failed
  --passed    shell and Python tests below this path have passed in the same run
"""

import argparse
import dataclasses
import pathlib
import re
import sys
import xml.etree.ElementTree

try:
    import yaml
except ImportError:
    sys.exit("trace: Python's YAML library is missing; scripts/bootstrap.sh test, or apt-get install python3-yaml")

HAZARDS, REQUIREMENTS, REPORT = "Docs/hazards.yaml", "Docs/requirements.yaml", "Docs/traceability.md"
EXPECTED_HAZARDS = [f"H{n:02}" for n in range(1, 54)]
EXPECTED_FAULTS = [f"F{n}" for n in range(1, 65)]
# Each of their tests is a safety test: without a requirement it is an orphan.
SAFETY_SUITES = ["SafetyKernelTests", "SessionEngineTests", "StimulatorLinksTests", "RigControlTests", "ScenarioTests"]
KINDS = ["design", "protective", "information"]
KEYS = {
    "hazard": "id hazard cause harm severity source controls verified residual applies why instead",
    "control": "kind text requirements document",
    "requirement": "id text source hazards limits faults code by_hand",
}
TYPE = re.compile(r"^(\s*)(?:@Suite(?:\(.*\))? +)?(?:\w+ +)*(?:struct|class|enum|actor|extension) +(\w+)")
PROVES = re.compile(r"^\s*(?://|#) Proves +(.*R-[A-Z].*)$")
ID = re.compile(r"R-[A-Z]+-\d\d")
SOURCED = re.compile(r"decided\.md|clinical\.md|\[[A-Z][\w-]*\]|proposal|issue text")
CASE = re.compile(r'(<testcase classname="[^"\n]*" name=")(.*?)("(?: time="[^"\n]*")? ?/?>)')
LIMIT = re.compile(
    r"(?:set\(&entries, \.(?P<a>\w+), (?P<x>[\d_ *]+|Int64\.max)\)"
    r"|tighten\(\.(?P<b>\w+), to: (?P<y>[\d_ *]+), by: \.(?P<by>\w+)\))"
)


class Lined(yaml.SafeLoader):
    """Mappings know the line that they begin in."""


def lined_mapping(loader, node):
    loader.flatten_mapping(node)
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise yaml.YAMLError(f"line {node.start_mark.line + 1}: the key {key} stands twice")
    return {**loader.construct_mapping(node, deep=True), "line": node.start_mark.line + 1}


Lined.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, lined_mapping)


@dataclasses.dataclass
class Test:
    path: str
    line: int
    suite: str  # innermost type; empty for a script
    name: str
    ids: list

    @property
    def module(self):
        return self.path.split("/")[1] if self.path.startswith("Tests/") else ""

    @property
    def is_script(self):
        return not self.path.endswith(".swift")


class Trace:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.orphans = []
        self.hazard_file = self.load(HAZARDS, ["hazards", "sources", "faults_that_do_not_apply"])
        self.hazards = self.hazard_file["hazards"]
        self.requirements = self.load(REQUIREMENTS, ["requirements"])["requirements"]
        self.by_id = {r.get("id"): r for r in self.requirements}
        self.keys = set(self.hazard_file["sources"]) - {"line"} | self.keys_of_protocols()
        self.tests = self.find_tests()
        self.limits = self.find_limits()
        self.proofs = {id: [t for t in self.tests if id in t.ids] for id in self.by_id}

    # -- Reading

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def orphan(self, path, line, words):
        self.orphans.append(f"{path}:{line}: {words}")

    def load(self, path, keys):
        try:
            content = yaml.load(self.text(path), Loader=Lined)
        except (OSError, yaml.YAMLError) as error:
            sys.exit(f"trace: {path} cannot be read: {error}")
        for key in keys:
            if key not in content:
                sys.exit(f"trace: {path} has no `{key}:`")
        return content

    def keys_of_protocols(self):
        """The source list that the protocols already have."""
        rows = re.findall(r"^\| ([A-Z][\w, -]*?) \|", self.text("Protocols/README.md"), re.M)
        return {key for row in rows for key in row.split(", ")}

    def ids_above(self, path, lines, index):
        """What the comment lines directly above line `index` say that they prove."""
        ids = []
        while index > 0 and lines[index - 1].strip().startswith("//"):
            index -= 1
            ids += self.read_ids(path, lines, index)
        return ids

    def read_ids(self, path, lines, index):
        found = PROVES.match(lines[index])
        if not found:
            return []
        self.read_lines.add((path, index))
        rest = ID.sub("", found.group(1)).replace(",", "").replace(".", "").strip()
        if rest or not ID.search(found.group(1)):
            self.orphan(path, index + 1, f"a `Proves` line that holds no list of requirement ids: {found.group(1)}")
        return ID.findall(found.group(1))

    def find_tests(self):
        self.read_lines, tests, files = set(), [], []
        for path in sorted((self.root / "Tests").rglob("*.swift")):
            files.append(path)
            tests += self.swift_tests(path.relative_to(self.root).as_posix())
        for folder in ["Tests", "Hardware", "scripts"]:
            for path in sorted((self.root / folder).rglob("*")):
                if path.suffix in (".sh", ".py"):
                    files.append(path)
                    tests += self.script_test(path.relative_to(self.root).as_posix())
        for path in files:
            name = path.relative_to(self.root).as_posix()
            for index, line in enumerate(path.read_text(encoding="utf-8").split("\n")):
                if PROVES.match(line) and (name, index) not in self.read_lines:
                    self.orphan(name, index + 1, "a `Proves` line that stands above no test or suite")
        return tests

    def swift_tests(self, path):
        lines, tests, scopes, pending = self.text(path).split("\n"), [], [], []
        for index, line in enumerate(lines):
            indent = len(line) - len(line.lstrip())
            if line.strip() and line.strip()[0] not in "/{})#":
                scopes = [scope for scope in scopes if scope[0] < indent]
            if line.strip().startswith("@Suite"):
                pending = self.ids_above(path, lines, index)
            declared = TYPE.match(line)
            if declared:
                scopes.append((indent, declared.group(2), pending))
                pending = []
            if line.strip().startswith("@Test"):
                name = re.search(r"func +(?:`([^`]+)`|(\w+))", "\n".join(lines[index : index + 80]))
                ids = self.ids_above(path, lines, index) + [id for scope in scopes for id in scope[2]]
                suite = scopes[-1][1] if scopes else ""
                tests.append(Test(path, index + 1, suite, name.group(1) or name.group(2), ids))
        return tests

    def script_test(self, path):
        lines = self.text(path).split("\n")
        found = [(index, self.read_ids(path, lines, index)) for index in range(min(30, len(lines)))]
        ids = [id for _, some in found for id in some]
        return [Test(path, next(i for i, some in found if some) + 1, "", pathlib.Path(path).name, ids)] if ids else []

    def find_limits(self):
        """Every number of the kernel's limit tables, with the comment above it."""
        limits = []
        for path in sorted((self.root / "Sources/SafetyKernel").glob("*.swift")):
            name, table, comment, is_used = path.relative_to(self.root).as_posix(), "?", "", False
            for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
                opened = re.search(r"static (?:var|func) (\w+)", line)
                table = opened.group(1) if opened else table
                found = LIMIT.search(line)
                if line.strip().startswith("//"):
                    comment = ("" if is_used else comment + " ") + line.strip().lstrip("/ ")
                    is_used = False
                elif found:
                    kind, value = found.group("a") or found.group("b"), found.group("x") or found.group("y")
                    place = {"absolute": "search", "commonEntries": "both"}.get(table, table)
                    if found.group("by") not in (None, "absolute"):
                        place = found.group("by")
                    value = value if "max" in value else eval(value.strip(), {"__builtins__": {}})
                    limits.append((f"{place}.{kind}", value, comment.strip(), name, number))
                    is_used = True
                elif line.strip() and not line.strip().startswith(("if ", "var entries")):
                    comment, is_used = "", False
        return limits

    # -- Judging

    def judge(self):
        if [h.get("id") for h in self.hazards] != EXPECTED_HAZARDS:
            missing = sorted(set(EXPECTED_HAZARDS) - {h.get("id") for h in self.hazards})
            self.orphan(HAZARDS, 1, f"the rows are not H01 to H53, each once and in order; missing: {missing or 'none'}")
        for hazard in self.hazards:
            self.judge_hazard(hazard)
        for requirement in self.requirements:
            self.judge_requirement(requirement)
        for test in self.tests:
            self.judge_test(test)
        self.judge_limits()
        self.judge_faults()

    def judge_keys(self, path, what, entry):
        for key in set(entry) - set(KEYS[what].split()) - {"line"}:
            self.orphan(path, entry["line"], f"a {what} has no key `{key}`; quote a text that holds a comma")

    def judge_hazard(self, hazard):
        id, line = hazard.get("id"), hazard["line"]
        self.judge_keys(HAZARDS, "hazard", hazard)
        wanted = ["hazard", "cause", "harm", "severity", "source"]
        applies = hazard.get("applies", True)
        wanted += ["controls", "verified", "residual"] if applies else ["why", "instead"]
        for key in wanted:
            if not hazard.get(key):
                self.orphan(HAZARDS, line, f"{id} has no `{key}`")
        self.judge_source(HAZARDS, line, id, hazard.get("source", ""))
        for control in hazard.get("controls", []):
            place = control["line"]
            self.judge_keys(HAZARDS, "control", control)
            if not control.get("text"):
                self.orphan(HAZARDS, place, f"{id}: a control without words")
            if control.get("kind") not in KINDS:
                self.orphan(HAZARDS, place, f"{id}: a control's kind is one of {', '.join(KINDS)}")
            ids, document = control.get("requirements", []), control.get("document")
            if not ids and not (document and control.get("kind") == "information"):
                self.orphan(HAZARDS, place, f"{id}: a control without a requirement: {control.get('text')}")
            for one in ids:
                if one not in self.by_id:
                    self.orphan(HAZARDS, place, f"{id}: a control names an unknown requirement {one}")
                elif id not in self.by_id[one].get("hazards", []):
                    self.orphan(HAZARDS, place, f"{id}: {one} does not name this hazard among its own")
            if document:
                self.judge_document(HAZARDS, place, id, document)

    def judge_requirement(self, requirement):
        id, line = requirement.get("id", "?"), requirement["line"]
        self.judge_keys(REQUIREMENTS, "requirement", requirement)
        if not ID.fullmatch(id):
            self.orphan(REQUIREMENTS, line, f"{id} is no id such as R-STOP-01")
        if sum(r.get("id") == id for r in self.requirements) > 1:
            self.orphan(REQUIREMENTS, line, f"{id} stands more than once")
        for key in ["text", "source", "hazards", "code"]:
            if not requirement.get(key):
                self.orphan(REQUIREMENTS, line, f"{id} has no `{key}`")
        self.judge_source(REQUIREMENTS, line, id, requirement.get("source", ""))
        used = {h["id"] for h in self.hazards for c in h.get("controls", []) if id in c.get("requirements", [])}
        for hazard in requirement.get("hazards", []):
            if hazard not in used:
                self.orphan(REQUIREMENTS, line, f"{id} names {hazard}, of which no control names it")
        for place in requirement.get("code", []):
            path, _, symbol = place.partition(":")
            if not (self.root / path).exists() or symbol and symbol not in self.text(path):
                self.orphan(REQUIREMENTS, line, f"{id}: the code {place} is not there")
        if requirement.get("by_hand"):
            self.judge_document(REQUIREMENTS, line, id, requirement["by_hand"])
        if not self.proofs.get(id) and not requirement.get("by_hand"):
            self.orphan(REQUIREMENTS, line, f"{id} has no test")

    def judge_source(self, path, line, id, source):
        for key in re.findall(r"\[([A-Z][\w-]*)[^\]]*\]", source):
            if key not in self.keys:
                self.orphan(path, line, f"{id}: the source [{key}] stands in no list of sources")

    def judge_document(self, path, line, id, document):
        file, _, anchor = document.partition("#")
        if not (self.root / file).exists():
            return self.orphan(path, line, f"{id}: the document {file} is not there")
        headings = re.findall(r"^#+ (.*)$", self.text(file), re.M)
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        if anchor and anchor not in anchors:
            self.orphan(path, line, f"{id}: {file} has no section #{anchor}")

    def judge_test(self, test):
        for id in test.ids:
            if id not in self.by_id:
                self.orphan(test.path, test.line, f"names an unknown requirement {id}")
        if test.module in SAFETY_SUITES and not test.ids and not test.is_script:
            self.orphan(test.path, test.line, f"a safety test without a requirement: {test.name}")

    def judge_limits(self):
        named = {key: r for r in self.requirements for key in r.get("limits", {}) if key != "line"}
        known = {key: value for key, value, *_ in self.limits}
        for key, value, comment, path, line in self.limits:
            if not SOURCED.search(comment):
                self.orphan(path, line, f"the limit {key} = {value} names no source")
            self.judge_source(path, line, key, comment)
            if key not in named:
                self.orphan(path, line, f"the limit {key} = {value} stands in no requirement")
        for requirement in self.requirements:
            for key, value in requirement.get("limits", {}).items():
                if key != "line" and known.get(key) != value:
                    words = f"{requirement['id']}: {key} is {value} here and {known.get(key, 'absent')} in the kernel"
                    self.orphan(REQUIREMENTS, requirement["line"], words)

    def judge_faults(self):
        away = self.hazard_file["faults_that_do_not_apply"]
        named = {fault for r in self.requirements for fault in r.get("faults", [])}
        for fault in EXPECTED_FAULTS:
            if fault not in named and not away.get(fault):
                self.orphan(HAZARDS, away["line"], f"the fault row {fault} is in no requirement, and nothing says why")
        for fault in sorted(named - set(EXPECTED_FAULTS)):
            self.orphan(REQUIREMENTS, 1, f"there is no fault row {fault}")

    def judge_results(self, files, passed_paths):
        """A requirement is proven when one of its tests passed and none failed."""
        outcomes = {}
        for file in files:
            try:
                # Swift Testing writes a quotation mark in a test's name as it is, which is no XML.
                text = pathlib.Path(file).read_text(encoding="utf-8")
                text = CASE.sub(lambda m: m[1] + m[2].replace('"', "&quot;").replace("<", "&lt;") + m[3], text)
                cases = xml.etree.ElementTree.fromstring(text).iter("testcase")
            except (OSError, UnicodeDecodeError, xml.etree.ElementTree.ParseError) as error:
                self.orphan(file, 1, f"no results here: {error}")
                continue
            for case in cases:
                places = case.get("classname", "").split(".")
                suite = places[-1] if len(places) > 1 else ""
                raw = re.match(r"`([^`]+)`|([^(]+)", case.get("name", ""))
                kinds = {child.tag for child in case}
                outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
                outcomes.setdefault((places[0], suite, raw.group(1) or raw.group(2)), set()).add(outcome)
        for requirement in self.requirements:
            seen = set()
            for test in self.proofs.get(requirement["id"], []):
                if test.is_script:
                    seen |= {"passed"} if any(test.path.startswith(path) for path in passed_paths) else set()
                else:
                    seen |= outcomes.get((test.module, test.suite, test.name), set())
            if self.proofs.get(requirement["id"]) and ("failed" in seen or "passed" not in seen):
                what = "a test of it failed" if "failed" in seen else "none of its tests passed in this run"
                self.orphan(REQUIREMENTS, requirement["line"], f"{requirement['id']} is not proven: {what}")

    # -- Telling

    def figures(self):
        away = sum(not h.get("applies", True) for h in self.hazards)
        hand = sum(not self.proofs[r["id"]] for r in self.requirements)
        bound = sum(bool(t.ids) for t in self.tests)
        return (
            f"trace: {len(self.hazards)} hazards ({away} do not apply), {len(self.requirements)} requirements"
            f"{f' ({hand} by hand alone)' if hand else ''}, {bound} tests, {len(self.limits)} limits, "
            f"{len(self.orphans)} orphans"
        )

    def report(self):
        out = [
            "# Traceability",
            "",
            "Made by `make trace` from `Docs/hazards.yaml`, `Docs/requirements.yaml`, the `Proves` lines of the tests and "
            "the kernel's limit tables; not to be edited. What it means and what it does not cover: "
            "[safety-case/01-hazards.md](safety-case/01-hazards.md).",
            "",
            "## Hazards",
        ]
        for hazard in self.hazards:
            out += ["", f"### {hazard['id']} {hazard['hazard']}", ""]
            out += [f"Cause: {hazard['cause']} Harm: {hazard['harm']} (severity {hazard['severity']})."]
            if not hazard.get("applies", True):
                out += ["", f"**Does not apply.** {hazard['why']} Instead: {hazard['instead']}"]
            else:
                out += ["", "| control | | requirements | tests |", "| --- | --- | --- | --- |"]
            for control in hazard.get("controls", []):
                ids = control.get("requirements", [])
                tests = len({(t.path, t.line) for id in ids for t in self.proofs.get(id, [])})
                where = ", ".join(f"[{id}](#{id.lower()})" for id in ids)
                if control.get("document"):
                    where = f"{where} [{control['document']}](../{control['document']})".strip()
                out += [f"| {control['text']} | {control['kind']} | {where} | {tests or ''} |"]
            if hazard.get("applies", True):
                out += ["", f"Verified: {hazard['verified']} Residual risk: {hazard['residual']}"]
        out += ["", "## Requirements"]
        for requirement in self.requirements:
            out += ["", f"### {requirement['id']}", "", requirement["text"].strip(), ""]
            out += [f"Source: {requirement['source']}. Hazards: {', '.join(requirement['hazards'])}."]
            if requirement.get("faults"):
                out += [f"Fault rows: {', '.join(requirement['faults'])}."]
            out += [f"Code: {', '.join(f'`{place}`' for place in requirement['code'])}."]
            if requirement.get("by_hand"):
                out += [f"By hand: [{requirement['by_hand']}](../{requirement['by_hand']})."]
            places = {}
            for test in self.proofs[requirement["id"]]:
                places.setdefault((test.path, test.suite), []).append(test.name)
            out += [""] if places else []
            for (path, suite), names in places.items():
                title = f"`{path}`{f', {suite}' if suite else ''}"
                out += [f"- {title}" + (f": {'; '.join(names)}" if suite else "")]
        out += ["", "## Limits", "", "| limit | number | source | requirement |", "| --- | --- | --- | --- |"]
        for key, value, comment, _, _ in self.limits:
            ids = [r["id"] for r in self.requirements if key in r.get("limits", {})]
            shown = f"{value:,}" if isinstance(value, int) else "none"
            out += [f"| {key} | {shown} | {comment} | {', '.join(ids)} |"]
        out += ["", "## Fault rows", "", "| row | requirements, or why it does not apply |", "| --- | --- |"]
        for fault in EXPECTED_FAULTS:
            ids = [f"[{r['id']}](#{r['id'].lower()})" for r in self.requirements if fault in r.get("faults", [])]
            out += [f"| {fault} | {', '.join(ids) or self.hazard_file['faults_that_do_not_apply'][fault]} |"]
        return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--results", nargs="*", default=None)
    parser.add_argument("--passed", nargs="*", default=[])
    given = parser.parse_args()
    trace = Trace(given.root)
    trace.judge()
    if given.results is not None:
        trace.judge_results(given.results, given.passed)
    target = trace.root / REPORT
    if not trace.orphans or given.check:
        report = trace.report() if not trace.orphans else None
        if report and (not target.exists() or target.read_text(encoding="utf-8") != report):
            if given.check:
                trace.orphan(REPORT, 1, "stale: `make trace` writes it anew")
            else:
                target.write_text(report, encoding="utf-8")
                print(f"trace: {REPORT} was stale and is written anew; commit it")
    for orphan in trace.orphans:
        print(f"ORPHAN {orphan}")
    if given.results is None:
        print("trace: the structure alone; whether the tests pass is judged with --results, at the end of `make test`")
    print(trace.figures())
    return 1 if trace.orphans else 0


if __name__ == "__main__":
    sys.exit(main())
