# shellcheck shell=bash disable=SC2154
# about: SIGKILL in mid-train opens the relay within 60 ms; the next start proves silence, and asks for the lost needles
# Proves R-FLT-16, R-NDL-04.
# limit: 600 s
start_needle --cap-milliamperes 2
(
    wait_for_screen "raised to 0.8 mA" 60
    sleep 1.3
    kill -KILL "$(host_process)"
    sleep 0.06
    relay_is open || fail "the relay is still closed 60 ms after SIGKILL"
    ask forbid-pulses
) &
hand=$!
needle_session "${needles[@]}" scripts/operator/needle-raised.txt - <<'TEXT' || fail "status $?"
expect-exit 137 within 30s
TEXT
wait "$hand"
# Needles were in: the next start closes the record, opens an incident, and starts nothing for this person.
needle_session - <<'TEXT' || fail "status $?"
expect "were never counted" within 20s
expect-exit 30 within 20s
TEXT
"$host" incidents list --data "$folder/data" | tee "$folder/incidents"
expect_text "$folder/incidents" "P-0001"
verify
stop_rig
