#!/usr/bin/env python3
"""Draws circuit.svg and timing.svg. Figures come from the Swift sources; the timing of the arming proof is worked out
here, step by step, with the rules of RelayControl and of the board.

Usage: drawings.py          writes both files
       drawings.py --check  compares them with what it would write; 1 when they differ
"""

import html
import pathlib
import sys

sys.dont_write_bytecode = True
import figures  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
F = figures.read()


def figure(name: str) -> str:
    return f"{F[name]:g}"


DROP_OUT = figure("InterlockConfiguration.dropOutMilliseconds")
STRETCH = figure("InterlockConfiguration.stretchMilliseconds")
SEEN = f"{F['InterlockConfiguration.seenMicroamperes'] / 1000:g}"
BLOCKING = figure("NeedleOutputConfiguration.blockingMicrofarads")
BLEEDER = f"{F['NeedleOutputConfiguration.bleederOhms'] / 1000:g}"


class Sheet:
    """Lines of an SVG file, black on white."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self.lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="DejaVu Sans, Helvetica, sans-serif" font-size="13">',
            f"<title>{html.escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
        ]

    def text(self, x, y, words, size=13, anchor="start", weight="normal", back=False):
        """With `back`, white behind it: over a line."""
        halo = ' stroke="white" stroke-width="5" paint-order="stroke"' if back else ""
        self.lines.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}"{halo}>'
            f"{html.escape(words)}</text>"
        )

    def path(self, data, width=1.5, dash="", fill="none", stroke="black"):
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.lines.append(f'<path d="{data}" fill="{fill}" stroke="{stroke}" stroke-width="{width:g}"{dashes}/>')

    def wire(self, *points, width=1.5, dash=""):
        self.path("M" + " L".join(f"{x:g} {y:g}" for x, y in points), width, dash)

    def dot(self, x, y):
        self.lines.append(f'<circle cx="{x:g}" cy="{y:g}" r="3.2"/>')

    def box(self, x, y, width, height, fill="white", stroke=1.5, dash=""):
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.lines.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}" stroke="black" '
            f'stroke-width="{stroke:g}"{dashes}/>'
        )

    # Symbols.

    def ground(self, x, y):
        self.wire((x, y), (x, y + 6))
        for step, half in enumerate((9, 6, 3)):
            self.wire((x - half, y + 6 + 4 * step), (x + half, y + 6 + 4 * step))

    def isolated_zero(self, x, y):
        """The isolated side's own 0 V, which is no earth."""
        self.path(f"M{x} {y} L{x} {y + 6} M{x - 8} {y + 6} L{x + 8} {y + 6} L{x} {y + 16} Z")

    def resistor_down(self, x, y, name, value, ground=True, side="right"):
        self.wire((x, y), (x, y + 12))
        self.box(x - 6, y + 12, 12, 30)
        self.wire((x, y + 42), (x, y + 54))
        if ground:
            self.ground(x, y + 54)
        self.label(x, y + 24, name, value, side)

    def label(self, x, y, name, value, side="right", gap=11):
        place, anchor = (x + gap, "start") if side == "right" else (x - gap, "end")
        self.text(place, y, name, anchor=anchor, weight="bold", size=12)
        if value:
            self.text(place, y + 14, value, anchor=anchor, size=12)

    def resistor(self, x, y, name, value, width=34, above=True):
        self.box(x, y - 6, width, 12)
        offset = (-24, -11) if above else (21, 35)
        self.text(x + width / 2, y + offset[0], name, anchor="middle", weight="bold", size=12)
        self.text(x + width / 2, y + offset[1], value, anchor="middle", size=12)

    def capacitor(self, x, y, name, value):
        """In a level wire; its plates at x and x + 8."""
        self.wire((x, y - 11), (x, y + 11), width=2.5)
        self.wire((x + 8, y - 11), (x + 8, y + 11), width=2.5)
        self.text(x + 4, y - 29, name, anchor="middle", weight="bold", size=12)
        self.text(x + 4, y - 16, value, anchor="middle", size=12)

    def capacitor_down(self, x, y, name, value, side="right"):
        self.wire((x, y), (x, y + 23))
        self.wire((x - 11, y + 23), (x + 11, y + 23), width=2.5)
        self.wire((x - 11, y + 31), (x + 11, y + 31), width=2.5)
        self.wire((x, y + 31), (x, y + 54))
        self.ground(x, y + 54)
        self.label(x, y + 18, name, value, side, gap=15)

    def flag(self, x, y, words, width=None):
        """A net's name; the same name elsewhere is the same wire."""
        width = width or 9 * len(words) + 16
        self.path(f"M{x} {y - 10} h{width - 10} l10 10 l-10 10 h{-(width - 10)} Z", fill="white")
        self.text(x + (width - 8) / 2, y + 4.5, words, anchor="middle", size=12)
        return x + width

    def gate(self, x, y, width, height, sign, name):
        self.box(x, y, width, height)
        self.text(x + width / 2, y + min(20, height / 2 + 5), sign, anchor="middle", size=14)
        self.text(x + width / 2, y - 5, name, anchor="middle", weight="bold", size=12)

    def diode(self, x, y, name, up=False):
        """Level, from left to right; or upright, from below."""
        if up:
            self.path(f"M{x - 8} {y + 7} L{x + 8} {y + 7} L{x} {y - 7} Z", fill="black")
            self.wire((x - 8, y - 7), (x + 8, y - 7), width=2)
            self.text(x + 13, y + 4, name, weight="bold", size=12)
        else:
            self.path(f"M{x - 7} {y - 8} L{x - 7} {y + 8} L{x + 7} {y} Z", fill="black")
            self.wire((x + 7, y - 8), (x + 7, y + 8), width=2)
            self.text(x, y - 13, name, anchor="middle", weight="bold", size=12)

    def contact(self, x, y, name, closed=False, length=40):
        """In a level wire: make contact, or break contact when `closed`."""
        self.dot(x, y)
        self.dot(x + length, y)
        if closed:
            self.wire((x, y), (x + length + 2, y - 9))
            self.wire((x + length, y), (x + length, y - 12))
        else:
            self.wire((x, y), (x + length - 3, y - 15))
        self.text(x + length / 2 + 4, y + 18, name, weight="bold", size=12)

    def transistor(self, x, y, name):
        """N-channel: drain above at y, source below at y + 40, gate at (x - 26, y + 20)."""
        self.wire((x, y), (x, y + 8), (x - 12, y + 8))
        self.wire((x, y + 40), (x, y + 32), (x - 12, y + 32))
        self.wire((x - 12, y + 3), (x - 12, y + 37), width=2.5)
        self.wire((x - 18, y + 8), (x - 18, y + 32), width=2)
        self.wire((x - 18, y + 20), (x - 26, y + 20))
        self.text(x + 8, y + 25, name, weight="bold", size=12)

    def save(self, name: str) -> tuple[pathlib.Path, str]:
        return HERE / name, "\n".join(self.lines + ["</svg>"]) + "\n"


# MARK: - The circuit


def heading(sheet, x, y, words):
    sheet.text(x, y, words, size=14, weight="bold")


def pump(s):
    heading(s, 30, 72, f"A  Heartbeat to PUMP (charge pump: empty {DROP_OUT} ms after the last edge, at the latest)")
    y = 130
    s.flag(30, y, "HEARTBEAT", width=106)
    s.wire((136, y), (190, y))
    s.dot(158, y)
    s.resistor_down(158, y, "R1", "10k", side="left")
    s.gate(190, y - 18, 40, 36, "1", "U1a")
    s.wire((230, y), (258, y))
    s.capacitor(258, y, "C1a", "220n")
    s.wire((266, y), (306, y))
    s.capacitor(306, y, "C1b", "220n")
    s.wire((314, y), (378, y))
    s.dot(344, y)
    s.wire((344, y), (344, y + 20))
    s.diode(344, y + 27, "D1", up=True)
    s.wire((344, y + 34), (344, y + 54))
    s.ground(344, y + 54)
    s.diode(385, y, "D2")
    s.wire((392, y), (550, y))
    s.dot(424, y)
    s.capacitor_down(424, y, "C2", "220n")
    s.dot(496, y)
    s.resistor_down(496, y, "R3", "240k")
    s.gate(550, y - 18, 60, 36, "Schmitt", "U1b")
    s.wire((610, y), (634, y))
    s.flag(634, y, "PUMP", width=66)


def latch(s):
    heading(s, 30, 250, "B  Enable and LATCH")
    y = 300
    s.flag(30, y, "ENABLE", width=84)
    s.wire((114, y), (215, y))
    s.dot(140, y)
    s.resistor_down(140, y, "R2", "10k", side="left")
    s.dot(180, y)
    s.wire((180, y), (180, y - 20), (196, y - 20))
    s.flag(196, y - 20, "EN", width=44)
    s.resistor(215, y, "R4", "10k", above=False)
    s.wire((249, y), (330, y))
    s.dot(280, y)
    s.capacitor_down(280, y, "C3", "10n")
    s.gate(330, y - 18, 60, 36, "Schmitt", "U1c")
    s.wire((390, y), (450, y))
    for row, name in enumerate(("PUMP", "EN", "ESTOP OK", "PATIENT OK")):
        line = 393 + 24 * row
        end = s.flag(170, line, name, width=100)
        s.wire((end, line), (330, line))
    s.gate(330, 381, 60, 96, "&", "U2")
    s.text(360, 426, "all four,", anchor="middle", size=12)
    s.text(360, 441, "or reset", anchor="middle", size=12)
    s.wire((390, 429), (420, 429), (420, 372), (441, 372))
    s.box(450, 270, 110, 124)
    s.text(505, 262, "U3 latch", anchor="middle", weight="bold", size=12)
    s.text(458, 305, "> CLK", size=12)
    s.text(458, 342, "D = 1", size=12)
    s.text(458, 377, "RESET", size=12)
    s.text(552, 305, "Q", anchor="end", size=12)
    s.lines.append('<circle cx="445.5" cy="372" r="4.5" fill="white" stroke="black" stroke-width="1.5"/>')
    s.wire((560, 300), (590, 300))
    s.flag(590, 300, "LATCH", width=72)
    for row, words in enumerate(
        (
            "set by the rising edge of EN,",
            "only while RESET is off;",
            "reset at once; nothing that",
            "comes back sets it again",
        )
    ):
        s.text(450, 418 + 15 * row, words, size=12)


def coil(s):
    heading(s, 30, 520, "C  Coil, emergency stop, read-back")
    y = 560
    s.text(30, y - 10, "VK 5 V", weight="bold", size=12)
    s.wire((34, y), (80, y))
    s.contact(80, y, "", closed=True, length=46)
    s.text(34, y + 22, "S1 emergency stop, normally", weight="bold", size=12)
    s.text(34, y + 37, "closed, in the coil's own supply", size=12)
    s.wire((126, y), (395, y))
    s.dot(270, y)
    s.wire((270, y), (270, y + 68))
    s.box(250, y + 68, 40, 26)
    s.text(244, y + 86, "K1", anchor="end", weight="bold", size=12)
    s.wire((270, y + 94), (270, y + 122))
    s.dot(330, y)
    s.wire((330, y), (330, y + 30))
    s.diode(330, y + 37, "D3, Z1", up=True)
    s.wire((330, y + 44), (330, y + 108), (270, y + 108))
    s.dot(270, y + 108)
    s.transistor(270, y + 122, "Q2")
    s.transistor(270, y + 170, "Q1")
    s.wire((270, y + 162), (270, y + 170))
    s.ground(270, y + 210)
    s.gate(150, y + 118, 46, 48, "&", "")
    s.text(173, y + 158, "U4", anchor="middle", weight="bold", size=12)
    for row, name in enumerate(("PUMP", "PATIENT OK")):
        line = y + 130 + 24 * row
        s.flag(34, line, name, width=100)
        s.wire((134, line), (150, line))
    s.wire((196, y + 142), (244, y + 142))
    s.flag(150, y + 190, "LATCH", width=72)
    s.wire((222, y + 190), (244, y + 190))
    s.resistor(395, y, "R5", "10k")
    s.wire((429, y), (470, y))
    s.dot(448, y)
    s.resistor_down(448, y, "R6", "22k")
    s.flag(470, y, "ESTOP OK", width=98)
    # Read-back: the mirror contact to ground, pulled up, buffered.
    s.text(530, 668, "3.3 V", size=12)
    s.wire((520, 668), (520, 674))
    s.box(514, 674, 12, 26)
    s.label(522, 686, "R8", "10k")
    s.wire((520, 700), (520, 728))
    s.dot(520, 714)
    s.wire((520, 714), (590, 714))
    s.gate(590, 696, 40, 36, "1", "U5a")
    s.wire((630, 714), (644, 714))
    s.flag(644, 714, "RELAY", width=74)
    s.dot(520, 728)
    s.dot(520, 760)
    s.wire((520, 760), (511, 726))
    s.wire((520, 728), (507, 728))
    s.ground(520, 760)
    s.text(538, 748, "K1.m mirror contact,", size=12)
    s.text(538, 763, "open while K1 is closed", size=12)


def triggers(s):
    heading(s, 30, 800, "D  Triggers, gated with EN")
    for row in range(2):
        y = 836 + row * 84
        s.flag(30, y, f"TRIGGER {row + 1}", width=100)
        s.wire((130, y), (230, y))
        s.dot(160, y)
        s.resistor_down(160, y, f"R{9 + row}", "10k", side="left")
        s.flag(176, y + 24, "EN", width=40)
        s.wire((216, y + 24), (230, y + 24))
        s.gate(230, y - 14, 50, 52, "&", "")
        s.text(255, y + 30, f"U6{'ab'[row]}", anchor="middle", weight="bold", size=12)
        s.wire((280, y + 12), (330, y + 12))
        s.lines.append(f'<circle cx="340" cy="{y + 12}" r="10" fill="white" stroke="black" stroke-width="1.5"/>')
        s.dot(340, y + 12)
        s.wire((340, y + 22), (340, y + 32))
        s.ground(340, y + 32)
        s.text(360, y + 4, f"J{2 + row} to Pulse Pal trigger input {row + 1}", size=12)
        s.text(360, y + 19, "(its optocoupler, 220 Ω or 1 kΩ): 5 V,", size=12)
        s.text(360, y + 34, "16 mA from a 24 mA output", size=12)


def to_host(s):
    heading(s, 30, 1010, "E  What the host reads")
    x = 30
    for name, pin in (
        ("ESTOP OK", "ESTOP"),
        ("PATIENT OK", "PATIENT"),
        ("SEEN 1", "SEEN1"),
        ("SEEN 2", "SEEN2"),
    ):
        end = s.flag(x, 1044, name, width={"ESTOP OK": 84, "PATIENT OK": 96}.get(name, 66))
        s.wire((end, 1044), (end + 10, 1044))
        s.gate(end + 10, 1030, 26, 28, "1", "")
        s.wire((end + 36, 1044), (end + 44, 1044))
        s.text(end + 47, 1048, pin, size=12, weight="bold")
        x = end + 47 + 9 * len(pin) + 9
    s.text(30, 1076, "U5 is supplied from the host's own 3.3 V. Each line is pulled down at the host: a cable that is off reads as", size=12)
    s.text(30, 1091, "pressed, relay open, nothing seen.", size=12)


def barrier(s):
    s.path("M772 44 L772 1104", width=1.5, dash="12 6")
    s.path("M784 44 L784 1104", width=1.5, dash="12 6")
    s.text(760, 40, "HOST SIDE", size=15, anchor="end", weight="bold")
    s.text(796, 40, "PATIENT SIDE", size=15, weight="bold")
    s.text(778, 20, "isolation barrier, 2 MOPP", anchor="middle", size=13, weight="bold")


def button(s):
    heading(s, 850, 72, "F  Patient's button")
    y = 112
    s.box(738, y - 16, 82, 64)
    s.text(779, y - 22, "U7", anchor="middle", weight="bold", size=12, back=True)
    # Transistor of the optocoupler on the host's side, diode on the patient's.
    s.wire((752, y), (752, y + 32), width=2.5)
    s.wire((752, y + 10), (762, y - 2), (762, y - 6))
    s.wire((752, y + 22), (762, y + 34), (762, y + 38))
    s.path(f"M800 {y + 6} L816 {y + 6} L808 {y + 20} Z", fill="black")
    s.wire((800, y + 21), (816, y + 21), width=2)
    s.path(f"M794 {y + 10} l-10 4 M794 {y + 17} l-10 4", width=1.2)
    s.wire((808, y + 6), (808, y - 4), (860, y - 4))
    s.resistor(860, y - 4, "R12", "680", above=False)
    s.wire((894, y - 4), (930, y - 4))
    s.contact(930, y - 4, "", closed=True, length=46)
    s.text(925, y + 17, "S2 patient's button,", weight="bold", size=12)
    s.text(925, y + 32, "normally closed", size=12)
    s.wire((976, y - 4), (1060, y - 4))
    s.text(1066, y, "VP0 from PS0", size=12, weight="bold")
    s.wire((808, y + 21), (808, y + 34), (836, y + 34))
    s.isolated_zero(836, y + 34)
    # The host's side: pulled up, inverted.
    s.wire((738, y + 16), (716, y + 16))
    s.text(736, 230, "follower, R13 10k to 0 V:", anchor="end", size=12)
    s.text(736, 245, "closed loop is high", anchor="end", size=12)
    s.wire((716, y + 16), (716, 206), (712, 206))
    s.flag(612, 206, "PATIENT OK", width=104)


def seen(s):
    heading(s, 850, 232, "G  Channel 1")
    y = 430
    # Comparator, stretch, isolator.
    s.box(1010, 300, 130, 60)
    s.text(1075, 293, "U8 comparator", anchor="middle", weight="bold", size=12)
    s.text(1075, 320, f"|I| ≥ {SEEN} mA", anchor="middle", size=13)
    s.text(1075, 337, "both signs", anchor="middle", size=12)
    s.text(1075, 352, "VP1 from PS1", anchor="middle", size=12)
    s.box(880, 300, 90, 60)
    s.text(925, 293, "U9 stretch", anchor="middle", weight="bold", size=12)
    s.text(925, 327, f"+{STRETCH} ms", anchor="middle", size=13)
    s.text(925, 345, "retriggered", anchor="middle", size=12)
    s.wire((1010, 330), (970, 330))
    s.wire((880, 330), (820, 330))
    s.box(738, 306, 82, 48)
    s.text(779, 299, "U10 isolator", anchor="middle", weight="bold", size=12, back=True)
    s.text(779, 335, "◁ digital", anchor="middle", size=12)
    s.wire((738, 330), (716, 330))
    s.flag(644, 330, "SEEN 1", width=72)
    # Isolator of the current, across the barrier by its own insulation.
    s.box(728, y - 14, 108, 128)
    for row, words in enumerate(("Isolator 1", "(DS5 class)", "±10 V in =", "±10 mA out,", "own insulation")):
        s.text(782, y + 14 + 17 * row, words, anchor="middle", size=12, weight="bold" if row == 0 else "normal")
    s.wire((728, y + 50), (700, y + 50))
    s.flag(574, y + 50, "Pulse Pal out 1", width=126)
    s.wire((836, y), (930, y))
    s.dot(872, y)
    s.wire((872, y), (872, y + 32))
    s.box(866, y + 32, 12, 36)
    s.wire((872, y + 68), (872, y + 100))
    s.label(872, y + 46, "R15 bleeder", f"{BLEEDER} kΩ")
    s.dot(872, y + 100)
    s.capacitor(930, y, "C5 blocking", f"{BLOCKING} µF film")
    s.wire((938, y), (985, y))
    s.contact(985, y, "", length=36)
    s.text(990, y + 20, "K1.1", anchor="end", weight="bold", size=12)
    s.wire((1021, y), (1052, y))
    s.dot(1040, y)
    s.resistor(1054, y, "R14 shunt", "100 Ω", width=44, above=False)
    s.wire((1040, y), (1054, y))
    s.wire((1098, y), (1150, y))
    s.dot(1110, y)
    s.wire((1040, y), (1040, 360))
    s.wire((1110, y), (1110, 360))
    s.wire((836, y + 100), (985, y + 100))
    s.contact(985, y + 100, "", length=36)
    s.text(990, y + 120, "K1.2", anchor="end", weight="bold", size=12)
    s.wire((1021, y + 100), (1150, y + 100))
    for line in (y, y + 100):
        s.lines.append(f'<circle cx="1156" cy="{line}" r="6" fill="white" stroke="black" stroke-width="1.5"/>')
    s.text(1172, y + 46, "J4", anchor="end", weight="bold", size=12)
    s.text(1172, y + 61, "needles", anchor="end", size=12)
    # One coil moves all contacts.
    s.wire((290, 641), (1003, 641), (1003, y - 8), width=1.2, dash="5 4")
    s.wire((506, 641), (506, 726), width=1.2, dash="5 4")
    s.wire((1003, 641), (1003, 672), width=1.2, dash="5 4")
    s.text(996, 635, "one force-guided relay", anchor="end", size=12)


def second(s):
    s.box(850, 672, 320, 108, dash="4 3")
    s.text(862, 694, "Channel 2, isolated from channel 1", weight="bold", size=12)
    s.text(862, 714, "C6, R17, R16, U11, U12 as C5, R15, R14, U8, U9;", size=12)
    s.text(862, 732, "contacts K1.3, K1.4 of the same relay; needles J5;", size=12)
    s.text(862, 750, "isolator 2 on Pulse Pal out 2; VP2 from PS2", size=12)
    s.box(738, 696, 82, 48)
    s.text(779, 689, "U13 isolator", anchor="middle", weight="bold", size=12, back=True)
    s.text(779, 725, "◁ digital", anchor="middle", size=12)
    s.wire((850, 720), (820, 720))
    s.wire((738, 720), (730, 720), (730, 786), (724, 786))
    s.flag(652, 786, "SEEN 2", width=72)


def supplies(s):
    heading(s, 850, 812, "H  Supplies across the barrier")
    for row, words in enumerate(
        (
            "VP0: the button's loop",
            "VP1: comparator of channel 1",
            "VP2: comparator of channel 2",
        )
    ):
        y = 846 + 44 * row
        s.box(728, y - 16, 108, 32)
        s.text(782, y + 4, f"PS{row}  5 V / 5 V", anchor="middle", size=12, weight="bold")
        s.wire((728, y), (704, y))
        s.text(698, y + 4, "VK", anchor="end", size=12)
        s.wire((836, y), (870, y))
        s.text(878, y + 4, words, size=12)
    for row, words in enumerate(
        (
            "Three isolated converters, 2 MOPP each: the three",
            "patient circuits share nothing with one another.",
            "K1 has 2 MOPP from coil and mirror contact to K1.1–4.",
        )
    ):
        s.text(850, 985 + 16 * row, words, size=12)


def circuit():
    s = Sheet(1200, 1170, "Interlock board of the needle rig: reference circuit")
    s.text(30, 28, "Interlock board of the needle rig: reference circuit", size=18, weight="bold")
    pump(s)
    latch(s)
    coil(s)
    triggers(s)
    to_host(s)
    barrier(s)
    button(s)
    seen(s)
    second(s)
    supplies(s)
    s.wire((30, 1112), (1170, 1112), width=1)
    s.text(
        30,
        1134,
        "A reference design: never built, never tested in hardware, and not a medical device. Arrows of one name are one "
        "wire. All values are (proposal).",
        size=13,
        weight="bold",
    )
    s.text(
        30,
        1154,
        "Gates are of a 5 V family with TTL inputs; supplies are decoupled at each part and not drawn. README.md has the "
        "parts, the truth table and what each fault leads to.",
        size=12,
    )
    return s.save("circuit.svg")


# MARK: - The timing


def arming():
    """Works out an arming: ticks of 1 ms of RelayControl against the board, which sees a pin one look later."""
    drop_out = F["InterlockConfiguration.dropOutMilliseconds"]
    look = F["InterlockConfiguration.samplingMicroseconds"] / 1000
    moves = {True: F["InterlockConfiguration.closeMilliseconds"], False: F["InterlockConfiguration.openMilliseconds"]}
    charge = F["RelayTiming.chargeMilliseconds"]
    script = [
        ("charge", "charge"), ("close", "close"), ("open", "proof 1: enable off"), ("charge", "charge"),
        ("close", "close"), ("open", "proof 2: heartbeat stopped"), ("charge", "charge"), ("close", "close"),
        ("closed", "closed: edges may follow"),
    ]
    turn, since = 0, 0.0
    enable = heartbeat = latched = closed = False
    edges, last_edge, contacts_at = 0, -1e9, None
    tracks = {name: [] for name in ("heartbeat", "pump", "enable", "latch", "relay", "readback")}
    turns = [(0.0, script[0][1])]
    read_back = False
    quarter = 0
    while quarter < 4 * 330:
        now = quarter * 0.25
        if quarter % 4 == 0:
            # The host: read, decide, drive.
            read_back = closed
            kind = script[turn][0]
            done = {
                "charge": now - since >= charge, "close": read_back, "open": not read_back, "closed": False,
            }[kind]
            if done:
                turn, since = turn + 1, now
                turns.append((now, script[turn][1]))
            beats = turn != 5
            if beats:
                heartbeat = not heartbeat
            enable_now = script[turn][0] in ("close", "closed") or turn == 5
            pending = (now + look, beats, enable_now)
        if pending and now >= pending[0]:
            _, beat, wanted = pending
            pending = None
            if beat:
                edges = 1 if now >= last_edge + drop_out else min(10, edges + 1)
                last_edge = now
            charged = edges >= F["InterlockConfiguration.edgesToCharge"] and now < last_edge + drop_out
            if wanted and not enable and charged and not latched:
                latched, contacts_at = True, now + moves[True]
            enable = wanted
        charged = edges >= F["InterlockConfiguration.edgesToCharge"] and now < last_edge + drop_out
        if latched and not (enable and charged):
            latched, contacts_at = False, now + moves[False]
        if contacts_at is not None and now >= contacts_at:
            closed, contacts_at = latched, None
        values = (heartbeat, charged, enable, latched, closed, read_back)
        for name, value in zip(tracks, values):
            tracks[name].append((now, value))
        quarter += 1
    return tracks, turns


def level(s, points, x, y, height=20, width=1.6):
    """A track of (time, high) as steps; y is its foot."""
    data = []
    last = None
    for time, high in points:
        place = y - (height if high else 0)
        if last is None:
            data.append(f"M{x(time):.1f} {place:.1f}")
        elif place != last:
            data.append(f"L{x(time):.1f} {last:.1f} L{x(time):.1f} {place:.1f}")
        last = place
    data.append(f"L{x(points[-1][0]):.1f} {last:.1f}")
    s.path(" ".join(data), width)


def axis(s, x, y, times, unit="ms"):
    s.wire((x(times[0]), y), (x(times[-1]), y), width=1)
    for time in times:
        s.wire((x(time), y), (x(time), y + 5), width=1)
        s.text(x(time), y + 19, f"{time:g}", anchor="middle", size=12)
    s.text(x(times[-1]) + 18, y + 19, unit, size=12)


def mark(s, x, time, top, bottom):
    s.wire((x(time), top), (x(time), bottom), width=0.8, dash="2 3")


def span(s, x, start, end, y, words, below=False):
    s.wire((x(start), y), (x(end), y), width=1)
    for time in (start, end):
        s.wire((x(time), y - 4), (x(time), y + 4), width=1)
    s.text(x((start + end) / 2), y + (16 if below else -5), words, anchor="middle", size=12)


def draw_arming(s, top):
    tracks, turns = arming()
    s.text(30, top, "1  Arming: each stop path is proven alone, before there is any energy", size=15, weight="bold")

    def x(time):
        return 150 + time * 3.05

    end = next(time for time, words in turns if words.startswith("closed")) + 30
    rows = (("HEARTBEAT", "heartbeat"), ("PUMP full", "pump"), ("ENABLE", "enable"), ("LATCH", "latch"),
            ("K1 contacts", "relay"), ("RELAY, as read", "readback"))
    foot = top + 62
    for time, words in turns[1:]:
        mark(s, x, time, top + 30, top + 62 + 34 * 5 + 6)
    for index, (time, words) in enumerate(turns):
        following = turns[index + 1][0] if index + 1 < len(turns) else end
        if following - time < 20 and not words.startswith("proof"):
            continue
        s.text(x((time + following) / 2) if index + 1 < len(turns) else x(time) + 4, top + 24, words,
               anchor="middle" if index + 1 < len(turns) else "start", size=12)
    for row, (name, key) in enumerate(rows):
        y = foot + 34 * row
        s.text(140, y - 4, name, anchor="end", size=12)
        if key == "heartbeat":
            # A comb at this scale; the silence is what matters.
            beat = [(t, v) for t, v in tracks[key] if t <= end]
            level(s, beat, x, y, width=0.7)
        else:
            level(s, [(t, v) for t, v in tracks[key] if t <= end], x, y)
    axis(s, x, foot + 34 * 5 + 14, list(range(0, int(end), 20)))
    one = next(time for time, words in turns if words.startswith("proof 1"))
    two = next(time for time, words in turns if words.startswith("proof 2"))
    after = [time for time, _ in turns if time > two][0]
    proof = [time for time, _ in turns if time > one][0]
    return foot + 34 * 5 + 46, (one, proof, two, after, turns[-1][0])


def draw_pulse(s, top):
    s.text(30, top, "2  One pulse, and a new setting in the silence before the next", size=15, weight="bold")

    def x(time):
        return 150 + (time + 2) * 34

    quiet = F["TriggerTiming.quietBeforeSettingMilliseconds"]
    stretch = F["InterlockConfiguration.stretchMilliseconds"]
    delay, phase = 0.35, 0.25
    foot = top + 54
    end = 27
    rows = ("ENABLE", "TRIGGER", "current at J4", "SEEN", "serial line")
    for row, name in enumerate(rows):
        s.text(140, foot + 40 * row - 4, name, anchor="end", size=12)
    level(s, [(-2, True), (end, True)], x, foot)
    begin = 0.0
    level(s, [(-2, False), (begin, True), (begin + 1, False), (end, False)], x, foot + 40)
    y = foot + 80 - 10
    a, b, c = begin + delay, begin + delay + phase, begin + delay + 2 * phase
    s.path(
        f"M{x(-2)} {y} L{x(a)} {y} L{x(a)} {y - 14} L{x(b)} {y - 14} L{x(b)} {y + 14} L{x(c)} {y + 14} "
        f"L{x(c)} {y} L{x(end)} {y}"
    )
    level(s, [(-2, False), (a, True), (c + stretch, False), (end, False)], x, foot + 120)
    span(s, x, c, c + stretch, foot + 94, f"stretched: {stretch:g} ms")
    told = begin + max(quiet, 7)
    s.box(x(told), foot + 142, x(told + 3) - x(told), 18)
    s.text((x(told) + x(told + 3)) / 2, foot + 155, "op 73", anchor="middle", size=12)
    s.box(x(told + 5), foot + 142, x(told + 5.6) - x(told + 5), 18)
    s.text(x(told + 5.9), foot + 155, "01: the next edge may come", size=12)
    s.wire((x(-2), foot + 160), (x(end), foot + 160), width=1)
    span(s, x, begin, told, foot + 178, f"no setting within {quiet:g} ms of an edge", below=True)
    span(
        s, x, told, told + 5, foot + 206,
        f"at most {figure('TriggerTiming.settingMilliseconds')} ms, else K1 opens; no edge meanwhile", below=True)
    span(s, x, begin, F["TriggerTiming.seenMilliseconds"], foot + 240,
         f"seen within {figure('TriggerTiming.seenMilliseconds')} ms, or not at all", below=True)
    span(s, x, F["TriggerTiming.seenMilliseconds"] + 3, 18, foot + 240,
         f"a sign from {figure('TriggerTiming.signMilliseconds')} ms on belongs to no edge: fault", below=True)
    axis(s, x, foot + 272, list(range(-2, end + 1, 2)))
    return foot + 304


def draw_deaths(s, top):
    drop_out = F["InterlockConfiguration.dropOutMilliseconds"]
    opens = F["InterlockConfiguration.openMilliseconds"]
    s.text(30, top, "3  The host dies at 0 (its lines stay as they are)", size=15, weight="bold")
    s.text(640, top, "4  A button is pressed at 0", size=15, weight="bold")

    def x(time):
        return 150 + (time + 15) * 5.2

    foot = top + 54
    last = -1.0
    beat, high = [], False
    time = -15.0
    while time <= last:
        beat.append((time, high))
        high = not high
        time += 1
    beat.append((75, beat[-1][1]))
    tracks = (
        ("HEARTBEAT", beat), ("PUMP full", [(-15, True), (last + drop_out, False), (75, False)]),
        ("ENABLE", [(-15, True), (75, True)]), ("LATCH", [(-15, True), (last + drop_out, False), (75, False)]),
        ("K1 contacts", [(-15, True), (last + drop_out + opens, False), (75, False)]),
    )
    for row, (name, points) in enumerate(tracks):
        y = foot + 34 * row
        s.text(140, y - 4, name, anchor="end", size=12)
        level(s, points, x, y, width=0.9 if row == 0 else 1.6)
    span(s, x, last, last + drop_out, foot + 34 * 4 + 22, f"{drop_out:g} ms", below=True)
    span(s, x, last + drop_out, last + drop_out + opens, foot + 34 * 4 + 22, f"{opens:g}", below=True)
    axis(s, x, foot + 34 * 4 + 52, list(range(-10, 71, 10)))

    def x2(time):
        return 770 + (time + 4) * 17

    tick = 1
    tracks = (
        ("loop", [(-4, True), (0, False), (18, False)]), ("LATCH", [(-4, True), (0, False), (18, False)]),
        ("K1 contacts", [(-4, True), (opens, False), (18, False)]),
        ("ENABLE", [(-4, True), (tick, False), (18, False)]),
        ("RELAY, as read", [(-4, True), (opens + tick, False), (18, False)]),
    )
    for row, (name, points) in enumerate(tracks):
        y = foot + 34 * row
        s.text(760, y - 4, name, anchor="end", size=12)
        level(s, points, x2, y)
    s.text(x2(2.0), foot + 34 * 3 - 6, "the host's next tick, by itself", size=12)
    span(s, x2, 0, opens, foot + 34 * 4 + 22, f"{opens:g} ms", below=True)
    axis(s, x2, foot + 34 * 4 + 52, list(range(-4, 19, 2)))
    return foot + 34 * 4 + 84


def timing():
    s = Sheet(1200, 1092, "Interlock board of the needle rig: timing")
    s.text(30, 30, "Interlock board of the needle rig: timing", size=18, weight="bold")
    foot, (one, proof, two, after, closed) = draw_arming(s, 62)
    s.text(
        150, foot + 14,
        f"In the model: proof 1 takes {proof - one:g} ms, proof 2 {after - two:g} ms (limit of both "
        f"{figure('RelayTiming.openMilliseconds')} ms), a whole arming {closed:g} ms; a relay that has not closed after "
        f"{figure('RelayTiming.closeMilliseconds')} ms", size=12)
    s.text(150, foot + 30, "is refused. The heartbeat moves once for each completed step of 1 ms; ten edges fill the "
           "pump.", size=12)
    foot = draw_pulse(s, foot + 66)
    foot = draw_deaths(s, foot + 34)
    s.text(30, foot + 14, "Worked out from the program and its model of the board; nothing here was measured on hardware. "
           "Figures and their sources: README.md.", size=13, weight="bold")
    return s.save("timing.svg")


def main() -> int:
    problems = 0
    for path, text in (circuit(), timing()):
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                print(f"{path.name}: not what drawings.py draws from the sources; run Hardware/interlock/drawings.py")
                problems = 1
        else:
            path.write_text(text, encoding="utf-8")
    return problems


if __name__ == "__main__":
    raise SystemExit(main())
