# shellcheck shell=bash disable=SC2154
# about: pins are driven, read and held by one program; a line that another holds names its holder
# Proves R-FLT-22.
# What the host drives arrives, and what the board pulls is read; the emergency stop and the patient's button are
# normally closed, so that a broken wire, which the chip pulls up, reads as pressed.
"$probe" pins 500 >"$folder/probe" 2>&1 &
probing=$!
sleep 0.2
driven=""
for line in 0 1 2 3; do driven+=$(<"$pins/sim_gpio$line/value"); done
[[ $driven == 1000 ]] || fail "heartbeat, enable and triggers are $driven and not 1000"
"$probe" pins 0 >"$folder/second" 2>&1 && fail "a second program got the lines"
cat "$folder/second"
expect_text "$folder/second" "the line HEARTBEAT for heartbeat is in use by motorpoint"
echo pull-down >"$pins/sim_gpio4/pull"
echo pull-down >"$pins/sim_gpio6/pull"
echo pull-up >"$pins/sim_gpio7/pull"
wait "$probing" || fail "$(<"$folder/probe")"
expect_text "$folder/probe" "emergency stop 0, patient 1, relay 1, seen 1 0"

gpioset --mode=signal interlock 1=0 &
other=$!
sleep 0.2
"$probe" pins 0 >"$folder/refused" 2>&1 && fail "the line that gpioset holds was had"
cat "$folder/refused"
expect_text "$folder/refused" "the line ENABLE for enable is in use by gpioset"
kill "$other"
wait "$other" || true
"$probe" pins 0 || fail "the line was not let go"

# The chip goes away while it is held.
"$probe" pins 500 >"$folder/probe" 2>&1 &
probing=$!
sleep 0.2
echo 0 >/sys/kernel/config/gpio-sim/interlock/live
wait "$probing" && fail "a chip that went away was read"
expect_text "$folder/probe" "the chip is gone"
"$probe" pins 0 >"$folder/refused" 2>&1 && fail "a chip that is gone was opened"
expect_text "$folder/refused" "no GPIO chip interlock"
