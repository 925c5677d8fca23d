#!/usr/bin/env bash
# Proves the project. Every step runs, also after one that failed; the last line has the figures.
# Usage: scripts/test.sh [quick]
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp -d)
# What each test came to, for the trace; apart, since the figures below are read out of everything in the other.
results=$(mktemp -d)
trap 'rm -rf "$log" "$results"' EXIT
failed_steps=()

# processor: seconds of processor of everything that has ended, beside each other or not.
processor() { awk -v tick="$(getconf CLK_TCK)" '{ print int(($16 + $17) / tick) }' "/proc/$$/stat"; }

# step NAME COMMAND…: runs it, keeps what it printed, and goes on.
step() {
    local name=$1
    shift
    echo "== $name: $*"
    local begin=$SECONDS used
    used=$(processor)
    if "$@" </dev/null 2>&1 | tee "$log/$name"; then
        echo "== $name: done in $((SECONDS - begin)) s, $(($(processor) - used)) s of processor"
    else
        echo "== $name: FAILED after $((SECONDS - begin)) s"
        failed_steps+=("$name")
    fi
}

# sum PATTERN: the sum of the first number in each line that matches, over all steps.
sum() {
    { grep -rhoE "$1" "$log" || true; } | { grep -oE '[0-9]+' || true; } | awk '{ n += $1 } END { print n + 0 }'
}

# virtual_bench: the programs of .build/debug over real kernel drivers. A machine on which the bench's kernel cannot be
# built or started says so; one that is there to prove the project (CI is set) fails.
virtual_bench() {
    local status=0
    MOTORPOINT_BIN=.build/debug Hardware/virtual-bench/run.sh || status=$?
    if ((status == 69)) && [[ -z ${CI:-} ]]; then
        echo "SKIPPED: the virtual bench, whose kernel could not be built or started on this machine"
        return 0
    fi
    return "$status"
}

# show_bench STATUS: what the bench said, now that it is over.
show_bench() {
    cat "$log/kernel-output" "$log/bench-output"
    rm -f "$log/bench-output"
    return "$1"
}

# trace: each requirement needs a test that passed in this run. What is no Swift test counts where its step passed.
trace() {
    local paths=()
    passed clients && paths+=(Tests/Clients)
    passed installation && paths+=(Tests/Installation)
    passed deaths && paths+=(Tests/Deaths)
    # Scenarios that were skipped for want of a kernel prove nothing.
    passed "virtual bench" && ! grep -q SKIPPED "$log/virtual bench" && paths+=(Hardware/virtual-bench)
    scripts/trace.py --check --results "$results"/*.xml --passed "${paths[@]}"
}

# passed NAME: whether that step was run and did not fail.
passed() {
    [[ -e $log/$1 ]] && ! printf '%s\n' "${failed_steps[@]}" | grep -qxF "$1"
}

# The sessions that take minutes and measure nothing of this machine, beside the others.
long='ProcessTests/(TwoMuscles|Calibrations)/'
long_processes() {
    swift test --ignore-lock --skip-build --filter "$long" --xunit-output "$results/long.xml" >"$results/long" 2>&1 </dev/null
}

# show FILE STATUS: what ran beside something else said, now that it is over.
show() {
    cat "$1"
    rm -f "$1"
    return "$2"
}

# idle COMMAND…: runs only while nobody else wants the processor.
idle() { chrt --idle 0 "$@"; }

# build_proofs: the programs of the proofs, in release; whoever runs one later finds it built.
build_proofs() {
    local product
    for product in SoakRun PowerCuts Figures; do BUILD_ONLY=1 scripts/proof.sh "$product" || return 1; done
}

# Without a toolchain and the packages nothing that follows means anything.
bootstrap() {
    step bootstrap scripts/bootstrap.sh "$1"
    if ((${#failed_steps[@]} > 0)); then
        echo "tests: 0 passed, 1 failed, 0 skipped"
        exit 1
    fi
}

pure='^(StimulusModel|Drawings|MachineChecks|SafetyKernel|SessionEngine|ScienceMode4|StimulatorLinks|Architecture)Tests\.'

if [[ ${1:-} == quick ]]; then
    bootstrap build
    step build swift build --build-tests --quiet
    step tests swift test --skip-build --filter "$pure"
else
    bootstrap test
    # The bench's kernel, where it is not in the cache: beside the builds. The bench waits for it.
    Hardware/virtual-bench/kernel.sh >/dev/null 2>"$log/kernel-output" </dev/null &
    step lint scripts/lint.sh
    # The compiler's proof that the pure modules neither allocate nor need a runtime, and that it can refuse.
    step purity scripts/purity.sh
    step build swift build --build-tests --quiet
    # Time inside the bench is its own: it runs beside whatever does not run in real time.
    virtual_bench >"$log/bench-output" 2>&1 </dev/null &
    bench=$!
    step tests swift test --skip-build --skip ProcessTests --xunit-output "$results/tests.xml"
    step proofs build_proofs
    # What only computes takes, from here on, what everybody else leaves.
    idle .build-proofs/release/PowerCuts 100000 >"$results/power-cuts" 2>&1 </dev/null &
    cuts=$!
    idle .build-proofs/release/SoakRun 2000 --quiet >"$results/soak" 2>&1 </dev/null &
    soak=$!
    step traces scripts/traces.sh
    # Each fault of an output, found by its name in a whole calibration.
    step calibrations scripts/proof.sh Figures calibration-faults
    # Every error of one and two bits in every frame, and of three in the short ones.
    step "bit errors" scripts/proof.sh Figures bit-errors 32
    # Neither an allocation nor a lock in the tick, in any state.
    step realtime scripts/realtime.sh
    step installation python3 Tests/Installation/installation.py .build/debug
    bench_status=0
    wait "$bench" || bench_status=$?
    step "virtual bench" show_bench "$bench_status"
    step clients Tests/Clients/run.sh .build/debug/motorpoint-sim
    # Real processes in real time: no more beside each other than this machine bears.
    long_processes &
    long_process=$!
    AT_ONCE=2 Tests/Deaths/deaths.py .build/debug 50 >"$results/deaths" 2>&1 </dev/null &
    deaths=$!
    step processes swift test --ignore-lock --skip-build --filter ProcessTests --skip "$long" \
        --xunit-output "$results/processes.xml"
    status=0
    wait "$deaths" || status=$?
    step deaths show "$results/deaths" "$status"
    status=0
    wait "$long_process" || status=$?
    step "long processes" show "$results/long" "$status"
    # Power cuts at every write and sync of a record.
    status=0
    wait "$cuts" || status=$?
    step "power cuts" show "$results/power-cuts" "$status"
    # Everything under one seed, 2,000 times.
    status=0
    wait "$soak" || status=$?
    step soak show "$results/soak" "$status"
    # The trace finds each kind of orphan where it is planted, and none here.
    step "trace of plants" python3 Tests/Trace/test_trace.py
    step trace trace
fi

run=$(sum 'Test run with [0-9]+ tests?')
failed=$({ grep -rhE '^✘ Test [^ ]+.* failed after' "$log" || true; } | { grep -cvE '^✘ Test run' || true; })
clients_passed=$({ grep -rhE '^([a-z]+: )?[0-9]+ passed, [0-9]+ failed' "$log" || true; } |
    sed -E 's/[^0-9]*([0-9]+) passed.*/\1/' | awk '{ n += $1 } END { print n + 0 }')
clients_failed=$({ grep -rhE '^([a-z]+: )?[0-9]+ passed, [0-9]+ failed' "$log" || true; } |
    sed -E 's/.* ([0-9]+) failed.*/\1/' | awk '{ n += $1 } END { print n + 0 }')

echo
{ grep -rhE 'SKIPPED|^STALLED' "$log" || true; } | sort -u
skipped=$({ grep -rh 'SKIPPED' "$log" || true; } | sort -u | wc -l)
if ((${#failed_steps[@]} > 0)); then
    echo "FAILED: ${failed_steps[*]}"
    # Whoever reads only the end of what this printed must find the test there.
    { grep -rhE '^✘ Test .* (recorded an issue|failed after)' "$log" || true; } | cut -c1-300 | sort -u | head -20
    # A step that failed without a failing test (lint, build) counts as one.
    if ((failed + clients_failed == 0)); then failed=${#failed_steps[@]}; fi
fi
passed=$((run - failed > 0 ? run - failed : 0))
echo "tests: $((passed + clients_passed)) passed, $((failed + clients_failed)) failed, $skipped skipped"
((${#failed_steps[@]} == 0))
