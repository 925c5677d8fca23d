"""The figures of the interlock board as the Swift sources have them; the drawings and the check take them from here."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOARD = "InterlockConfiguration"
PARTS = "NeedleOutputConfiguration"
RELAY = "RelayTiming"
TRIGGER = "TriggerTiming"

# Where each group of figures stands.
PLACES = {
    BOARD: "Sources/RigSimulator/Needle/InterlockBoard.swift",
    PARTS: "Sources/RigSimulator/Needle/NeedleOutput.swift",
    RELAY: "Sources/StimulatorLinks/RelayControl.swift",
    TRIGGER: "Sources/StimulatorLinks/EdgeUnderWay.swift",
}

STORED = re.compile(r"public var (\w+)(?:: \w+)? = ([0-9][0-9_.]*)")
COMPUTED = re.compile(r"static var (\w+): \w+ \{ @_noLocks get \{ ([0-9][0-9_]*) \} \}")


def body(group: str) -> str:
    """The braces that follow `struct GROUP` or `enum GROUP`."""
    path = PLACES[group]
    text = (ROOT / path).read_text(encoding="utf-8")
    begin = re.search(rf"(?:struct|enum) {group}\b[^{{]*\{{", text)
    if begin is None:
        raise SystemExit(f"{path}: no {group}")
    depth = 1
    place = begin.end()
    while depth > 0:
        if place >= len(text):
            raise SystemExit(f"{path}: {group} does not end")
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        place += 1
    return text[begin.end() : place]


def read() -> dict[str, float]:
    """Every figure by `Group.name`."""
    found: dict[str, float] = {}
    for group in PLACES:
        pattern = STORED if group in (BOARD, PARTS) else COMPUTED
        for name, number in pattern.findall(body(group)):
            found[f"{group}.{name}"] = float(number.replace("_", ""))
    return found
