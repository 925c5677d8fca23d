# shellcheck shell=bash disable=SC2154
# A person runs a session on the simulated needle rig, at the terminal that the bench was started from. Buttons are files
# that a second terminal makes: $folder/press-button and $folder/press-emergency-stop.
# shellcheck disable=SC1091 # written by run.sh
source "$folder/window"
# Time stands still while something runs: this waits for the next tick from outside without letting it pass.
stty -F /dev/tty1 raw -echo
mkfifo "$folder/never-inside"
(
    exec 8<>"$folder/never-inside" 9</dev/tty1
    while :; do
        read -rt 0.02 -u 8 || true
        until read -rt 0 -u 9; do :; done
        # What was saved up while this computer was slower than the clock is not made up for.
        while read -rt 0 -u 9; do read -rn 1 -u 9 || true; done
    done
) &
pace=$!
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
kill "$hands" "$pace" 2>/dev/null || true
rm -f "$folder/never-inside"
# A session that was refused left no record.
if compgen -G "$folder/data/sessions/*.mpr" >/dev/null; then
    verify
    replay
fi
stop_rig
if ((status != 0)); then echo "demo: the session ended with status $status"; fi
exit "$status"
