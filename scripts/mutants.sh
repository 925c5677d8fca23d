#!/usr/bin/env bash
# Changes SafetyKernel and SessionEngine in one small place at a time, all in one build of a scratch copy, and asks the
# suites whether they notice. The last line has the figures. Docs/safety-case/08-mutants.md
# Usage: scripts/mutants.sh [SafetyKernel | SessionEngine | NUMBER] [--every N] [--again FILE] [--draft FILE]
#        [--own] [--everywhere]
#   NUMBER    one mutant, with its place in words     --every N   a sample: the first of each N
#   --again   only those that a draft names
#   --draft   writes the survivors down as entries of Docs/safety-case/mutants.yaml
#   --own     with the tests of the module alone, for a quick try
#   --everywhere   mutants that are known to live are tried by every suite again, not only by their module's own
set -euo pipefail
cd "$(dirname "$0")/.."

tool=.build-mutants/tool
nice -n 5 swift build -j 1 --package-path Proofs/Mutants --scratch-path "$tool" --product Mutants --quiet
# A mutant that asks for memory without end dies of it alone.
ulimit -v 16000000
exec nice -n 5 "$tool/debug/Mutants" "$@"
