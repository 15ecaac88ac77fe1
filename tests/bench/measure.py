"""Runs a command a few times and prints what it cost, for bench.sh.

    measure.py RUNS STDIN STDOUT -- COMMAND...

Prints one line: least CPU seconds (user + system), least wall seconds, most
peak memory in bytes. The figures are the kernel's own (wait4), and take in the
children that the command waited for: V8's processor runs nm. A child starts
out as a copy of this interpreter, so no peak below some 10 MB can be seen.
"""

import os
import subprocess
import sys
import tempfile
import time


def run(command, stdin, stdout):
    with (
        open(stdin, "rb") as source,
        open(stdout, "wb") as sink,
        tempfile.TemporaryFile() as said,
    ):
        start = time.monotonic()
        child = subprocess.Popen(command, stdin=source, stdout=sink, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        # Told here, so that Popen does not wait for a child that is gone.
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace")[-4000:])
            sys.exit(f"bench: {' '.join(command)} ended with {child.returncode}")
    # Kilobytes, but bytes on macOS.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return usage.ru_utime + usage.ru_stime, wall, peak


def main():
    runs, stdin, stdout, dashes, *command = sys.argv[1:]
    if dashes != "--" or not command:
        sys.exit(__doc__)
    cpu, wall, peak = zip(*(run(command, stdin, stdout) for _ in range(int(runs))))
    print(f"{min(cpu):.4f} {min(wall):.4f} {max(peak)}")


main()
