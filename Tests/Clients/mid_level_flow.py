"""The mid level of the pretended P24, judged from outside: the MIT client `science-mode-4`, unmodified, initialises,
updates, keeps alive, is silent for too long, restarts and stops, on two channels, and the rig's own meter says what
arrived.

usage: mid_level_flow.py LINK CONTROL_SOCKET DEVICE_ID FIRMWARE
"""

import asyncio
import json
import logging
import socket
import sys
import time

from science_mode_4 import (
    ChannelPoint,
    DeviceP24,
    MidLevelChannelConfiguration,
    ProtocolError,
    ResultAndError,
    SerialPortConnection,
    StimStatus,
    logger,
)

PERIOD_MILLISECONDS = 50
STEPS = 6  # 1 mA each, one update a step
STEP_SECONDS = 0.7  # slower than the 2 mA/s that the meter allows
PHASE_MICROSECONDS = 250
KEEP_ALIVE_SECONDS = 2.0
NO_ERROR = [ResultAndError.NO_ERROR] * 8

checks = 0


def check(condition, what):
    """Counts a check; ends the run loudly when it fails."""
    global checks
    checks += 1
    if not condition:
        sys.exit(f"FAILED: {what}")


def ask(path, line):
    """One line to the rig's control socket, one line back."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as rig:
        rig.settimeout(5)
        rig.connect(path)
        rig.sendall((line + "\n").encode())
        return rig.makefile().readline().strip()


def rig_status(path):
    """The rig's state as a dictionary."""
    return json.loads(ask(path, "status"))


def train(milliamperes, ramp=0, period=PERIOD_MILLISECONDS):
    """A balanced pulse that repeats."""
    points = [
        ChannelPoint(PHASE_MICROSECONDS, milliamperes),
        ChannelPoint(100, 0),
        ChannelPoint(PHASE_MICROSECONDS, -milliamperes),
    ]
    return MidLevelChannelConfiguration(True, ramp, period, points)


def active(*channels):
    """The client's list of which channels are active."""
    return [number in channels for number in range(1, 9)]


async def refused(call, error, what):
    """A call that the device refuses, as the client tells it."""
    try:
        await call
    except ProtocolError as refusal:
        check(error.name in str(refusal), f"{what}: {refusal}")
        return
    check(False, f"{what} was not refused")


async def status_is(device, level, high_voltage):
    """The level and the high voltage, as the device reports them."""
    status = await device.get_layer_general().get_stim_status()
    check(status.stim_status == level, f"level {status.stim_status!r}, not {level!r}")
    check(status.high_voltage_on == high_voltage, f"high voltage {status.high_voltage_on}")


async def start(device):
    """Before the init everything is refused; the init takes two switches of the high voltage."""
    mid_level = device.get_layer_mid_level()
    await status_is(device, StimStatus.NO_LEVEL_INITIALIZED, False)
    await refused(mid_level.update([train(1)]), ResultAndError.NOT_INITIALIZED, "an update without a level")
    await refused(mid_level.get_current_data(), ResultAndError.NOT_INITIALIZED, "current data without a level")
    before = time.monotonic()
    await mid_level.init(True)
    check(time.monotonic() - before >= 0.08, "the init took less than two switches of the high voltage")
    await status_is(device, StimStatus.MID_LEVEL_INITIALIZED, True)


async def rise(device, control):
    """Two channels rise together, 1 mA an update; an update of a running channel does not ramp again."""
    mid_level = device.get_layer_mid_level()
    for step in range(1, STEPS + 1):
        await mid_level.update([train(step, ramp=5), train(step, ramp=5)])
        await asyncio.sleep(STEP_SECONDS)
        data = await mid_level.get_current_data()
        check(data.is_stimulation_active_per_channel == active(1, 2), f"active {data}")
        check(data.channel_error == NO_ERROR, f"errors {data}")
    await status_is(device, StimStatus.MID_LEVEL_RUNNING, True)
    rig = rig_status(control)
    check(rig["envelope_ma"] == STEPS, f"envelope {rig['envelope_ma']} mA")
    check(rig["last_phase_us"] == PHASE_MICROSECONDS, f"phase {rig['last_phase_us']} us")
    # A second of 50 ms periods, seen while the world goes on.
    check(18 <= rig["rate_per_s"] <= 21, f"{rig['rate_per_s']} pulses in a second on a channel")
    for channel in rig["channels"]:
        check(channel["pulses"] > 70, f"{channel['pulses']} pulses on channel {channel['channel']}")
        check(channel["envelope_ma"] == STEPS, f"envelope {channel}")
    # 1.5 uC move the vastus medialis; the gluteus medius lies deeper.
    twitches = [channel["motor_twitches"] for channel in rig["channels"]]
    check(twitches[0] > 0 and twitches[1] == 0, f"twitches {twitches}")


async def keep_alive(device, control):
    """Current data keeps the pulses coming beyond the 2 s; it is no restart once they have ended."""
    mid_level = device.get_layer_mid_level()
    before = rig_status(control)["pulses"]
    for _ in range(3):
        await asyncio.sleep(1.5)
        data = await mid_level.get_current_data()
        check(data.is_stimulation_active_per_channel == active(1, 2), f"active {data}")
    check(rig_status(control)["pulses"] - before > 2 * 60, "pulses ended although the client asked")

    await asyncio.sleep(KEEP_ALIVE_SECONDS + 0.3)
    ended = rig_status(control)
    check(ended["since_last_pulse_ms"] >= 200, f"the last pulse was {ended['since_last_pulse_ms']} ms ago")
    await status_is(device, StimStatus.MID_LEVEL_INITIALIZED, True)
    data = await mid_level.get_current_data()
    check(data.is_stimulation_active_per_channel == active(), f"active {data}")
    await asyncio.sleep(0.3)
    check(rig_status(control)["pulses"] == ended["pulses"], "current data restarted the pulses")

    await mid_level.update([None, train(STEPS)])
    data = await mid_level.get_current_data()
    check(data.is_stimulation_active_per_channel == active(2), f"active {data}")
    await asyncio.sleep(0.3)
    check(rig_status(control)["pulses"] > ended["pulses"], "the update did not restart the pulses")


async def refuse(device):
    """What does not fit into the time is refused, and so is the other level; the pattern runs on."""
    mid_level = device.get_layer_mid_level()
    wide = [ChannelPoint(500, 1), ChannelPoint(500, -1)]
    too_dense = MidLevelChannelConfiguration(True, 0, 1, wide)
    await refused(mid_level.update([too_dense]), ResultAndError.PARAMETER_ERROR, "a period of 1 ms for 1 ms of pulse")
    wrapped = train(1, period=16_384)  # which this client sends as 0
    await refused(mid_level.update([wrapped]), ResultAndError.PARAMETER_ERROR, "a period of 0")
    await refused(device.get_layer_low_level().stop(), ResultAndError.NOT_INITIALIZED, "the other level's stop")
    data = await mid_level.get_current_data()
    check(data.is_stimulation_active_per_channel == active(2), f"active {data}")


async def lose_a_pad(device, control):
    """Below 15 mA a lost pad stays unnoticed, as on the real device."""
    mid_level = device.get_layer_mid_level()
    check(ask(control, "electrode off 2") == "ok", "electrode off")
    await asyncio.sleep(0.3)
    data = await mid_level.get_current_data()
    check(data.is_stimulation_active_per_channel == active(2), f"active {data}")
    check(data.channel_error == NO_ERROR, f"errors {data}")
    check(ask(control, "electrode on 2") == "ok", "electrode on")


async def stop(device, control):
    """An update without channels, then the stop; nothing arrives any more."""
    mid_level = device.get_layer_mid_level()
    await mid_level.update([])
    await status_is(device, StimStatus.MID_LEVEL_INITIALIZED, True)
    await mid_level.stop()
    await status_is(device, StimStatus.NO_LEVEL_INITIALIZED, False)
    pulses = rig_status(control)["pulses"]
    check(ask(control, "forbid-pulses") == "ok", "forbid-pulses")
    await asyncio.sleep(0.5)
    check(rig_status(control)["pulses"] == pulses, "pulses after the stop")


async def main():
    """The whole flow on one line, and a look at it from a line opened anew."""
    link, control, device_id, firmware = sys.argv[1:]
    connection = SerialPortConnection(link)
    connection.open()
    try:
        device = DeviceP24(connection)
        await device.initialize()
        general = device.get_layer_general()
        check(general.device_id == device_id, f"device id {general.device_id!r}")
        check(general.firmware_version == firmware, f"firmware {general.firmware_version!r}")
        await start(device)
        await rise(device, control)
        await keep_alive(device, control)
        await refuse(device)
        await lose_a_pad(device, control)
    finally:
        connection.close()
    # A client that comes anew finds the level running and stops it, as its initialize() does.
    check(rig_status(control)["level"] == 3, f"level {rig_status(control)['level']} after the line was closed")
    connection = SerialPortConnection(link)
    connection.open()
    try:
        device = DeviceP24(connection)
        await device.initialize()
        await status_is(device, StimStatus.NO_LEVEL_INITIALIZED, False)
        await start(device)
        await device.get_layer_mid_level().update([train(1)])
        await asyncio.sleep(0.3)
        await stop(device, control)
    finally:
        connection.close()
    rig = rig_status(control)
    check(rig["violations"] == 0, f"the meter found: {rig.get('first_violation')}")
    check(rig["frames_rejected"] == 0, f"{rig['frames_rejected']} frames rejected")
    check(rig["cut_pulses"] == 0, f"{rig['cut_pulses']} pulses cut short")
    check(not rig["high_voltage"], "high voltage left on")
    print(f"science-mode-4 mid-level flow: {rig['pulses']} pulses arrived, {checks} checks, the meter found nothing")


logger().setLevel(logging.WARNING)
asyncio.run(main())
