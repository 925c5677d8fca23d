"""The pretended rig as a program: its link, its patient's button, its control socket and its exit status.

usage: rig_control.py MOTORPOINT_SIM
"""

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

checks = 0


def check(condition, what):
    """Counts a check; ends the run loudly when it fails."""
    global checks
    checks += 1
    if not condition:
        sys.exit(f"FAILED: {what}")


def wait_for(condition, what, seconds=10):
    """Waits for a state of the world; only its absence fails, never its lateness."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"FAILED: {what} did not happen within {seconds} s")
        time.sleep(0.005)


class Rig:
    """A running `motorpoint-sim p24`."""

    def __init__(self, program, folder, *options):
        self.link = os.path.join(folder, "p24")
        self.socket = os.path.join(folder, "control")
        self.log = os.path.join(folder, "pulses.csv")
        command = [program, "p24", "--link", self.link, "--control", self.socket, "--meter-log", self.log]
        self.process = subprocess.Popen(
            command + list(options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        wait_for(lambda: os.path.lexists(self.link) and os.path.exists(self.socket), "the rig's start")

    def ask(self, line):
        """One line to the control socket, one line back."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(5)
            connection.connect(self.socket)
            connection.sendall((line + "\n").encode())
            return connection.makefile().readline().strip()

    def status(self):
        """The state as a dictionary."""
        return json.loads(self.ask("status"))

    def open(self):
        """The device as a host opens it."""
        return os.open(self.link, os.O_RDWR | os.O_NOCTTY)

    def end(self, number=signal.SIGTERM):
        """Ends it and returns exit status and last words."""
        self.process.send_signal(number)
        words, _ = self.process.communicate(timeout=10)
        return self.process.returncode, words


def frame(command, payload=b"", packet_number=1):
    """A ScienceMode4 frame, written here from the description of the wire."""
    body = b""
    for byte in bytes([packet_number << 2 | command >> 8, command & 0xFF]) + payload:
        body += bytes([0x81, byte ^ 0x55]) if byte in (0xF0, 0x0F, 0x81) else bytes([byte])
    code = 0
    for byte in body:
        code ^= byte << 8
        for _ in range(8):
            code = (code << 1 ^ 0x1021 if code & 0x8000 else code << 1) & 0xFFFF
    length = len(body) + 10
    header = (length >> 8, length & 0xFF, code >> 8, code & 0xFF)
    return b"\xf0" + b"".join(bytes([0x81, byte ^ 0x55]) for byte in header) + body + b"\x0f"


def pulse(milliamperes, microseconds=250):
    """One balanced pulse on channel 1."""
    points = ((microseconds, milliamperes), (100, 0), (microseconds, -milliamperes))
    payload = b"\x82" + b"".join(
        (duration << 20 | int(2 * current + 300) << 10).to_bytes(4, "big") for duration, current in points
    )
    return frame(2, payload)


def exchange(line, request, seconds=5):
    """Writes a frame and returns the one that answers it; nothing when none came."""
    os.write(line, request)
    answer = b""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([line], [], [], 0.05)[0]:
            answer += os.read(line, 512)
            if len(answer) > 9 and answer[-1] == 0x0F:
                return answer
    return answer


def vanishes(line):
    """True once a host that has the line open sees that the device is gone."""
    if not select.select([line], [], [], 0.05)[0]:
        return False
    try:
        return os.read(line, 512) == b""
    except OSError:
        return True


def test_button(program, folder):
    """The button takes the device away and brings it back, without its state."""
    rig = Rig(program, folder, "--button-milliseconds", "300", "--quiet")
    line = rig.open()
    check(len(exchange(line, frame(0, b"\x00"))) > 0, "no answer to Ll_init")
    check(rig.status()["high_voltage"], "high voltage off after Ll_init")
    check(rig.ask("patient-button") == "ok", "the button")
    wait_for(lambda: vanishes(line), "the hang-up")
    wait_for(lambda: not os.path.lexists(rig.link) or rig.status()["appearances"] == 2, "the link's end")
    os.close(line)
    wait_for(lambda: os.path.exists(rig.link), "the device's return")
    status = rig.status()
    check(status["appearances"] == 2 and status["present"], f"appearances {status['appearances']}")
    check(not status["high_voltage"] and status["level"] == 0, "the state survived the power cut")
    line = rig.open()
    check(len(exchange(line, frame(62))) > 0, "no answer after the return")
    os.close(line)
    check(rig.ask("unplug") == "ok", "unplug")
    wait_for(lambda: not os.path.lexists(rig.link), "the link's end")
    check(rig.ask("plug") == "ok", "plug")
    wait_for(lambda: os.path.exists(rig.link), "the device's return")
    code, words = rig.end()
    check(code == 0, f"exit status {code}: {words}")
    check("nothing above its limits" in words, words)
    check(not os.path.lexists(rig.link) and not os.path.exists(rig.socket), "something was left behind")


def test_operator_presses_the_button(program, folder):
    """The pretended operator reaches the patient's button, and says so when nobody is there."""
    rig = Rig(program, folder, "--button-milliseconds", "100", "--quiet")
    script = os.path.join(folder, "script")
    with open(script, "w", encoding="ascii") as file:
        file.write("wait 100ms\npatient-button\nhangup\nexpect-exit 129 within 5s\n")
    command = [program, "operator", "--script", script, "--patient-button", rig.socket, "--", "cat"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    check(ended.returncode == 0, ended.stderr)
    wait_for(lambda: rig.status()["appearances"] == 2, "the device's return")
    check(rig.end()[0] == 0, "exit status")
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    check(ended.returncode == 4 and "line 2" in ended.stderr, ended.stderr)


def test_hosts_come_and_go(program, folder):
    """Closing and opening the line is no unplugging: the level stays on, as it does when a host is killed."""
    rig = Rig(program, folder, "--quiet", "--cap-milliamperes", "2")
    for round_number in range(5):
        line = rig.open()
        check(len(exchange(line, frame(0, b"\x00"))) > 0, "no answer to Ll_init")
        check(len(exchange(line, pulse(1))) > 0, "no answer to a pulse")
        os.close(line)
        status = rig.status()
        check(status["high_voltage"] and status["appearances"] == 1, f"round {round_number}: {status}")
    check(rig.status()["pulses"] == 5, "pulses")
    time.sleep(0.3)
    check(rig.status()["since_last_pulse_ms"] >= 300, "pulses went on by themselves")
    with open(rig.log, encoding="ascii") as log:
        rows = log.read().splitlines()
    check(len(rows) == 6 and rows[0].startswith("monotonic_ns,channel,first_ua"), f"log {rows}")
    check(rows[1].split(",")[1:5] == ["1", "1000", "250", "-1000"], rows[1])
    code, words = rig.end(signal.SIGINT)
    check(code == 0, f"exit status {code}: {words}")


def test_verdict(program, folder):
    """The meter's finding is the exit status."""
    rig = Rig(program, folder, "--cap-milliamperes", "2")
    line = rig.open()
    exchange(line, frame(0, b"\x00"))
    exchange(line, pulse(5))
    os.close(line)
    status = rig.status()
    check(status["violations"] == 2, f"violations {status['violations']}")
    check("peak current" in status["first_violation"], str(status))
    code, words = rig.end()
    check(code == 3, f"exit status {code}: {words}")
    check("rise of the amplitude: 5000" in words, words)


def test_forbidden_pulses(program, folder):
    """A pulse after the moment that a test names is a finding."""
    rig = Rig(program, folder, "--quiet")
    line = rig.open()
    exchange(line, frame(0, b"\x00"))
    check(rig.ask("forbid-pulses") == "ok", "forbid-pulses")
    exchange(line, pulse(1))
    os.close(line)
    check(rig.status()["violations"] == 1, "the forbidden pulse was not found")
    check(rig.end()[0] == 3, "exit status")


def test_electrode(program, folder):
    """Electrode errors come from the electrode."""
    rig = Rig(program, folder, "--quiet")
    line = rig.open()
    exchange(line, frame(0, b"\x00"))
    check(rig.ask("electrode off") == "ok", "electrode off")
    check(exchange(line, pulse(20))[11] == 10, "result of an open circuit")
    check(rig.ask("electrode on") == "ok", "electrode on")
    check(exchange(line, pulse(20))[11] == 0, "result of a sound circuit")
    os.close(line)
    check(rig.ask("electrode off 9").startswith("error"), "channel 9")
    check(rig.ask("electrode").startswith("error"), "electrode without a word")
    check(rig.ask("levitate").startswith("error"), "an unknown request")
    check(rig.ask("quit") == "ok", "quit")
    rig.process.communicate(timeout=10)


def test_refusals(program, folder):
    """A command line that cannot be obeyed says so and touches nothing."""
    occupied = os.path.join(folder, "file")
    with open(occupied, "w", encoding="ascii") as file:
        file.write("keep me")
    for options, code in (
        (["--link", occupied], 73),
        (["--link", os.path.join(folder, "missing", "p24")], 73),
        (["--link", os.path.join(folder, "x"), "--person", "nobody"], 64),
        (["--link", os.path.join(folder, "x"), "--device-id", "short"], 64),
        (["--link", os.path.join(folder, "x"), "--firmware", "1.2"], 64),
        (["--link", os.path.join(folder, "x"), "--fault", "gremlins"], 64),
        (["--link", os.path.join(folder, "x"), "--fault", "line-dead@1:sideways"], 64),
        (["--link", os.path.join(folder, "x"), "--person", "typical:x"], 64),
        (["--link", os.path.join(folder, "x"), "--pad", "9:vmo"], 64),
        (["--link", os.path.join(folder, "x"), "--pad", "1:vmo", "--pad", "1:vmo"], 64),
        (["--link", os.path.join(folder, "x"), "--trace", os.path.join(folder, "missing", "t")], 73),
        (["--link", os.path.join(folder, "x"), "--fault", "unplugged=5"], 64),
        (["--link", os.path.join(folder, "x"), "--fault", "byte-lost@5"], 64),
    ):
        ended = subprocess.run([program, "p24"] + options, capture_output=True, text=True, timeout=10, check=False)
        check(ended.returncode == code, f"{options}: {ended.returncode} {ended.stderr}")
        check(len(ended.stderr) > 0, f"{options}: no message")
    with open(occupied, encoding="ascii") as file:
        check(file.read() == "keep me", "a file was overwritten")


def test_faults(program, folder):
    """Faults asked for on the command line fire and are listed."""
    rig = Rig(program, folder, "--quiet", "--fault", "packet-lost=1000000:to-device", "--fault", "unplugged@1")
    line = rig.open()
    check(exchange(line, frame(62), seconds=0.3) == b"", "an answer through a line that loses everything")
    wait_for(lambda: rig.status()["appearances"] == 2, "the planned interruption")
    os.close(line)
    code, words = rig.end()
    check(code == 0 and "packet lost 1" in words and "unplugged 1" in words, words)


def repeat(currents, period_ms=20):
    """An Ml_update: mA by channel, 250 us a phase, no ramp."""
    payload = bytes([sum(1 << channel - 1 for channel in currents)])
    for _, current in sorted(currents.items()):
        payload += b"\x10" + (period_ms * 2 << 1).to_bytes(2, "big")
        for value in (current, -current):
            payload += (250 << 20 | int(2 * value + 300) << 10).to_bytes(4, "big")
    return frame(32, payload)


def test_trace(program, folder):
    """The trace holds each pulse's shape and the force, in the order of time and in the units of its header."""
    path = os.path.join(folder, "trace.csv")
    rig = Rig(program, folder, "--quiet", "--trace", path, "--pad", "1:vmo", "--pad", "3:gluteus-medius")
    line = rig.open()
    exchange(line, frame(30, b"\x00"))
    check(len(exchange(line, repeat({1: 1, 3: 0.5}))) > 0, "no answer to Ml_update")
    time.sleep(0.5)
    exchange(line, frame(34))
    os.close(line)
    pulses = {channel["channel"]: channel["pulses"] for channel in rig.status()["channels"]}
    check(rig.end()[0] == 0, "exit status")
    with open(path, encoding="ascii") as file:
        rows = [row.split(",") for row in file.read().splitlines()]
    check(rows[0] == ["time_s", "channel", "set_ma", "delivered_ma", "voltage_v", "force_percent"], str(rows[0]))
    rows = [[float(value) for value in row] for row in rows[1:]]
    check(all(a[0] <= b[0] for a, b in zip(rows, rows[1:])), "rows are not in the order of time")
    check({row[1] for row in rows} == {1, 3}, "channels")
    for channel, current in ((1, 1), (3, 0.5)):
        mine = [row for row in rows if row[1] == channel]
        check(set(row[2] for row in mine) == {current, -current, 0}, f"set currents of channel {channel}")
        check(all(row[2] == row[3] for row in mine), "a sound pair delivers what is set")
        rises = sum(1 for a, b in zip(mine, mine[1:]) if a[2] == 0 and b[2] > 0)
        check(rises == pulses[channel] > 20, f"{rises} pulses drawn, {pulses[channel]} counted")
        area = sum(b[3] * (b[0] - a[0]) for a, b in zip(mine, mine[1:]) if b[3] > 0) * 1000
        check(abs(area / rises - current * 0.25) < 0.01, f"{area / rises} uC a phase on channel {channel}")
        # 700 ohms, or a seventh more over the hip, and the double layer.
        check(0.6 * current < max(row[4] for row in mine) < 1.3 * current, "voltage")


def plain(text):
    """A line without its escape sequences."""
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)


def test_view(program, folder):
    """The view fits into 80 columns, shows both channels, and has colours only where they are wanted."""
    for number, (wants_terminal, no_color) in enumerate(((True, ""), (True, "1"), (False, ""))):
        link = os.path.join(folder, f"view{number}")
        control = os.path.join(folder, f"control{number}")
        command = [program, "p24", "--link", link, "--control", control, "--view", "--person", "high-threshold:3"]
        master, slave = pty.openpty()
        environment = dict(os.environ, NO_COLOR=no_color)
        output = slave if wants_terminal else subprocess.PIPE
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        wait_for(lambda path=link: os.path.exists(path), "the rig's start")
        line = os.open(link, os.O_RDWR | os.O_NOCTTY)
        exchange(line, frame(30, b"\x00"))
        exchange(line, repeat({1: 1, 2: 1}))
        text = b""
        end = time.monotonic() + 1.6
        while time.monotonic() < end:
            if wants_terminal and select.select([master], [], [], 0.05)[0]:
                text += os.read(master, 65536)
            elif not wants_terminal:
                time.sleep(0.05)
        os.close(line)
        process.send_signal(signal.SIGTERM)
        words, _ = process.communicate(timeout=10) if not wants_terminal else (b"", process.wait(timeout=10))
        text += words
        os.close(master)
        os.close(slave)
        shown = text.decode()
        for wanted in ("1 vmo: 1.0 mA", "2 gluteus-medius: 1.0 mA", "HIGH VOLTAGE ON", "force ", "high-threshold:3"):
            check(wanted in plain(shown), f"{wanted} is missing")
        lines = [plain(row).rstrip("\r") for row in re.split(r"\n|\x1b\[H", shown)]
        drawn = [row for row in lines if "meter:" not in row or "|" in row]
        check(max(len(row) for row in drawn) <= 80, f"{max(drawn, key=len)!r} is too wide")
        check(any(row.startswith("\u2588" * 10) for row in lines), "no pulse was drawn")
        colours = re.findall(r"\x1b\[[0-9;]+m", shown)
        check(bool(colours) == (wants_terminal and not no_color), f"colours {colours[:3]}")


def test_faults_by_name(program, folder):
    """Faults happen when the control socket asks for them."""
    rig = Rig(program, folder, "--quiet", "--pad", "1:vmo")
    line = rig.open()
    exchange(line, frame(0, b"\x00"))
    check(rig.ask("fault device-silent") == "ok", "fault device-silent")
    check(exchange(line, pulse(1), seconds=0.3) == b"", "a silent device answered")
    check(rig.status()["pulses"] == 1, "a silent device did not obey")
    check(rig.ask("fault no-such-thing").startswith("error"), "an unknown fault")
    check(rig.ask("fault bit-flipped").startswith("error"), "a fault that has no moment")
    check(rig.ask("fault device-silent:to-host").startswith("error"), "a direction where there is none")
    check(rig.ask("fault device-replaced") == "ok", "fault device-replaced")
    os.close(line)
    wait_for(lambda: rig.status()["appearances"] == 2 and os.path.exists(rig.link), "the other device")
    line = rig.open()
    check(b"STRANGER01" in exchange(line, frame(52)), "the device's name")
    # A device that has stopped reading fills the line: the writer is told to wait.
    check(rig.ask("fault line-blocked") == "ok", "fault line-blocked")
    os.set_blocking(line, False)
    written = 0
    try:
        while written < 1_000_000:
            written += os.write(line, bytes(256))
    except BlockingIOError:
        pass
    check(0 < written < 1_000_000, f"{written} bytes went into a blocked line")
    os.close(line)
    check(rig.ask("fault line-dead:to-host") == "ok", "fault line-dead:to-host")
    code, words = rig.end()
    check(code == 0 and "device silent 1" in words and "device replaced 1" in words, words)


def main():
    """Every test in a folder of its own."""
    for test in (
        test_button,
        test_operator_presses_the_button,
        test_hosts_come_and_go,
        test_verdict,
        test_forbidden_pulses,
        test_electrode,
        test_refusals,
        test_faults,
        test_faults_by_name,
        test_trace,
        test_view,
    ):
        with tempfile.TemporaryDirectory() as folder:
            test(sys.argv[1], folder)
    print(f"rig control: {checks} checks passed")


main()
