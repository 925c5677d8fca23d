#!/usr/bin/env python3
# Proves R-FLT-16, R-FLT-17, R-STOP-15.
"""Real sessions on the simulated P24 whose host dies at a random moment of a random death; the judge is the simulator's
own meter and clock.

usage: deaths.py FOLDER_OF_PROGRAMS COUNT [SEED]

Words: *death* = how the host's process ends or stands still; *strike* = the moment of it; *late* = a pulse that begins
at the electrode after the process was gone (after the stop signal, for one that stands still). At most one may: it lay
in the line, or was under way. Durations are told, never judged: this machine may stand still itself.
"""

import collections
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Deaths of a fault of its own: the last act of such a host is the stop command (reliability.md F33, F34).
CRASHES = {"trap (SIGILL)": signal.SIGILL, "trap (SIGTRAP)": signal.SIGTRAP, "abort": signal.SIGABRT,
           "bad memory": signal.SIGSEGV, "bad address": signal.SIGBUS, "bad arithmetic": signal.SIGFPE}
# Ends that a person or the system asks for: the session stops in order and closes its record.
ORDERLY = {"terminate": signal.SIGTERM, "interrupt": signal.SIGINT, "hang-up": signal.SIGHUP}
# Plays no part among the others: nothing happens to the host, and the judge has to find that it goes on.
NO_DEATH = "no death"
KINDS = (["kill"] * 4 + ["standstill"] * 3 + ["terminal gone"] * 2 + ["stack overflow", "disk full", "disk full"]
         + list(CRASHES) + list(ORDERLY))
SESSION = ["checklist-surface", "armed", "first-contraction"]


class Trouble(Exception):
    """What must not happen."""


class Stalled(Exception):
    """This machine ended the session before the strike."""


def now():
    """The clock of the meter's log."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def waited(condition, seconds, every=0.02):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(every)
    return None


def children(process):
    """Every process below this one, as (pid, name)."""
    found = []
    try:
        tasks = pathlib.Path(f"/proc/{process}/task").iterdir()
        for task in list(tasks):
            for child in (task / "children").read_text().split():
                name = pathlib.Path(f"/proc/{child}/comm").read_text().strip()
                found.append((int(child), name))
                found += children(int(child))
    except (OSError, ValueError):
        pass
    return found


def is_gone(process):
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return True
    return state in "ZX"


def in_state(process, states):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] in states
    except OSError:
        return False


class Bench:
    """One rig, one data folder."""

    def __init__(self, programs, papers):
        self.programs = programs
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mpd-"))
        self.data = self.folder / "data"
        shutil.copytree(papers, self.data, ignore=shutil.ignore_patterns(".trust"))
        os.chmod(self.data, 0o700)
        self.started = []
        self.log = self.folder / "pulses.csv"
        self.rig = self.start(
            [programs / "motorpoint-sim", "p24", "--link", self.folder / "p24", "--control", self.folder / "control",
             "--meter-log", self.log, "--cap-milliamperes", "15", "--cap-hertz", "35", "--pad-square-centimetres", "25",
             "--button-milliseconds", "300", "--quiet"], "rig")
        if not waited(lambda: (self.folder / "p24").exists() and (self.folder / "control").exists(), 60):
            raise Trouble("the rig did not start: " + self.text("rig"))

    def start(self, words, name):
        with open(self.folder / (name + ".out"), "wb") as out:
            process = subprocess.Popen(
                [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=ROOT,
                start_new_session=True)
        self.started.append(process)
        return process

    def text(self, name):
        try:
            return (self.folder / (name + ".out")).read_text(errors="replace")
        except OSError:
            return ""

    def screen(self, name):
        """What was shown so far, without the lines of the script that stand between."""
        try:
            lines = (self.folder / (name + ".screen")).read_text(errors="replace").split("\n")
        except OSError:
            return ""
        return "\n".join(line for line in lines if not line.startswith("--- script line"))

    def operator(self, name, script):
        path = self.folder / (name + ".script")
        path.write_text(script)
        return self.start(
            [self.programs / "motorpoint-sim", "operator", "--script", path, "--patient-button", self.folder / "control",
             "--log", self.folder / (name + ".screen"), "--", self.programs / "motorpoint", "start",
             "demo-relieve-surface", "--patient", "P-0001", "--side", "right", "--practitioner", "test", "--rig",
             "Hardware/rigs/demo-p24.yaml", "--line", self.folder / "p24", "--data", self.data], name)

    def host(self, operator):
        found = waited(
            lambda: next((pid for pid, name in children(operator.pid) if name == "motorpoint"), None), 60)
        if not found:
            raise Trouble("the host did not start")
        return found

    def state(self):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(20)
            line.connect(str(self.folder / "control"))
            line.sendall(b"status\n")
            answer = b""
            while not answer.endswith(b"\n"):
                part = line.recv(4096)
                if not part:
                    break
                answer += part
        return json.loads(answer)

    def pulses(self):
        """(when it began in ns, charge of its first phase in pC) of each pulse at the electrode."""
        lines = self.log.read_text().split("\n")
        column = lines[0].split(",").index("phase_charge_pc")
        # The last piece is empty, or a line that is being written.
        return [(int(one.split(",")[0]), int(one.split(",")[column])) for one in lines[1:-1]]

    def sessions(self, *words):
        done = subprocess.run(
            [str(self.programs / "motorpoint"), "sessions", *words, "--data", str(self.data)], cwd=ROOT,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def end(self, keep):
        for process in self.started:
            for child, _ in children(process.pid) + [(process.pid, "")]:
                try:
                    os.kill(child, signal.SIGKILL)
                except OSError:
                    pass
            process.wait()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def one_death(programs, papers, number, seed):
    """Runs one; returns what is told of it."""
    draw = random.Random(seed * 1_000_003 + number)
    kind = draw.choice(KINDS) if number else NO_DEATH
    is_early = number != 0 and draw.random() < 0.2
    delay = 0.2 if not number else draw.uniform(0, 5) if is_early else draw.uniform(0, 9)
    standstill = draw.uniform(0.1, 2)
    bench = Bench(programs, papers)
    keep = True
    try:
        script = "".join((ROOT / f"scripts/operator/{name}.txt").read_text() for name in SESSION)
        operator = bench.operator("session", script + 'expect "there is no such text" within 300s\n')
        host = bench.host(operator)
        if not is_early and not waited(lambda: bench.pulses() or is_gone(host), 120):
            raise Trouble("no pulse came:\n" + bench.screen("session")[-1500:])
        time.sleep(delay)
        if is_gone(host) or "Computer too late" in bench.screen("session"):
            raise Stalled(bench.screen("session")[-300:])
        told = strike(bench, operator, host, kind, standstill)
        told.update(kind=kind, early=is_early)
        after(bench, told, kind)
        next_start(bench, told)
        keep = False
        return told
    except (Trouble, OSError, ValueError, subprocess.SubprocessError) as trouble:
        keep = number != 0
        raise Trouble(f"death {number}, seed {seed}, {kind}, {'before' if is_early else 'after'} the first pulse + "
                      f"{delay:.3f} s: {trouble}; everything is in {bench.folder}") from trouble
    except Stalled:
        keep = False
        raise
    finally:
        bench.end(keep)


def strike(bench, operator, host, kind, standstill):
    """Lets the host die; returns when, and what came after it."""
    begun = now()
    gone = None
    if kind == NO_DEATH:
        return {"begun": begun, "gone": begun}
    if kind == "kill":
        os.kill(host, signal.SIGKILL)
    elif kind in CRASHES:
        os.kill(host, CRASHES[kind])
    elif kind in ORDERLY:
        os.kill(host, ORDERLY[kind])
    elif kind == "terminal gone":
        os.kill(operator.pid, signal.SIGKILL)
    elif kind == "stack overflow":
        # The next page that the main thread's stack wants is refused.
        resource.prlimit(host, resource.RLIMIT_STACK, (4_096, 4_096))
        if not waited(lambda: is_gone(host), 8):
            # This thread never wanted more: the same signal as from the kernel.
            begun = now()
            os.kill(host, signal.SIGSEGV)
    elif kind == "disk full":
        resource.prlimit(host, resource.RLIMIT_FSIZE, (0, 0))
        if not waited(lambda: is_gone(host) or "STOP" in bench.screen("session"), 15):
            # Nothing was written: no session had begun.
            begun = now()
            os.kill(host, signal.SIGTERM)
    elif kind == "standstill":
        has_record = any((bench.data / "sessions").glob("*.mpr"))
        os.kill(host, signal.SIGSTOP)
        waited(lambda: in_state(host, "T"), 10, 0.001)
        gone = now()
        time.sleep(standstill)
        if not has_record:
            # Before a session there is nothing that a standstill could end; it is sent home before it begins one.
            os.kill(host, signal.SIGTERM)
        os.kill(host, signal.SIGCONT)
        # In a session it has to end by itself.
        if not waited(lambda: is_gone(host) or has_ended(bench), 8):
            os.kill(host, signal.SIGTERM)
    if not waited(lambda: is_gone(host) or has_ended(bench), 60):
        raise Trouble("the host does not end:\n" + bench.screen("session")[-1500:])
    gone = gone or now()
    return {"begun": begun, "gone": gone}


def has_ended(bench):
    """An ended session may still ask something at its terminal."""
    return "The last events" in bench.screen("session")


def after(bench, told, kind):
    time.sleep(0.4)
    before = bench.state()
    time.sleep(0.4)
    later = bench.state()
    if later["pulses"] != before["pulses"]:
        raise Trouble("pulses still arrive")
    pulses = bench.pulses()
    late = [at for at, _ in pulses if at > told["gone"]]
    if len(late) > 1:
        raise Trouble(f"{len(late)} pulses began after the host was gone")
    told["pulses"] = len(pulses)
    told["charge"] = sum(charge for _, charge in pulses)
    told["late"] = len(late)
    told["last"] = max([at - told["begun"] for at, _ in pulses if at > told["begun"]], default=0)
    if kind != "kill" and not waited(lambda: not bench.state()["high_voltage"], 20):
        raise Trouble("the last stop did not arrive: high voltage is still on")
    if later["violations"]:
        raise Trouble("the meter found " + str(later["first_violation"]))


def next_start(bench, told):
    """The next start finds the rig off or switches it off, closes the record, and begins no session by itself."""
    for process in bench.started[1:]:
        for child, _ in children(process.pid) + [(process.pid, "")]:
            try:
                os.kill(child, signal.SIGKILL)
            except OSError:
                pass
        process.wait()
    # The patient's button takes the stimulator off the line for a moment; a host that dies meanwhile leaves it so.
    if not waited(lambda: (bench.folder / "p24").exists(), 20):
        raise Trouble("the stimulator does not come back")
    records = list((bench.data / "sessions").glob("*.mpr"))
    operator = bench.operator("next", 'expect "high voltage off" within 60s\nwait 300ms\n')
    if not waited(lambda: "high voltage off" in bench.screen("next") or operator.poll() is not None, 90):
        raise Trouble("the next start hangs:\n" + bench.screen("next")[-1500:])
    if "high voltage off" not in bench.screen("next"):
        raise Trouble("the next start did not switch off:\n" + bench.screen("next")[-1500:])
    time.sleep(0.5)
    if bench.state()["high_voltage"] or len(bench.pulses()) != told["pulses"]:
        raise Trouble("the next start re-energised")
    status, text = bench.sessions("verify")
    if status != 0 or ", 0 damaged" not in text:
        raise Trouble("the records do not verify:\n" + text)
    told["records"] = len(records)
    if not records:
        if told["pulses"]:
            raise Trouble("pulses, and no record of them")
        return
    status, text = bench.sessions("export", "last", "--format", "json")
    row = json.loads(text)["rows"][0]
    told["outcome"] = row["outcome"]
    # A record that was cut short claims the most that may have flowed. Nanocoulombs are rounded down once in one.
    if row["charge_pc"] + 1_000 < told["charge"]:
        raise Trouble(f"the record claims {row['charge_pc']} pC, the meter saw {told['charge']} pC")


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    count = int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1_000_000)
    at_once = int(os.environ.get("AT_ONCE", "4"))
    print(f"deaths: {count}, seed {seed}, {at_once} at once", flush=True)
    home = pathlib.Path(tempfile.mkdtemp(prefix="mpd-papers-"))
    papers = home / "data"
    subprocess.run(
        [str(programs / "RigPapers"), "--data", str(papers), "--protocols", str(ROOT / "Protocols"), "--p24",
         "SIMULATED1"], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    numbers = iter(range(1, count + 1))
    lock = threading.Lock()
    results, failures, stalls = [], [], []

    def work():
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            for attempt in range(4):
                try:
                    told = one_death(programs, papers, number, seed + 7_919 * attempt)
                    with lock:
                        results.append(told)
                    break
                except Stalled as stall:
                    with lock:
                        stalls.append(stall)
                except Trouble as trouble:
                    with lock:
                        failures.append(str(trouble))
                        print("FAILED: " + str(trouble), flush=True)
                    break
            else:
                with lock:
                    failures.append(f"death {number}: this machine ended four sessions before it")
                    print("FAILED: " + failures[-1], flush=True)

    # The judge is judged first: a host that goes on must be found.
    try:
        one_death(programs, papers, 0, seed)
        print("FAILED: a host that went on was taken for a dead one")
        sys.exit(1)
    except Trouble as trouble:
        if "pulses still arrive" not in str(trouble):
            print("FAILED: " + str(trouble))
            sys.exit(1)

    workers = [threading.Thread(target=work) for _ in range(at_once)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    shutil.rmtree(home, ignore_errors=True)

    kinds = collections.Counter(one["kind"] for one in results)
    for kind in sorted(set(KINDS)):
        ones = [one for one in results if one["kind"] == kind]
        if not ones:
            continue
        times = sorted(one["last"] / 1e6 for one in ones)
        outcomes = collections.Counter(one.get("outcome", "no session yet") for one in ones)
        print(f"  {kind:16} {kinds[kind]:4}: last pulse began at most {times[-1]:7.1f} ms after the strike (median "
              f"{times[len(times) // 2]:.1f}), {sum(one['late'] for one in ones)} after it was gone; "
              + ", ".join(f"{name} {number}" for name, number in outcomes.most_common()))
    in_treatment = sum(1 for one in results if one["pulses"])
    if stalls:
        print(f"STALLED: {len(stalls)} sessions ended because this machine stood still; their deaths were drawn anew")
    print(f"deaths: {len(results)} passed, {len(failures)} failed")
    print(f"deaths: {len(results)} of {count}, {in_treatment} of them after the first pulse, {len(kinds)} kinds, "
          f"{sum(one['late'] for one in results)} pulses began after a host was gone (one each at most), 0 re-energised, "
          f"{sum(one.get('records', 0) for one in results)} records verified, seed {seed}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
