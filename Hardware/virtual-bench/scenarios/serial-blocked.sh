# shellcheck shell=bash disable=SC2154
# about: the far end stops reading (F10): what waits in the line is taken back, and the stop does not wait behind it
# Proves R-STOP-14, R-FLT-26.
# The driver alone: nobody has the far end open, so the bus takes nothing and everything waits in the host's kernel.
echo dummy_udc.0 >"$gadget/UDC"
wait_for 10 test -c "$p24" || fail "the line did not appear"
"$probe" overtake "$p24" >"$folder/probe" 2>&1 &
probing=$!
sleep 1
stty -F /dev/ttyGS0 raw -echo
timeout 1 cat /dev/ttyGS0 >"$folder/arrived" || true
wait "$probing" || fail "$(<"$folder/probe")"
cat "$folder/probe"
expect_text "$folder/probe" "the stop was taken"
frames=$(sed -n 's/^blocked after \([0-9]*\) frames$/\1/p' "$folder/probe")
arrived=$(grep -c P "$folder/arrived" || true)
echo "$frames frames waited, $arrived of them arrived, before the stop"
((frames > 1)) || fail "the line was never blocked"
((arrived <= 1)) || fail "$arrived frames arrived before the stop"
expect_text "$folder/arrived" "S"
echo "" >"$gadget/UDC"
wait_for 5 test ! -e "$p24" || fail "the line is still there"

# The whole program: the device reads nothing for 2 s in mid-contraction, longer than the host goes on asking whether it
# is off: status 21.
start_p24
session "${contraction[@]}" - >"$folder/operator" 2>&1 <<'SCRIPT' &
expect-exit 21 within 60s
SCRIPT
operator=$!
wait_for_screen "raised to 2 mA" 300
sleep 1
ask fault line-blocked
before=$(pulse_count)
status=0
wait "$operator" || status=$?
cat "$folder/operator"
((status == 0)) || fail "the operator's script ended with status $status"
after=$(($(pulse_count) - before))
echo "$after pulses after the line was blocked"
((after <= 1)) || fail "more than the pulse in flight arrived"
verify
stop_rig
