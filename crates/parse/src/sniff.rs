//! Recognising a format by content, never by name alone.

use crate::json::BYTE_ORDER_MARK;
use crate::{app_log, perf, pprof};
use spikeflame_profile::folded;

/// How much of the (unpacked) beginning is looked at.
pub(crate) const HEAD: usize = 16 * 1024;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    V8Log,
    PerfText,
    PerfData,
    CpuProfile,
    ChromeTrace,
    /// The output of `node --prof-process --preprocess`.
    Preprocessed,
    Speedscope,
    Pprof,
    Folded,
    /// The log of an application: its errors.
    AppLog,
    /// Nothing that is read here; what it looks like, in words.
    Other(&'static str),
}

/// Records that a V8 log may begin with, or that stand near its beginning.
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

/// Looks at the first [`HEAD`] bytes of a file. `alone` is true when the user
/// named the file, so that folded stacks of a single frame are believed.
pub(crate) fn sniff(head: &[u8], alone: bool) -> Format {
    if head.is_empty() {
        return Format::Other("an empty file");
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
    // Loggers write lines of JSON, and Nest's begin with a bracket.
    if app_log::looks_like(lines()) {
        return Format::AppLog;
    }
    // perf's own messages begin with a bracket too.
    if perf::looks::looks_like(lines()) {
        return Format::PerfText;
    }
    if let Some(format) =
        json(head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start())
    {
        return format;
    }
    if perf::looks::lacks_threads(lines()) {
        return Format::Other(
            "text of `perf script` that does not say which thread each sample is of; \
             `perf script -F comm,tid,time,event,period,ip,sym,dso` has all that is needed",
        );
    }
    let text = |line| std::str::from_utf8(line).ok();
    let (mut stacks, mut others, mut nested) = (0, 0, false);
    for line in lines().filter(|line| !line.starts_with(b"# ")).take(50) {
        let is_stack = text(line).is_some_and(folded::is_stack);
        *(if is_stack { &mut stacks } else { &mut others }) += 1;
        nested |= line.contains(&b';');
    }
    // Some may lack their count: more are believed of a file that the user named.
    let most = others == 0 || nested && others * if alone { 1 } else { 10 } <= stacks;
    match stacks > 0 && most && (nested || alone) {
        true => Format::Folded,
        false if head.contains(&0) => Format::Other(BINARY),
        false if is_html(head) => Format::Other(HTML),
        false => Format::Other(UNKNOWN),
    }
}

/// Formats that begin with bytes of their own.
fn binary(head: &[u8]) -> Option<Format> {
    if head.starts_with(b"PERFILE2") {
        return Some(Format::PerfData);
    }
    if head.starts_with(b"PERFFILE") || head.starts_with(b"2ELIFREP") {
        return Some(Format::Other(
            "perf.data of an old perf or of a machine of another byte order",
        ));
    }
    if let Some((_, found)) = NONE_OF_OURS.iter().find(|(start, _)| head.starts_with(start)) {
        return Some(Format::Other(found));
    }
    if head.starts_with(b"metric_name,") {
        return Some(Format::Other(LOAD));
    }
    if pprof::is_profile(head) {
        return Some(Format::Pprof);
    }
    pprof::legacy(head).map(Format::Other)
}

const BINARY: &str = "binary data";

const UTF_16: &str = "text in UTF-16, as PowerShell's `>` writes it; write it as UTF-8 \
    (`| Out-File -Encoding utf8`), or convert it (`iconv -f UTF-16 -t UTF-8`)";

const ZIP: &str = "a zip archive; unpack it and name what is in it";

const TWICE: &str = "packed data within packed data; unpack it once";

const PACKED: &str = "packed by a program whose files are not opened here (.gz and .zst are); \
    unpack it";

/// How files begin that are mistaken for recordings, and what to do about it.
const NONE_OF_OURS: [(&[u8], &str); 8] = [
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
    (b"PK\x03\x04", ZIP),
    (b"\x1f\x8b", TWICE),
    (b"\x28\xb5\x2f\xfd", TWICE),
    (b"BZh9", PACKED),
    (b"\xfd7zXZ\0", PACKED),
    (b"7z\xbc\xaf", PACKED),
];

const HTML: &str = "a web page, as servers send it in place of a file that is not there or needs \
    a login; download it anew";

/// True for a document of HTML.
fn is_html(head: &[u8]) -> bool {
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
    let starts = |tag: &str| {
        head.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
    };
    starts("<!doctype html") || starts("<html")
}

/// Of text that may still be read when the user says what it is.
pub(crate) const UNKNOWN: &str = "not a recording that Spikeflame knows";

/// The same.
pub(crate) const OTHER_JSON: &str = "JSON, but no recording";

const HEAP: &str = "a heap profile: where memory was allocated, and no CPU time; `node --cpu-prof` \
    records that";

const SNAPSHOT: &str = "a heap snapshot: what is in memory, and no CPU time; `node --cpu-prof` \
    records that";

const LOAD: &str = "output of k6: the load, not a profile (`spikeflame plateau` reads it, and \
    --load beside a profile)";

/// JSON, told by its keys.
fn json(head: &[u8]) -> Option<Format> {
    let has = |needle: &str| memchr::memmem::find(head, needle.as_bytes()).is_some();
    if !head.starts_with(b"{") && !head.starts_with(b"[") {
        return None;
    }
    // An event may be longer than the head.
    let is_event = || has("\"ph\"") && has("\"cat\"") || has("\"args\"") && head.starts_with(b"[");
    Some(if first_key(head).starts_with(b"\"snapshot\"") {
        Format::Other(SNAPSHOT)
    } else if has("\"traceEvents\"") || is_event() {
        Format::ChromeTrace
    } else if has("speedscope.app/file-format-schema") || has("\"shared\"") && has("\"frames\"") {
        Format::Speedscope
    } else if has("\"callFrame\"") && has("\"selfSize\"") {
        Format::Other(HEAP)
    } else if has("\"callFrame\"") || has("\"head\"") && has("\"functionName\"") {
        Format::CpuProfile
    } else if begins_with_metadata(head) {
        Format::ChromeTrace
    } else if has("\"code\"") && has("\"name\"") && has("\"type\"") {
        Format::Preprocessed
    } else if has("\"metric\"") || has("\"metrics\"") {
        Format::Other(LOAD)
    } else if has("\"samples\":[") || has("\"samples\": [") || has("\"timeDeltas\"") {
        // Its nodes come behind them.
        Format::CpuProfile
    } else {
        Format::Other(OTHER_JSON)
    })
}

/// True for what DevTools write in front of the events, and which may be longer
/// than the head: one object, not a line of many.
fn begins_with_metadata(head: &[u8]) -> bool {
    first_key(head).starts_with(b"\"metadata\"") && memchr::memmem::find(head, b"\n{").is_none()
}

/// What stands behind the first bracket.
fn first_key(head: &[u8]) -> &[u8] {
    head.get(1..).unwrap_or_default().trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mistaken_for_a_recording_is_told_with_what_to_do() {
        let cases: [(&[u8], &str); 8] = [
            (b"\xff\xfea\0;\0b\0 \x001\0\n\0", UTF_16),
            (b"\xfe\xff\0a\0;\0b\0 \x001\0\n", UTF_16),
            (b"PK\x03\x04\x14\0\0\0", ZIP),
            (b"\x1f\x8b\x08\0\0\0", TWICE),
            (b"\xfd7zXZ\0\0", PACKED),
            (b"<!DOCTYPE html><html>\n", HTML),
            (b"\xef\xbb\xbf\n <HTML lang=\"en\">", HTML),
            (b"<htm", UNKNOWN),
        ];
        for (head, found) in cases {
            assert_eq!(sniff(head, true), Format::Other(found), "{head:?}");
        }
    }

    #[test]
    fn formats_are_told_by_content() {
        let cases: [(&[u8], Format); 13] = [
            (b"v8-version,11,3,244,8,-node.57,0\n", Format::V8Log),
            (b"1,0x2\ntick,0x1,2,0,0x0,0\n", Format::V8Log),
            (b"main;foo 3\nmain;bar 4\n", Format::Folded),
            (b"# made by x\nmain 3\n", Format::Folded),
            (b"main;foo\n", Format::Other("not a recording that Spikeflame knows")),
            (b"\x7fELF\0\0", Format::Other(BINARY)),
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
        // Threads of perf may be called `a;c`, but no stack of theirs is a number.
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
        // Its first keys are also those of a preprocessed log.
        let snapshot = b"{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\"],\"code\":[";
        assert_eq!(sniff(snapshot, true), Format::Other(SNAPSHOT));
        assert_eq!(sniff(b"the answer is 42\n", false), sniff(b"hello\n", false));
    }
}
