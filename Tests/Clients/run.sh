#!/usr/bin/env bash
# Tests `motorpoint-sim` from outside: its control socket and operator, the MIT client `science-mode-4`, unmodified,
# against its P24, and the MIT client `pypulsepal`, unmodified, against its Pulse Pal. First the shipped files against their JSON Schemas. Part of `make test`.
#
# usage: Tests/Clients/run.sh [path to motorpoint-sim]
# Without a path the debug build is used, and made first.
set -euo pipefail
cd "$(dirname "$0")/../.."

client="science-mode-4==0.0.23"
pulse_pal_client="pypulsepal==0.4.6"
# For the JSON Schemas.
judges=("jsonschema==4.25.1" "PyYAML==6.0.2")
venv=".build-clients/venv"
simulator="${1:-}"
if [[ -z "$simulator" ]]; then
    swift build --product motorpoint-sim
    simulator="$(swift build --show-bin-path)/motorpoint-sim"
fi

if [[ ! -f "$venv/ready-$client-$pulse_pal_client-${judges[0]}" ]]; then
    rm -rf "$venv"
    python3 -m venv "$venv" || {
        echo "FAILED: no Python environment; on Debian: apt-get install python3-venv" >&2
        exit 1
    }
    "$venv/bin/pip" install --quiet --disable-pip-version-check "$client" "$pulse_pal_client" \
        "pyserial==3.5" "${judges[@]}"
    touch "$venv/ready-$client-$pulse_pal_client-${judges[0]}"
fi

python="$venv/bin/python"
timeout 120 "$python" Tests/Clients/schemas.py .
timeout 300 "$python" Tests/Clients/rig_control.py "$simulator"
timeout 300 "$python" Tests/Clients/operator_scripts.py "$simulator"

folder="$(mktemp -d)"
simulator_process=""
finish() {
    if [[ -n "$simulator_process" ]]; then kill -9 "$simulator_process" 2>/dev/null || true; fi
    rm -rf "$folder"
}
trap finish EXIT

# One flow of the client against a rig of its own: the flow's own checks, the meter's verdict, nothing left behind.
client_flow() {
    local flow="$1"
    "$simulator" p24 --link "$folder/p24" --control "$folder/control" --device-id CLIENTFLOW --firmware 3.2.1 \
        --cap-milliamperes 6 --cap-hertz 25 --pad-square-centimetres 25 --quiet > "$folder/verdict" 2>&1 &
    simulator_process=$!
    for _ in $(seq 100); do
        if [[ -L "$folder/p24" && -S "$folder/control" ]]; then break; fi
        sleep 0.1
    done
    if [[ ! -L "$folder/p24" ]]; then
        echo "FAILED: the simulator did not start" >&2
        cat "$folder/verdict" >&2
        exit 1
    fi

    timeout 120 "$python" "Tests/Clients/$flow" "$folder/p24" "$folder/control" CLIENTFLOW 3.2.1

    kill -TERM "$simulator_process"
    local status=0
    wait "$simulator_process" || status=$?
    simulator_process=""
    cat "$folder/verdict"
    if [[ "$status" != 0 ]] || ! grep -q "nothing above its limits" "$folder/verdict"; then
        echo "FAILED: the simulator ended with status $status" >&2
        exit 1
    fi
    if [[ -e "$folder/p24" || -L "$folder/p24" ]]; then
        echo "FAILED: the simulator left its link behind" >&2
        exit 1
    fi
}

client_flow low_level_flow.py
client_flow mid_level_flow.py

# The Pulse Pal's client, with each firmware.
pulse_pal_flow() {
    local firmware="$1"
    "$simulator" pulse-pal --link "$folder/pulse-pal" --control "$folder/pulse-pal-control" --firmware "$firmware" \
        --quiet > "$folder/pulse-pal-log" 2>&1 &
    simulator_process=$!
    for _ in $(seq 100); do
        if [[ -L "$folder/pulse-pal" && -S "$folder/pulse-pal-control" ]]; then break; fi
        sleep 0.1
    done
    if [[ ! -L "$folder/pulse-pal" ]]; then
        echo "FAILED: the simulator did not start" >&2
        cat "$folder/pulse-pal-log" >&2
        exit 1
    fi

    timeout 120 "$python" Tests/Clients/pulse_pal_flow.py "$folder/pulse-pal" "$folder/pulse-pal-control" "$firmware"

    kill -TERM "$simulator_process"
    local status=0
    wait "$simulator_process" || status=$?
    simulator_process=""
    cat "$folder/pulse-pal-log"
    if [[ "$status" != 0 || -L "$folder/pulse-pal" ]]; then
        echo "FAILED: the simulator ended with status $status, or left its link behind" >&2
        exit 1
    fi
}

pulse_pal_flow 21
pulse_pal_flow 22
