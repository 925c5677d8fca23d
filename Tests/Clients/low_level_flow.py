"""The vendor-independent proof of the pretended P24: the MIT client `science-mode-4`, unmodified, runs its low-level
flow against it, and the rig's own meter says what arrived.

usage: low_level_flow.py LINK CONTROL_SOCKET DEVICE_ID FIRMWARE
"""

import asyncio
import json
import logging
import socket
import sys
import time

from science_mode_4 import (
    ChannelPoint,
    Channel,
    Connector,
    DeviceP24,
    LowLevelHighVoltageSource,
    LowLevelMode,
    ResultAndError,
    SerialPortConnection,
    StimStatus,
    logger,
)

PULSES_PER_STEP = 12
PERIOD_SECONDS = 0.05
STEPS = 6  # 1 mA each: 12 pulses of 50 ms are 0.6 s, slower than the 2 mA/s that the meter allows
PHASE_MICROSECONDS = 250

checks = 0


def check(condition, what):
    """Counts a check; ends the run loudly when it fails."""
    global checks
    checks += 1
    if not condition:
        sys.exit(f"FAILED: {what}")


def rig_status(path):
    """One line of JSON from the rig's control socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as rig:
        rig.settimeout(5)
        rig.connect(path)
        rig.sendall(b"status\n")
        return json.loads(rig.makefile().readline())


def take_acknowledgements(device, found):
    """Moves what has come to `found`. The low-level layer leaves this to its user."""
    while True:
        packet = device.get_layer_low_level().packet_buffer.get_packet_from_buffer()
        if packet is None:
            return
        found.append(packet)


async def train(device):
    """A balanced train that rises by 1 mA a step; returns the acknowledgements."""
    low_level = device.get_layer_low_level()
    found = []
    for step in range(1, STEPS + 1):
        points = [
            ChannelPoint(PHASE_MICROSECONDS, step),
            ChannelPoint(100, 0),
            ChannelPoint(PHASE_MICROSECONDS, -step),
        ]
        for _ in range(PULSES_PER_STEP):
            expected = len(found) + 1
            low_level.send_channel_config(True, Channel.RED, Connector.YELLOW, points)
            deadline = time.monotonic() + 2
            while len(found) < expected and time.monotonic() < deadline:
                take_acknowledgements(device, found)
                await asyncio.sleep(0.002)
            # Counted from the acknowledgement: a machine that stalls thins the train and never makes it denser.
            await asyncio.sleep(PERIOD_SECONDS)
    return found


async def identify(device, device_id, firmware):
    """Who is there, as the client's own initialize() finds out."""
    await device.initialize()
    general = device.get_layer_general()
    check(general.device_id == device_id, f"device id {general.device_id!r}")
    check(general.firmware_version == firmware, f"firmware {general.firmware_version!r}")
    check(general.science_mode_version == "4.0.0", f"ScienceMode {general.science_mode_version!r}")
    status = await general.get_stim_status()
    check(status.stim_status == StimStatus.NO_LEVEL_INITIALIZED, f"level {status.stim_status!r}")
    check(not status.high_voltage_on, "high voltage on before the first init")


async def stimulate(device, control):
    """Init, train, stop; what the client heard and what the electrode saw must agree."""
    general = device.get_layer_general()
    low_level = device.get_layer_low_level()
    await low_level.init(LowLevelMode.NO_MEASUREMENT, LowLevelHighVoltageSource.STANDARD)
    status = await general.get_stim_status()
    check(status.stim_status == StimStatus.LOW_LEVEL_INITIALIZED, f"level {status.stim_status!r}")
    check(status.high_voltage_on, "high voltage off after the init")

    sent = STEPS * PULSES_PER_STEP
    found = await train(device)
    check(len(found) == sent, f"{len(found)} acknowledgements of {sent} pulses")
    for packet in found:
        check(packet.result == ResultAndError.NO_ERROR, f"result {packet.result!r}")
        check((packet.channel, packet.connector) == (0, 0), f"channel {packet.channel}, {packet.connector}")
        check(packet.measurement_samples is None, "samples that nobody asked for")

    rig = rig_status(control)
    check(rig["pulses"] == sent, f"{rig['pulses']} pulses at the electrode, {sent} sent")
    check(rig["envelope_ma"] == STEPS, f"envelope {rig['envelope_ma']} mA")
    check(rig["last_phase_us"] == PHASE_MICROSECONDS, f"phase {rig['last_phase_us']} us")
    expected = sum(step * PULSES_PER_STEP * PHASE_MICROSECONDS / 1000 for step in range(1, STEPS + 1))
    check(abs(rig["charge_uc"] - expected) < 1e-6, f"charge {rig['charge_uc']} uC, expected {expected}")
    check(rig["motor_twitches"] > 0, "the muscle never moved")
    check(rig["high_voltage"], "high voltage off while the level is on")

    await low_level.stop()
    status = await general.get_stim_status()
    check(status.stim_status == StimStatus.NO_LEVEL_INITIALIZED, f"level {status.stim_status!r}")
    check(not status.high_voltage_on, "high voltage on after the stop")
    return sent


async def measure(device):
    """A weak pulse with measurement: the samples are the pulse that ran."""
    low_level = device.get_layer_low_level()
    await low_level.init(LowLevelMode.STIM_CURRENT, LowLevelHighVoltageSource.STANDARD)
    points = [ChannelPoint(PHASE_MICROSECONDS, 1), ChannelPoint(PHASE_MICROSECONDS, -1)]
    low_level.send_channel_config(True, Channel.RED, Connector.YELLOW, points)
    found = []
    await asyncio.sleep(0.2)
    take_acknowledgements(device, found)
    check(len(found) == 1, f"{len(found)} acknowledgements of one pulse")
    check(found[0].result == ResultAndError.NO_ERROR, f"result {found[0].result!r}")
    samples = found[0].measurement_samples
    check(samples is not None and len(samples) == 128, "128 samples")
    check(max(samples) == 1.0 and samples[0] == 1.0 and samples[-1] == 0.0, f"samples {samples}")
    await low_level.stop()
    return 1


async def refuse(device):
    """Without a level a pulse is refused, and the client hears why."""
    low_level = device.get_layer_low_level()
    low_level.send_channel_config(True, Channel.RED, Connector.YELLOW, [ChannelPoint(250, 5), ChannelPoint(250, -5)])
    found = []
    await asyncio.sleep(0.2)
    take_acknowledgements(device, found)
    check([packet.result for packet in found] == [ResultAndError.NOT_INITIALIZED], f"answers {found}")


async def main():
    """The whole flow, and then the same once more on a line opened anew."""
    link, control, device_id, firmware = sys.argv[1:]
    pulses = 0
    for _ in range(2):
        connection = SerialPortConnection(link)
        connection.open()
        try:
            device = DeviceP24(connection)
            await identify(device, device_id, firmware)
            await refuse(device)
            before = rig_status(control)["pulses"]
            check(before == pulses, f"{before} pulses, {pulses} expected")
            if pulses == 0:
                pulses += await stimulate(device, control)
                pulses += await measure(device)
        finally:
            connection.close()
    rig = rig_status(control)
    check(rig["violations"] == 0, f"the meter found: {rig.get('first_violation')}")
    check(rig["frames_rejected"] == 0, f"{rig['frames_rejected']} frames rejected")
    check(not rig["high_voltage"], "high voltage left on")
    print(f"science-mode-4 low-level flow: {rig['pulses']} pulses arrived, {checks} checks, the meter found nothing")


logger().setLevel(logging.WARNING)
asyncio.run(main())
