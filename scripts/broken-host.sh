#!/usr/bin/env bash
# Does the meter catch a host that breaks its own rules? Breaks a scratch copy of the host in one way after another
# (in every part that holds the rule, since each alone is caught by the others) and expects the meter to find it.
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${1:-60}
copy=.build-broken/copy
mkdir -p .build-broken

# breaks NAME FILE OLD NEW [FILE OLD NEW …]: exact pieces of source, each of which must be there.
caught=0
missed=0
breaks() {
    local name=$1
    shift
    rm -rf "$copy"
    mkdir -p "$copy"
    cp -r Package.swift Sources Tests Benchmarks "$copy/"
    while (($# > 0)); do
        OLD=$2 NEW=$3 perl -0pi -e '$n = s/\Q$ENV{OLD}\E/$ENV{NEW}/; END { exit($n ? 0 : 1) }' "$copy/$1" || {
            echo "broken-host: $name: the piece to break is not in $1 any more" >&2
            exit 1
        }
        shift 3
    done
    swift build -c release --product Figures --package-path "$copy" --scratch-path .build-broken/build --quiet
    if .build-broken/build/release/Figures swarm "$seeds" >.build-broken/log 2>&1; then
        echo "broken-host: $name: NOT CAUGHT"
        missed=$((missed + 1))
    elif ! grep -m 1 '^FINDING' .build-broken/log >.build-broken/first; then
        echo "broken-host: $name: the run failed without a finding:" >&2
        tail -5 .build-broken/log >&2
        exit 1
    else
        echo "broken-host: $name: caught, $(grep -c '^FINDING' .build-broken/log) findings, the first:"
        echo "    $(cut -c1-200 .build-broken/first)"
        caught=$((caught + 1))
    fi
}

machine=Sources/SessionEngine/SessionCommands.swift
gate=Sources/SafetyKernel/PulseGate.swift

breaks "the rise limit is skipped" \
    "$machine" 'sinceLastPress >= SessionMachine.heldKeyMilliseconds' 'sinceLastPress >= 0' \
    "$machine" 'sinceRaise >= raiseGap' 'sinceRaise >= 0' \
    "$gate" 'Saturating.product(sinceRise, limit.value) >= rise * 1_000' 'sinceRise >= 0'
breaks "the ceiling is skipped" \
    "$machine" 'authorized.ceiling.microamperes - step' 'authorized.ceiling.microamperes + 1_000_000' \
    "$gate" 'guard set <= ceiling else' 'guard set <= 1_000_000 + ceiling else'
# The link keeps the rate as well, a third time: it must be broken too.
breaks "the rate is doubled" \
    Sources/StimulatorLinks/P24Link.swift 'now.since(earliestNextPulse).nanoseconds >= 0' \
    'now.since(earliestNextPulse).nanoseconds > Int64.min' \
    Sources/SessionEngine/PulseSchedule.swift 'millionths += Int64(frequency.millihertz)' \
    'millionths += 2 * Int64(frequency.millihertz)' \
    "$gate" 'guard earned >= 1_000_000 else' 'guard earned >= 0 else'
echo "broken-host: $caught caught, $missed missed"
((missed == 0))
