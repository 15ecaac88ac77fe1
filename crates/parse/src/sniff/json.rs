//! Recognising JSON, and formats of JSON by their keys.

use super::format::{Format, LOAD, OTHER_JSON};
use serde::de::IgnoredAny;

pub(super) const HEAP: &str = "a heap profile: where memory was allocated, and no CPU time; `node --cpu-prof` \
    records that";

pub(super) const SNAPSHOT: &str = "a heap snapshot: what is in memory, and no CPU time; `node --cpu-prof` \
    records that";

const DHAT: &str = "a file of DHAT: memory, and no CPU time; profiler.firefox.com opens it";

const STACKPROF: &str = "JSON of stackprof; speedscope.app opens it, and what it saves is read";

const GHC: &str = "JSON of GHC's profiler; speedscope.app opens it, and what it saves is read";

const SAFARI: &str = "a timeline of Safari; speedscope.app opens it, and what it saves is read";

pub(super) const GRAAL: &str = "a profile of GraalVM's CPU sampler, which is not read; `node --cpu-prof` records the same \
    program with V8";

const JAVASCRIPTCORE: &str = "samples of JavaScriptCore's inspector, which are not read; `bun --cpu-prof` records some \
    that are, and speedscope.app opens a timeline that Safari exported";

const SCALENE: &str = "a profile of Scalene: lines of Python with their shares; `py-spy record -f raw -o \
    out.folded` writes folded stacks, which are read";

const FLAMEBEARER: &str = "a flame graph of Pyroscope or Grafana in JSON, which is not read; their menu \
    \"Export\" also writes pprof, which is read";

const PPROF_JSON: &str =
    "a pprof profile that was written as JSON, which is not read; its protobuf (.pb.gz) is";

const REPORT: &str = "a diagnostic report of Node, which has no samples; `node --cpu-prof app.js` \
    records some";

const METAFILE: &str = "esbuild's metafile: sizes of files, and no times; `esbuild \
    --cpuprofile=FILE` records a profile that is read";

const TSC_TYPES: &str = "the types that `tsc --generateTrace` lists; the times are in the trace.json \
    beside it, which is read";

const CLINIC_FLAME: &str = "stacks of `clinic flame`, which are not read; `node --prof app.js` \
    records a log that is";

const PERF_CONVERT: &str = "JSON of `perf data convert`; give the perf.data, or what `perf script` \
    writes of it";

const PROFILES: &str = "a list of CPU profiles; `jq -c '.. | objects | select(has(\"nodes\"))' FILE | \
    split -l 1` writes each in a file of its own";

const LIST: &str = "a list of recordings; `jq -c '.[]' FILE | split -l 1` writes each in a file of \
    its own";

const SELF_PROFILING: &str = "a profile of the browser's JS Self-Profiling API, which is not read; the performance panel \
    of DevTools records one that is";

const SENTRY: &str =
    "a profile of Sentry, which is not read; `node --cpu-prof app.js` records one that is";

const BPFTRACE: &str = "JSON of bpftrace; run bpftrace without `-f json`, and its text is read";

/// Returns true for one or several documents of JSON, also damaged ones. A text that begins
/// with a bracket is not JSON when it has an error and its lines end in `counts`.
pub(super) fn is_json(document: &[u8], counts: bool) -> bool {
    let rest = document.get(1..).unwrap_or_default().trim_ascii_start();
    match (document.first(), rest.first()) {
        (Some(b'{' | b'['), None) => true,
        (Some(b'{'), Some(b'"' | b'}')) | (Some(b'['), Some(b'{' | b'[' | b'"' | b']')) => {
            !(counts && first_error(document).is_some())
        }
        // Lines of other texts also begin with a number or a word in brackets.
        (Some(b'['), Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n')) => {
            let early = |error: serde_json::Error| error.line() == 1 && error.column() < EARLY;
            !first_error(document).is_some_and(|error| counts || early(error))
        }
        _ => false,
    }
}

/// An error before this column is in the first value.
const EARLY: usize = 32;

/// Returns true when the beginning of one or several documents is not JSON.
pub(super) fn has_error(document: &[u8]) -> bool {
    first_error(document).is_some()
}

/// Returns the first error of JSON in the beginning of one or several documents.
fn first_error(document: &[u8]) -> Option<serde_json::Error> {
    let values = serde_json::Deserializer::from_slice(document).into_iter::<IgnoredAny>();
    values.filter_map(Result::err).find(|error| !error.is_eof())
}

/// Returns the format of a document.
pub(super) fn format(head: &[u8]) -> Format {
    let has = |needle: &str| memchr::memmem::find(head, needle.as_bytes()).is_some();
    if first_key(head).starts_with(b"\"snapshot\"") {
        Format::Other(SNAPSHOT)
    } else if has("\"dhatFileVersion\"") {
        Format::Other(DHAT)
    } else if has("\"reportVersion\"") && has("\"header\"") {
        Format::Other(REPORT)
    } else if has("\"missed_samples\"") && has("\"gc_samples\"") {
        Format::Other(STACKPROF)
    } else if has("\"cost_centres\"") {
        Format::Other(GHC)
    } else if has("\"recording\"") && has("\"instrumentTypes\"") {
        Format::Other(SAFARI)
    } else if has("\"stackTraces\"") && has("\"stackFrames\"") {
        Format::Other(JAVASCRIPTCORE)
    } else if has("\"gathered_hit_times\"") && has("\"sample_count\"") {
        Format::Other(GRAAL)
    } else if has("\"attached_probes\"") && first_key(head).starts_with(b"\"type\"") {
        Format::Other(BPFTRACE)
    } else if has("\"linux-perf-json-version\"") {
        Format::Other(PERF_CONVERT)
    } else if first_key(head).starts_with(b"\"inputs\"") && has("\"imports\"") {
        Format::Other(METAFILE)
    } else if has("\"intrinsicName\"") && has("\"recursionId\"") {
        Format::Other(TSC_TYPES)
    } else if head.starts_with(b"[[") && has("{\"name\":") && has("\"type\":\"") {
        Format::Other(CLINIC_FLAME)
    } else if has("\"traceEvents\"") || is_trace_event(head) {
        Format::ChromeTrace
    } else if head.starts_with(b"[") && holds_recordings(&has) {
        Format::Other(LIST)
    } else if is_speedscope(&has) {
        Format::Speedscope
    } else if is_otlp(&has) {
        Format::OtlpJson
    } else if is_firefox(&has) {
        Format::Firefox
    } else if has("\"callFrame\"") && has("\"selfSize\"") {
        Format::Other(HEAP)
    } else if has("\"callFrame\"") && is_list(head) {
        Format::Other(PROFILES)
    } else if has("\"callFrame\"") || has("\"head\"") && has("\"functionName\"") {
        Format::CpuProfile
    } else if begins_with_metadata(head) {
        Format::ChromeTrace
    } else if holds(head, "code", b"[") && has("\"name\"") && has("\"type\"") {
        Format::Preprocessed
    } else if is_of_k6(&has) {
        Format::Other(LOAD)
    } else if has("\"flamebearer\"") || has("\"maxSelf\"") && has("\"levels\"") {
        Format::Other(FLAMEBEARER)
    } else if ["sample_type", "sampleType", "sample_types"].iter().any(|key| holds(head, key, b"["))
        && has("\"unit\"")
    {
        Format::Other(PPROF_JSON)
    } else if first_key(head).starts_with(b"\"alloc_samples\"")
        && holds_number(head, "alloc_samples")
    {
        Format::Other(SCALENE)
    } else if has("\"stacks\"") && has("\"frames\"") && has("\"stackId\"") {
        Format::Other(SELF_PROFILING)
    } else if has("\"stacks\"") && has("\"frames\"") && has("\"stack_id\"") {
        Format::Other(SENTRY)
    } else if holds_numbers(head, "samples") || holds_numbers(head, "timeDeltas") {
        // The nodes come after these keys.
        Format::CpuProfile
    } else {
        Format::Other(OTHER_JSON)
    }
}

/// Returns true for the points and the summary of k6. Monitors and tracers have a `metric` too.
fn is_of_k6(has: &dyn Fn(&str) -> bool) -> bool {
    let point = ["\"type\":\"Metric\"", "\"type\":\"Point\""].iter().any(|kind| has(kind));
    has("\"metric\"") && has("\"data\"") && point
        || has("\"metrics\"") && (has("\"http_reqs\"") || has("\"iterations\""))
}

/// Returns true for the events of a trace: one has a phase of one letter, or begins with a key of
/// events and is longer than the head.
fn is_trace_event(head: &[u8]) -> bool {
    const KEYS: [&str; 10] = ["args", "cat", "dur", "id", "name", "ph", "pid", "tid", "ts", "tts"];
    let has = |needle: &str| memchr::memmem::find(head, needle.as_bytes()).is_some();
    let phase = holds(head, "ph", b"\"?\"");
    let event = first_key(head).strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
    let begins = |key: &&str| event.starts_with(format!("\"{key}\"").as_bytes());
    phase && (has("\"cat\"") || has("\"ts\""))
        || head.starts_with(b"[") && has("\"args\"") && KEYS.iter().any(begins)
}

/// Returns true when a key has a value that begins in this way. A question mark stands for any byte.
fn holds(head: &[u8], key: &str, value: &[u8]) -> bool {
    let same = |(byte, wanted): (&u8, &u8)| *wanted == b'?' || byte == wanted;
    values(head, key).any(|rest| rest.len() >= value.len() && rest.iter().zip(value).all(same))
}

/// Returns true when a key has a number.
fn holds_number(head: &[u8], key: &str) -> bool {
    values(head, key).any(|value| value.first().is_some_and(u8::is_ascii_digit))
}

/// Returns true when a key has an array of numbers, which may be empty or begin at the end of the head.
fn holds_numbers(head: &[u8], key: &str) -> bool {
    let is_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b']');
    values(head, key).any(|value| {
        let items = value.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
        items.is_some_and(|items| items.first().is_none_or(is_number))
    })
}

/// Returns the text from each value of a key to the end of the head.
fn values<'a>(head: &'a [u8], key: &str) -> impl Iterator<Item = &'a [u8]> {
    let key = format!("\"{key}\"");
    let ends: Vec<usize> =
        memchr::memmem::find_iter(head, key.as_bytes()).map(|at| at + key.len()).collect();
    ends.into_iter().filter_map(move |end| {
        let rest = head.get(end..)?.trim_ascii_start();
        Some(rest.strip_prefix(b":")?.trim_ascii_start())
    })
}

/// Returns true for keys of formats whose files are one object, so that an array around them is a
/// list of recordings.
fn holds_recordings(has: &dyn Fn(&str) -> bool) -> bool {
    is_speedscope(has) || is_otlp(has) || is_firefox(has)
}

fn is_speedscope(has: &dyn Fn(&str) -> bool) -> bool {
    has("speedscope.app/file-format-schema") || has("\"shared\"") && has("\"frames\"")
}

/// Returns true for keys of OTLP profiles, in camel case or with the names of the protobuf's
/// fields. The dictionary may come first, and be longer than the head.
fn is_otlp(has: &dyn Fn(&str) -> bool) -> bool {
    let tables = ["\"stringTable\"", "\"string_table\"", "\"stackTable\"", "\"stack_table\""];
    has("\"resourceProfiles\"")
        || has("\"resource_profiles\"")
        || has("\"dictionary\"") && tables.iter().any(|key| has(key))
}

/// Returns true for keys that only profiles of the Firefox Profiler have.
fn is_firefox(has: &dyn Fn(&str) -> bool) -> bool {
    let of_meta = ["\"preprocessedProfileVersion\"", "\"stackwalk\"", "\"markerSchema\""];
    let tables = ["\"stackTable\"", "\"frameTable\"", "\"funcTable\"", "\"resourceTable\""];
    has("\"meta\"") && of_meta.iter().any(|key| has(key))
        || tables.iter().filter(|key| has(key)).count() >= 2
}

/// Returns true for the metadata that DevTools write in front of the events, which may be
/// longer than the head. It is one object, not one line of many.
fn begins_with_metadata(head: &[u8]) -> bool {
    first_key(head).starts_with(b"\"metadata\"") && memchr::memmem::find(head, b"\n{").is_none()
}

/// Returns true for a list of objects, which may be within an object as `profiles`.
fn is_list(head: &[u8]) -> bool {
    head.starts_with(b"[") || first_key(head).starts_with(b"\"profiles\"")
}

/// Returns the text after the first bracket.
fn first_key(head: &[u8]) -> &[u8] {
    head.get(1..).unwrap_or_default().trim_ascii_start()
}
