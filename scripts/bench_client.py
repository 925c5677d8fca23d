"""Frames a second of the MIT client science-mode-4, encoding and decoding the same pulse as `Figures frames`."""

import time

import science_mode_4 as client


def main():
    count = 3000
    begin = time.perf_counter()
    length = 0
    for number in range(count):
        packet = client.PacketLowLevelChannelConfig()
        packet.execute_stimulation = True
        packet.connector, packet.channel = 0, 0
        packet.points = [client.ChannelPoint(300, 10), client.ChannelPoint(300, -10)]
        length += len(client.Protocol.packet_to_bytes(packet))
    seconds = time.perf_counter() - begin
    print(f"science-mode-4 0.0.23: {count / seconds:.0f} a second encoded ({length // count} bytes each)")


if __name__ == "__main__":
    main()
