#!/usr/bin/env bash
# The suites of the pure modules, the links, the tick and the scenarios, and the rings between threads, under one of the
# compiler's sanitizers, in release. Left out: tests whose programs or children are other processes, or that ask how a
# process dies or what its thread got, which a sanitizer changes; what reads files of records (`make fuzz` has
# AddressSanitizer on those); every error of three bits, and the soak, which run by themselves (`make test`).
# Usage: scripts/sanitize.sh address|thread
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-address}
case "$kind" in
    address | thread) ;;
    *)
        echo "usage: $0 address|thread" >&2
        exit 2
        ;;
esac
scratch=.build-$kind
log=$scratch/tests.log
export SWIFT_BACKTRACE=enable=no MP_NO_PAGES=1
export MP_SUITES=StimulusModelTests,SafetyKernelTests,SessionEngineTests,ScienceMode4Tests,PulsePalTests
MP_SUITES+=,StimulatorLinksTests,RigControlTests,ExplorerTests,ScenarioTests,DeviceDriversTests
options=(-c release -Xswiftc -enable-testing --sanitize="$kind" --scratch-path "$scratch")
begin=$SECONDS
swift build "${options[@]}" --product motorpointPackageTests --quiet
built=$SECONDS
status=0
# The other test library keeps 144 bytes at its end, which AddressSanitizer calls a leak; no suite is of its kind.
swift test "${options[@]}" --disable-xctest --skip-build --skip 'SoakScenarios|threeFlippedBits\(|DeviceDriversTests\.(?!WordRing|StatusBoard|ControlMailbox)' \
    >"$log" 2>&1 || status=$?
reports=$(grep -cE 'ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer' "$log" || true)
tests=$({ grep -oE 'Test run with [0-9]+ tests' "$log" || true; } | grep -oE '[0-9]+' | awk '{ n += $1 } END { print n + 0 }')
if ((status != 0 || reports > 0 || tests == 0)); then
    grep -hE 'ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|^✘ Test ' "$log" | cut -c1-300 | sort -u | head -20 || true
    echo "sanitize: $kind: FAILED with status $status, $tests tests, $reports reports; see $log" >&2
    exit 1
fi
echo "sanitize: $kind: $tests tests, 0 reports, built in $((built - begin)) s, run in $((SECONDS - built)) s"
