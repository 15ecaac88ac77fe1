//! Files of other programs that are not read here. They are recognised by their beginning,
//! and the message names the program that converts them.

/// Formats that begin with bytes of their own.
const MAGIC: [(&[u8], &str); 21] = [
    (b"DTiJ", JITDUMP),
    (b"JiTD", JITDUMP),
    (b"FLR\0", JFR),
    (b"SIMPLEPERF", SIMPLEPERF),
    (b"Nettrace", NETTRACE),
    (b"\x14\0\0\0!FastSerialization", NETTRACE),
    (b"hdrb", EVENTLOG),
    (b"MOJ", MOJO),
    (b"rbspy0", RBSPY),
    (b"\x17\x08\x44tracing", TRACE_CMD),
    (b"SLOW", ART),
    (b"*version\n", ART),
    (b"\x10\0\x04FxT\x16", FUCHSIA),
    (b"\x7fELF", PROGRAM),
    (b"MZ", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"!<arch>\n", PROGRAM),
    (b"\0asm", PROGRAM),
    (b"\xfb)\x03\xfa", PSTATS),
    (b"{)\x03", PSTATS),
    (b"\x04\x08{", STACKPROF),
];

const JFR: &str = "a recording of Java Flight Recorder; async-profiler's converter makes folded \
    stacks of it (`jfrconv -o collapsed in.jfr out.folded`)";
const JITDUMP: &str = "a jitdump of perf: names of compiled code, and no samples; give the perf.data, with this \
    file beside it";
const PERF_MAP: &str = "a map of compiled code (/tmp/perf-PID.map), without samples; give the perf.data, with this \
    file beside it";
const GCLOUD_YAML: &str =
    "YAML of `gcloud logging read`, which is not read; with `--format json` it is";
const SIMPLEPERF: &str = "a recording of simpleperf; its `report_sample.py` makes text of \
    `perf script` of it, which is read";
const NETTRACE: &str = "a .nettrace of .NET; `dotnet-trace convert --format Speedscope FILE` makes \
    a file that is read";
const EVENTLOG: &str = "an event log of GHC; `hs-speedscope FILE` makes a file that is read";
const MOJO: &str = "a MOJO file of Austin; `mojo2austin FILE out.folded` makes folded stacks of it \
    (of a recording in mode full, all of its time: waits then have the weight of work)";
const RBSPY: &str = "a raw recording of rbspy; `rbspy report -f speedscope -i FILE -o out.json` makes \
    a file that is read";
const TRACE_CMD: &str = "a recording of trace-cmd; `perf record -g` records stacks";
const ART: &str = "a method trace of Android; profiler.firefox.com opens it, and what it saves is \
    read";
const FUCHSIA: &str = "a Fuchsia trace (.fxt), as magic-trace writes it; ui.perfetto.dev opens it";
const PERFETTO: &str = "a trace of Perfetto in its binary form, which is not read; Chromium writes JSON \
    with `--trace-startup-format=json`, and `traceconv json FILE out.json` of perfetto.dev makes JSON \
    of it, which is read";
const PSTATS: &str = "sums of Python's cProfile, without stacks; `py-spy record -f raw -o out.folded` \
    writes folded stacks, which are read";
const STACKPROF: &str = "a file that Ruby marshalled, as stackprof writes it; `stackprof --stackcollapse \
    FILE` makes folded stacks of it when it was recorded with `raw: true`";
const GPROF: &str = "a report of gprof: sums of functions and their callers, and no stacks; `perf record -g` \
    records stacks";
const XPERF: &str = "a table of stacks that Windows Performance Analyzer (xperf) wrote, which is not read; \
    what profiler.firefox.com or samply saves of the trace itself (.etl) is";
const MEMRAY: &str = "a recording of memray: memory, and no CPU time";
pub(super) const PROGRAM: &str = "a program or library, and no recording; `node --prof app.js` or `perf \
    record -g` records one";

/// Formats whose first line (that is neither empty nor a comment) begins with these words.
const FIRST_LINE: [(&str, &str); 30] = [
    ("Bytes Used\t", INSTRUMENTS),
    ("Flat profile:", GPROF),
    ("call graph profile:", GPROF),
    ("Process Name, Display Name, Process, Stack", XPERF),
    ("go 1.", GO_TRACE),
    ("Statistical profiling result from", PROF_PROCESS),
    ("Analysis of sampling", SAMPLE),
    ("# callgrind format", CALLGRIND),
    ("creator: callgrind", CALLGRIND),
    ("creator: xdebug", CACHEGRIND),
    ("TRACE START [", XDEBUG_TEXT),
    ("PeriodType: ", PPROF_RAW),
    ("Showing nodes accounting for ", PPROF_TEXT),
    ("Function Stack,", VTUNE),
    ("Function Stack\t", VTUNE),
    ("Running Time\t", INSTRUMENTS),
    ("Weight\tSelf Weight\t", INSTRUMENTS),
    ("# tracer: ", FTRACE),
    ("desc: ", MASSIF),
    ("<svg", SVG),
    ("digraph ", DOT),
    ("@startuml", DOT),
    ("Microsoft VisualStudio", VSPROF),
    ("Function Name,Inclusive Samples", VSPROF),
    ("Level,Function Name,Number of Calls", VSPROF),
    ("# Samples: ", PERF_REPORT),
    ("# To display the perf.data header", PERF_REPORT),
    ("Percent |\tSource code & Disassembly", PERF_REPORT),
    ("CPU     ID  ", DTRACE),
    ("time    cpu  task name  ", PERF_SCHED),
];

/// Formats in which one of the first lines begins with these words.
const NEAR_THE_START: [(&str, &str); 20] = [
    ("insertId: ", GCLOUD_YAML),
    ("ROUTINE ====", PPROF_TEXT),
    ("Showing nodes accounting for ", PPROF_TEXT),
    ("creator: callgrind", CALLGRIND),
    ("creator: xdebug", CACHEGRIND),
    ("positions: ", CALLGRIND),
    ("fn=", CALLGRIND),
    ("granularity: each sample hit covers ", GPROF),
    ("File format: ", XDEBUG),
    ("TRACE START [", XDEBUG),
    ("samples/count cpu/", PPROF_RAW),
    ("-----------+------", PPROF_TEXT),
    ("# Overhead ", PERF_REPORT),
    ("<trace-query-result", XCTRACE),
    ("<svg", SVG),
    ("# HELP ", METRICS),
    ("# Children ", PERF_REPORT),
    (". ... raw event: size", PERF_DUMP),
    ("Performance counter stats for", PERF_STAT),
    ("Task                  |   Runtime ms", PERF_SCHED),
];

const PROF_PROCESS: &str = "the text that `node --prof-process` makes of a tick log, without its \
    stacks; give the log itself (isolate-*-v8.log), or what `node --prof-process --preprocess` \
    makes of it";
const SAMPLE: &str = "a report of `sample` of macOS; `inferno-collapse-sample FILE` makes folded \
    stacks of it, which are read";
const CALLGRIND: &str = "a callgrind file: costs of functions and of calls, and no stacks; \
    KCachegrind and speedscope.app open it. A recording with stacks is made by `perf record -g`";
const CACHEGRIND: &str = "a cachegrind file of Xdebug: costs of functions and of calls, and no \
    stacks; KCachegrind and speedscope.app open it. Xdebug's traces (`xdebug.mode=trace`, \
    `xdebug.trace_format=1`) have stacks: FlameGraph's stackcollapse-xdebug.php makes folded stacks of them";
const XDEBUG: &str = "a trace of Xdebug; FlameGraph's stackcollapse-xdebug.php makes folded stacks \
    of it, which are read";
const XDEBUG_TEXT: &str = "a trace of Xdebug as text; record it with `xdebug.trace_format=1`: \
    FlameGraph's stackcollapse-xdebug.php makes folded stacks of such a trace, which are read";
const PPROF_RAW: &str = "the text of `go tool pprof -raw`; give the profile that it was made of \
    (.pb.gz), or what `go tool pprof -proto` writes";
const PPROF_TEXT: &str = "a report of `go tool pprof`; give the profile that it was made of \
    (.pb.gz), or what `go tool pprof -proto` writes";
const VTUNE: &str = "a report of VTune; `inferno-collapse-vtune FILE` makes folded stacks of it, \
    which are read";
const VSPROF: &str = "a call tree of Visual Studio's profiler; `inferno-collapse-vsprof FILE` makes \
    folded stacks of it, which are read";
const INSTRUMENTS: &str = "a call tree copied out of Instruments; FlameGraph's \
    stackcollapse-instruments.pl makes folded stacks of it, which are read";
const XCTRACE: &str = "what `xctrace export` writes; `inferno-collapse-xctrace FILE` makes folded \
    stacks of it, which are read";
const FTRACE: &str = "text of the kernel's ftrace; `perf record -g` records stacks";
const MASSIF: &str = "a file of massif: memory, and no CPU time; ms_print and massif-visualizer \
    open it";
const SVG: &str = "a picture; give the recording that it was drawn of";
const DOT: &str = "a graph to be drawn, and no stacks; give the recording that it was made of";
const GO_TRACE: &str = "an execution trace of Go; `go tool trace -pprof=sched FILE` makes a \
    pprof of it, which is read";
const PAPYRUS: &str = "a log of Papyrus; speedscope.app opens it, and what it saves is read";
const PERF_REPORT: &str = "a report of `perf report`; give the perf.data, or what `perf script` \
    writes of it";
pub(super) const PERF_HEADER: &str = "a header that perf writes, without samples; give the perf.data, or what \
    `perf script` writes of it";
const PERF_DUMP: &str = "a dump of records (`perf script -D`); give the perf.data, or what `perf \
    script` writes of it";
const PERF_STAT: &str = "sums of `perf stat`, without stacks; `perf record -g` records some";
const PERF_SCHED: &str = "a report of `perf sched`, without stacks; `perf record -g` records some";
const PERF_TRACE: &str = "system calls that `perf trace` lists, without stacks; `perf record -g` \
    records some";
const DTRACE: &str = "stacks of DTrace; `inferno-collapse-dtrace FILE` (or FlameGraph's \
    stackcollapse.pl) makes folded stacks of them, which are read";
const PMC: &str = "stacks of pmcstat; FlameGraph's stackcollapse-pmc.pl makes folded stacks of \
    them, which are read";
const GHC: &str = "a report of GHC's profiler; `inferno-collapse-ghcprof FILE` makes folded stacks \
    of it, which are read";
const METRICS: &str = "metrics as Prometheus reads them, and no recording; `node --cpu-prof app.js` \
    makes one";

/// The mark for synchronisation that Perfetto writes now and then, first near the beginning.
const PERFETTO_MARK: &[u8] = b"\x82\x47\x7a\x76\xb2\x8d\x42\xba\x81\xdc\x33\x32\x6d\x57\xa0\x79";

/// The number of lines at a file's start that are looked at.
const LINES_LOOKED_AT: usize = 12;

/// Returns the message for a file that begins with bytes of its own.
pub(super) fn magic(head: &[u8]) -> Option<&'static str> {
    // memray packs its recordings with lz4.
    let start = head.get(..40).unwrap_or(head);
    if start.starts_with(b"\x04\x22\x4d\x18") && memchr::memmem::find(start, b"memray").is_some() {
        return Some(MEMRAY);
    }
    if head.starts_with(b"\x0a") && memchr::memmem::find(head, PERFETTO_MARK).is_some() {
        return Some(PERFETTO);
    }
    MAGIC.iter().find(|(start, _)| head.starts_with(start)).map(|(_, found)| *found)
}

/// Returns the message for a text of another program; none of the lines is empty.
pub(super) fn text<'a>(lines: impl Iterator<Item = &'a [u8]> + Clone) -> Option<&'static str> {
    let mut firsts = lines.clone();
    let first = firsts.next()?;
    let first = first.strip_prefix(crate::json::BYTE_ORDER_MARK).unwrap_or(first);
    let starts = |line: &[u8], start: &str| line.trim_ascii_start().starts_with(start.as_bytes());
    let found = |table: &[(&str, &'static str)], line: &[u8]| {
        table.iter().find(|(start, _)| starts(line, start)).map(|(_, found)| *found)
    };
    if let Some(found) = found(&FIRST_LINE, first) {
        return Some(found);
    }
    for line in firsts.take(LINES_LOOKED_AT).chain([first]) {
        if let Some(found) = found(&NEAR_THE_START, line) {
            return Some(found);
        }
        // A date stands in front of this title.
        if memchr::memmem::find(line, b"Time and Allocation Profiling Report").is_some() {
            return Some(GHC);
        }
    }
    // py-spy writes the beginning of a picture in one line.
    if first.starts_with(b"<?xml") && memchr::memmem::find(first, b"<svg ").is_some() {
        return Some(SVG);
    }
    let has_events = |line: &[u8]| line.starts_with(b"events: ");
    if first.starts_with(b"version: ") && lines.clone().take(LINES_LOOKED_AT).any(has_events) {
        return Some(CALLGRIND);
    }
    if is_tags(first) {
        return Some(PPROF_TEXT);
    }
    if lines.clone().take(LINES_LOOKED_AT).filter(|line| is_system_call(line)).count() > 1 {
        return Some(PERF_TRACE);
    }
    if memchr::memmem::find(first, b" log opened (PC)").is_some() {
        return Some(PAPYRUS);
    }
    if first.starts_with(b"@ ") && memchr::memmem::find(first, b" [").is_some() {
        return Some(PMC);
    }
    if lines.clone().nth(1).is_some() && lines.clone().take(LINES_LOOKED_AT).all(is_mapped) {
        return Some(PERF_MAP);
    }
    is_dtrace(lines).then_some(DTRACE)
}

/// Returns true for a line of a perf map: an address and a size, both hexadecimal, and a name.
fn is_mapped(line: &[u8]) -> bool {
    let mut words = line.splitn(3, |&byte| byte == b' ');
    let mut is_hex = |least: usize| {
        words.next().is_some_and(|word| {
            let word = word.strip_prefix(b"0x").unwrap_or(word);
            word.len() >= least && word.iter().all(u8::is_ascii_hexdigit)
        })
    };
    is_hex(5) && is_hex(1) && words.next().is_some_and(|name| !name.trim_ascii().is_empty())
}

/// Returns the message for a text that begins with the header of a recording (`--header`), and
/// is not what `perf script` writes.
pub(super) fn perf_header<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Option<&'static str> {
    lines.next().filter(|line| line.starts_with(b"# ========"))?;
    let is_report = lines.any(|line| line.starts_with(b"# Samples: "));
    Some(if is_report { PERF_REPORT } else { PERF_HEADER })
}

/// Returns true for the first line of `go tool pprof -tags`: `key: Total 1.1s of 1.2s (92%)`.
fn is_tags(line: &[u8]) -> bool {
    let Some(at) = memchr::memmem::find(line, b": Total ") else { return false };
    let total = line.get(at..).unwrap_or_default();
    // Since 1.21, the share is left out.
    let has_share = total.trim_ascii_end().ends_with(b"%)");
    let values = total.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).count();
    has_share && memchr::memmem::find(total, b" of ").is_some() || values == 3
}

/// Returns true for a line of `perf trace`: `1.352 ( 0.023 ms): node/5941 brk() = 0x55b8`.
fn is_system_call(line: &[u8]) -> bool {
    let time = line.trim_ascii_start();
    let starts = time.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'?');
    let Some(at) = memchr::memmem::find(time, b"): ").filter(|_| starts) else { return false };
    let duration = time.get(..at).unwrap_or_default();
    let call = time.get(at..).unwrap_or_default();
    memchr::memmem::find(duration, b" (").is_some()
        && (duration.ends_with(b" ms") || duration.ends_with(b"( "))
        && memchr::memmem::find(call, b" = ").is_some()
}

/// Returns true for stacks with a frame of the form ``library`function+0x1f`` on each line
/// and a count after each stack.
fn is_dtrace<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let (mut in_stack, mut frames) = (false, 0u32);
    for line in lines.take(400) {
        let word = line.trim_ascii();
        let indented = line.starts_with(b" ") || line.starts_with(b"\t");
        if indented && in_stack && word.iter().all(u8::is_ascii_digit) {
            return frames > 0;
        }
        let tick = memchr::memchr(b'`', word).is_some_and(|at| at > 0 && at + 1 < word.len());
        let bare_address = in_stack && word.starts_with(b"0x");
        in_stack = indented && (tick || bare_address);
        frames += u32::from(in_stack);
    }
    false
}
