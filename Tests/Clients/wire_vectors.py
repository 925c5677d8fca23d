#!/usr/bin/env python3
"""Prints random requests as the MIT-licensed client science-mode-4 encodes them, one a line:

    PACKET_NUMBER KIND [ARGUMENTS...] = FRAME

Currents are in steps of 0.5 mA, durations in microseconds. The committed `wire_vectors.txt` came from

    pip install science-mode-4==0.0.23
    wire_vectors.py --seed 1 --count 250 > wire_vectors.txt

`ClientVectorTests` holds our encoder and decoder against it, and against any other file named by MP_WIRE_VECTORS.
"""

import argparse
import random

import science_mode_4 as client


def random_points(random_source, smallest=1):
    # Half of the durations are those whose first byte has to be stuffed.
    count = random_source.randint(smallest, 16)
    return [
        (
            random_source.choice([random_source.randint(10, 4095), random_source.randint(240, 255)]),
            random_source.randint(-260, 260),
        )
        for _ in range(count)
    ]


def text_of(points):
    return ",".join(f"{duration}:{current}" for duration, current in points)


def client_points(points):
    return [client.ChannelPoint(duration, current / 2) for duration, current in points]


def pulse(random_source):
    packet = client.PacketLowLevelChannelConfig()
    number = random_source.randint(1, 8)
    points = random_points(random_source)
    packet.execute_stimulation = random_source.random() < 0.9
    packet.connector, packet.channel = divmod(number - 1, 4)
    packet.points = client_points(points)
    return packet, f"pulse {number} {int(packet.execute_stimulation)} {text_of(points)}"


def low_level_init(random_source):
    packet = client.PacketLowLevelInit()
    packet.mode = random_source.randint(0, 3)
    packet.high_voltage_source = random_source.randint(0, 1)
    return packet, f"init {packet.mode} {packet.high_voltage_source}"


def pattern(random_source):
    packet = client.PacketMidLevelUpdate()
    words = []
    for index in range(8):
        if random_source.random() < 0.75:
            continue
        ramp, period = random_source.randint(0, 15), random_source.randint(1, 16383)
        points = random_points(random_source)
        packet.channel_configuration[index] = client.MidLevelChannelConfiguration(
            True, ramp, period, client_points(points)
        )
        words.append(f"{index + 1};{ramp};{period};{text_of(points)}")
    return packet, " ".join(["pattern"] + words)


def mid_level_init(random_source):
    packet = client.PacketMidLevelInit()
    packet.do_stop_on_all_errors = random_source.random() < 0.5
    return packet, f"pattern_init {int(packet.do_stop_on_all_errors)}"


def plain(random_source):
    name, packet = random_source.choice(
        [
            ("device_id", client.PacketGeneralGetDeviceId()),
            ("stim_status", client.PacketGeneralGetStimStatus()),
            ("version", client.PacketGeneralGetExtendedVersion()),
            ("reset", client.PacketGeneralReset()),
            ("stop", client.PacketLowLevelStop()),
            ("pattern_stop", client.PacketMidLevelStop()),
            ("pattern_data", client.PacketMidLevelGetCurrentData()),
        ]
    )
    return packet, name


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=250)
    arguments = parser.parse_args()
    random_source = random.Random(arguments.seed)
    for _ in range(arguments.count):
        make = random_source.choice([pulse, pulse, pulse, low_level_init, pattern, mid_level_init, plain])
        packet, text = make(random_source)
        packet.number = random_source.randint(0, 63)
        print(packet.number, text, "=", client.Protocol.packet_to_bytes(packet).hex().upper())


if __name__ == "__main__":
    main()
