// Frames that did not come from this project, so that a mistake shared by our encoder and decoder cannot hide.
//
// Requests R were made by the MIT-licensed client `science_mode_4` 0.0.23, then again by the vendor's C library, and
// by a third encoder: byte-identical in all three. Acknowledgements A were made by the C library's server side and
// read by the MIT client to the described fields (A23 and A24 by C alone). Malformed requests N were made by hand and
// run against the C library's server side.

enum GoldenFrames {
    /// R01: Get_device_id, pn 1.
    static let r01 = bytes("F0 81 55 81 59 81 EF 81 46 04 34 0F")
    /// R02: Get_device_id, pn 60: the prefix byte is F0 and is stuffed, 13 bytes instead of 12.
    static let r02 = bytes("F0 81 55 81 58 81 CD 81 63 81 A5 34 0F")
    /// R03: Get_stim_status, pn 2.
    static let r03 = bytes("F0 81 55 81 59 81 0B 81 61 08 3E 0F")
    /// R04: Get_extended_version, pn 3.
    static let r04 = bytes("F0 81 55 81 59 81 18 81 78 0C 44 0F")
    /// R05: Reset, pn 4.
    static let r05 = bytes("F0 81 55 81 59 81 C1 81 3F 10 3A 0F")
    /// R06: Ll_init, pn 5, no measurement, high voltage standard.
    static let r06 = bytes("F0 81 55 81 58 81 CA 81 F6 14 00 00 0F")
    /// R07: Ll_init, pn 6, measure current, high voltage standard.
    static let r07 = bytes("F0 81 55 81 58 81 AD 81 A6 18 00 10 0F")
    /// R08: Ll_init, pn 7, measure voltage, high voltage off.
    static let r08 = bytes("F0 81 55 81 58 81 67 81 77 1C 00 22 0F")
    /// R09: Ll_channel_config, pn 8, red/yellow, 250 us +10 mA, 100 us 0, 250 us -10 mA.
    static let r09 = bytes("F0 81 55 81 4E 81 B5 81 94 20 02 82 81 5A A5 00 00 06 44 B0 00 81 5A A4 60 00 0F")
    /// R10: Ll_channel_config, pn 9, white/green, 500 us +20 mA, 500 us -20 mA.
    static let r10 = bytes("F0 81 55 81 40 81 B2 81 56 24 02 F1 1F 45 50 00 1F 44 10 00 0F")
    /// R11: Ll_channel_config, pn 10, blue/yellow, points (240,-30) (240,-28.5) (2049,0) (2064,-53.5): several
    /// stuffed bytes, charge not balanced.
    static let r11 = bytes(
        """
        F0 81 55 81 75 81 13 81 CD 28 02 A3 81 5A 03 C0 00 81 5A 03 CC 00 80 14 B0 00 81 D4 03 04 00 0F
        """)
    /// R12: Ll_channel_config, pn 11, black/green, 16 points of 4095 us, +130/-130 mA in turn.
    static let r12 = bytes(
        """
        F0 81 55 81 00 81 95 81 4F 2C 02 DF FF F8 C0 00 FF 81 A5 A0 00 FF F8 C0 00 FF 81 A5 A0 00 FF F8
        C0 00 FF 81 A5 A0 00 FF F8 C0 00 FF 81 A5 A0 00 FF F8 C0 00 FF 81 A5 A0 00 FF F8 C0 00 FF 81 A5
        A0 00 FF F8 C0 00 FF 81 A5 A0 00 FF F8 C0 00 FF 81 A5 A0 00 0F
        """)
    /// R13: Ll_stop, pn 13.
    static let r13 = bytes("F0 81 55 81 59 81 DC 81 80 34 04 0F")
    /// R14: Ml_init, pn 14, continue on error.
    static let r14 = bytes("F0 81 55 81 58 81 19 81 2D 38 1E 00 0F")
    /// R15: Ml_init, pn 15, stop all channels on error.
    static let r15 = bytes("F0 81 55 81 58 81 D5 81 CC 3C 1E 01 0F")
    /// R16: Ml_update, pn 16, channel 1: ramp 3, period 20 ms, 250 us +10 mA, 100 us 0, 250 us -10 mA.
    static let r16 = bytes(
        """
        F0 81 55 81 4B 81 94 81 75 40 20 01 23 00 50 81 5A A5 00 00 06 44 B0 00 81 5A A4 60 00 0F
        """)
    /// R17: Ml_update, pn 17, channel 1: ramp 0, 10 ms, 250 us +15/-15 mA; channel 6: ramp 15, 1000 ms, 10 us
    /// +0.5/-0.5 mA.
    static let r17 = bytes(
        """
        F0 81 55 81 73 81 44 81 98 44 20 21 10 00 28 81 5A A5 28 00 81 5A A4 38 00 1F 81 5A A0 00 A4 B4
        00 00 A4 AC 00 0F
        """)
    /// R18: Ml_update, pn 18, no channel.
    static let r18 = bytes("F0 81 55 81 58 81 E7 81 BF 48 20 00 0F")
    /// R19: Ml_get_current_data, pn 19, selection 4.
    static let r19 = bytes("F0 81 55 81 58 81 B7 81 3F 4C 24 04 0F")
    /// R20: Ml_stop, pn 20.
    static let r20 = bytes("F0 81 55 81 59 81 5F 81 CA 50 22 0F")
    /// R21: Ll_channel_config, pn 2, red/yellow, 300 us +10/-10 mA: the first checksum byte is escaped to F0.
    static let r21 = bytes("F0 81 55 81 43 81 F0 81 37 08 02 81 D4 12 C5 00 00 12 C4 60 00 0F")
    /// R22: Ll_channel_config, pn 12, red/yellow, 300 us +14/-14 mA: both checksum bytes are escaped to 81.
    static let r22 = bytes("F0 81 55 81 43 81 81 81 81 30 02 81 D4 12 C5 20 00 12 C4 40 00 0F")
    /// R23: Ml_update, pn 0, channel 1: 3 x (250 us, +10 mA); channel 2: 14 x (300 us, +10 mA); ramp 0, 20 ms:
    /// total length 90, so the length byte is escaped to 0F.
    static let r23 = bytes(
        """
        F0 81 55 81 0F 81 D9 81 7D 00 20 03 20 00 50 81 5A A5 00 00 81 5A A5 00 00 81 5A A5 00 00 D0 00
        50 12 C5 00 00 12 C5 00 00 12 C5 00 00 12 C5 00 00 12 C5 00 00 12 C5 00 00 12 C5 00 00 12 C5 00
        00 12 C5 00 00 12 C5 00 00 12 C5 00 00 12 C5 00 00 12 C5 00 00 12 C5 00 00 0F
        """)

    /// A01: Get_device_id_ack, pn 1, ok, id "1234567890".
    static let a01 = bytes("F0 81 55 81 42 81 D4 81 88 04 35 00 31 32 33 34 35 36 37 38 39 30 0F")
    /// A02: Get_stim_status_ack, pn 2, no level, high voltage off.
    static let a02 = bytes("F0 81 55 81 5A 81 BF 81 5E 08 3F 00 00 01 0F")
    /// A03: Get_stim_status_ack, pn 2, low level, 150 V.
    static let a03 = bytes("F0 81 55 81 5A 81 FC 81 88 08 3F 00 01 06 0F")
    /// A04: Get_stim_status_ack, pn 2, mid level running, 150 V.
    static let a04 = bytes("F0 81 55 81 5A 81 9A 81 EA 08 3F 00 03 06 0F")
    /// A05: Get_extended_version_ack, pn 3, firmware 1.2.3, ScienceMode 4.0.0, hash DEADBEEF, git, valid.
    static let a05 = bytes("F0 81 55 81 4C 81 19 81 AD 0C 45 00 01 02 03 04 00 00 DE AD BE EF 01 01 0F")
    /// A06: Reset_ack, pn 4, ok.
    static let a06 = bytes("F0 81 55 81 58 81 CF 81 59 10 3B 00 0F")
    /// A07: Ll_init_ack, pn 5, ok.
    static let a07 = bytes("F0 81 55 81 58 81 F9 81 C7 14 01 00 0F")
    /// A08: Ll_init_ack, pn 5, result 7.
    static let a08 = bytes("F0 81 55 81 58 81 89 81 20 14 01 07 0F")
    /// A09: Ll_channel_config_ack, pn 8, ok, red/yellow, no measurement.
    static let a09 = bytes("F0 81 55 81 5A 81 C6 81 3D 20 03 00 00 00 0F")
    /// A10: Ll_channel_config_ack, pn 9, result 10, white/green.
    static let a10 = bytes("F0 81 55 81 5A 81 DE 81 DA 24 03 0A 13 00 0F")
    /// A11: Ll_channel_config_ack, pn 9, result 28, white/green.
    static let a11 = bytes("F0 81 55 81 5A 81 2F 81 19 24 03 1C 13 00 0F")
    /// A12: Ll_stop_ack, pn 13, ok.
    static let a12 = bytes("F0 81 55 81 58 81 B3 81 C5 34 05 00 0F")
    /// A13: Ml_init_ack, pn 14, ok.
    static let a13 = bytes("F0 81 55 81 58 81 2A 81 1C 38 1F 00 0F")
    /// A14: Ml_update_ack, pn 16, ok.
    static let a14 = bytes("F0 81 55 81 58 81 7D 81 2F 40 21 00 0F")
    /// A15: Ml_update_ack, pn 16, result 2.
    static let a15 = bytes("F0 81 55 81 58 81 5D 81 6D 40 21 02 0F")
    /// A16: Ml_update_ack, pn 16, result 7.
    static let a16 = bytes("F0 81 55 81 58 81 0D 81 C8 40 21 07 0F")
    /// A17: Ml_get_current_data_ack, pn 19, sel 4, channel 1 active, channel 6 electrode error.
    static let a17 = bytes("F0 81 55 81 46 81 23 81 C9 4C 25 00 04 01 00 00 10 00 0F")
    /// A18: Ml_get_current_data_ack, pn 19, sel 4, channels 1 and 8 active, 1 low current, 6 electrode, 8 pulse
    /// timeout (activity byte 81 is stuffed).
    static let a18 = bytes("F0 81 55 81 41 81 42 81 6E 4C 25 00 04 81 D4 03 00 10 20 0F")
    /// A19: Ml_stop_ack, pn 20, ok.
    static let a19 = bytes("F0 81 55 81 58 81 58 81 2E 50 23 00 0F")
    /// A20: General_error, pn 0, result 1.
    static let a20 = bytes("F0 81 55 81 58 81 2E 81 DA 00 42 01 0F")
    /// A21: Unknown_cmd, pn 21, result 11.
    static let a21 = bytes("F0 81 55 81 58 81 3E 81 AF 54 43 0B 0F")
    /// A22: Ll_channel_config_ack, pn 8, ok, red/yellow, current measured, sampling time 10 us, samples 0-24 =
    /// 1000, 25-34 = 0, 35-59 = 1000, 60-127 = 0 (273 bytes).
    static let a22 = bytes(
        """
        F0 81 54 81 44 81 9F 81 44 20 03 00 00 01 00 0A 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8
        03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8
        03 E8 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 03 E8 03 E8 03 E8 03 E8 03 E8
        03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8 03 E8
        03 E8 03 E8 03 E8 03 E8 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 0F
        """)
    /// A23: Ml_get_current_data_ack, pn 19, sel 3 (C library only), running, electrode error on channels 1 and 8.
    static let a23 = bytes("F0 81 55 81 45 81 E5 81 6E 4C 25 00 03 11 18 0F")
    /// A24: Ml_get_current_data_ack, pn 19, sel 2 (C library only), running, electrode error on channel 1.
    static let a24 = bytes("F0 81 55 81 5A 81 20 81 6F 4C 25 00 02 11 0F")

    static let requests = [
        r01, r02, r03, r04, r05, r06, r07, r08, r09, r10, r11, r12, r13, r14, r15, r16, r17, r18, r19, r20, r21, r22,
        r23,
    ]
    static let acknowledgements = [
        a01, a02, a03, a04, a05, a06, a07, a08, a09, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22,
        a23, a24,
    ]

    /// Hexadecimal bytes, separated by white space.
    static func bytes(_ text: String) -> [UInt8] {
        text.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0, radix: 16) }
    }
}

enum MalformedFrames {
    /// N01: CRC wrong by one bit, ll_init pn=1.
    static let n01 = GoldenFrames.bytes("F0 81 55 81 58 81 89 81 94 04 00 00 0F")
    /// N02: Length field one too large, CRC right, ll_init pn=1.
    static let n02 = GoldenFrames.bytes("F0 81 55 81 5B 81 89 81 95 04 00 00 0F")
    /// N03: 7 bytes of a frame, then a whole get_stim_status pn=2.
    static let n03 = GoldenFrames.bytes("F0 81 55 81 58 81 89 F0 81 55 81 59 81 0B 81 61 08 3E 0F")
    /// N04: Same, with two 0F bytes in between.
    static let n04 = GoldenFrames.bytes("F0 81 55 81 58 81 89 0F 0F F0 81 55 81 59 81 0B 81 61 08 3E 0F")
    /// N05: Unknown command 200, pn=21.
    static let n05 = GoldenFrames.bytes("F0 81 55 81 59 81 CF 81 6A 54 C8 0F")
    /// N06: Ll_channel_config 140 mA.
    static let n06 = GoldenFrames.bytes("F0 81 55 81 43 81 77 81 F1 04 02 81 D4 12 C9 10 00 12 C0 50 00 0F")
    /// N07: Ll_channel_config raw current 1023.
    static let n07 = GoldenFrames.bytes("F0 81 55 81 44 81 97 81 A6 04 02 80 12 CF FC 00 0F")
    /// N08: Ll_channel_config says 2 points, holds 1 1/2 (6 of 8 bytes).
    static let n08 = GoldenFrames.bytes("F0 81 55 81 41 81 79 81 0F 04 02 81 D4 12 C5 00 00 12 C4 0F")
    /// N09: Ll_channel_config says 1 point, holds none.
    static let n09 = GoldenFrames.bytes("F0 81 55 81 58 81 7E 81 7F 04 02 80 0F")
    /// N10: Ml_update channel 1 says 16 points, holds none.
    static let n10 = GoldenFrames.bytes("F0 81 55 81 44 81 AC 81 DF 04 20 01 81 A5 00 50 0F")
    /// N11: Ll_init high-voltage field 7.
    static let n11 = GoldenFrames.bytes("F0 81 55 81 58 81 68 81 5B 04 00 0E 0F")
    /// N12: Ll_channel_config with 4 bytes too many.
    static let n12 = GoldenFrames.bytes("F0 81 55 81 4F 81 67 81 3A 04 02 81 D4 12 C5 00 00 12 C4 60 00 00 00 00 00 0F")
    /// N13: Ml_update period raw 0.
    static let n13 = GoldenFrames.bytes("F0 81 55 81 4D 81 69 81 A2 04 20 01 10 00 00 12 C5 00 00 12 C4 60 00 0F")
    /// N14: Ml_update 1 ms period, 2 x 470 us (duty over limit).
    static let n14 = GoldenFrames.bytes("F0 81 55 81 4D 81 08 81 7E 04 20 01 10 00 04 1D 64 D8 00 1D 64 88 00 0F")
    /// N15: Ll_channel_config +10 mA 300 us only (charge not balanced).
    static let n15 = GoldenFrames.bytes("F0 81 55 81 44 81 06 81 CB 04 02 80 12 C5 00 00 0F")
    /// N16: Ll_init without its payload byte.
    static let n16 = GoldenFrames.bytes("F0 81 55 81 59 81 99 81 91 04 00 0F")
    /// N17: Ml_get_current_data selection 9.
    static let n17 = GoldenFrames.bytes("F0 81 55 81 58 81 D2 81 9E 04 24 09 0F")
}
