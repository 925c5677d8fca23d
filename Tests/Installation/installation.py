"""What `make install` puts down: a program that finds its own files, manual pages without a complaint, and completions
that know this installation's ids, in every shell that is here.

usage: python3 Tests/Installation/installation.py FOLDER-WITH-MOTORPOINT
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
passed, failed = 0, 0


def check(name, good, detail=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {name}: {detail}")


def run(words, **more):
    """Runs a command from a folder without any file of ours, told nothing of this user's own."""
    environment = {"PATH": os.environ["PATH"], "HOME": more.pop("home", "/nonexistent"), "LC_ALL": "C.UTF-8"}
    environment |= more.pop("adding", {})
    return subprocess.run(
        words, capture_output=True, text=True, env=environment, cwd="/", timeout=60, check=False, **more)


def install(builds, prefix, staging=""):
    environment = dict(os.environ, MOTORPOINT_BIN=str(builds), PREFIX=str(prefix), DESTDIR=str(staging))
    done = subprocess.run(
        ["make", "--silent", "install", f"PREFIX={prefix}", f"DESTDIR={staging}"], env=environment, cwd=ROOT,
        capture_output=True, text=True, timeout=120, check=False)
    check("make install", done.returncode == 0, done.stdout + done.stderr)


def files_are_found(prefix):
    program = f"{prefix}/bin/motorpoint"
    listed = run([program, "protocols", "list"])
    shipped = sorted(path.stem for path in (ROOT / "Protocols").glob("*.yaml"))
    found = [line.split()[0] for line in listed.stdout.splitlines()]
    check("an installed program lists its protocols", found == shipped, listed.stdout + listed.stderr)
    # Its own, not those of the sources.
    own = pathlib.Path(prefix, "share/motorpoint/Protocols/vmo-restore-surface.yaml")
    own.write_text(own.read_text().replace("title: VMO, second stage", "title: INSTALLED, second stage"))
    shown = run([program, "protocols", "show", "vmo-restore-surface"])
    check("it reads those of its prefix", "INSTALLED, second stage" in shown.stdout, shown.stdout[:200])
    rigs = list(pathlib.Path(prefix, "share/motorpoint/Hardware/rigs").glob("*.yaml"))
    with tempfile.TemporaryDirectory() as home:
        doctor = run([program, "doctor", "--json"], home=home)
        lines = [json.loads(line) for line in doctor.stdout.splitlines()]
        good = [line for line in lines if line["area"] == "protocol and rig files" and line["verdict"] == "ok"]
        check(
            "doctor finds them",
            len(good) == 1 and good[0]["text"].startswith(f"{len(shipped)} protocols and {len(rigs)} rig"),
            doctor.stdout + doctor.stderr)
        check("doctor fails over no file", not [one for one in lines if one["verdict"] == "failure"], doctor.stdout)
        draft = run([program, "protocols", "new", "mine", "--template", "search", "--output", home])
        check("protocols new finds its template", draft.returncode == 0, draft.stderr)


def staged(builds, folder):
    """A package is put together elsewhere than where it will run."""
    staging = folder / "staging"
    install(builds, "/usr", staging)
    names = {str(path.relative_to(staging)) for path in staging.rglob("*") if path.is_file()}
    for name in [
        "usr/bin/motorpoint", "usr/bin/motorpoint-bench", "usr/share/motorpoint/Protocols/checklists/surface.yaml",
        "usr/share/motorpoint/Protocols/checklists/needle.yaml", "usr/share/motorpoint/Hardware/policy.yaml",
        "usr/share/motorpoint/Hardware/rigs/p24-clinic.yaml", "usr/share/motorpoint/Hardware/instruments/rigol-ds1000z.yaml",
        "usr/share/man/man1/motorpoint-start.1",
        "usr/share/bash-completion/completions/motorpoint",
    ]:
        check(f"DESTDIR: {name}", name in names, sorted(names))
    for path in staging.rglob("*"):
        check(f"DESTDIR: {path.name} is readable by all", path.stat().st_mode & 0o444 == 0o444)
        if path.is_file() and path.suffix in {".1", ".fish", ""} and path.name not in {"motorpoint", "motorpoint-bench"}:
            check(f"DESTDIR: {path.name} does not name it", str(staging) not in path.read_text())


def commands(command, path=()):
    """Every command with its path."""
    here = (*path, command["commandName"])
    yield here, command
    for sub in command.get("subcommands", []):
        if sub["commandName"] != "help":
            yield from commands(sub, here)


def manual_pages(prefix):
    roots = []
    expected = set()
    for program in ["motorpoint", "motorpoint-bench"]:
        root = json.loads(run([f"{prefix}/bin/{program}", "--experimental-dump-help"]).stdout)["command"]
        roots.append(root)
        expected |= {f"{program}.1"}
        expected |= {f"{program}-{sub['commandName']}.1" for sub in root["subcommands"] if sub["commandName"] != "help"}
    folder = pathlib.Path(prefix, "share/man/man1")
    check("a page for each command", {page.name for page in folder.iterdir()} == expected, list(folder.iterdir()))
    texts = {}
    for page in sorted(folder.iterdir()):
        lint = run(["mandoc", "-T", "lint", "-W", "warning", str(page)])
        check(f"mandoc takes {page.name}", lint.returncode == 0 and not lint.stdout, lint.stdout + lint.stderr)
        groff = run(["groff", "-man", "-ww", "-z", "-Tutf8", "-Kutf8", str(page)])
        check(f"groff takes {page.name}", groff.returncode == 0 and not groff.stderr, groff.stderr)
        # Without back-spaces that make bold, and without line ends.
        rendered = run(["mandoc", "-T", "utf8", "-O", "width=500", str(page)]).stdout
        while "\b" in rendered:
            at = rendered.index("\b")
            rendered = rendered[: at - 1] + rendered[at + 1 :]
        texts[page.stem] = " ".join(rendered.split())
    counted = 0
    for path, command in [one for root in roots for one in commands(root)]:
        text = texts["-".join(path[:2])]
        for argument in command.get("arguments", []):
            for name in argument.get("names", []):
                dashes = "-" if name["kind"] == "short" else "--"
                counted += 1
                check(f"{path}: {name['name']} is in its page", dashes + name["name"] in text, text[:300])
            words = " ".join(argument.get("abstract", "").replace("`", "").split())
            check(f"{path}: what {argument['valueName']} means is in its page", words in text, words)
    check("the pages name options", counted > 40, counted)
    for status in [0, 10, 11, 20, 21, 30, 31, 40, 64, 65, 66, 69, 70, 73, 77]:
        check(f"exit status {status} is in the page", f" {status} " in texts["motorpoint"].split("EXIT STATUS")[1])


def offered_by_bash(prefix, *words):
    """What bash offers for the last of these words, by the installed completion, run for real."""
    script = """
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9
        _motorpoint "$1" "${@: -1}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = run(
        ["bash", "--norc", "-c", script, "bash", f"{prefix}/share/bash-completion/completions/motorpoint",
         "motorpoint", *words],
        adding={"PATH": f"{prefix}/bin:" + os.environ["PATH"]})
    if done.stderr:
        print(done.stderr)
    return [word.strip() for word in done.stdout.splitlines() if word.strip()]


def completions(prefix, data):
    ids = sorted(path.stem for path in (ROOT / "Protocols").glob("*.yaml"))
    treatments = [one for one in ids if "-search-" not in one]
    session = "20261122-093512-4f3a91"
    rig_files = sorted(str(path) for path in pathlib.Path(prefix, "share/motorpoint/Hardware/rigs").iterdir())
    cases = [
        (["pro"], ["protocols"]),
        (["protocols", ""], ["list", "show", "check", "new"]),
        (["protocols", "show", ""], ids),
        (["protocols", "show", "gmed-re"], [one for one in ids if one.startswith("gmed-re")]),
        (["start", ""], ids),
        (["start", "vmo-search-surface", "--for", ""], treatments),
        (["start", "vmo-search-surface", "--side", ""], ["left", "right"]),
        (["start", "vmo-search-surface", "--rig", ""], rig_files),
        (["sessions", "show", "--data", str(data), ""], [session]),
        (["start", "--pat"], ["--patient"]),
    ]
    for words, expected in cases:
        offered = offered_by_bash(prefix, *words)
        missing = set(expected) - set(offered)
        extra = {one for one in offered if not one.startswith("-")} - set(expected) - {"help"}
        if words[-1].startswith("-"):
            extra = set()
        check(f"bash completes {words}", expected and not missing and not extra, f"offers {offered}")
    check("bash offers no id that does not exist", offered_by_bash(prefix, "protocols", "show", "zzz") == [])
    share = pathlib.Path(prefix, "share")
    zsh = run(["zsh", "-n", str(share / "zsh/site-functions/_motorpoint")])
    check("zsh takes its completion", zsh.returncode == 0 and not zsh.stderr, zsh.stderr)
    # Its lists come from the program as bash's do; fish gives them only to a person who types.
    fish = run(["fish", "--no-config", "--no-execute", str(share / "fish/vendor_completions.d/motorpoint.fish")])
    check("fish takes its completion", fish.returncode == 0 and not fish.stderr, fish.stderr)


def main():
    builds = pathlib.Path(sys.argv[1]).resolve()
    for tool in ["make", "mandoc", "groff", "zsh", "fish"]:
        if not shutil.which(tool):
            sys.exit(f"FAILED: {tool} is missing; scripts/bootstrap.sh test installs it")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prefix = folder / "a prefix with spaces"
        install(builds, prefix)
        files_are_found(prefix)
        manual_pages(prefix)
        plain = folder / "prefix"
        install(builds, plain)
        data = folder / "data"
        for kind in ["sessions", "anchors"]:
            (data / kind).mkdir(parents=True)
        (data / "sessions" / "20261122-093512-4f3a91.mpr").write_bytes(b"")
        completions(plain, data)
        staged(builds, folder)
    print(f"installation: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
