#!/usr/bin/env python3
"""Counts what docs/style.md asks for, by crate: `python3 tests/prose.py`.

A comment is a run of `///`, `//!` or `//` lines. Shares are of comments; `//` comments
are counted per line of code. An example is a fenced block of a doc comment that the tests
compile. Closures are those with a name, per function: a reader meets them before their use, so
long ones are functions of their own. With `--check`, it fails above the limits, and when a library
names a command of the binary: only `crates/cli` words those.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STARTS = re.compile(r"(What|Which|Of|As|So many|None|The same|Its|Those)\b")
TELLS = re.compile(r"\b(tells?|told|says?|said)\b")
COMMAND = re.compile(
    r"\bspikeflame (ab|attach|capacity|diff|doctor|errors|export|flame|fold|merge|plateau|pull|push"
    r"|queries|record|report|top)\b"
)
FUNCTION = re.compile(r"^\s*(?:pub(?:\([^)]*\))? )?(?:const |async |unsafe )*fn \w+", re.M)
CLOSURE = re.compile(r"^( *)let (?:mut )?(\w+)(?:: [^=\n]+)? =\s+(?:move )?\|", re.M)
QUOTED = re.compile(r"""//[^\n]*|"(?:\\[\s\S]|[^"\\])*"|b?'(?:\\[^']*|[^'\\])'""")
# The tests of a file stand at its end, and their helpers are not counted.
TESTS = re.compile(r"^#\[cfg\(test\)\]\n(?:#\[[^\n]*\n)*mod tests", re.M)
# A named closure of more lines is a function.
LONGEST_CLOSURE = 8
LINE = re.compile(r"\s*(///|//!|//)\s?(.*)")


def comments(text):
    """Yields (is_doc, first line, whole text) of each comment, and the lines of code."""
    code, open_, kind = 0, [], None
    found = []
    for line in text.splitlines():
        match = LINE.match(line)
        mark = match and match[1]
        if mark != kind and open_:
            found.append((kind != "//", open_))
            open_ = []
        kind = mark
        if match:
            open_.append(match[2])
        elif line.strip():
            code += 1
    if open_:
        found.append((kind != "//", open_))
    return found, code


def closures(text):
    """Yields the line, the name and the number of lines of each named closure."""
    text = QUOTED.sub(lambda found: "\n" * found[0].count("\n"), text)
    for match in CLOSURE.finditer(text):
        depth, at = 0, match.start()
        while at < len(text) and (depth or text[at] != ";"):
            depth += (text[at] in "([{") - (text[at] in ")]}")
            at += 1
        line = text.count("\n", 0, match.start()) + 1
        yield line, match[2], text.count("\n", match.start(), at) + 1


def count(folder):
    total = starts = tells = plain = code = examples = functions = named = 0
    for path in sorted(folder.rglob("src/**/*.rs")):
        text = path.read_text(encoding="utf-8")
        text = TESTS.split(text)[0]
        found, lines = comments(text)
        code += lines
        functions += len(FUNCTION.findall(text))
        named += sum(1 for _ in closures(text))
        for is_doc, rows in found:
            prose = " ".join(row for row in rows if not row.startswith("```"))
            fences = sum(row.startswith("```") for row in rows)
            examples += fences // 2 if is_doc else 0
            if not prose.strip():
                continue
            total += 1
            plain += 0 if is_doc else 1
            starts += bool(STARTS.match(prose.strip()))
            tells += bool(TELLS.search(prose))
    return total, starts, tells, plain, code, examples, functions, named


def commands():
    """Yields the places in libraries that name a command of the binary."""
    for path in sorted((ROOT / "crates").glob("*/src/**/*.rs")):
        if path.relative_to(ROOT).parts[1] == "cli":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if COMMAND.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: {line.strip()}"


def long_closures():
    """Yields the places of named closures that are too long."""
    for path in sorted((ROOT / "crates").glob("*/src/**/*.rs")):
        text = TESTS.split(path.read_text(encoding="utf-8"))[0]
        for line, name, lines in closures(text):
            if lines > LONGEST_CLOSURE:
                yield f"{path.relative_to(ROOT)}:{line}: {name} has {lines} lines"


def main():
    print(
        f"{'crate':<10} {'comments':>8} {'starts':>8} {'tells':>8} {'// a line':>10} {'examples':>8} "
        f"{'closures':>8}"
    )
    sums = [0] * 8
    for folder in sorted((ROOT / "crates").iterdir()):
        row = count(folder)
        sums = [a + b for a, b in zip(sums, row)]
        print_row(folder.name, row)
    print_row("all", sums)
    limits = [arg for arg in sys.argv[1:] if arg == "--check"]
    total, starts, tells, _, _, examples, _, _ = sums
    if limits and (starts > 0.015 * total or tells > 0.01 * total or examples < 40):
        sys.exit("docs/style.md asks for at most 1.5 % and 1 %, and for 40 examples")
    named = list(commands()) if limits else []
    if named:
        sys.exit("only crates/cli names commands:\n" + "\n".join(named))
    long = list(long_closures()) if limits else []
    if long:
        sys.exit(f"closures of more than {LONGEST_CLOSURE} lines are functions:\n" + "\n".join(long))


def print_row(name, row):
    total, starts, tells, plain, code, examples, functions, named = row
    share = lambda part, whole: f"{100 * part / max(whole, 1):.1f} %"
    print(
        f"{name:<10} {total:>8} {share(starts, total):>8} {share(tells, total):>8} "
        f"{share(plain, code):>10} {examples:>8} {named / max(functions, 1):>8.3f}"
    )


main()
