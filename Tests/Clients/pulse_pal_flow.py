"""The independent proof of the pretended Pulse Pal: the PyPI client `pypulsepal`, unmodified, programs and triggers it,
and the device itself says which parameters it ended up with and which train it made.

usage: pulse_pal_flow.py LINK CONTROL_SOCKET FIRMWARE
"""

import json
import socket
import sys
import time
import warnings

from pypulsepal import PulsePal

ZERO, UP, DOWN = 32768, 39321, 26214

passed = 0
failed = 0


def check(condition, what):
    """Counts a check; a failed one is said at once."""
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}", file=sys.stderr)


def ask(path, line):
    """One line from the device's control socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as device:
        device.settimeout(5)
        device.connect(path)
        device.sendall(f"{line}\n".encode())
        return device.makefile().readline().strip()


def status(path):
    return json.loads(ask(path, "status"))


def wait_for(path, condition):
    """The status once it fulfils a condition, or after two seconds as it is."""
    deadline = time.monotonic() + 2
    found = status(path)
    while not condition(found) and time.monotonic() < deadline:
        time.sleep(0.01)
        found = status(path)
    return found


def changes(path, channel=1):
    """Changes of one output since the last `forget`: microseconds from the first, and code."""
    found = [row for row in json.loads(ask(path, "changes")) if row[1] == channel]
    return [((row[0] - found[0][0]) // 1000, row[2]) for row in found]


def trigger_and_look(client, path, channel=1):
    """One soft trigger, and what the output did until the train was over."""
    before = status(path)["channels"][channel - 1]["trains"]
    ask(path, "forget")
    client.trigger_selected_channels(**{f"channel_{channel}": True})
    wait_for(
        path,
        lambda now: now["channels"][channel - 1]["trains"] > before
        and not now["channels"][channel - 1]["is_active"],
    )
    time.sleep(0.01)
    return changes(path, channel)


# P04 to P20 of the wire reference: code, the client's name, its value, the key and value in the device's status.
PARAMETERS = [
    ("isBiphasic", 1, "is_biphasic", True),
    ("phase1Voltage", 2, "phase1_code", UP),
    ("phase2Voltage", -2, "phase2_code", DOWN),
    ("phase1Duration", 0.00025, "phase1_cycles", 5),
    ("interPhaseInterval", 0, "interphase_cycles", 0),
    ("phase2Duration", 0.00025, "phase2_cycles", 5),
    ("interPulseInterval", 0.0195, "interpulse_cycles", 390),
    ("burstDuration", 0, "burst_cycles", 0),
    ("interBurstInterval", 0, "burst_interval_cycles", 0),
    ("pulseTrainDuration", 0.1, "train_cycles", 2000),
    ("pulseTrainDelay", 0, "delay_cycles", 0),
    ("linkTriggerChannel1", 0, "is_linked_to_first", False),
    ("linkTriggerChannel2", 0, "is_linked_to_second", False),
    ("customTrainID", 0, "custom_train", 0),
    ("customTrainTarget", 0, "custom_target", 0),
    ("customTrainLoop", 0, "custom_loops", False),
    ("restingVoltage", 0, "resting_code", ZERO),
]


def identify(client, path, firmware):
    check(client.firmware_version == firmware, f"firmware {client.firmware_version}")
    check(client.model == 2, f"model {client.model}")
    # The display text of this client is followed by 25 bytes that the device skips.
    found = wait_for(path, lambda now: now["skipped_bytes"] == 25)
    check(found["skipped_bytes"] == 25, f"{found['skipped_bytes']} bytes skipped")
    check(found["commands"] == 3, f"{found['commands']} commands: handshake, name, display")
    check(found["unknown_commands"] == 0, "an unknown command")


def program(client, path):
    for name, value, key, expected in PARAMETERS:
        check(client.program_one_param(0, name, value), f"{name} was not confirmed")
        got = status(path)["channels"][0][key]
        check(got == expected, f"{name}: the device has {got}, expected {expected}")
    check(client.program_trigger_channel(0, "normal"), "trigger mode was not confirmed")
    check(status(path)["trigger_modes"] == [0, 0], "trigger modes")


def play(client, path):
    """The recorded train: five pulses of 250/250 us every 20 ms, whatever the moment of the trigger."""
    expected = []
    for pulse in range(5):
        start = pulse * 20000
        expected += [(start, UP), (start + 250, DOWN), (start + 500, ZERO)]
    got = trigger_and_look(client, path)
    check(got == expected, f"train {got}")


def program_all(client, path):
    """P28: one write for everything; the client's own defaults on channels 2 to 4."""
    check(client.sync_all_params(), "program all was not confirmed")
    found = status(path)["channels"]
    for _, _, key, expected in PARAMETERS:
        check(found[0][key] == expected, f"program all: {key} is {found[0][key]}")
    for channel in found[1:]:
        check(channel["phase1_code"] == 49152 and channel["phase2_code"] == 16384, f"voltages of {channel}")
        check(channel["phase1_cycles"] == 20 and channel["train_cycles"] == 20000, f"times of {channel}")
        check(channel["is_linked_to_first"] and not channel["is_biphasic"], f"flags of {channel}")


def stop(client, path):
    """Fixed voltage, abort, continuous mode on and off."""
    check(client.set_fixed_voltage(1, 1), "fixed voltage was not confirmed")
    check(status(path)["channels"][1]["output_code"] == 36045, "fixed voltage at the output")
    client.stop_all_outputs()
    found = wait_for(path, lambda now: now["channels"][1]["output_code"] == ZERO)
    check(found["channels"][1]["output_code"] == ZERO, "abort at the output")

    check(client.set_continuous(0, 1), "continuous on was not confirmed")
    found = status(path)["channels"][0]
    check(found["is_continuous"], "continuous flag")
    if client.firmware_version == 21:
        # Firmware 21 starts the train with it, and it outlasts its duration of 0.1 s.
        time.sleep(0.3)
        check(status(path)["channels"][0]["is_active"], "continuous mode plays on")
    else:
        check(not found["is_active"], "firmware 22 only sets the flag")
    check(client.set_continuous(0, 0), "continuous off was not confirmed")
    found = status(path)["channels"][0]
    check(not found["is_continuous"] and not found["is_active"], "continuous off")
    check(found["output_code"] == ZERO, "output after continuous off")


def custom_train(client, path):
    """P26, played: 2, 6 and 2 V at 0, 10 and 20 ms, each phase 2 the mirror image."""
    check(client.upload_custom_pulse_train(0, [0, 0.01, 0.02], [2, 6, 2]), "custom train was not confirmed")
    found = status(path)["stored_trains"][0]
    check(found == {"cycles": [0, 200, 400], "codes": [UP, 52428, UP]}, f"stored train {found}")
    check(client.program_one_param(0, "customTrainID", 1), "custom train id was not confirmed")
    got = trigger_and_look(client, path)
    expected = [
        (0, UP), (250, 26215), (500, ZERO),
        (10000, 52428), (10250, 13108), (10500, ZERO),
        (20000, UP), (20250, 26215), (20500, ZERO),
    ]
    check(got == expected, f"custom train played {got}")
    check(client.program_one_param(0, "customTrainID", 0), "custom train id was not taken back")
    # A waveform of 1000 samples: longer than any buffer of the wire.
    samples = [(index % 100) / 20 for index in range(1000)]
    check(client.upload_custom_waveform(1, 0.001, samples), "waveform was not confirmed")
    found = status(path)["stored_trains"][1]
    check(len(found["cycles"]) == 1000 and found["cycles"][-1] == 19980, "waveform times")


def traps(client, path):
    """What this client gets wrong arrives as the reference says."""
    refused = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            client.program_one_param(0, "phase1Voltage", 10.1)
        except ValueError:
            refused = True
    check(refused, "the client accepts +10.1 V")
    code = status(path)["channels"][0]["phase1_code"]
    check(code == 327, f"+10.1 V arrived as code {code}, not as 327 (-9.9 V)")
    check(client.program_one_param(0, "phase1Duration", 0.0003), "300 us was not confirmed")
    got = status(path)["channels"][0]["phase1_cycles"]
    check(got == 5, f"300 us became {got} cycles; this client cuts it to 5")
    check(client.program_one_param(0, "phase1Voltage", 2), "2 V was not confirmed")


def leave(client, path):
    """Its close sends op 81: all outputs stop, nothing is saved."""
    check(client.set_fixed_voltage(2, 3), "fixed voltage was not confirmed")
    before = status(path)["commands"]
    client.close()
    found = wait_for(path, lambda now: now["commands"] > before)
    check(found["channels"][2]["output_code"] == ZERO, "output after the client left")
    check(not found["frozen"] and not found["click_awaited"], "the device stands still")


def main():
    link, control, firmware = sys.argv[1], sys.argv[2], int(sys.argv[3])
    client = PulsePal(link)
    identify(client, control, firmware)
    program(client, control)
    play(client, control)
    program_all(client, control)
    stop(client, control)
    custom_train(client, control)
    traps(client, control)
    leave(client, control)
    print(f"pypulsepal, a flow on firmware {firmware}")
    print(f"pypulsepal: {passed} passed, {failed} failed")
    sys.exit(0 if failed == 0 else 1)


main()
