# shellcheck shell=bash disable=SC2154
# about: the Pulse Pal unplugged in mid-train: relay open, named fault, closed record
# Proves R-FLT-06, R-REC-05.
# limit: 600 s
cat >"$folder/then" <<'TEXT'
expect "Stimulator gone" within 30s
TEXT
echo 'expect-exit 20 within 20s' >"$folder/end"
start_needle --cap-milliamperes 2
(
    wait_for_screen "raised to 0.8 mA" 60
    sleep 1.3
    ask unplug
    sleep 0.06
    relay_is open || fail "the relay is still closed 60 ms after the plug was pulled"
    ask forbid-pulses
    sleep 2
    ask plug
) &
hand=$!
needle_session "${needles[@]}" scripts/operator/needle-raised.txt "$folder/then" scripts/operator/needles-close.txt \
    "$folder/end" || fail "status $?"
wait "$hand"
"$host" sessions list --data "$folder/data" | tee "$folder/list"
expect_text "$folder/list" "fault"
verify
replay
stop_rig
