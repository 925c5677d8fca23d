"""Manual pages from the argument parser: reads what `motorpoint --experimental-dump-help` prints, writes one page for
the program and one for each of its commands. Nothing is typed twice: what a page says is what --help says.

usage: motorpoint --experimental-dump-help | python3 scripts/man_pages.py FOLDER VERSION DATE
"""

import json
import pathlib
import re
import sys


def escaped(text):
    """Text as roff takes it: no command at the beginning of a line, no sign read as another."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"^\.", r"\\&.", text, flags=re.MULTILINE)


def words(text):
    """A text for people: `code` in bold."""
    parts = re.split(r"`([^`]*)`", text)
    return "".join(f"\\fB{escaped(part)}\\fR" if index % 2 else escaped(part) for index, part in enumerate(parts))


def paragraphs(text):
    """The paragraphs of a discussion; a list of exit statuses becomes a list."""
    lines = []
    for part in re.split(r"\n\s*\n", text.strip()):
        if part.startswith("Exit status: "):
            lines.append(".SH EXIT STATUS")
            for item in part.removeprefix("Exit status: ").split(" · "):
                number, meaning = item.split(" ", 1)
                lines += [".TP", f"\\fB{escaped(number)}\\fR", words(meaning)]
        else:
            lines += [".PP", words(" ".join(part.split()))]
    return lines


def name(argument):
    """How an argument is typed, in roff."""
    value = f"\\fI{escaped(argument.get('valueName', ''))}\\fR"
    if argument["kind"] == "positional":
        return value
    names = ", ".join(
        "\\fB" + escaped(("-" if one["kind"] == "short" else "--") + one["name"]) + "\\fR"
        for one in argument["names"])
    return names if argument["kind"] == "flag" else f"{names} {value}"


def synopsis(path, command):
    line = f".B {escaped(' '.join(path))}\n"
    parts = []
    for argument in command.get("arguments", []):
        if not argument.get("shouldDisplay", True):
            continue
        if argument["kind"] == "positional":
            text = name(argument) + (" ..." if argument["isRepeating"] else "")
        else:
            preferred = argument["preferredName"]
            dashes = "-" if preferred["kind"] == "short" else "--"
            text = f"\\fB{escaped(dashes + preferred['name'])}\\fR"
            if argument["kind"] == "option":
                text += f" \\fI{escaped(argument['valueName'])}\\fR"
        parts.append(f"[{text}]" if argument["isOptional"] else text)
    if shown(command.get("subcommands", [])):
        parts.append("\\fIcommand\\fR ...")
    return line + "\n".join(parts)


def shown(commands):
    return [one for one in commands if one.get("shouldDisplay", True) and one["commandName"] != "help"]


def options(command, ahead=".SH"):
    arguments = [one for one in command.get("arguments", []) if one.get("shouldDisplay", True)]
    if not arguments:
        return []
    lines = [f"{ahead} OPTIONS"]
    for argument in arguments:
        lines += [".TP", name(argument), words(argument.get("abstract", ""))]
    return lines


def page(path, command, version, date, see_also):
    title = "-".join(path)
    abstract = command["abstract"]
    lines = [
        f'.TH {escaped(title.upper())} 1 "{date}" "{escaped(version)}" "User Commands"',
        ".SH NAME",
        # The form that `apropos` reads.
        f"{escaped(title)} \\- {words(abstract[0].lower() + abstract[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        synopsis(path, command),
    ]
    subcommands = shown(command.get("subcommands", []))
    has_pages = len(path) == 1
    for sub in [] if has_pages else subcommands:
        lines += [".br", synopsis(path + [sub["commandName"]], sub)]
    lines += [".SH DESCRIPTION", words(abstract)]
    later = []
    if "discussion" in command:
        body = paragraphs(command["discussion"])
        cut = body.index(".SH EXIT STATUS") if ".SH EXIT STATUS" in body else len(body)
        lines, later = lines + body[:cut], body[cut:]
    if subcommands:
        lines.append(".SH COMMANDS")
        for sub in subcommands:
            if has_pages:
                full = "-".join(path + [sub["commandName"]])
                lines += [".TP", f"\\fB{escaped(full)}\\fR(1)", words(sub["abstract"])]
                continue
            lines += [f".SS {escaped(' '.join(path + [sub['commandName']]))}", words(sub["abstract"])]
            if "discussion" in sub:
                lines += paragraphs(sub["discussion"])
            lines += options(sub, ".PP\n\\fBOptions\\fR\n.\\\"")
    lines += options(command) + later
    lines.append(".SH NOTES")
    lines.append("Not a medical device. Whether and how anybody is treated is for a qualified clinician to decide.")
    if see_also:
        lines.append(".SH SEE ALSO")
        lines.append(",\n".join(f".BR {escaped(one)} (1)" for one in see_also))
    return "\n".join(lines) + "\n"


def main():
    folder = pathlib.Path(sys.argv[1])
    version, date = sys.argv[2:4]
    root = json.load(sys.stdin)["command"]
    folder.mkdir(parents=True, exist_ok=True)
    top = root["commandName"]
    pages = [f"{top}-{one['commandName']}" for one in shown(root["subcommands"])]
    (folder / f"{top}.1").write_text(page([top], root, version, date, pages))
    for sub in shown(root["subcommands"]):
        others = [top] + [one for one in pages if one != f"{top}-{sub['commandName']}"]
        path = [top, sub["commandName"]]
        (folder / f"{'-'.join(path)}.1").write_text(page(path, sub, version, date, others))


if __name__ == "__main__":
    main()
