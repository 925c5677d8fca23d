# shellcheck shell=bash disable=SC2154
# about: the patient's button in mid-train opens the relay; the screen says why, the record is closed
# Proves R-STOP-03, R-STOP-17.
# limit: 600 s
cat >"$folder/then" <<'TEXT'
expect "the patient pressed the stop button" within 20s
expect "read back open" within 5s
TEXT
echo 'expect-exit 10 within 20s' >"$folder/end"
start_needle --cap-milliamperes 2
(
    wait_for_screen "raised to 0.8 mA" 60
    sleep 1.3
    ask patient-button 900
    sleep 0.07
    relay_is open || fail "the relay is still closed 70 ms after the button"
    ask forbid-pulses
    sleep 1
) &
hand=$!
needle_session "${needles[@]}" scripts/operator/needle-raised.txt "$folder/then" scripts/operator/needles-close.txt \
    "$folder/end" || fail "status $?"
wait "$hand"
expect_text "$folder/screen" "the patient pressed the stop button"
verify
replay
stop_rig
