#!/usr/bin/env python3
"""Holds README.md and the drawings against the program. Silent and 0 when all agree; 1 and a line for each difference."""

import math
import re
import sys

sys.dont_write_bytecode = True
import drawings  # noqa: E402
import figures  # noqa: E402

README = drawings.HERE / "README.md"
ROW = re.compile(r"^\| ([^|]+) \| ([0-9.]+) ?([^|]*) \| `(\w+\.\w+)` \|")

# What the host does by itself concerns no part of the board.
NOT_OF_THE_BOARD = {
    "TriggerTiming.answerMilliseconds",
    "TriggerTiming.betweenAbortsMilliseconds",
    "TriggerTiming.idlePollMilliseconds",
    "TriggerTiming.attempts",
}
# The unit that the end of a name stands for.
UNITS = {"Milliseconds": "ms", "Microseconds": "µs", "Microamperes": "µA", "Microfarads": "µF", "Ohms": "Ω"}
# Sentences that repeat a figure, with what they must say.
SENTENCES = {
    "InterlockConfiguration.dropOutMilliseconds": "It is empty {} ms\n  after the last edge",
    "InterlockConfiguration.stretchMilliseconds": "made\n  {} ms longer",
    "RelayTiming.openMilliseconds": "{} ms are allowed",
    "TriggerTiming.signMilliseconds": "seen past {} ms, relay opens",
}


def unit(name: str) -> str:
    return next((sign for end, sign in UNITS.items() if name.endswith(end)), "")


def table(text: str, known: dict[str, float]) -> list[str]:
    problems = []
    stated = set()
    for number, line in enumerate(text.splitlines(), 1):
        row = ROW.match(line)
        if row is None:
            continue
        _, value, sign, name = row.groups()
        stated.add(name)
        if name not in known:
            problems.append(f"README.md:{number}: the program has no {name}")
        elif float(value) != known[name] or sign.strip() != unit(name):
            problems.append(
                f"README.md:{number}: {name} is {known[name]:g} {unit(name)} in the program, not {value} {sign}"
            )
    for name in sorted(set(known) - stated - NOT_OF_THE_BOARD):
        problems.append(f"README.md: {name} of the program is missing from the table")
    for name, words in SENTENCES.items():
        if words.format(f"{known.get(name, math.nan):g}") not in text:
            problems.append(f"README.md: no longer says \"{words.format(f'{known.get(name, math.nan):g}')}\"")
    return problems


def part(text: str, pattern: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"README.md: no part that fits {pattern}")
    return float(found.group(1))


def pump(text: str, known: dict[str, float]) -> list[str]:
    """The charge pump as an ideal one: half of C1a in series with C1b into C2, a cycle every 2 ms."""
    pumping = part(text, r"C1a, C1b \| ([0-9]+) nF") / 2
    storing = part(text, r"C2, R3 \| ([0-9]+) nF")
    bleeding = part(text, r"C2, R3 \| [^|]*?([0-9]+) kΩ")
    reached = part(text, r"([0-9.]+) V reach C2")
    supply = 5.0
    kept = storing / (storing + pumping)
    constant = storing * 1e-9 * bleeding * 1e3 * 1e3  # ms
    leak = math.exp(-2 / constant)
    volts, edges = 0.0, 0
    while volts < supply * 2 / 3 and edges < 100:
        volts = kept * volts * leak + (1 - kept) * reached
        edges += 2
    steady = (1 - kept) * reached / (1 - kept * leak)
    empty = constant * math.log(steady / (supply / 3))
    problems = []
    if edges > known["InterlockConfiguration.edgesToCharge"]:
        problems.append(f"README.md: C1, C2 and R3 take {edges} edges")
    if not 40 <= empty <= known["InterlockConfiguration.dropOutMilliseconds"]:
        problems.append(f"README.md: C1, C2 and R3 are empty after {empty:.1f} ms")
    stated = part(text, r"empty after ([0-9]+) ms, full")
    if round(empty) not in (stated, stated + 1):
        problems.append(f"README.md: says {stated:g} ms, computed {empty:.1f} ms")
    return problems


def main() -> int:
    known = figures.read()
    # One that finds nothing proves nothing.
    if len(known) < 20:
        print(f"check.py: only {len(known)} figures found in the sources; figures.py no longer fits them")
        return 1
    text = README.read_text(encoding="utf-8")
    problems = table(text, known) + pump(text, known)
    for path, drawn in (drawings.circuit(), drawings.timing()):
        if not path.exists() or path.read_text(encoding="utf-8") != drawn:
            problems.append(f"{path.name}: not what the sources give; run Hardware/interlock/drawings.py")
    for problem in problems:
        print(f"Hardware/interlock/{problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
