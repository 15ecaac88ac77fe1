//! Files that are neither recordings nor made from them: documents, data, traces, and results of
//! other tools. A file that no list here knows keeps its general description, without a guess.

use super::json::GRAAL;
use crate::json::BYTE_ORDER_MARK;

/// Returns the description of a file that begins so.
pub(super) fn describe(head: &[u8]) -> Option<&'static str> {
    if let Some(found) = binary(head) {
        return Some(found);
    }
    let document = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
    if head.contains(&0) {
        return None;
    }
    if matches!(document.first(), Some(b'{' | b'[')) {
        return json(document);
    }
    text(document.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty()))
}

/// Formats that begin with bytes of their own.
const MAGIC: [(&[u8], &str); 22] = [
    (b"\xdc\xdfJSLB", JSLB),
    (b"PAR1", "a Parquet file, which is a table in a binary form (as CSV it may be read)"),
    (b"Obj\x01", "an Avro file, which is a table in a binary form (as CSV it may be read)"),
    (b"ORC", "an ORC file, which is a table in a binary form (as CSV it may be read)"),
    (b"ARROW1\0\0", "an Arrow file, which is a table in a binary form (as CSV it may be read)"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
    (b"GIF87a", PICTURE),
    (b"GIF89a", PICTURE),
    (b"\x1a\x45\xdf\xa3", VIDEO),
    (b"\xd4\xc3\xb2\xa1", PACKETS),
    (b"\xa1\xb2\xc3\xd4", PACKETS),
    (b"\x4d\x3c\xb2\xa1", PACKETS),
    (b"\x0a\x0d\x0d\x0a", PACKETS),
    (b"\xca\xfe\xba\xbe", "a compiled Java class, or a program of macOS"),
    (b"SQLite format 3\0", "a database of SQLite"),
    (b"JAVA PROFILE 1.0.", "a heap dump of Java (HPROF): what is in memory, and no CPU time"),
    (
        b"bplist00",
        "a binary property list of macOS, as in a .trace of Instruments (`xctrace export` \
      writes it as XML)",
    ),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an old version of Microsoft Office"),
    (b"{\\rtf", "an RTF document"),
    (b"-----BEGIN ", "a key or a certificate"),
];

const PICTURE: &str = "a picture; give the file that it was drawn of";
const PERF_HOOKS: &str =
    "measurements of perf_hooks, which have no samples; `node --cpu-prof` records some";
const FLAME_TREE: &str = "a flame graph in JSON; give the recording that it was drawn of";
const CAPACITY: &str = "a table of connections that Spikeflame wrote, and no recording";
const VIDEO: &str = "a video";
const PYINSTRUMENT: &str =
    "JSON of pyinstrument, which is not read; `pyinstrument -r speedscope` writes what is";
const JSLB: &str =
    "a binary profile of the Firefox Profiler (JSLB), which is not read; save it as JSON";
const PACKETS: &str = "a capture of network packets";
const ETL: &str = "a trace of Windows (ETL), which is not read; what profiler.firefox.com or samply saves \
    of one is";
const CORE: &str = "a core dump: the memory of a program that crashed, and no samples";
const WORKBOOK: &str = "a workbook of a spreadsheet; save its sheet as CSV";
const DOCUMENT: &str = "a document of a word processor";
const PLAYWRIGHT: &str = "a trace of Playwright: the steps of a test in a browser, and no samples";

/// Returns the description of a file in a binary form.
fn binary(head: &[u8]) -> Option<&'static str> {
    let at = |from: usize, what: &[u8]| head.get(from..from + what.len()) == Some(what);
    let has = |what: &[u8]| memchr::memmem::find(head, what).is_some();
    if at(0, b"PK\x03\x04") {
        return archive(&has);
    }
    // The type of an ELF file, in either byte order: 4 is a core dump.
    if at(0, b"\x7fELF") && (at(16, b"\x04\0") || at(16, b"\0\x04")) {
        return Some(CORE);
    }
    if at(0, b"RIFF") && at(8, b"WEBP") {
        return Some(PICTURE);
    }
    if at(4, b"ftyp") {
        return Some(VIDEO);
    }
    // The header contains the size of its buffers, which are of whole KiB, and the name of the file.
    if at(0, b"\0") && at(3, b"\0") && has(b".\0e\0t\0l\0") {
        return Some(ETL);
    }
    MAGIC.iter().find(|(start, _)| head.starts_with(start)).map(|(_, found)| *found)
}

/// Returns the description of a zip archive whose first names show the kind of its content.
fn archive(has: &dyn Fn(&[u8]) -> bool) -> Option<&'static str> {
    let is = |names: &[&[u8]]| names.iter().any(|name| has(name));
    if is(&[b"xl/workbook", b"xl/worksheets", b"opendocument.spreadsheet"]) {
        Some(WORKBOOK)
    } else if is(&[b"word/document", b"opendocument.text"]) {
        Some(DOCUMENT)
    } else if is(&[b"trace.trace", b"trace.network", b"test.trace"]) {
        Some(PLAYWRIGHT)
    } else {
        None
    }
}

/// JSON by keys of its outermost object, or of the first object in its outermost array. Every key
/// of a row is needed.
const JSON: [(&[&str], &str); 48] = [
    (&["n", "l", "v", "c"], FLAME_TREE),
    (&["name", "value", "children"], FLAME_TREE),
    (&["nodeTiming", "timeOrigin"], PERF_HOOKS),
    (&["name", "entryType", "startTime"], PERF_HOOKS),
    (&["root_frame.function", "sample_count"], PYINSTRUMENT),
    (&["log.entries"], "a HAR file: the requests of a browser, and no samples"),
    (&["log.version", "log.creator"], "a HAR file: the requests of a browser, and no samples"),
    (&["panels", "schemaVersion"], DASHBOARD),
    (&["dashboard", "meta"], DASHBOARD),
    (&["targets", "fieldConfig"], DASHBOARD),
    (&["resourceSpans"], SPANS),
    (&["resource_spans"], SPANS),
    (&["data.traceID", "data.spans"], "traces of Jaeger: spans of requests, and no samples"),
    (&["operationName", "spanID"], "traces of Jaeger: spans of requests, and no samples"),
    (&["traceId", "localEndpoint"], "traces of Zipkin: spans of requests, and no samples"),
    (&["data.resultType", "data.result"], MONITOR),
    (&["MetricDataResults"], MONITOR),
    (&["Datapoints", "Label"], MONITOR),
    (&["AlignedStartTime", "MetricList"], MONITOR),
    (
        &["resourceMetrics"],
        "metrics of OpenTelemetry (JSON), which are not read; a CSV table of them is",
    ),
    (
        &["resourceLogs"],
        "logs of OpenTelemetry (JSON), which are not read; the log that the application \
      itself writes is",
    ),
    (&["event_id", "exception.values"], SENTRY),
    (&["eventID", "groupID"], SENTRY),
    (&["shortId", "culprit"], SENTRY),
    (
        &["preview", "result._raw"],
        "Splunk's export as JSON, which is not read; its CSV is (`--output csv`)",
    ),
    (
        &["outcome", "scriptName", "exceptions"],
        "events of `wrangler tail`, which are not read; `jq -r '.exceptions[] | .name + \": \" + .message, \
         .stack'` writes lines that are",
    ),
    (
        &["tables.columns", "tables.rows"],
        "the rows of a query of Azure, which are not read; the list of `az monitor log-analytics \
         query` and the portal's CSV are",
    ),
    (&["version", "type", "browserName"], PLAYWRIGHT),
    (&["config", "suites", "stats"], "a report of Playwright's tests"),
    (&["numTotalTests", "testResults"], "a report of Jest's tests"),
    (
        &["results.command", "results.times"],
        "results of hyperfine: durations of commands, and no samples",
    ),
    (
        &["results.command", "results.mean"],
        "results of hyperfine: durations of commands, and no samples",
    ),
    (&["lighthouseVersion"], "a report of Lighthouse"),
    (&["result.scriptId", "result.functions"], COVERAGE),
    (&["result", "timestamp", "source-map-cache"], COVERAGE),
    (&["version", "sources", "mappings"], "a source map"),
    (&["version", "sections", "file"], "a source map"),
    (&["lockfileVersion"], "a lock file of npm"),
    (&["name", "version", "dependencies"], "a package.json of npm"),
    (&["name", "version", "scripts"], "a package.json of npm"),
    (&["compilerOptions"], "settings of TypeScript"),
    (
        &["options.requests_per_second", "results"],
        "results of Nighthawk: totals of a load test, which are \
      not read",
    ),
    (&["name", "numberOfRequests", "minResponseTime"], GATLING),
    (&["type", "stats.numberOfRequests"], GATLING),
    (&["simulation", "assertions"], GATLING),
    (
        &["res_type", "series"],
        "an answer of Datadog, which is not read; a CSV table of the series is",
    ),
    (&["MetricAlarms"], "a list of alarms of CloudWatch, without measurements"),
    (
        &["Total.sampleCount", "Total.meanResTime"],
        "statistics of JMeter's dashboard: totals of a load \
      test, which are not read (its results in CSV, `jmeter -l results.jtl`, are)",
    ),
];

const SENTRY: &str = "events or issues of Sentry, which are not read; the log that the application itself \
    writes is";
const MONITOR: &str = "measurements of a monitor, which stand beside a load test";
const DASHBOARD: &str = "the definition of a Grafana dashboard or panel, without measurements (Inspect > \
    Data > Download CSV has them)";
const SPANS: &str = "traces of OpenTelemetry: spans of requests, and no samples";
const COVERAGE: &str = "coverage of V8: how often functions ran, and no times";
const ISTANBUL: &str = "coverage of Istanbul: how often statements ran, and no times";
const GATLING: &str = "statistics of Gatling's report: totals of a load test, which are not read (the \
    simulation.log of versions before 3.12 is)";

/// Returns the description of JSON that is none of the formats that are read.
fn json(document: &[u8]) -> Option<&'static str> {
    let keys = Keys::in_document(document);
    let known = JSON.iter().find(|(wanted, _)| wanted.iter().all(|key| keys.has(key)));
    known.map(|(_, found)| *found).or_else(|| {
        let inner = |key: &str| keys.0.iter().any(|path| path.ends_with(key.as_bytes()));
        (inner(".statementMap") && inner(".path")).then_some(ISTANBUL)
    })
}

/// Paths of keys in the beginning of a document, such as `log` and `log.entries`. Arrays do not
/// count, so that `data.traceID` is a key of the objects in the array `data`.
struct Keys(Vec<Vec<u8>>);

/// Keys below this number of others are not kept.
const DEEPEST: usize = 2;

/// Number of keys that are kept.
const MOST_KEYS: usize = 256;

impl Keys {
    fn has(&self, path: &str) -> bool {
        self.0.iter().any(|known| known == path.as_bytes())
    }

    fn in_document(document: &[u8]) -> Self {
        let mut keys: Vec<Vec<u8>> = Vec::new();
        // The open brackets, each with true for an object, and the open keys of objects.
        let mut open: Vec<bool> = Vec::new();
        let mut path: Vec<Vec<u8>> = Vec::new();
        let mut bytes = document.iter().enumerate();
        let mut awaits_key = false;
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'{' | b'[' => {
                    open.push(*byte == b'{');
                    awaits_key = *byte == b'{';
                    if awaits_key {
                        path.push(Vec::new());
                    }
                }
                b'}' | b']' => {
                    if open.pop() == Some(true) {
                        path.pop();
                    }
                    awaits_key = false;
                    // The first document shows the format.
                    if open.is_empty() || keys.len() >= MOST_KEYS {
                        break;
                    }
                }
                b',' => awaits_key = open.last() == Some(&true),
                b'"' => {
                    let mut end = at + 1;
                    while let Some((next, inner)) = bytes.next() {
                        end = next;
                        match inner {
                            b'\\' => drop(bytes.next()),
                            b'"' => break,
                            _ => {}
                        }
                    }
                    let text = document.get(at + 1..end).unwrap_or_default();
                    if let Some(key) = path.last_mut().filter(|_| awaits_key) {
                        awaits_key = false;
                        *key = text.to_vec();
                        if path.len() <= DEEPEST {
                            keys.push(path.join(&b'.'));
                        }
                    }
                }
                _ => {}
            }
        }
        Self(keys)
    }
}

const BOMBARDIER: &str =
    "the text of bombardier (`bombardier -o json` writes what is read as a load test)";

/// Texts by words that one of their first lines begins with.
const TEXT: [(&str, &str); 49] = [
    ("Sampling Histogram. Recorded ", GRAAL),
    ("Sampling CallTree. Recorded ", GRAAL),
    ("Bombarding ", BOMBARDIER),
    ("Statistics        Avg", BOMBARDIER),
    // The requests of a plan stand between the two.
    ("Rampup ", "the text of drill: totals of a load test, which are not read"),
    ("Time taken for tests      ", "the text of drill: totals of a load test, which are not read"),
    (
        "Percentage served,Time in ms",
        "the percentiles that `ab -e` writes (the totals that ab prints are \
      read as a load test)",
    ),
    (
        "Requests      [total",
        "vegeta's report as text (`vegeta report -type=json` writes what is read as a \
      load test)",
    ),
    (
        "Bucket           #",
        "vegeta's histogram (`vegeta report -type=json` writes what is read as a load \
      test)",
    ),
    ("Value(ms)  Percentile", HDR),
    ("Value     Percentile TotalCount", HDR),
    ("Value   Percentile   TotalCount", HDR),
    ("#[StartTime: ", HDR),
    ("\"StartTimestamp\",\"Interval_Length\"", HDR),
    (
        "Method,Name,Error,Occurrences",
        "Locust's list of failures (its _stats_history.csv is read as a load \
      test)",
    ),
    ("var stats = {", GATLING),
    (
        "# mode: full",
        "stacks of Austin with several counts a line; record without `-f`, and the folded \
      stacks are read",
    ),
    (
        "# CPU Profile",
        "a profile as Markdown (`--cpu-prof-md` of Bun or Deno); `--cpu-prof` records one that is read",
    ),
    (
        "# Bun Heap Profile",
        "a heap profile of Bun: what is in memory, and no CPU time; `bun --cpu-prof` records that",
    ),
    (
        "_     ._   __/__   _ _",
        "the text of pyinstrument, which is not read; `pyinstrument -r speedscope` writes what is",
    ),
    (
        "Count,Message,Traceback,Nodes",
        "Locust's list of exceptions (its _stats_history.csv is read as a \
      load test)",
    ),
    (
        "Type     Name  ",
        "what Locust prints (`locust --csv run --csv-full-history` writes files that are \
      read as a load test)",
    ),
    (
        "Label,# Samples,",
        "a report of JMeter: totals of a load test, which are not read (its results in \
      CSV, `jmeter -l results.jtl`, are)",
    ),
    ("Creating summariser <", JMETER_TEXT),
    ("summary + ", JMETER_TEXT),
    ("summary = ", JMETER_TEXT),
    ("Test run id: ", ARTILLERY_TEXT),
    ("Metrics for period to: ", ARTILLERY_TEXT),
    ("All VUs finished. Total time: ", ARTILLERY_TEXT),
    (
        "\u{2502} Stat ",
        "what autocannon prints (`autocannon -j` writes what is read as a load test)",
    ),
    ("Fortio ", "the text of Fortio (`fortio load -json FILE` writes what is read as a load test)"),
    ("Target URL:          ", "the text of loadtest: totals of a load test, which are not read"),
    (
        "request-start,DNS,DNS+dialup",
        "oha's CSV (`oha --output-format json` writes what is read as a load \
      test)",
    ),
    ("command,mean,stddev,median,", "results of hyperfine: durations of commands, and no samples"),
    ("Benchmark 1: ", "the text of hyperfine: durations of commands, and no samples"),
    (
        "goos: ",
        "results of Go's benchmarks, without samples (`go test -bench . -cpuprofile FILE` records \
      some)",
    ),
    ("# Overall: ", "a report of pt-query-digest (the slow query log that it was made of is read)"),
    ("Reading mysql slow query log", MYSQLDUMPSLOW),
    ("-- MySQL dump ", "a dump of a database"),
    ("-- MariaDB dump ", "a dump of a database"),
    ("-- PostgreSQL database dump", "a dump of a database"),
    ("Full thread dump ", "a thread dump of Java: one moment, and no samples"),
    ("begin_compilation", "a graph of a compiler (C1 visualizer), and no samples"),
    ("procs ----", "the text of vmstat, which is not read (a CSV table with a time column is)"),
    (
        "CONTAINER ID   NAME",
        "the text of Docker, which is not read (a CSV table with a time column is)",
    ),
    ("execve(\"", "the text of strace: system calls, and no samples"),
    ("<testsuites", "a report of tests (JUnit)"),
    ("<testsuite ", "a report of tests (JUnit)"),
    ("<jmeterTestPlan", "a plan of JMeter; the results of its run are read as a load test"),
];

const HDR: &str = "percentiles of an HdrHistogram, without a timeline";
const JMETER_TEXT: &str =
    "what JMeter prints (`jmeter -l results.jtl` writes what is read as a load test)";
const ARTILLERY_TEXT: &str = "what Artillery prints (`artillery run --output report.json` writes what is \
    read as a load test)";
const MYSQLDUMPSLOW: &str =
    "a report of mysqldumpslow (the slow query log that it was made of is read)";

/// Number of lines at the start of a text that are looked at.
const LINES_LOOKED_AT: usize = 12;

/// Returns the description of a text; none of the lines is empty.
pub(super) fn text<'a>(lines: impl Iterator<Item = &'a [u8]> + Clone) -> Option<&'static str> {
    for line in lines.clone().take(LINES_LOOKED_AT) {
        let line = line.trim_ascii_start();
        if let Some((_, found)) = TEXT.iter().find(|(start, _)| line.starts_with(start.as_bytes()))
        {
            return Some(found);
        }
    }
    let first = lines.clone().next()?;
    let has = |what: &str| memchr::memmem::find(first, what.as_bytes()).is_some();
    if first.starts_with(b"Count: ") && has("  Time=") && has("  Lock=") {
        return Some(MYSQLDUMPSLOW);
    }
    // The numbers below these words look like an event and its frames.
    if first.trim_ascii().starts_with(b"IN FLIGHT ") && has(" NEEDED ") && has(" POSSIBLE") {
        return Some(CAPACITY);
    }
    // Other declarations and comments stand before the root.
    let xml = |line: &[u8]| line.starts_with(b"<?xml ");
    if xml(first) {
        return Some("an XML document of another kind");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_outer_objects() {
        let keys = Keys::in_document(
            br#"[{"a":{"b":[{"c":{"d":1}}],"x\"y":"z"},"e":["f",{"g":1}]}, {"h":2}] {"i":3}"#,
        );
        let keys: Vec<_> = keys.0.iter().map(|key| String::from_utf8_lossy(key)).collect();
        assert_eq!(keys, ["a", "a.b", "a.x\\\"y", "e", "e.g", "h"]);
        for end in 0..40 {
            Keys::in_document(&br#"{"a":{"b":[{"c":{"d":1}}],"x\"y":"z"},"e"#[..end]);
        }
        assert!(Keys::in_document(b"]]}}\"").0.is_empty());
    }

    #[test]
    fn files_of_other_tools_are_named_and_unknown_ones_are_not() {
        let cases: [(&[u8], &str); 29] = [
            (b"PAR1\x15\x04", "Parquet"),
            (b"%PDF-1.7\n", "PDF"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture"),
            (b"JAVA PROFILE 1.0.2\0", "heap dump of Java"),
            (b"\0\0\x01\0\x40\x03\0\0x\0.\0e\0t\0l\0", "Windows (ETL)"),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x04\0>\0", "core dump"),
            (b"PK\x03\x04\x14\0\0\0\0\0[Content_Types].xml ... xl/workbook.xml", "workbook"),
            (b"PK\x03\x04\x14\0\0\0\0\0trace.trace", "Playwright"),
            (b"{\"log\":{\"version\":\"1.2\",\"creator\":{},\"entries\":[]}}", "HAR"),
            (b"{\"panels\":[{\"targets\":[]}],\"schemaVersion\":39}", "Grafana dashboard"),
            (b"{\"data\":[{\"traceID\":\"a\",\"spans\":[]}]}", "Jaeger"),
            (b"{\"resourceSpans\":[]}", "OpenTelemetry: spans"),
            (b"{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[]}]}]}", "metrics of OpenTelemetry"),
            (b"{\"results\":[{\"command\":\"a\",\"mean\":1,\"times\":[1]}]}", "hyperfine"),
            (b"{\"Total\":{\"transaction\":\"Total\",\"sampleCount\":1,\"meanResTime\":2}}", "JMeter's dashboard"),
            (b"{\"type\":\"GROUP\",\"stats\":{\"numberOfRequests\":{}}}", "Gatling"),
            (b"{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{}}]}}", "monitor"),
            (b"{\"status\":\"ok\",\"res_type\":\"x\",\"series\":[{\"metric\":\"a\"}]}", "Datadog"),
            (b"Method,Name,Error,Occurrences\nGET,/,x,1\n", "failures"),
            (b"{\n    \"alloc_samples\": 0,\n    \"samples\": [[1, 2]],", "Scalene"),
            (b"# austin: 3.6.0\n# interval: 1000\n# mode: full\n\nP1;T0:1;f 8703,0,0\n", "Austin"),
            (b"# CPU Profile\n\n| Duration | Samples |\n", "Bun or Deno"),
            (b"# Bun Heap Profile\n\nGenerated by", "in memory"),
            (b"\n  _     ._   __/__   _ _  _  _ _/_   Recorded: 16:18  Samples:  235\n /_//_/// /_\\ / //_// / //_'/ //     Duration: 2.331\n/   _/                      v5.1.3\n\n", "pyinstrument -r"),
            (b"Bombarding http://x for 10s\n", "bombardier"),
            (b"Concurrency 8\nIterations 600\nRampup 0\nBase URL http://x\n\n", "drill"),
            (b"       Value     Percentile TotalCount 1/(1-Percentile)\n\n 0.9 0.0 1 1.00\n", "HdrHistogram"),
            (b"<?xml version=\"1.0\"?>\n<jmeterTestPlan version=\"1.2\">\n", "plan of JMeter"),
            (b"# 150ms user time\n# Hostname: x\n# Overall: 100 total, 5 unique\n", "pt-query-digest"),
        ];
        for (head, hint) in cases {
            let found = crate::describe(head);
            assert!(found.is_some_and(|found| found.contains(hint)), "{hint}: {found:?}");
        }
        let others: [&[u8]; 6] = [
            b"Dear diary,\n",
            b"{\"metric\":1,\"metrics\":[]}",
            b"{\"level\":\"info\",\"traceID\":\"a\",\"spanID\":\"b\"}\n",
            b"id,name\n1,a\n",
            b"PK\x03\x04\x14\0\0\0a.txt",
            b"\0\0\0\0",
        ];
        for head in others {
            assert_eq!(crate::describe(head), None, "{}", String::from_utf8_lossy(head));
        }
    }
}
