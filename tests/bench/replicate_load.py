"""Makes one long test out of a real one, as k6 writes JSON.

    replicate_load.py K6_JSON OUT BYTES

Metrics are defined once; then all points over and over, each round right behind
the one before it, until OUT has BYTES.
"""

import re
import sys
from datetime import datetime, timedelta

TIME = re.compile(rb'"time":"([0-9T:-]{19})')


def parse(text):
    return datetime.fromisoformat(text.decode())


def main():
    source, target, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(source, "rb") as file:
        lines = file.readlines()
    defined = [line for line in lines if b'"type":"Metric"' in line]
    # Each point cut in three: before its second, the second, behind it.
    points = []
    for line in lines:
        found = TIME.search(line)
        if found and b'"type":"Point"' in line:
            points.append((line[: found.start(1)], found[1], line[found.end(1) :]))
    seconds = {second: parse(second) for second in {second for _, second, _ in points}}
    length = max(seconds.values()) - min(seconds.values()) + timedelta(seconds=1)
    with open(target, "wb") as out:
        written = sum(out.write(line) for line in defined)
        rounds = 0
        while written < size:
            shifted = {
                old: (time + rounds * length).isoformat().encode() for old, time in seconds.items()
            }
            for before, second, behind in points:
                written += out.write(before + shifted[second] + behind)
                if written >= size:
                    break
            rounds += 1


main()
