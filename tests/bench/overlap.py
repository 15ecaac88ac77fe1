"""What share of two folded texts' samples have the same stack in both.

    overlap.py FOLDED FOLDED

Prints a percentage, and `*` behind it where the totals differ.
"""

import sys
from collections import Counter


def stacks(path):
    counts = Counter()
    with open(path, "rb") as file:
        for line in file:
            stack, count = line.rsplit(b" ", 1)
            counts[stack] += int(count)
    return counts


def main():
    one, other = map(stacks, sys.argv[1:])
    total = max(one.total(), other.total())
    differ = "" if one.total() == other.total() else "*"
    print(f"{100 * (one & other).total() / total:.2f} %{differ}")


main()
