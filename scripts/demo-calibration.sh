#!/usr/bin/env bash
# The technician's bench on simulated rigs, in a new folder each time: the P24 is calibrated on dummy loads by a pretend
# technician who types on a real pseudo-terminal, `motorpoint start` accepts the result, and with an output that gives
# 25 % too much the same calibration fails and the device is locked. The needle rig does the same on the virtual bench.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${MOTORPOINT_BIN:-.build/release}
mkdir -p demo-data
run=$(mktemp -d "demo-data/$(date +%Y%m%d-%H%M%S)-XXXX")
rig=$run/rig
mkdir -m 700 "$rig"
sim=""
finish() { [[ -z $sim ]] || kill "$sim" 2>/dev/null || true; }
trap finish EXIT

# start_p24 NAME OPTION…: the pretend P24 with a bench instrument at its output 1.
start_p24() {
    local name=$1
    shift
    rm -f "$rig"/*
    "$bin/motorpoint-sim" p24 --link "$rig/p24" --control "$rig/control" --instrument "$rig/instrument" \
        --cap-milliamperes 80 --cap-hertz 100 --quiet "$@" >"$run/$name.log" 2>&1 &
    sim=$!
    for _ in $(seq 200); do
        if [[ -e $rig/p24 && -e $rig/instrument ]]; then return 0; fi
        sleep 0.05
    done
    echo "demo: the simulated stimulator did not appear:" >&2
    cat "$run/$name.log" >&2
    exit 1
}

stop_p24() {
    local verdict=0
    kill -TERM "$sim"
    wait "$sim" || verdict=$?
    sim=""
    cat "$run/$1.log"
    ((verdict == 0)) || { echo "demo: the meter found something (status $verdict)" >&2; exit "$verdict"; }
}

# calibrate SCRIPT NAME: the pretend technician's calibration of output 1; its status is left in $status.
calibrate() {
    status=0
    "$bin/motorpoint-sim" operator --script "$1" --patient-button "$rig/control" --log "$run/$2.screen" -- \
        "$bin/motorpoint-bench" calibrate --rig "$run/rig.yaml" --line "$rig/p24" --bench Hardware/benches/demo.yaml \
        --instrument "$rig/instrument" --channel 1 --technician DEMO --key demo-technician --data "$run/data" ||
        status=$?
}

# A rig with pads on output 1 only: what is not calibrated is not covered.
sed -e '/^second_channel:/d' -e '/^# For a session of two/d' -e 's/^id: .*/id: rig/' Hardware/rigs/demo-p24.yaml \
    >"$run/rig.yaml"
# Keys, policy and signed protocols of this folder alone, and a calibration of another stimulator.
"$bin/RigPapers" --data "$run/data" --protocols Protocols --p24 OTHERP24-1

echo "== P24: calibration =="
start_p24 sound --dummy-load 1=open --dummy-load 2=open
calibrate scripts/operator/calibrate-p24.txt sound
((status == 0)) || { echo "demo: the calibration ended with status $status" >&2; exit "$status"; }
stop_p24 sound
serial=$(basename "$(ls -d "$run"/data/calibrations/SIMULATED*)")
"$bin/motorpoint-bench" certificate "$serial" --data "$run/data" --output "$run/certificate.html"
"$bin/motorpoint-bench" due --data "$run/data"

echo "== P24: a session with it =="
start_p24 session --cap-milliamperes 15 --cap-hertz 35 --pad-square-centimetres 25
accepted=0
cat scripts/operator/checklist-surface.txt scripts/operator/demo-session.txt >"$run/session.txt"
"$bin/motorpoint-sim" operator --script "$run/session.txt" --patient-button "$rig/control" --log "$run/session.screen" -- \
    "$bin/motorpoint" start demo-relieve-surface --patient P-0001 --side right --practitioner demo \
    --rig "$run/rig.yaml" --line "$rig/p24" --data "$run/data" && accepted=1
stop_p24 session

echo "== P24: an output with +25 % =="
start_p24 wrong --dummy-load 1=open --dummy-load 2=open --output-error 1:gain=250
calibrate scripts/operator/calibrate-p24-failing.txt wrong
failed=$([[ $status == 0 ]] && echo 32 || echo "$status")
stop_p24 wrong
start_p24 locked
locked=0
"$bin/motorpoint-sim" operator --script scripts/operator/locked.txt --log "$run/locked.screen" -- \
    "$bin/motorpoint" start demo-relieve-surface --patient P-0001 --side right --practitioner demo \
    --rig "$run/rig.yaml" --line "$rig/p24" --data "$run/data" && locked=1
stop_p24 locked

needle=skipped
if [[ ${RIG:-both} != p24 ]]; then
    echo "== Needle rig, on the virtual bench =="
    mkdir -p "$run/needle"
    needle=failed
    MOTORPOINT_BIN=$bin Hardware/virtual-bench/run.sh --in "$run/needle" needle-calibration && needle=passed
    tail -n 20 "$run/needle/output"
fi
echo "demo: everything is in $run; look at $run/certificate.html and $run/certificate.pdf"
echo "demo-calibration: P24 passed, start accepted $accepted, +25 % ended with status $failed, locked $locked, needle $needle"
[[ $accepted == 1 && $failed == 32 && $locked == 1 && $needle != failed ]]
