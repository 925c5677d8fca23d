# shellcheck shell=bash disable=SC2154
# about: a second process on the serial line is refused and told who holds it
# Proves R-GATE-10.
start_p24
session "${contraction[@]}" - >"$folder/operator" 2>&1 <<'SCRIPT' &
wait 10s
type " "
expect "stopped by the practitioner" within 10s
expect-exit 10 within 60s
SCRIPT
operator=$!
wait_for_screen "raised to 2 mA" 300
holder=$(host_process)
status=0
"$host" devices --line "$p24" >"$folder/second" 2>&1 || status=$?
cat "$folder/second"
((status != 0)) || fail "the second process got the line"
expect_text "$folder/second" "in use by motorpoint (process $holder)"
status=0
wait "$operator" || status=$?
tail -n 20 "$folder/operator"
((status == 0)) || fail "the session did not go on undisturbed: status $status"
verify
stop_rig
