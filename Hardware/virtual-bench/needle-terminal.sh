# shellcheck shell=bash disable=SC2154
# A person runs a session on the simulated needle rig, at the terminal that the bench was started from. Buttons are files
# that a second terminal makes: $folder/press-button and $folder/press-emergency-stop.
# shellcheck disable=SC1091 # written by run.sh
source "$folder/window"
# In real time a machine that was held up must let the pretend board catch up before the host looks at it.
# shellcheck disable=SC2034 # used by start_needle
rig_priority=(chrt --fifo 90)
start_needle --cap-milliamperes 2
(
    while sleep 0.2; do
        if [[ -e $folder/press-button ]]; then
            rm -f "$folder/press-button"
            ask patient-button 700
        fi
        if [[ -e $folder/press-emergency-stop ]]; then
            rm -f "$folder/press-emergency-stop"
            ask emergency-stop press
            sleep 0.7
            ask emergency-stop release
        fi
    done
) &
hands=$!
stty -F /dev/tty0 sane rows "$BENCH_ROWS" cols "$BENCH_COLUMNS"
status=0
papers --needle "$serial_number"
TERM=${TERM:-xterm} setsid --ctty --wait "$host" start demo-relieve-needle --patient P-0001 --side right \
    --practitioner demo --rig Hardware/rigs/demo-needle.yaml --line "$p24" --data "$folder/data" \
    </dev/tty0 >/dev/tty0 2>&1 || status=$?
kill "$hands" 2>/dev/null || true
verify
replay
stop_rig
((status == 0)) || fail "the session ended with status $status"
