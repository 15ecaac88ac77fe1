//! Every reader, of recordings, logs, load tests, monitors and statements, with files that are cut
//! off. A file of at most `SMALL` bytes is cut at every offset. A longer one is cut at its first 16
//! offsets and its last 16 (of the first `LONGEST` bytes), and at offsets that are spread evenly between
//! them. `SPIKEFLAME_CUTS=1` cuts every file of at most 48 KiB at every offset.
//!
//! Each cut is an answer that has no more than the whole file has, or an error with a message.

use spikeflame_load::monitor::{self, MonitorOptions};
use spikeflame_load::queries::{self, Parts};
use spikeflame_load::{Load, ReadOptions, Timeline};
use spikeflame_parse::{Options, Progress, read_stream};
use spikeflame_profile::{CallTree, Selection};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Size of a file that is cut at every offset.
const SMALL: usize = 1_000;
/// Number of offsets at both ends of a file that are all cut.
const NEAR: usize = 16;
/// Offsets behind this one are not cut.
const LONGEST: usize = 48 * 1024;
/// Size of the files that are read, at most.
const WHOLE: u64 = 4 << 20;

/// A reader returned this: the name of the format, and the number of requests, samples, errors, values or
/// statements.
type Finding = Option<(String, f64)>;

/// A reader of one kind of file.
type Reader = fn(&[u8]) -> Finding;

fn load(bytes: &[u8]) -> Finding {
    match spikeflame_load::read(bytes, Path::new("x"), &ReadOptions::default()) {
        Ok(Load::Timeline(timeline)) => Some((timeline.format.to_owned(), requests(&timeline))),
        Ok(Load::Summary(all)) => Some((all.format.to_owned(), all.requests.unwrap_or(0) as f64)),
        Err(why) => refused(&why),
    }
}

fn requests(timeline: &Timeline) -> f64 {
    timeline.seconds.iter().map(|second| second.ok + second.failed).sum()
}

fn recording(bytes: &[u8]) -> Finding {
    let options = Options { threads: 1, ..Options::default() };
    profile(bytes, &options)
}

fn log(bytes: &[u8]) -> Finding {
    let options = Options { threads: 1, app_log: true, ..Options::default() };
    profile(bytes, &options)
}

fn profile(bytes: &[u8], options: &Options) -> Finding {
    match read_stream(bytes, Path::new("x"), options) {
        Ok(profile) => {
            let tree = CallTree::build(&profile, &Selection::default());
            assert_eq!(tree.total() + tree.left_out().total(), profile.total());
            // A log has errors, whatever the unit of the whole file is.
            Some((profile.sources[0].unit.clone(), profile.total() as f64))
        }
        Err(why) => refused(&why),
    }
}

fn monitor(bytes: &[u8]) -> Finding {
    match monitor::read(bytes, Path::new("x"), &MonitorOptions::default()) {
        Ok(found) => {
            let points = found.tracks.iter().map(|track| track.points.len()).sum::<usize>();
            Some((found.format.to_owned(), points as f64))
        }
        Err(why) => refused(&why),
    }
}

fn statements(bytes: &[u8]) -> Finding {
    match queries::read([(bytes, PathBuf::from("x"))], &Parts::default()) {
        Ok(found) => Some(("statements".to_owned(), found.statements as f64)),
        Err(why) => refused(&why),
    }
}

fn refused(why: &dyn std::error::Error) -> Finding {
    assert!(!why.to_string().is_empty());
    None
}

/// Returns the offsets at which a file is cut.
fn cuts(length: usize) -> Vec<usize> {
    let length = length.min(LONGEST);
    // The bytes that are read for all cuts together are about the same for every file.
    let all = length <= SMALL || std::env::var_os("SPIKEFLAME_CUTS").is_some();
    let step = if all { 1 } else { (length / SMALL).pow(2).max(2) };
    let near = |at: &usize| *at < NEAR || *at + NEAR >= length;
    (0..length).filter(|at| at % step == 0 || near(at)).collect()
}

/// Files of tools that `samples/` lacks.
const MADE: [(&str, Reader, &str); 21] = [
    (
        "h2load.log",
        load,
        "1795958312178720\t200\t74426\n1795958312454212\t500\t32461\n1795958313620234\t301\t20575\n",
    ),
    (
        "vegeta.json",
        load,
        "{\"attack\":\"\",\"seq\":0,\"code\":200,\"timestamp\":\"2026-11-27T11:00:00Z\",\"latency\":5000000,\"bytes_out\":0,\"bytes_in\":10,\"error\":\"\",\"method\":\"GET\",\"url\":\"http://x/\"}\n{\"attack\":\"\",\"seq\":1,\"code\":0,\"timestamp\":\"2026-11-27T11:00:01Z\",\"latency\":5000000,\"bytes_out\":0,\"bytes_in\":10,\"error\":\"x\",\"method\":\"GET\",\"url\":\"http://x/\"}\n",
    ),
    (
        "vegeta-report.json",
        load,
        "{\"latencies\":{\"total\":1,\"mean\":2371194,\"50th\":2854306,\"95th\":3478629,\"99th\":3530000,\"max\":3660505},\"bytes_in\":{\"total\":1},\"duration\":989999944,\"wait\":3507222,\"requests\":100,\"rate\":101.0,\"throughput\":101.0,\"success\":1,\"status_codes\":{\"200\":100},\"errors\":[]}",
    ),
    (
        "results.jtl",
        load,
        "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,grpThreads,allThreads,Latency\n1795777200000,50,a,200,OK,t 1,true,10,1,1,50\n1795777201000,51,a,500,OK,t 1,false,10,1,1,50\n1795777202000,50,\"a,b\",200,OK,t 1,true,10,1,1,50\n",
    ),
    (
        "simulation.log",
        load,
        "RUN\tdefault.Shop\tshop\t1795777200000\t \t3.9.5\nUSER\tspike\tSTART\t1795777200100\nREQUEST\t\tGET /\t1795777200100\t1795777200150\tOK\t \nREQUEST\t\tGET /\t1795777201100\t1795777201150\tKO\tstatus 500\nUSER\tspike\tEND\t1795777201200\n",
    ),
    (
        "wrk2.txt",
        load,
        "Running 30s test @ http://127.0.0.1:80/\n  2 threads and 10 connections\n  Thread calibration: mean lat.: 97 usec\n  Thread Stats   Avg      Stdev\n    Latency     6.46ms    1.93ms    12.34ms    67.66%\n  Latency Distribution (HdrHistogram - Recorded Latency)\n 50.000%    6.67ms\n\n  6000 requests in 30.00s, 19.81MB read\nRequests/sec:   200.0\n",
    ),
    (
        "oha.txt",
        load,
        "Summary:\n  Success rate:\t100.00%\n  Total:\t4.0 sec\n  Requests/sec:\t58.4\n\nResponse time histogram:\n  0.05 [1] |\n\nResponse time distribution:\n  50.00% in 0.0511 sec\n\nStatus code distribution:\n  [200] 230 responses\n  [500] 4 responses\n\nError distribution:\n  [3] aborted due to deadline\n",
    ),
    (
        "artillery-totals.json",
        load,
        "{\"aggregate\":{\"counters\":{\"http.requests\":100,\"http.responses\":90,\"http.codes.200\":90,\"errors.ECONNRESET\":10},\"summaries\":{\"http.response_time\":{\"p50\":4,\"p95\":12}}},\"intermediate\":[]}",
    ),
    (
        "series.csv",
        load,
        "Time,\"{job=\"\"shop\"\"}\"\n2026-11-27 11:00:00,400 req/s\n2026-11-27 11:00:15,410 req/s\n2026-11-27 11:00:30,0.4K reqps\n",
    ),
    (
        "cloudwatch.json",
        monitor,
        "{\"MetricDataResults\":[{\"Id\":\"c\",\"Label\":\"CPUUtilization\",\"Timestamps\":[\"2026-11-27T11:00:00Z\",\"2026-11-27T11:01:00Z\"],\"Values\":[23.5,97],\"StatusCode\":\"Complete\"}],\"Messages\":[]}",
    ),
    (
        "statistics.json",
        monitor,
        "{\"Label\":\"CPUUtilization\",\"Datapoints\":[{\"Timestamp\":\"2026-11-27T11:00:00+00:00\",\"Average\":23,\"Maximum\":24,\"Unit\":\"Percent\"},{\"Timestamp\":\"2026-11-27T11:01:00+00:00\",\"Average\":97,\"Maximum\":99,\"Unit\":\"Percent\"}]}",
    ),
    (
        "prometheus.json",
        monitor,
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"threads_connected\"},\"values\":[[1795777200,\"12\"],[1795777205,\"66\"]]}]}}",
    ),
    (
        "grafana.json",
        monitor,
        "{\"results\":{\"A\":{\"status\":200,\"frames\":[{\"schema\":{\"refId\":\"A\",\"fields\":[{\"name\":\"Time\",\"type\":\"time\"},{\"name\":\"Value\",\"type\":\"number\"}]},\"data\":{\"values\":[[1795777200000,1795777205000],[0,40]]}}]}}}",
    ),
    (
        "insights.json",
        monitor,
        "{\"AlignedStartTime\":1795777200.0,\"AlignedEndTime\":1795777210.0,\"Identifier\":\"db-X\",\"MetricList\":[{\"Key\":{\"Metric\":\"db.load.avg\"},\"DataPoints\":[{\"Timestamp\":1795777201.0,\"Value\":2.3},{\"Timestamp\":1795777202.0,\"Value\":9.7}]}]}",
    ),
    (
        "console.csv",
        monitor,
        "Label,CPUUtilization\nStatistic,Average\nPeriod,\"1 minute\"\nUnit,Percent\n2026/11/27 11:00:00,23.5\n2026/11/27 11:01:00,97.0\n",
    ),
    (
        "sequelize.log",
        statements,
        "Executed (default): SELECT SLEEP(0.02),\n 'x'\n FROM b Elapsed time: 27ms\nExecuted (default): UPDATE `b` SET `v`=? WHERE `id` = ?; 5, 3 Elapsed time: 14ms\n",
    ),
    (
        "mikroorm.log",
        statements,
        "[query] select sleep(0.03) [took 31 ms, 1 result]\n[query] begin\n[query] select * from nowhere [took 5 ms]\n",
    ),
    (
        "typeorm.log",
        statements,
        "query is slow: SELECT * FROM `board` WHERE `id` = ? -- PARAMETERS: [1]\nexecution time: 1203\nquery failed: SELECT 2 -- PARAMETERS: [1]\nerror: Error: boom\n",
    ),
    (
        "bcc.txt",
        recording,
        "Sampling at 99 Hertz of all threads by user + kernel stack... Hit Ctrl-C to end.\n\n    f\n    main\n    -                node (16653)\n        4\n\n    do_idle\n    --\n    g\n    -                node (16653)\n        2\n\n",
    ),
    (
        "firefox.json",
        recording,
        r#"{"meta":{"categories":[{"name":"Other","color":"grey","subcategories":["Other"]},{"name":"native","color":"blue","subcategories":["Other"]},{"name":"app","color":"orange","subcategories":["Other"]},{"name":"gc","color":"red","subcategories":["Other"]}],"debug":false,"extensions":{"baseURL":[],"id":[],"length":0,"name":[]},"interval":1.0,"preprocessedProfileVersion":55,"processType":0,"product":"s.folded","sampleUnits":{"eventDelay":"ms","threadCPUDelta":"µs","time":"ms"},"startTime":0.0,"symbolicated":true,"pausedRanges":[],"version":24,"usesOnlyOneStackType":false,"sourceCodeIsNotOnSearchfox":true,"markerSchema":[]},"libs":[],"threads":[{"frameTable":{"length":4,"address":[-1,-1,-1,-1],"inlineDepth":[0,0,0,0],"category":[1,2,3,2],"subcategory":[0,0,0,0],"func":[0,1,2,3],"nativeSymbol":[null,null,null,null],"innerWindowID":[0,0,0,0],"line":[null,null,null,null],"column":[null,null,null,null]},"funcTable":{"length":4,"name":[0,1,2,3],"isJS":[false,true,false,true],"relevantForJS":[false,false,false,false],"resource":[-1,-1,-1,-1],"fileName":[null,null,null,null],"lineNumber":[null,null,null,null],"columnNumber":[null,null,null,null]},"markers":{"length":0,"category":[],"data":[],"endTime":[],"name":[],"phase":[],"startTime":[]},"name":"s.folded","isMainThread":true,"nativeSymbols":{"length":0,"address":[],"functionSize":[],"libIndex":[],"name":[]},"pausedRanges":[],"pid":"1","processName":"s.folded","processShutdownTime":null,"processStartupTime":0.0,"processType":"default","registerTime":0.0,"resourceTable":{"length":0,"lib":[],"name":[],"host":[],"type":[]},"samples":{"length":3,"weightType":"samples","stack":[1,2,3],"timeDeltas":[0.0,4.0,2.0],"weight":[4,2,3],"threadCPUDelta":[0,2000,2000]},"stackTable":{"length":4,"prefix":[null,0,1,0],"frame":[0,1,2,3]},"stringArray":["main","parse /srv/a.js:3:5","(garbage collector)","send /srv/b.js:9:1"],"tid":"1","unregisterTime":null,"showMarkersInTimeline":false}],"pages":[],"profilerOverhead":[],"counters":[]}"#,
    ),
    (
        "otlp.json",
        recording,
        r#"{"resourceProfiles":[{"scopeProfiles":[{"scope":{"name":"written by spikeflame (spikeflame@0.1.0)\nunit: samples\nrecorded by: folded stacks\nno zero"},"profiles":[{"sampleType":{"typeStrindex":1,"unitStrindex":2},"samples":[{"attributeIndices":[1],"stackIndex":1,"timestampsUnixNano":[],"values":["4"]},{"attributeIndices":[1],"stackIndex":2,"timestampsUnixNano":[],"values":["2"]},{"attributeIndices":[1],"stackIndex":3,"timestampsUnixNano":[],"values":["3"]}],"timeUnixNano":"1000000000","durationNano":"0","periodType":{"typeStrindex":0,"unitStrindex":0},"period":"0"}]}]}],"dictionary":{"mappingTable":[{"filenameStrindex":0}],"locationTable":[{"attributeIndices":[],"lines":[],"mappingIndex":0},{"attributeIndices":[2],"lines":[{"column":"5","functionIndex":1,"line":"3"}],"mappingIndex":0},{"attributeIndices":[3],"lines":[{"column":"0","functionIndex":2,"line":"0"}],"mappingIndex":0},{"attributeIndices":[],"lines":[{"column":"0","functionIndex":3,"line":"0"}],"mappingIndex":0},{"attributeIndices":[2],"lines":[{"column":"1","functionIndex":4,"line":"9"}],"mappingIndex":0}],"functionTable":[{"filenameStrindex":0,"nameStrindex":0,"startLine":"0","systemNameStrindex":0},{"filenameStrindex":6,"nameStrindex":4,"startLine":"3","systemNameStrindex":5},{"filenameStrindex":0,"nameStrindex":8,"startLine":"0","systemNameStrindex":8},{"filenameStrindex":0,"nameStrindex":9,"startLine":"0","systemNameStrindex":9},{"filenameStrindex":12,"nameStrindex":10,"startLine":"9","systemNameStrindex":11}],"linkTable":[{}],"stringTable":["","samples","count","thread.name","parse","parse /srv/a.js:3:5","/srv/a.js","profile.frame.type","main","(garbage collector)","send","send /srv/b.js:9:1","/srv/b.js"],"attributeTable":[{},{"keyStrindex":3,"value":{"stringValue":"s.folded"}},{"keyStrindex":7,"value":{"stringValue":"v8js"}},{"keyStrindex":7,"value":{"stringValue":"native"}}],"stackTable":[{"locationIndices":[]},{"locationIndices":[1,2]},{"locationIndices":[3,1,2]},{"locationIndices":[4,2]}]}}"#,
    ),
];

/// Returns the reader for the files of a folder of `samples/`.
fn reader(path: &Path) -> Option<Reader> {
    let folder = path.iter().nth(1)?.to_str()?;
    let name = path.file_name()?.to_str()?;
    Some(match folder {
        "load" => load,
        "errors" | "mysql2" => log,
        "queries" if name.ends_with(".log") => statements,
        "v8" if name.ends_with(".txt") || name.ends_with(".maps") => return None,
        "bpftrace" | "json" | "lines" | "perf-text" | "pprof" | "v8" => recording,
        "perf" if name.contains(".data") => recording,
        _ => return None,
    })
}

fn unpacked(path: &Path) -> Vec<u8> {
    let stream = spikeflame_parse::open(path, &Progress::default()).unwrap();
    let mut bytes = Vec::new();
    stream.take(WHOLE).read_to_end(&mut bytes).unwrap();
    bytes
}

/// The files, each with its reader.
fn files() -> Vec<(String, Reader, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = vec![root.join("samples")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&root).unwrap();
            if path.extension().is_some_and(|end| end != "md")
                && let Some(read) = reader(name)
            {
                files.push((name.display().to_string(), read, unpacked(&path)));
            }
        }
    }
    let made =
        MADE.iter().map(|(name, read, text)| ((*name).to_owned(), *read, text.as_bytes().to_vec()));
    files.extend(made);
    files.extend(monitors(&root));
    files.push(("small.otlp".into(), recording, include_bytes!("common/small.otlp").to_vec()));
    files
}

/// The answers of monitors, which are the seeds of their fuzz target.
fn monitors(root: &Path) -> Vec<(String, Reader, Vec<u8>)> {
    let folder = root.join("fuzz/corpus/monitor");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_seed = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("seed-");
    let mut paths: Vec<PathBuf> = paths.filter(is_seed).collect();
    paths.sort();
    let files: Vec<_> = paths
        .iter()
        .map(|path| (path.display().to_string(), monitor as Reader, std::fs::read(path).unwrap()))
        .collect();
    assert!(files.len() > 30, "{} answers of monitors", files.len());
    files
}

#[test]
fn every_reader_survives_every_cut_and_invents_nothing() {
    let files = files();
    let faults = Mutex::new(Vec::new());
    let seen = Mutex::new(BTreeSet::new());
    let next = Mutex::new(files.iter());
    let work = || {
        loop {
            let Some((name, read, bytes)) = next.lock().unwrap().next() else { break };
            let whole = read(bytes);
            seen.lock().unwrap().extend(whole.clone().map(|(format, _)| format));
            if whole.is_none() && (bytes.len() as u64) < WHOLE {
                faults.lock().unwrap().push(format!("{name} is not read"));
            }
            for at in cuts(bytes.len()) {
                let found = read(&bytes[..at]);
                let (Some((format, all)), Some((kind, part))) = (&whole, &found) else { continue };
                // The beginning of a file may look like a file of another kind.
                // A .cpuprofile counts the hits of its nodes where it ends before its samples, and V8's
                // hits are not exactly its samples.
                let more = if name.contains(".cpuprofile") { 1.01 } else { 1.000_001 };
                if format == kind && *part > all * more {
                    faults.lock().unwrap().push(format!("{name} cut at {at}: {part} of {all}"));
                    break;
                }
            }
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let seen = seen.into_inner().unwrap();
    println!("{} files, formats: {seen:?}", files.len());
    for format in FORMATS {
        assert!(seen.contains(*format), "no sample of {format:?}: {seen:?}");
    }
}

/// Every format of a load test and of a monitor. Recordings are in the list by their units.
const FORMATS: &[&str] = &[
    "k6 JSON",
    "k6 CSV",
    "k6 summary (JSON)",
    "k6 summary (text)",
    "k6 dashboard",
    "autocannon",
    "oha",
    "Artillery report",
    "Artillery's totals",
    "Locust history",
    "Locust's totals",
    "vegeta",
    "vegeta's totals",
    "Gatling",
    "ab's table",
    "h2load's log",
    "JMeter",
    "hey",
    "wrk's totals",
    "wrk2's totals",
    "hey's totals",
    "oha's totals",
    "ab's totals",
    "siege's totals",
    "CSV",
    "statements",
    "errors",
    "samples",
    "Application Insights",
    "Azure Monitor",
    "CloudWatch CSV",
    "CloudWatch embedded metrics",
    "CloudWatch get-metric-data",
    "CloudWatch get-metric-statistics",
    "CloudWatch metric stream",
    "Datadog",
    "Dynatrace",
    "Google Cloud",
    "Grafana",
    "Graphite",
    "InfluxDB",
    "JSON",
    "MongoDB Atlas",
    "Netdata",
    "Performance Insights get-resource-metrics",
    "Prometheus",
    "SigNoz",
    "Zabbix",
];

/// Changes files at random and reads them, for as many seconds as `SPIKEFLAME_MUTATE` states. The seed
/// is in `SPIKEFLAME_SEED`. An input that makes a reader panic is written to the temporary folder.
#[test]
#[ignore = "runs for minutes: SPIKEFLAME_MUTATE=300 cargo test -p spikeflame-load --test integration cuts:: -- --ignored --nocapture"]
fn every_reader_survives_random_changes() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let mut random = Random(number("SPIKEFLAME_SEED").unwrap_or(1).wrapping_mul(2) | 1);
    let end = std::time::Duration::from_secs(number("SPIKEFLAME_MUTATE").unwrap_or(5));
    let start = std::time::Instant::now();
    let files = files();
    let (mut runs, mut read) = (0_u64, 0_u64);
    while start.elapsed() < end {
        let (name, reader, bytes) = &files[random.below(files.len())];
        let (_, _, other) = &files[random.below(files.len())];
        let from = if random.below(2) == 0 { 0 } else { random.below(bytes.len()) };
        let length = random.below(16 * 1024) + 1;
        let mut text = bytes[from..bytes.len().min(from + length)].to_vec();
        // A binary file without its head is another file.
        if from > 0 {
            text.splice(0..0, bytes[..bytes.len().min(512)].iter().copied());
        }
        for _ in 0..=random.below(6) {
            change(&mut text, other, &mut random);
        }
        runs += 1;
        match std::panic::catch_unwind(|| reader(&text)) {
            Ok(found) => read += u64::from(found.is_some()),
            Err(_) => {
                let path = std::env::temp_dir().join(format!("spikeflame-cuts-{runs}"));
                std::fs::write(&path, &text).unwrap();
                panic!("{name}: {}", path.display());
            }
        }
    }
    println!("{runs} changed files, {read} of them read");
}

/// A generator of pseudo-random numbers (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// Texts that readers may treat in a special way.
const SPECIAL: [&str; 22] = [
    "0",
    "-1",
    "18446744073709551615",
    "9223372036854775808",
    "1e308",
    "-1e-308",
    "NaN",
    "null",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ";",
    "\n",
    "\r",
    "\0",
    "\u{feff}",
    "\\u0000",
    "0x",
    ":",
];

fn change(text: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(text.len());
    let to = text.len().min(at + 1 + random.below(64));
    match random.below(7) {
        0 => text.iter_mut().skip(at).take(1).for_each(|byte| *byte = random.below(256) as u8),
        1 => drop(text.drain(at..to)),
        2 => {
            let part = text[at..to].to_vec();
            let place = random.below(text.len());
            text.splice(place..place, part);
        }
        3 => {
            let from = random.below(other.len());
            let part = other[from..other.len().min(from + 1 + random.below(256))].to_vec();
            text.splice(at..to, part);
        }
        4 => text.truncate(at),
        // A number becomes a special text.
        5 => {
            let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
            let from = (at..text.len()).find(|at| is_digit(*at)).unwrap_or(at);
            let end = (from..text.len()).find(|at| !is_digit(*at)).unwrap_or(from);
            text.splice(from..end, SPECIAL[random.below(7)].bytes());
        }
        _ => {
            let word = SPECIAL[random.below(SPECIAL.len())];
            text.splice(at..at, word.bytes());
        }
    }
}
