//! Recognising a format by content, never by name alone.

mod foreign;
pub(crate) mod format;
mod json;
mod others;
mod stacks;

use crate::json::BYTE_ORDER_MARK;
use crate::{app_log, bpf, otlp, perf, pprof};
use format::{
    APP_LOG, EMPTY, Format, InputFormat, LOAD, LOG, OTHER_JSON, RECORDING, UNCLEAR, UNKNOWN,
};
use stacks::Stacks;

/// The size of the (unpacked) beginning that is looked at, in bytes.
pub(crate) const HEAD: usize = 16 * 1024;

/// The size that is looked at when the first line is longer, or when the beginning of JSON
/// does not show its format.
const LONGEST_HEAD: usize = 16 << 20;

/// Records at or near the beginning of a V8 log.
const V8_RECORDS: [&[u8]; 9] = [
    b"v8-version,",
    b"v8-platform,",
    b"shared-library,",
    b"profiler,",
    b"code-creation,",
    b"code-source-info,",
    b"script-source,",
    b"tick,0x",
    b"sfi-move,0x",
];

/// Returns how many bytes [`sniff`] needs when `head` was not enough: the first line may be
/// longer, or it may be JSON. Returns `None` when more bytes would not help.
pub(crate) fn more(found: Format, head: &[u8]) -> Option<usize> {
    let unknown = [UNKNOWN, OTHER_JSON, UNCLEAR, foreign::PERF_HEADER];
    let unknown = matches!(found, Format::Other(found) if unknown.contains(&found));
    let end = memchr::memrchr(b'\n', head).unwrap_or(0);
    let mut whole = head.get(..end).unwrap_or_default().split(|&b| b == b'\n');
    // Comments do not show the format.
    let no_line = whole.all(|line| line.trim_ascii().is_empty() || line.starts_with(b"#"));
    let too_short = no_line || found == Format::Other(OTHER_JSON);
    (unknown && too_short && !head.contains(&0) && head.len() < LONGEST_HEAD)
        .then(|| head.len().saturating_mul(8).min(LONGEST_HEAD))
}

/// Recognises the format from the first bytes of a file, [`HEAD`] of them or more. `alone`
/// is true when the user named the file, so that folded stacks of a single frame are
/// accepted.
pub(crate) fn sniff(head: &[u8], alone: bool) -> Format {
    match format_of(head, alone) {
        Format::Other(found) if is_general(found) => {
            Format::Other(others::describe(head).unwrap_or(found))
        }
        format => format,
    }
}

/// Returns true for a description that names no program and no format.
pub(crate) fn is_general(found: &str) -> bool {
    [UNKNOWN, OTHER_JSON, UNCLEAR, BINARY, ZIP, foreign::PROGRAM].contains(&found)
}

/// Describes the content of a file by its first bytes (unpacked): a recording, or a file of another
/// program. 64 KiB are enough for nearly all files. The description is [`RECORDING`] for every
/// recording in a format that is read here, and [`APP_LOG`] or [`LOG`] for logs. Returns `None` when no
/// more is known than that it is text, JSON, binary data or a zip archive, and without a byte.
///
/// ```
/// use spikeflame_parse::describe;
///
/// assert_eq!(describe(b"%PDF-1.7\n"), Some("a PDF document"));
/// assert_eq!(describe(b"Dear diary,"), None);
/// ```
pub fn describe(head: &[u8]) -> Option<&'static str> {
    match sniff(head, true) {
        Format::Other(found) if found == foreign::PROGRAM => Some(found),
        Format::Other(found) => Some(found).filter(|found| !is_general(found) && *found != EMPTY),
        Format::AppLog => Some(APP_LOG),
        _ => Some(RECORDING),
    }
}

/// Returns the format of a recording or of an application's log by its first bytes (unpacked). Returns
/// `None` for files of other kinds. 64 KiB are enough for nearly all files.
///
/// ```
/// use spikeflame_parse::recognise;
///
/// let found = recognise(b"main;work 10\nmain;rest 4\n");
/// assert_eq!(found.map(|format| format.name()), Some("folded"));
/// assert_eq!(recognise(b"Dear diary,"), None);
/// ```
pub fn recognise(head: &[u8]) -> Option<InputFormat> {
    match sniff(head, true) {
        Format::Other(_) => None,
        format => Some(InputFormat(format)),
    }
}

fn format_of(head: &[u8], alone: bool) -> Format {
    if head.is_empty() {
        return Format::Other(EMPTY);
    }
    let whole_lines = match memchr::memrchr(b'\n', head) {
        Some(end) if head.len() >= HEAD => head.get(..end).unwrap_or(head),
        _ => head,
    };
    let lines = || whole_lines.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    if lines().any(|line| V8_RECORDS.iter().any(|record| line.starts_with(record))) {
        return Format::V8Log;
    }
    if let Some(format) = binary(head) {
        return format;
    }
    if bpf::looks_like_bpftrace(lines()) {
        return Format::Bpftrace;
    }
    if bpf::looks_like_bcc(lines()) {
        return Format::Bcc;
    }
    if let Some(found) = foreign::text(lines()) {
        return Format::Other(found);
    }
    let stacks = stacks::judge(lines(), alone);
    let document = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
    let is_json = json::is_json(document, stacks != Stacks::Not);
    // The search for a logger's lines is slow, and is not needed for a recording in JSON.
    let format = is_json.then(|| json::format(document));
    if let Some(known) = format.filter(|format| !matches!(format, Format::Other(_))) {
        return known;
    }
    // Loggers write lines of JSON, and Nest's lines begin with a bracket.
    if app_log::wrapping(head).is_some() || app_log::looks_like(lines()) {
        return Format::AppLog;
    }
    // perf's own messages begin with a bracket too. A document without an error is none of perf's.
    let is_whole = is_json && !json::has_error(document);
    if perf::looks::are_bare_branches(lines()) {
        return Format::Other(PERF_BRANCHES);
    }
    if !is_whole && perf::looks::looks_like(lines()) {
        // Other programs print tables whose rows could be events and frames.
        return others::text(lines().take(1)).map_or(Format::PerfText, Format::Other);
    }
    if let Some(other) = format {
        return other;
    }
    if let Some(found) = foreign::perf_header(lines()) {
        return Format::Other(found);
    }
    if perf::looks::lacks_stacks(lines()) {
        return Format::Other(PERF_EVENTS);
    }
    if perf::looks::lacks_threads(lines()) {
        return Format::Other(
            "text of `perf script` that does not name the thread of each sample; \
             `perf script -F comm,tid,time,event,period,ip,sym,dso` has all that is needed",
        );
    }
    match stacks {
        Stacks::Are => Format::Folded,
        _ if head.contains(&0) => Format::Other(BINARY),
        _ if is_html(head) => Format::Other(HTML),
        Stacks::May => Format::Other(UNCLEAR),
        Stacks::Log => Format::Other(LOG),
        Stacks::Metrics => Format::Other(METRICS),
        Stacks::Not if stacks::have_counts_in_front(lines()) => Format::Other(COUNTS_IN_FRONT),
        Stacks::Not => Format::Other(UNKNOWN),
    }
}

/// Returns a format that begins with bytes of its own.
fn binary(head: &[u8]) -> Option<Format> {
    if head.starts_with(b"PERFILE2") {
        return Some(Format::PerfData);
    }
    if head.starts_with(b"PERFFILE") || head.starts_with(b"2ELIFREP") {
        return Some(Format::Other(
            "perf.data of an old perf or of a machine of another byte order",
        ));
    }
    if let Some(found) = foreign::magic(head) {
        return Some(Format::Other(found));
    }
    if let Some((_, found)) = NONE_OF_OURS.iter().find(|(start, _)| head.starts_with(start)) {
        return Some(Format::Other(found));
    }
    // The header of a file within a tar archive.
    if head.get(257..262) == Some(b"ustar") {
        return Some(Format::Other(TAR));
    }
    if head.starts_with(b"metric_name,") {
        return Some(Format::Other(LOAD));
    }
    if pprof::is_profile(head) {
        return Some(Format::Pprof);
    }
    if otlp::is_profiles(head) {
        return Some(Format::Otlp);
    }
    pprof::legacy(head).map(Format::Other)
}

const PERF_EVENTS: &str = "text of `perf script` without stacks; `perf record -g` records them, and \
    `perf script -F comm,tid,time,event,period,ip,sym,dso` writes them (it writes no `sym` without \
    `ip`)";

const PERF_BRANCHES: &str = "branches that `perf script` wrote without the thread of each sample, as \
    llvm-profgen and BOLT read them; `perf script -F comm,tid,time,event,period,ip,sym,dso` has all that \
    is needed";

const COUNTS_IN_FRONT: &str = "stacks with their counts in front, as `sort | uniq -c` writes them; \
    `sed -E 's/^ *([0-9]+) (.*)/\\2 \\1/' FILE` puts the counts behind them, as in folded stacks";

const BINARY: &str = "binary data";

const UTF_16: &str = "text in UTF-16, as PowerShell's `>` writes it; write it as UTF-8 \
    (`| Out-File -Encoding utf8`), or convert it (`iconv -f UTF-16 -t UTF-8`)";

const ZIP: &str = "a zip archive; unpack it and name what is in it";

const TAR: &str = "a tar archive; unpack it and name what is in it";

const TWICE: &str =
    "packed more than three times; unpack it once (`gzip -dc FILE`, `zstd -dc FILE`)";

const BZIP2: &str = "packed by bzip2 (.gz and .zst are opened here); unpack it (`bunzip2 FILE`)";
const XZ: &str = "packed by xz (.gz and .zst are opened here); unpack it (`unxz FILE`)";
const SEVEN_ZIP: &str =
    "an archive of 7-Zip (.gz and .zst are opened here); unpack it (`7z x FILE`)";
const LZ4: &str = "packed by lz4 (.gz and .zst are opened here); unpack it (`lz4 -d FILE`)";

/// Beginnings of files that are taken for recordings by mistake, with the advice.
const NONE_OF_OURS: [(&[u8], &str); 9] = [
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
    (b"PK\x03\x04", ZIP),
    (b"\x1f\x8b", TWICE),
    (b"\x28\xb5\x2f\xfd", TWICE),
    (b"BZh9", BZIP2),
    (b"\xfd7zXZ\0", XZ),
    (b"7z\xbc\xaf", SEVEN_ZIP),
    (b"\x04\x22\x4d\x18", LZ4),
];

const HTML: &str = "a web page: a report, or the answer of a server that did not find the file or \
    asked for a login";

/// Returns true for a document of HTML.
fn is_html(head: &[u8]) -> bool {
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
    let starts = |tag: &str| {
        head.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
    };
    starts("<!doctype html") || starts("<html")
}

const METRICS: &str = "metrics as Prometheus reads them, and no recording";

#[cfg(test)]
mod tests {
    use super::json::{HEAP, SNAPSHOT};
    use super::*;

    #[test]
    fn what_is_mistaken_for_a_recording_is_told_with_what_to_do() {
        let cases: [(&[u8], &str); 8] = [
            (b"\xff\xfea\0;\0b\0 \x001\0\n\0", UTF_16),
            (b"\xfe\xff\0a\0;\0b\0 \x001\0\n", UTF_16),
            (b"PK\x03\x04\x14\0\0\0", ZIP),
            (b"\x1f\x8b\x08\0\0\0", TWICE),
            (b"\xfd7zXZ\0\0", XZ),
            (b"<!DOCTYPE html><html>\n", HTML),
            (b"\xef\xbb\xbf\n <HTML lang=\"en\">", HTML),
            (b"<htm", UNKNOWN),
        ];
        for (head, found) in cases {
            assert_eq!(sniff(head, true), Format::Other(found), "{head:?}");
        }
    }

    /// The error was: headers of HTTP within JSON (Chromium's log of DevTools) were a sample of perf.
    #[test]
    fn json_with_headers_of_http_is_no_text_of_perf() {
        let json = br#"[{"m":"a b","headersText":"HTTP/1.1 200 OK\r\nDate: Wed, 22 Jun 2016 18:38:55 GMT\r\nServer: a\r\n","agent":"Mozilla/5.0 (X11)"#;
        assert_eq!(sniff(json, true), Format::Other(OTHER_JSON));
    }

    #[test]
    fn formats_are_told_by_content() {
        let cases: [(&[u8], Format); 13] = [
            (b"v8-version,11,3,244,8,-node.57,0\n", Format::V8Log),
            (b"1,0x2\ntick,0x1,2,0,0x0,0\n", Format::V8Log),
            (b"main;foo 3\nmain;bar 4\n", Format::Folded),
            (b"# made by x\nmain 3\n", Format::Other(UNCLEAR)),
            (b"main;foo\n", Format::Other("not a recording that Spikeflame knows")),
            (b"\x7fXYZ\0\0", Format::Other(BINARY)),
            (b"", Format::Other("an empty file")),
            (b"\x1b[32m[Nest] 7  - \x1b[39m11/24/2026, 9:30:03 AM LOG [X] y\n", Format::AppLog),
            (b"{\"level\":30,\"time\":1795480210390,\"msg\":\"x\"}\n", Format::AppLog),
            (b"x\nError: y\n    at f (/a.js:1:2)\n", Format::AppLog),
            (b"Error: y;f /a.js:1:2 3\nError: z;g /a.js:2:2 1\n", Format::Folded),
            (b"timestamp,level,vus\n2026-11-24T00:00:00Z,3,4\n", Format::Other(UNKNOWN)),
            (b"{\"metric\":\"x\",\"type\":\"Metric\",\"data\":{}}\n", Format::Other(LOAD)),
        ];
        for (head, format) in cases {
            assert_eq!(sniff(head, true), format, "{head:?}");
        }
        let missing = b"a;b 1.5\na;c 10 12\n# x\na;d 1\na;d\na;e 2\n";
        assert_eq!(sniff(missing, true), Format::Folded);
        assert_ne!(sniff(missing, false), Format::Folded);
        assert_eq!(sniff(b"a;b 3\na;c\na;d 1.5\n", true), Format::Folded);
        // Threads of perf may be called `a;c`, but none of their stacks is a number.
        assert_eq!(sniff(b"a;b 2\na;c 5\n 4\na;d 5\n", true), Format::Folded);
        assert_eq!(sniff(&[&b"a;b 3\n".repeat(10)[..], b"a;c\n"].concat(), false), Format::Folded);
        let event = b"[{\"args\":{\"data\":{\"cpuProfile\":{\"nodes\":[{\"callFrame\":";
        assert_eq!(sniff(event, true), Format::ChromeTrace);
        assert_eq!(sniff(b"{\"samples\": [1,2,3", true), Format::CpuProfile);
        assert_eq!(sniff(b"\xef\xbb\xbf{\"samples\":[1,2,3", true), Format::CpuProfile);
        assert_eq!(sniff(b"{\n  \"metadata\": {\"source\":", true), Format::ChromeTrace);
        let heap = b"{\"head\":{\"callFrame\":{\"functionName\":\"\"},\"selfSize\":0";
        assert_eq!(sniff(heap, true), Format::Other(HEAP));
        assert_eq!(sniff(b"{\"endTime\":5,\"timeDeltas\":[1,2,3", true), Format::CpuProfile);
        // A preprocessed log begins with the same keys.
        let snapshot = b"{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\"],\"code\":[";
        assert_eq!(sniff(snapshot, true), Format::Other(SNAPSHOT));
        assert_eq!(sniff(b"the answer is 42\n", false), sniff(b"hello\n", false));
    }
}
