"""The pretended operator as a program: what its scripts can do, and how they fail.

usage: operator_scripts.py MOTORPOINT_SIM
"""

import os
import subprocess
import sys
import tempfile

# Asks, echoes what it hears, and ends with the status that it is told.
TALKER = r"""
import sys, tty, termios, os
tty.setcbreak(0)
print("window", os.get_terminal_size().columns, os.get_terminal_size().lines, "tty", os.isatty(0), flush=True)
while True:
    key = os.read(0, 1)
    print("\r\x1b[Kheard \x1b[1m%d\x1b[0m" % key[0], end="", flush=True)
    if key == b"q": print("\nbye"); sys.exit(0)
    if key in b"123456789": sys.exit(int(key))
"""

CASES = [
    ("types and waits", 'expect "window 100 30 tty True" within 10s\ntype "a"\nexpect "heard 97" within 5s\ntype "q"\n'
     'expect "bye"\nexpect-exit 0 within 5s\n', 0, ""),
    ("keys", r'expect "window"' '\n' r'type "\e"' '\nexpect "heard 27"\n' r'type "\^"' '\nexpect "heard 94"\n'
     'type "^D"\nexpect "heard 4"\ntype "\\n"\nexpect "heard 10"\ntype "q"\nexpect-exit 0\n', 0, ""),
    ("interrupts", 'expect "window"\ntype "^C"\nexpect-exit 130 within 5s\n', 0, ""),
    ("repeats", 'expect "window"\nrepeat 3 every 50ms type "x"\nexpect "heard 120"\nexpect "heard 120"\n'
     'expect "heard 120"\ntype "q"\nexpect-exit 0\n', 0, ""),
    ("matches once", 'expect "window"\nexpect "window" within 200ms\n', 4, "line 2"),
    ("sees again what stands there", 'expect "window"\nsee "window" within 200ms\nsee "window" within 200ms\ntype "q"\n'
     'expect-exit 0\n', 0, ""),
    ("sees nothing that is not there", 'see "never" within 200ms\n', 4, "line 1"),
    ("unless seen", 'expect "tty"\nunless-seen "never" type "q"\nexpect-exit 0 within 5s\n', 0, ""),
    ("other status", 'expect "window"\ntype "7"\nexpect-exit 7 within 5s\n', 0, ""),
    ("wrong status", 'expect "window"\ntype "7"\nexpect-exit 0 within 5s\n', 4, "status 7"),
    ("ends early", 'expect "window"\ntype "5"\nexpect "more" within 5s\n', 4, "ended with status 5"),
    ("kill", 'expect "window"\nkill -9\nexpect-exit 137 within 5s\n', 0, ""),
    ("signal", 'expect "window"\nsignal TERM\nexpect-exit 143 within 5s\n', 0, ""),
    ("hang-up", 'expect "window"\nhangup\nexpect-exit 129 within 5s\n', 0, ""),
    ("still runs", 'expect "window"\n', 4, "still runs"),
    ("exit too late", 'expect "window"\nexpect-exit 0 within 300ms\n', 4, "still runs after 300 ms"),
    ("button without rig", 'expect "window"\npatient-button\n', 4, "--patient-button"),
    ("comment", '# nothing\nexpect "window" within 5s # really\ntype "q"\nexpect-exit 0\n', 0, ""),
    ("unknown command", 'expect "window"\ndance\n', 4, "script:2: unknown command dance"),
    ("no time", 'wait soon\n', 4, "script:1: soon is no time"),
    ("no quote", 'type "abc\n', 4, "script:1: the text does not end"),
    ("too much", 'hangup now\n', 4, "script:1: there is more"),
    ("unknown escape", 'type "\\z"\n', 4, "script:1: unknown escape"),
    ("empty", '# nothing at all\n', 4, "the script says nothing"),
    ("bad signal", 'signal WINK\n', 4, "unknown signal WINK"),
]


def main():
    """Runs every case and compares status and message."""
    program = sys.argv[1]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        talker = os.path.join(folder, "talker.py")
        with open(talker, "w", encoding="ascii") as file:
            file.write(TALKER)
        script = os.path.join(folder, "script")
        for name, text, status, message in CASES:
            with open(script, "w", encoding="utf-8") as file:
                file.write(text)
            ended = subprocess.run(
                [program, "operator", "--script", script, "--", sys.executable, talker],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
            )
            if ended.returncode != status or message not in ended.stderr:
                failed += 1
                print(f"FAILED: {name}: status {ended.returncode}, expected {status}: {ended.stderr}")
    missing = subprocess.run(
        [program, "operator", "--script", "/nonexistent/script", "--", "true"], capture_output=True, text=True,
        timeout=10, check=False,
    )
    if missing.returncode != 66:
        failed += 1
        print(f"FAILED: a missing script ended with {missing.returncode}")
    if failed:
        sys.exit(1)
    print(f"operator: {len(CASES) + 1} checks passed")


main()
