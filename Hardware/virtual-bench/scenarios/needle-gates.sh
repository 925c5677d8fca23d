# shellcheck shell=bash disable=SC2154
# about: no arming with an expired lot, an unshown package or a welded relay; no closing with a needle missing
# Proves R-NDL-01, R-NDL-03, R-STOP-10, R-STOP-16.
# limit: 900 s
start_needle --cap-milliamperes 2
before=(scripts/operator/checklist-needle.txt scripts/operator/needle-buttons.txt)

# An expired lot: refused before it is opened.
sed 's/2099-03/2020-02/' scripts/operator/needles-two.txt | sed '/Needles in this package/,$d' >"$folder/expired.txt"
status=0
needle_session "${before[@]}" "$folder/expired.txt" - <<'TEXT' || status=$?
expect "expired" within 10s
expect-exit 30 within 20s
TEXT
((status == 0)) || fail "the expired lot: status $status"

# A package that nobody showed.
sed '/expect "Shown by"/,$d' scripts/operator/needles-two.txt >"$folder/unshown.txt"
needle_session "${before[@]}" "$folder/unshown.txt" - <<'TEXT' || fail "the unshown package: status $?"
expect "Shown by" within 5s
type "no\n"
expect "Nothing was armed" within 10s
expect-exit 30 within 20s
TEXT

# A relay that is welded is found before the first question; one that holds on without a heartbeat at the button test.
ask fault relay-welded
needle_session - <<'TEXT' || fail "the welded relay: status $?"
expect "Relay still closed" within 20s
expect-exit 30 within 20s
TEXT
ask fault board-repaired
ask fault slow-drop-out 1 500
needle_session scripts/operator/checklist-needle.txt - <<'TEXT' || fail "the slow relay: status $?"
expect "press the stop button now" within 20s
expect "Stop path broken: heartbeat" within 20s
expect-exit 30 within 20s
TEXT
ask fault board-repaired

# A needle that is not found: asked again, until it is an incident.
needle_session "${needles[@]}" - <<'TEXT' || fail "the missing needle: status $?"
type " "
expect "read back open" within 10s
expect "How did it come out?" within 20s
type "straight\n"
expect "How did it come out?" within 5s
type "straight\n"
expect "came out of the person" within 5s
type "1\n"
expect "dropped or touched before use" within 5s
type "0\n"
expect "opened and not used" within 5s
type "0\n"
expect "in the sharps bin now" within 5s
type "1\n"
expect "THE COUNT DOES NOT AGREE" within 5s
expect "came out of the person" within 5s
type "incident\n"
expect "What happened to the needle?" within 5s
type "missing\n"
expect "What was seen" within 5s
type "not on the couch and not on the floor\n"
expect "came out of the person" within 5s
type "1\n"
expect "dropped or touched before use" within 5s
type "0\n"
expect "opened and not used" within 5s
type "0\n"
expect "in the sharps bin now" within 5s
type "1\n"
expect-exit 10 within 20s
TEXT
"$host" incidents list --data "$folder/data" | tee "$folder/incidents"
expect_text "$folder/incidents" "missing, P-0001"

# It blocks the next session of this person before the first question, until somebody settles it.
needle_session - <<'TEXT' || fail "the blocked person: status $?"
expect "are not accounted for" within 20s
expect-exit 30 within 20s
TEXT
verify
stop_rig
