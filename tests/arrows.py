#!/usr/bin/env python3
"""Reads the imports of every crate and holds them against docs/architecture.md.

Arrows between crates: the crates that a crate's sources and its [dependencies]
name must be those that "Crates depend on each other in one direction" allows.

Circles within a crate: no file may reach itself over the imports of others.

Tests: each file of a `tests` folder must be a target or a module of its main.rs, since
Cargo builds no other.

Prints what it finds; exits with 1 when an arrow points the wrong way or there is a
circle. `tests/arrows.py --list` prints every arrow.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The layers of docs/architecture.md, top first. A crate may name those below its layer,
# and `render` the results of `diff` that it draws.
LAYERS = [
    {"cli"},
    {"run", "render", "diff", "record", "remote"},
    {"parse", "load"},
    {"proto"},
    {"profile"},
    {"wall"},
]
BESIDE = {("render", "diff")}


def layer(crate):
    return next((at for at, crates in enumerate(LAYERS) if crate in crates), None)


def sources(crate):
    return sorted((ROOT / "crates" / crate / "src").rglob("*.rs"))


def bare(text):
    """The code without comments and without test modules."""
    text = re.sub(r"//[^\n]*", "", text)
    return re.split(r"#\[cfg\(test\)\]\s*mod ", text)[0]


def arrows_between_crates(crates):
    wrong = []
    for crate in crates:
        named = set()
        for path in sources(crate):
            named |= set(re.findall(r"\bspikeflame_([a-z]+)\b", bare(path.read_text())))
        manifest = (ROOT / "crates" / crate / "Cargo.toml").read_text()
        table = manifest.partition("[dependencies]")[2].split("\n[")[0]
        depends = set(re.findall(r"^spikeflame-([a-z]+)", table, re.M))
        named &= set(crates)
        if "--list" in sys.argv:
            print(f"{crate} -> {' '.join(sorted(depends)) or 'nothing'}")
        for other in sorted((named | depends) - {crate}):
            allowed = layer(crate) < layer(other) or (crate, other) in BESIDE
            if not allowed:
                wrong.append(f"{crate} -> {other}")
        for other in sorted(depends - named):
            wrong.append(f"{crate} depends on {other} and names it nowhere")
    return wrong


def forgotten_tests(crates):
    """Files of tests that neither a manifest nor a main.rs names."""
    found = []
    for crate in crates:
        manifest = (ROOT / "crates" / crate / "Cargo.toml").read_text()
        for main in re.findall(r'path = "([^"]*tests/main\.rs)"', manifest):
            folder = (ROOT / "crates" / crate / main).resolve().parent
            names = set(re.findall(r"^mod (\w+);", (folder / "main.rs").read_text(), re.M))
            names |= set(re.findall(r"/(\w+)(?:/main)?\.rs\"", manifest)) | {"main"}
            files = [*folder.glob("*.rs"), *folder.glob("*/mod.rs"), *folder.glob("*/main.rs")]
            for file in sorted(files):
                name = file.stem if file.parent == folder else file.parent.name
                if name not in names:
                    found.append(str(file.relative_to(ROOT)))
    return found


def module(path, crate):
    parts = list(path.relative_to(ROOT / "crates" / crate / "src").with_suffix("").parts)
    if parts[-1] in ("mod", "lib", "main"):
        parts.pop()
    return tuple(parts)


def expand(tree):
    """`a::{b, c::{d, e}}` as a list of paths."""
    tree = tree.strip()
    brace = tree.find("{")
    if brace < 0:
        return [tree.split(" as ")[0].strip()]
    head, inner = tree[:brace], tree[brace + 1 : tree.rfind("}")]
    parts, depth, start = [], 0, 0
    for at, char in enumerate(inner):
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            parts.append(inner[start:at])
            start = at + 1
    parts.append(inner[start:])
    return [head + path for part in parts if part.strip() for path in expand(part)]


def imports(text, here, known):
    """Files of the crate that one of its files imports by `use`. A re-export is a
    door to another file, not an import."""
    found = set()
    for door, tree in re.findall(r"(\bpub(?:\([a-z]+\))?\s+)?\buse\s+([^;]+);", text):
        if door:
            continue
        for path in expand(tree):
            parts = path.replace(" ", "").replace("\n", "").split("::")
            if parts[0] == "crate":
                at, parts = (), parts[1:]
            elif parts[0] == "super":
                at = here
                while parts and parts[0] == "super":
                    at, parts = at[:-1], parts[1:]
            elif parts[0] == "self":
                at, parts = here, parts[1:]
            elif here + (parts[0],) in known:
                at = here
            else:
                continue
            target = at
            for part in parts:
                if target + (part,) not in known:
                    break
                target = target + (part,)
            if target != here and target in known:
                found.add(target)
    return found


def circles(crate):
    files = {module(path, crate): path for path in sources(crate)}
    # Items that a crate's root re-exports are its interface, so they do not count as imports of files.
    graph = {
        here: imports(bare(path.read_text()), here, files) - {()}
        for here, path in files.items()
        if here
    }
    order, index, low, stack, found = 0, {}, {}, [], []

    def visit(node):
        nonlocal order
        index[node] = low[node] = order
        order += 1
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            part = []
            while True:
                part.append(stack.pop())
                if part[-1] == node:
                    break
            if len(part) > 1:
                found.append(sorted("/".join(name) for name in part))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return [f"{crate}: {' '.join(part)}" for part in sorted(found)]


def main():
    crates = sorted(path.parent.name for path in (ROOT / "crates").glob("*/Cargo.toml"))
    unknown = [crate for crate in crates if layer(crate) is None]
    wrong = arrows_between_crates([crate for crate in crates if crate not in unknown])
    wrong += [f"{crate}: a crate without a layer" for crate in unknown]
    round_trips = [line for crate in crates for line in circles(crate)]
    for line in wrong:
        print("WRONG ", line)
    for line in round_trips:
        print("CIRCLE", line)
    forgotten = forgotten_tests(crates)
    for line in forgotten:
        print("NO TEST", line)
    print(f"{len(crates)} crates, {len(wrong)} arrows the wrong way, {len(round_trips)} circles of files")
    return 1 if wrong or round_trips or forgotten else 0


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    sys.exit(main())
