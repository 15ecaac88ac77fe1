"""Makes a long recording or log out of a short one, line by line.

    repeat_text.py KIND TEXT OUT BYTES

KIND is perf (the text of `perf script`: the times of each copy continue after the copy
before), or lines (each copy is equal). OUT is written until it has BYTES, and ends with a
whole copy, so that it may be somewhat longer.
"""

import re
import sys

# The time in an event's line: seconds with six decimals and a colon.
TIME = re.compile(rb"(?<= )(\d+)\.(\d{6})(?=:)")


def copies(kind, text):
    """Yields one copy after the other, without an end."""
    if kind == "lines":
        while True:
            yield text
    parts = TIME.split(text)
    seconds = [int(second) for second in parts[1::3]]
    span = max(seconds) - min(seconds) + 1
    late = 0
    while True:
        parts[1::3] = [b"%d" % (second + late) for second in seconds]
        # A part between two times begins with the decimals of the first.
        whole = [parts[0]]
        for at in range(1, len(parts), 3):
            whole += [parts[at], b".", parts[at + 1], parts[at + 2]]
        yield b"".join(whole)
        late += span


def main():
    kind, source, target, size = sys.argv[1:]
    with open(source, "rb") as file:
        text = file.read()
    written = 0
    with open(target, "wb") as out:
        for copy in copies(kind, text):
            written += out.write(copy)
            if written >= int(size):
                return


main()
