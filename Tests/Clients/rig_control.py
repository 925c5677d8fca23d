"""The pretended rig as a program: its link, its patient's button, its control socket and its exit status.

usage: rig_control.py MOTORPOINT_SIM
"""

import json
import os
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
    ):
        with tempfile.TemporaryDirectory() as folder:
            test(sys.argv[1], folder)
    print(f"rig control: {checks} checks passed")


main()
