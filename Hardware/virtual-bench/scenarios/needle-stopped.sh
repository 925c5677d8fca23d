# shellcheck shell=bash disable=SC2154
# about: SIGSTOP in mid-train opens the relay within 60 ms of kernel time; SIGCONT re-energises nothing
# Proves R-FLT-16, R-FLT-18.
# limit: 600 s
cat >"$folder/then" <<'TEXT'
expect "Computer too late" within 30s
TEXT
echo 'expect-exit 20 within 20s' >"$folder/end"
start_needle --cap-milliamperes 2
(
    wait_for_screen "raised to 0.8 mA" 60
    sleep 1.3
    relay_is closed || fail "the relay is not closed in mid-train"
    kill -STOP "$(host_process)"
    sleep 0.06
    relay_is open || fail "the relay is still closed 60 ms after SIGSTOP"
    echo "the relay is open 60 ms after SIGSTOP"
    ask forbid-pulses
    sleep 2
    kill -CONT "$(host_process)"
    sleep 1
    relay_is open || fail "the relay closed again after SIGCONT"
) &
hand=$!
needle_session "${needles[@]}" scripts/operator/needle-raised.txt "$folder/then" scripts/operator/needles-close.txt \
    "$folder/end" || fail "status $?"
wait "$hand"
# The reason is the first thing that it noticed: the loop was late.
"$host" sessions list --data "$folder/data" | tee "$folder/list"
expect_text "$folder/list" "fault"
verify
replay
stop_rig
