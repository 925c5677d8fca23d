#!/usr/bin/env python3
"""Does scripts/trace.py find what it is for? Each kind of orphan is planted alone in a small world that has none.

usage: python3 Tests/Trace/test_trace.py
"""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "scripts"))
import trace as traced  # noqa: E402

MARK = "Proves"  # apart from its comment sign, or this file would seem to prove something


def world():
    """The files of a world without an orphan, with one hazard, one fault row, two requirements and two limits."""
    hazards = """
hazards:
  - id: H01
    hazard: Output stuck on
    cause: A relay.
    harm: Burn
    severity: 3
    source: clinical.md 5 [KEY]
    controls:
      - {kind: design, text: One pulse, requirements: [R-A-01, R-A-02]}
      - {kind: information, text: The guide, document: Docs/guide.md#5-stop}
    verified: Tests.
    residual: Little.
faults_that_do_not_apply:
  F2: There is none.
sources:
  KEY: a source
"""
    requirements = """
requirements:
  - id: R-A-01
    text: At most 80 mA.
    source: decided.md
    hazards: [H01]
    limits: {absoluteSurface.amplitude: 80000, both.frequency: 100000}
    faults: [F1]
    code: [Sources/SafetyKernel/Limits.swift:amplitude]
  - id: R-A-02
    text: A stop stops.
    source: (proposal)
    hazards: [H01]
    code: [Sources/SafetyKernel]
"""
    limits = """
public static var absoluteSurface: LimitTable {
    // 80 mA (decided.md [LISTED]).
    set(&entries, .amplitude, 80_000)
}
private static var commonEntries {
    // 100 Hz (proposal).
    set(&entries, .frequency, 100 * 1_000)
}
"""
    tests = f"""
import Testing
// {MARK} R-A-01.
/// A suite.
@Suite("A suite of tests") struct FirstTests {{
    struct Row {{ let a = 1 }}

    @Test(arguments: [1, 2])
    func `a raw "name" of <two>`(x: Int) {{}}

    // {MARK} R-A-02.
    @Test func plain() {{}}
}}
"""
    return {
        "Docs/hazards.yaml": hazards,
        "Docs/requirements.yaml": requirements,
        "Docs/guide.md": "# Guide\n\n## 5. Stop\n",
        "Protocols/README.md": "| key | source |\n| --- | --- |\n| LISTED, OTHER | x |\n",
        "Sources/SafetyKernel/Limits.swift": limits,
        "Tests/SafetyKernelTests/A.swift": tests,
        "Hardware/check.sh": f"#!/bin/sh\n# {MARK} R-A-02.\n",
    }


RESULTS = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites><testsuite name="TestResults">
  <testcase classname="SafetyKernelTests.FirstTests" name="`a raw "name" of <two>`(x:)" time="0.1" />
  <testcase classname="SafetyKernelTests.FirstTests" name="plain()" time="0.1" />
</testsuite></testsuites>
"""


class TraceTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.files = world()
        for name, value in [("EXPECTED_HAZARDS", ["H01"]), ("EXPECTED_FAULTS", ["F1", "F2"])]:
            patch = mock.patch.object(traced, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def change(self, path, old, new):
        self.assertIn(old, self.files[path], "the piece to change is not there")
        self.files[path] = self.files[path].replace(old, new)

    def run_trace(self, *words):
        for path, text in self.files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text, encoding="utf-8")
        said = io.StringIO()
        with contextlib.redirect_stdout(said), mock.patch("sys.argv", ["trace.py", "--root", str(self.root), *words]):
            try:
                status = traced.main()
            except SystemExit as leaving:
                status = leaving.code
        return status, said.getvalue()

    def expect(self, place, words, *options):
        """Exactly one orphan, at `place`, that says `words`."""
        status, said = self.run_trace(*options)
        orphans = [line for line in said.split("\n") if line.startswith("ORPHAN")]
        self.assertEqual(len(orphans), 1, said)
        self.assertTrue(orphans[0].startswith(f"ORPHAN {place}"), orphans[0])
        self.assertIn(words, orphans[0])
        self.assertEqual(status, 1)
        self.assertIn("1 orphans", said)

    def results(self, text=RESULTS):
        (self.root / "results.xml").write_text(text, encoding="utf-8")
        return str(self.root / "results.xml")

    # -- A world without an orphan

    def test_a_whole_world_has_no_orphan(self):
        status, said = self.run_trace()
        self.assertEqual(status, 0, said)
        self.assertIn("written anew", said)
        self.assertIn("the structure alone", said)
        last = "trace: 1 hazards (0 do not apply), 2 requirements, 3 tests, 2 limits, 0 orphans"
        self.assertEqual(said.strip().split("\n")[-1], last)
        report = (self.root / traced.REPORT).read_text(encoding="utf-8")
        for words in ["FirstTests: a raw \"name\" of <two>; plain", "| both.frequency | 100,000 | 100 Hz (proposal). | R-A-01 |"]:
            self.assertIn(words, report)
        status, said = self.run_trace("--check")
        self.assertEqual(status, 0, said)

    def test_a_stale_report_is_told(self):
        self.run_trace()
        self.change("Docs/hazards.yaml", "Little.", "Something.")
        self.expect("Docs/traceability.md:1", "stale", "--check")

    # -- Each kind of orphan

    def test_an_applicable_hazard_without_a_control(self):
        text = self.files["Docs/hazards.yaml"]
        begin, end = text.index("    controls:"), text.index("    verified:")
        self.files["Docs/hazards.yaml"] = text[:begin] + text[end:]
        status, said = self.run_trace()
        self.assertIn("Docs/hazards.yaml:3: H01 has no `controls`", said)
        # And from the other end: requirements that control nothing.
        self.assertIn("R-A-01 names H01, of which no control names it", said)
        self.assertEqual(status, 1)

    def test_a_row_that_does_not_apply_says_why(self):
        self.change("Docs/hazards.yaml", "    verified: Tests.\n", "    applies: false\n    why: No such thing.\n")
        self.expect("Docs/hazards.yaml:3", "H01 has no `instead`")

    def test_a_missing_row(self):
        self.change("Docs/hazards.yaml", "id: H01", "id: H02")
        self.change("Docs/requirements.yaml", "[H01]", "[H02]")
        self.expect("Docs/hazards.yaml:1", "missing: ['H01']")

    def test_a_control_without_a_requirement(self):
        self.change("Docs/hazards.yaml", "text: The guide, document: Docs/guide.md#5-stop", "text: The guide")
        self.expect("Docs/hazards.yaml:11", "a control without a requirement")

    def test_only_information_may_rest_on_a_document_alone(self):
        self.change("Docs/hazards.yaml", "kind: information", "kind: protective")
        self.expect("Docs/hazards.yaml:11", "a control without a requirement")

    def test_a_key_that_nobody_reads(self):
        self.change("Docs/hazards.yaml", "text: One pulse,", "text: One pulse, and no other,")
        self.expect("Docs/hazards.yaml:10", "a control has no key `and no other`")

    def test_a_section_that_is_not_there(self):
        self.change("Docs/guide.md", "5. Stop", "5. Stops")
        self.expect("Docs/hazards.yaml:11", "has no section #5-stop")

    def test_a_control_that_names_an_unknown_requirement(self):
        self.change("Docs/hazards.yaml", "[R-A-01, R-A-02]", "[R-A-01, R-A-02, R-A-03]")
        self.expect("Docs/hazards.yaml:10", "unknown requirement R-A-03")

    def test_a_requirement_that_controls_nothing(self):
        self.change("Docs/hazards.yaml", "[R-A-01, R-A-02]", "[R-A-01]")
        self.expect("Docs/requirements.yaml:10", "R-A-02 names H01, of which no control names it")

    def test_a_requirement_that_does_not_name_its_hazard(self):
        self.change("Docs/requirements.yaml", "(proposal)\n    hazards: [H01]", "(proposal)\n    hazards: []")
        status, said = self.run_trace()
        self.assertIn("R-A-02 has no `hazards`", said)
        self.assertIn("R-A-02 does not name this hazard", said)
        self.assertEqual(status, 1)

    def test_a_requirement_without_a_source(self):
        self.change("Docs/requirements.yaml", "    source: (proposal)\n", "")
        self.expect("Docs/requirements.yaml:10", "R-A-02 has no `source`")

    def test_a_source_that_no_list_explains(self):
        self.change("Docs/requirements.yaml", "source: (proposal)", "source: a page [NOWHERE]")
        self.expect("Docs/requirements.yaml:10", "[NOWHERE] stands in no list")

    def test_code_that_is_not_there(self):
        self.change("Docs/requirements.yaml", "Limits.swift:amplitude", "Limits.swift:altitude")
        self.expect("Docs/requirements.yaml:3", "the code Sources/SafetyKernel/Limits.swift:altitude is not there")

    def test_a_requirement_without_a_test(self):
        self.change("Tests/SafetyKernelTests/A.swift", "R-A-02", "R-A-01")
        self.change("Hardware/check.sh", "R-A-02", "R-A-01")
        self.expect("Docs/requirements.yaml:10", "R-A-02 has no test")

    def test_checked_by_hand_stands_in_place_of_a_test_where_the_section_exists(self):
        self.test_a_requirement_without_a_test()
        by_hand = "    by_hand: Docs/guide.md#5-stop\n    code: [Sources/SafetyKernel]"
        self.change("Docs/requirements.yaml", "    code: [Sources/SafetyKernel]\n", by_hand + "\n")
        status, said = self.run_trace()
        self.assertEqual(status, 0, said)
        self.assertIn("2 requirements (1 by hand alone)", said)
        self.change("Docs/requirements.yaml", "#5-stop", "#6-go")
        self.expect("Docs/requirements.yaml:10", "has no section #6-go")

    def test_an_id_twice(self):
        self.change("Docs/requirements.yaml", "id: R-A-02", "id: R-A-01")
        self.assertIn("R-A-01 stands more than once", self.run_trace()[1])

    def test_a_test_that_names_an_unknown_requirement(self):
        self.change("Tests/SafetyKernelTests/A.swift", "R-A-02", "R-A-02, R-B-07")
        self.expect("Tests/SafetyKernelTests/A.swift:12", "unknown requirement R-B-07")

    def test_a_safety_test_without_a_requirement(self):
        self.change("Tests/SafetyKernelTests/A.swift", f"// {MARK} R-A-01.\n", "")
        self.change("Hardware/check.sh", "R-A-02", "R-A-01")
        self.expect("Tests/SafetyKernelTests/A.swift:7", "a safety test without a requirement: a raw \"name\" of <two>")

    def test_tests_elsewhere_may_prove_nothing(self):
        self.files["Tests/OtherTests/B.swift"] = "@Suite struct B {\n    @Test func any() {}\n}\n"
        self.assertEqual(self.run_trace()[0], 0)

    def test_a_suite_ends_where_the_next_begins(self):
        more = "\n@Suite struct SecondTests {\n    @Test func alone() {}\n}\n"
        self.files["Tests/SafetyKernelTests/A.swift"] += more
        self.expect("Tests/SafetyKernelTests/A.swift:16", "without a requirement: alone")

    def test_a_proof_that_hangs_in_the_air(self):
        self.change("Tests/SafetyKernelTests/A.swift", "import Testing", f"// {MARK} R-A-01.\n\nimport Testing")
        self.expect("Tests/SafetyKernelTests/A.swift:2", "stands above no test")

    def test_a_proof_that_is_no_list(self):
        self.change("Tests/SafetyKernelTests/A.swift", f"{MARK} R-A-02.", f"{MARK} R-A-02 and more.")
        self.expect("Tests/SafetyKernelTests/A.swift:11", "no list of requirement ids")

    def test_a_limit_without_a_source(self):
        self.change("Sources/SafetyKernel/Limits.swift", "    // 100 Hz (proposal).\n", "    // 100 Hz.\n")
        self.expect("Sources/SafetyKernel/Limits.swift:8", "both.frequency = 100000 names no source")

    def test_a_limit_whose_source_nobody_knows(self):
        self.change("Sources/SafetyKernel/Limits.swift", "[LISTED]", "[GONE]")
        self.expect("Sources/SafetyKernel/Limits.swift:4", "[GONE] stands in no list")

    def test_a_limit_without_a_requirement(self):
        self.change("Docs/requirements.yaml", ", both.frequency: 100000", "")
        self.expect("Sources/SafetyKernel/Limits.swift:8", "stands in no requirement")

    def test_a_limit_that_is_another_number(self):
        self.change("Sources/SafetyKernel/Limits.swift", "80_000", "81_000")
        self.expect("Docs/requirements.yaml:3", "absoluteSurface.amplitude is 80000 here and 81000 in the kernel")

    def test_a_limit_that_is_tightened_elsewhere_needs_a_source_too(self):
        self.files["Sources/SafetyKernel/More.swift"] = "limits.tighten(.contractions, to: 10, by: .firstSession)\n"
        said = self.run_trace()[1]
        self.assertIn("Sources/SafetyKernel/More.swift:1: the limit firstSession.contractions = 10 names no source", said)

    def test_a_fault_row_that_nobody_answers(self):
        self.change("Docs/requirements.yaml", "    faults: [F1]\n", "")
        self.expect("Docs/hazards.yaml", "the fault row F1 is in no requirement")

    def test_files_that_cannot_be_read_end_it(self):
        self.change("Docs/hazards.yaml", "    residual: Little.", "    residual: Little.\n    residual: Twice.")
        self.assertIn("the key residual stands twice", str(self.run_trace()[0]))
        self.files["Docs/hazards.yaml"] = "hazards: []\n"
        self.assertIn("has no `sources:`", str(self.run_trace()[0]))

    # -- Results of a run

    def test_results_that_passed(self):
        self.run_trace()
        status, said = self.run_trace("--check", "--results", self.results())
        self.assertEqual(status, 0, said)
        self.assertNotIn("the structure alone", said)

    def test_a_requirement_none_of_whose_tests_ran(self):
        self.run_trace()
        short = RESULTS.replace('`a raw "name" of <two>`(x:)', "another()").replace("plain()", "x()")
        path = self.results(short)
        said = self.run_trace("--results", path)[1]
        self.assertIn("R-A-01 is not proven: none of its tests passed", said)
        self.assertIn("R-A-02 is not proven: none of its tests passed", said)

    def test_a_script_counts_where_it_is_said_to_have_passed(self):
        self.run_trace()
        path = self.results(RESULTS.replace('name="plain()"', 'name="x()"'))
        self.assertEqual(self.run_trace("--results", path, "--passed", "Hardware")[0], 0)
        self.expect("Docs/requirements.yaml:10", "R-A-02 is not proven", "--results", path, "--passed", "Tests")

    def test_a_skipped_test_proves_nothing(self):
        self.run_trace()
        skipped = RESULTS.replace('name="plain()" time="0.1" />', 'name="plain()"><skipped>why</skipped></testcase>')
        self.expect("Docs/requirements.yaml:10", "none of its tests passed", "--results", self.results(skipped))

    def test_a_failed_test_is_no_proof_though_another_passed(self):
        self.run_trace()
        failed = RESULTS.replace('name="plain()" time="0.1" />', 'name="plain()"><failure message="x" /></testcase>')
        path = self.results(failed)
        said = self.run_trace("--results", path, "--passed", "Hardware")[1]
        self.assertIn("R-A-02 is not proven: a test of it failed", said)

    def test_results_that_are_not_there(self):
        self.run_trace()
        said = self.run_trace("--results", str(self.root / "none.xml"))[1]
        self.assertIn("no results here", said)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(TraceTests)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(suite)
    bad = len(result.failures) + len(result.errors)
    print(f"trace: {result.testsRun - bad} passed, {bad} failed")
    sys.exit(1 if bad else 0)
