#!/usr/bin/env python3
"""Lists the items of the library crates that other programs can use, in tests/api.txt.

    tests/api.py            writes tests/api.txt
    tests/api.py --check    exits with 1 when tests/api.txt is out of date

A line names an item of a crate: a function with its types, a type, a field, a variant, a
method. The list is read from the sources and needs no compiler, so it takes less than a second.
A line that goes away, or changes, is a breaking change (docs/releasing.md).
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests" / "api.txt"
CRATES = ["wall", "profile", "proto", "parse", "load", "run", "diff", "render", "record", "remote"]
TOKEN = re.compile(
    r"""//[^\n]*|/\*[\s\S]*?\*/|\br(#*)"[\s\S]*?"\1|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[^']*|[^'\\])'"""
)
ITEM = re.compile(r"pub (?:const |async |unsafe )*(fn|struct|enum|trait|const|static|type|mod|use) ")


def bare(text):
    """The code without comments, test modules, and the content of strings."""
    def kept(found):
        return {"/": "", "'": "' '"}.get(found.group(0)[0], '""')

    text = TOKEN.sub(kept, text)
    return re.split(r"#\[cfg\(test\)\]\s*mod ", text)[0]


def closed(text, at, opening="{", closing="}"):
    """The place behind the bracket that closes the one at `at`."""
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == opening) - (text[place] == closing)
        if depth == 0:
            return place + 1
    return len(text)


def one_line(text):
    text = " ".join(text.split())
    return re.sub(r",\s*([)>}])", r"\1", re.sub(r"([(<])\s+", r"\1", text)).strip()


class Module:
    """The items of a file, by name."""

    def __init__(self, crate, path):
        self.crate, self.path = crate, path
        self.text = bare(path.read_text(encoding="utf-8"))
        self.items, self.uses, self.modules, self.impls = {}, [], {}, {}
        self.read()

    def read(self):
        at = 0
        text = self.text
        start = re.compile(r"(#\[[^\n]*\]\s*)*\b(pub(?:\([a-z]+\))? [^;{=]*|impl\b[^{;]*|mod \w+|use [^;]*|(?:const |unsafe |async )*fn [^{;]*|struct [^{;]*|enum [^{]*|trait [^{]*|const [^=;]*|static [^=;]*|type [^=;]*|macro_rules! \w+)")
        while found := start.search(text, at):
            attributes = text[found.start():found.start(2)]
            head = found.group(2)
            end = found.end()
            body = ""
            if head.startswith(("use ", "pub use ")):
                end = text.find(";", found.start(2)) + 1
                head = text[found.start(2):end - 1]
            elif end < len(text) and text[end] == "{":
                body = text[end:closed(text, end)]
                end += len(body)
            elif end < len(text) and text[end] in ";=":
                stop = text.find(";", end)
                end = stop + 1 if stop >= 0 else len(text)
            self.add(one_line(attributes), head, body)
            at = max(end, found.end())

    def add(self, attributes, head, body):
        if head.startswith("impl"):
            if " for " not in head:
                name = re.sub(r"^impl\s*(<.*?>)?\s*", "", head).split("<")[0].split("where")[0].strip()
                self.impls.setdefault(name.split("::")[-1], []).append(body)
            return
        module = re.match(r"(pub )?(?:pub\([a-z]+\) )?mod (\w+)", head)
        if module:
            if not body:
                self.modules[module.group(2)] = bool(module.group(1))
            return
        if not ITEM.match(head):
            return
        if head.startswith("pub use "):
            self.uses += names_of(head[8:])
            return
        kind = ITEM.match(head).group(1)
        name = re.match(r"\w+", head[ITEM.match(head).end():]).group(0)
        mark = "#[non_exhaustive] " if "non_exhaustive" in attributes else ""
        lines = [(name, mark + one_line(head))]
        if kind == "struct":
            lines += [(f"{name}.{field}", f"{field}: {one_line(type_)}") for field, type_ in fields(body)]
        elif kind == "enum":
            lines += [(f"{name}::{variant}", shown) for variant, shown in variants(body)]
        self.items[name] = lines

    def child(self, name):
        folder = self.path.parent if self.path.stem in ("lib", "mod") else self.path.with_suffix("")
        for path in (folder / f"{name}.rs", folder / name / "mod.rs"):
            if path.exists():
                return Module(self.crate, path)
        return None


def names_of(tree):
    """Paths that a `use` names, each with its last name."""
    tree = tree.strip()
    brace = tree.find("{")
    if brace < 0:
        path, _, other = tree.partition(" as ")
        return [(path.strip(), other.strip() or path.strip().split("::")[-1])]
    head, inner = tree[:brace], tree[brace + 1:tree.rfind("}")]
    parts, depth, part = [], 0, ""
    for letter in inner + ",":
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += letter
    return [(head.strip() + path, name) for one in parts if one for path, name in names_of(one)]


def fields(body):
    return re.findall(r"\bpub (\w+): ((?:[^,<(\[{}]|<(?:[^<>]|<[^<>]*>)*>|\([^()]*\)|\[[^\]]*\])+)", body)


def variants(body):
    depth, part, found = 0, "", []
    for letter in body[1:-1] + ",":
        depth += (letter in "{([<") - (letter in "})]>")
        if letter == "," and depth == 0:
            text = one_line(re.sub(r"#\[[^\]]*\]", "", part))
            if name := re.match(r"\w+", text):
                found.append((name.group(0), text.split(" = ")[0]))
            part = ""
        else:
            part += letter
    return found


def methods(bodies):
    for body in bodies:
        for found in re.finditer(r"\n    (pub (?:const )?fn (\w+)[^{;]*)", body):
            yield found.group(2), one_line(found.group(1))


class Crate:
    def __init__(self, name):
        self.name = f"spikeflame_{name}"
        self.root = Module(name, ROOT / "crates" / name / "src" / "lib.rs")
        self.modules, self.lines = {}, []
        self.walk(self.root, ())
        self.expose(self.root, self.name, ())

    def walk(self, module, path):
        self.modules[path] = module
        for name in module.modules:
            child = module.child(name)
            if child:
                self.walk(child, (*path, name))

    def impls(self, owner, name):
        """The bodies of `impl NAME`. Where two modules have a type of this name, an `impl` belongs
        to the nearer one."""
        homes = [path for path, module in self.modules.items() if name in module.items]

        def shared(path, home):
            return next((at for at, (a, b) in enumerate(zip(path, home)) if a != b), min(len(path), len(home)))

        found = []
        for path, module in self.modules.items():
            home = max(homes, key=lambda home: shared(path, home), default=path)
            if self.modules.get(home) is owner:
                found += module.impls.get(name, [])
        return found

    def expose(self, module, prefix, path):
        for name in module.items:
            self.item(module, name, prefix, name)
        for name, public in module.modules.items():
            if public and (*path, name) in self.modules:
                self.expose(self.modules[(*path, name)], f"{prefix}::{name}", (*path, name))
        for used, name in module.uses:
            parts = [part for part in used.split("::") if part != "self"]
            base = () if parts[0] == "crate" else path
            parts = parts[1:] if parts[0] == "crate" else parts
            while parts and parts[0] == "super":
                base, parts = base[:-1], parts[1:]
            self.used((*base, *parts[:-1]), parts[-1], prefix, name)

    def used(self, at, item, prefix, name):
        module = self.modules.get(at)
        if module and item in module.items:
            self.item(module, item, prefix, name)
        elif module:
            for used, other in module.uses:
                if other == item:
                    parts = [part for part in used.split("::") if part not in ("self",)]
                    base = () if parts[0] == "crate" else at
                    parts = parts[1:] if parts[0] == "crate" else parts
                    while parts and parts[0] == "super":
                        base, parts = base[:-1], parts[1:]
                    return self.used((*base, *parts[:-1]), parts[-1], prefix, name)
            self.lines.append(f"{prefix}::{name}")
        else:
            self.lines.append(f"{prefix}::{name} = {'::'.join((*at, item))}")

    def item(self, module, item, prefix, name):
        for inner, shown in module.items[item]:
            self.lines.append(f"{prefix}::{name}{inner[len(item):]}  {shown}")
        for method, shown in methods(self.impls(module, item)):
            self.lines.append(f"{prefix}::{name}::{method}  {shown}")


def main():
    lines = [line for name in CRATES for line in sorted(set(Crate(name).lines))]
    text = "\n".join(lines) + "\n"
    if "--check" not in sys.argv:
        LIST.write_text(text, encoding="utf-8")
        print(f"tests/api.txt: {len(lines)} lines")
        return 0
    known = LIST.read_text(encoding="utf-8").replace("\r\n", "\n") if LIST.exists() else ""
    if known == text:
        return 0
    before, after = set(known.splitlines()), set(text.splitlines())
    for line in sorted(before - after):
        print(f"- {line}")
    for line in sorted(after - before):
        print(f"+ {line}")
    print("tests/api.txt is out of date: `tests/api.py` writes it. A line with - is a breaking change.")
    return 1


sys.exit(main())
