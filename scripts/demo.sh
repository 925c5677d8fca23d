#!/usr/bin/env bash
# A whole session on the simulated P24, in a new folder each time.
# On a terminal a person answers and presses the keys; without one a pretend operator types on a real pseudo-terminal.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${MOTORPOINT_BIN:-.build/release}

# The needle rig has pins, and pretend pins are nowhere in the program: its demo runs on the virtual bench, inside a kernel
# of its own with real drivers. On a terminal at the pace of the clock on the wall, else jumping, with a pretend operator.
needle_demo() {
    mkdir -p demo-data
    local run status=0
    run=$(mktemp -d "demo-data/$(date +%Y%m%d-%H%M%S)-XXXX")
    if [[ -t 0 && -t 1 ]]; then
        cat <<TEXT

This is a demonstration on a simulated needle rig and a simulated patient. Answer the checklist and the questions about
needles as you like. The buttons: when you are asked for one, open a second terminal in this folder and type

    touch $run/press-button               the patient's button
    touch $run/press-emergency-stop       the emergency stop

TEXT
        MOTORPOINT_BIN=$bin Hardware/virtual-bench/run.sh --terminal Hardware/virtual-bench/needle-terminal.sh \
            --in "$run" || status=$?
    else
        MOTORPOINT_BIN=$bin Hardware/virtual-bench/run.sh --in "$run" needle-session || status=$?
    fi
    echo
    cat "$run/output" 2>/dev/null || true
    echo "demo: everything is in $run"
    exit "$status"
}
case ${RIG:-p24} in
    p24) ;;
    needle) needle_demo ;;
    *)
        echo "demo: RIG is p24 or needle, not $RIG" >&2
        exit 2
        ;;
esac

mkdir -p demo-data
run=$(mktemp -d "demo-data/$(date +%Y%m%d-%H%M%S)-XXXX")
rig=$run/rig
mkdir -m 700 "$rig"
sim=""
finish() { [[ -z $sim ]] || kill "$sim" 2>/dev/null || true; }
trap finish EXIT

# The meter at the electrode judges by rules of its own; its caps are those of the demo protocol.
"$bin/motorpoint-sim" p24 --link "$rig/p24" --control "$rig/control" --meter-log "$run/pulses.csv" \
    --cap-milliamperes 15 --cap-hertz 35 --pad-square-centimetres 25 --quiet >"$run/simulator.log" 2>&1 &
sim=$!
for _ in $(seq 200); do
    if [[ -e $rig/p24 ]]; then break; fi
    sleep 0.05
done
[[ -e $rig/p24 ]] || { echo "demo: the simulated stimulator did not appear:" >&2; cat "$run/simulator.log" >&2; exit 1; }

# The demo's keys are believed in this folder only.
"$bin/RigPapers" --data "$run/data" --protocols Protocols --p24 SIMULATED1
session=("$bin/motorpoint" start demo-relieve-surface --patient P-0001 --side right --practitioner demo
    --rig Hardware/rigs/demo-p24.yaml --line "$rig/p24" --data "$run/data")
status=0
if [[ -t 0 && -t 1 ]]; then
    cat <<TEXT

This is a demonstration on a simulated stimulator and a simulated patient. Answer the checklist as you like.
The patient's stop button: when you are asked for it, open a second terminal in this folder and type

    $bin/motorpoint-sim press --control $rig/control

TEXT
    terminal=$(stty -g)
    "${session[@]}" || status=$?
    # Nobody who was killed outright puts a terminal back.
    if ((status > 128)); then
        stty "$terminal"
        printf '\e[?1049l\e[?2004l\e[?25h\n'
    fi
else
    cat scripts/operator/checklist-surface.txt scripts/operator/demo-session.txt >"$run/script.txt"
    "$bin/motorpoint-sim" operator --script "$run/script.txt" --patient-button "$rig/control" --log "$run/screen.log" \
        -- "${session[@]}" || status=$?
fi

# The meter's verdict: status 3 when it found anything.
kill -TERM "$sim"
verdict=0
wait "$sim" || verdict=$?
sim=""
echo
echo "The meter at the electrode:"
cat "$run/simulator.log"
"$bin/motorpoint" sessions list --data "$run/data"
"$bin/motorpoint" sessions verify --data "$run/data"
for record in "$run"/data/sessions/*.mpr; do
    [[ -e $record ]] || continue
    "$bin/motorpoint" sessions replay "$(basename "$record" .mpr)" --data "$run/data"
done
echo "demo: everything is in $run"
if ((status != 0)); then echo "demo: the session ended with status $status" >&2; exit "$status"; fi
if ((verdict != 0)); then echo "demo: the meter found something (status $verdict)" >&2; exit "$verdict"; fi
