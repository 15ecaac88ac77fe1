//! Damaged, disordered and mixed files are read correctly or refused with the reason. They never
//! give another timeline.

use crate::common;

use common::{bytes_of, counts, read_with, root, timeline_of};
use spikeflame_load::{Error, Load, ReadOptions, Timeline, Warning};
use std::io::{self, Read};
use std::path::Path;

pub(crate) fn json() -> Vec<String> {
    lines_of("samples/load/k6.json.gz")
}

pub(crate) fn csv() -> Vec<String> {
    lines_of("samples/spike/before-1/k6.csv.gz")
}

fn lines_of(path: &str) -> Vec<String> {
    String::from_utf8(bytes_of(&root(path))).unwrap().lines().map(str::to_owned).collect()
}

pub(crate) fn text(lines: &[String]) -> Vec<u8> {
    (lines.join("\n") + "\n").into_bytes()
}

pub(crate) fn timeline(lines: &[String]) -> Timeline {
    timeline_of(&text(lines)).unwrap()
}

pub(crate) fn error(lines: &[String]) -> Error {
    timeline_of(&text(lines)).unwrap_err()
}

/// The lines in an order from a generator of numbers with a fixed seed.
pub(crate) fn shuffled(lines: &[String]) -> Vec<String> {
    let mut state = 1_u64;
    let mut keyed: Vec<(u64, &String)> = (lines.iter())
        .map(|line| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33, line)
        })
        .collect();
    keyed.sort();
    keyed.into_iter().map(|(_, line)| line.clone()).collect()
}

/// The time of the last point, as CSV and the generated lines contain it.
pub(crate) const START_S: i64 = 1_795_397_087;

/// A test with one request and one number of virtual users a second.
pub(crate) fn made(start_s: i64, seconds: i64, defined: bool) -> Vec<String> {
    let define = |metric: &str| {
        format!(r#"{{"type":"Metric","data":{{"name":"{metric}"}},"metric":"{metric}"}}"#)
    };
    let point = |metric: &str, at: i64, value: f64, tags: &str| {
        let (minutes, seconds) = (at / 60 % 60, at % 60);
        let (days, hours) = (at / 86_400, at / 3600 % 24);
        // Day 20,780 is 2026-11-23.
        let day = 23 + days - 20_780;
        format!(
            r#"{{"metric":"{metric}","type":"Point","data":{{"time":"2026-11-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.25Z","value":{value},"tags":{tags}}}}}"#
        )
    };
    let mut lines = Vec::new();
    for at in start_s..start_s + seconds {
        if defined && at == start_s {
            lines.extend([define("http_req_duration"), define("vus")]);
        }
        lines.push(point(
            "http_req_duration",
            at,
            10.5,
            r#"{"expected_response":"true","name":"/"}"#,
        ));
        lines.push(point("vus", at, 3.0, "null"));
    }
    lines
}

/// Returns the test without the starts of its requests. k6 CSV has them only by the order of its rows.
fn without_starts(mut timeline: Timeline) -> Timeline {
    for second in timeline.seconds.iter_mut().filter(|_| timeline.format == "k6 CSV") {
        (second.started, second.in_flight) = (0.0, None);
        second.in_flight_unanswered = 0.0;
    }
    timeline
}

#[test]
fn points_in_any_order_are_the_same_test() {
    for lines in [json(), csv()] {
        let whole = without_starts(timeline(&lines));
        // The first line is the CSV's header (of the JSON a definition).
        let (head, points) = lines.split_at(1);
        let mut reversed = points.to_vec();
        reversed.reverse();
        let mut sorted = points.to_vec();
        sorted.sort();
        for points in [shuffled(points), reversed, sorted] {
            let other = without_starts(timeline(&[head, &points].concat()));
            assert!(other == whole, "{} {:?}", whole.format, points.first());
        }
    }
}

/// Cuts a small file at every byte. No request is invented, and at most the last line is lost.
#[test]
fn a_file_cut_at_any_byte() {
    let head = |lines: Vec<String>, count: usize| text(&lines[..count]);
    let whole_csv = head(csv(), 30);
    for bytes in [head(made(START_S, 12, true), 26), whole_csv] {
        let (all, _) = counts(&timeline_of(&bytes).unwrap());
        let mut before = 0.0;
        for cut in 0..bytes.len() {
            match timeline_of(&bytes[..cut]) {
                Ok(timeline) => {
                    let lost: u64 = timeline.losses.iter().map(|loss| loss.count).sum();
                    let (now, failed) = counts(&timeline);
                    assert!(
                        lost <= 1 && failed == 0.0 && now >= before && now <= all,
                        "{cut}: {timeline:?}"
                    );
                    before = now;
                }
                Err(
                    Error::NoRequests { .. } | Error::Unrecognised { .. } | Error::Columns { .. },
                ) => {
                    assert_eq!(before, 0.0, "{cut}");
                }
                Err(other) => panic!("{cut}: {other}"),
            }
        }
        assert!(before > 0.0);
    }
    for name in ["k6-summary-export.json", "k6-summary.txt", "dashboard.csv", "autocannon.json"] {
        let bytes = bytes_of(&root("samples/load").join(name));
        for cut in 0..bytes.len() {
            let _ = read_with(&bytes[..cut], &ReadOptions::default());
        }
    }
}

#[test]
fn what_cannot_be_read_is_counted() {
    let mut lines = made(START_S, 20, true);
    let point = lines[2].clone();
    lines.extend([
        point.replace("10.5", "-10.5"),
        point.replace("10.5", "NaN"),
        point.replace("10.5", "1e999"),
        point.replace("10.5", "1e300"),
        point.replace("2026-11", "0001-01"),
        point.replace("Point", "Pint"),
        "[".repeat(100_000),
        format!("{{\"a\":{}", "[".repeat(100_000)),
        "{\"metric\":\"checks\",\"type\":\"Point\"}".into(),
        "garbage \u{fffd}".into(),
        String::new(),
        point[..80].into(),
    ]);
    let mut bytes = text(&lines);
    bytes.extend_from_slice(b"\xff\xfe\x00\n");
    let whole = timeline_of(&bytes).unwrap();
    assert_eq!(counts(&whole), (20.0, 0.0));
    let lost: u64 = whole.losses.iter().map(|loss| loss.count).sum();
    assert_eq!(lost, 12, "{:?}", whole.losses);
    assert!(
        whole.losses.iter().any(|loss| (loss.reason, loss.first_line) == ("a negative value", 43))
    );
}

#[test]
fn older_k6_and_other_writers() {
    let lines = json();
    let whole = timeline(&lines);
    let rewritten = |write: fn(&serde_json::Value) -> String| -> Vec<String> {
        lines.iter().map(|line| write(&serde_json::from_str(line).unwrap())).collect()
    };
    // k6 before 0.50 wrote type, data, metric. Any order is read, with spaces.
    let old = rewritten(|line| {
        format!(
            r#"{{"type":{},"data":{},"metric":{}}}"#,
            line["type"], line["data"], line["metric"]
        )
    });
    let spaced = rewritten(|line| {
        format!(
            "{{ \"data\" : {} , \"metric\": {}, \"type\": {} }}\r",
            line["data"], line["metric"], line["type"]
        )
    });
    assert_eq!(timeline(&old), whole);
    assert_eq!(timeline(&spaced), whole);
    // Without the tag, status and http_req_failed give the same result.
    let untagged: Vec<String> =
        lines.iter().map(|line| line.replace(r#""expected_response":"true","#, "")).collect();
    assert_eq!(timeline(&untagged), whole);
    // Times with a time zone.
    let local: Vec<String> = (lines.iter())
        .map(|line| line.replace("T01:", "T10:").replace("Z\",\"value", "+09:00\",\"value"))
        .collect();
    assert_eq!(timeline(&local), whole);
}

#[test]
fn requests_without_the_tag_are_judged_by_what_there_is() {
    let point = |metric: &str, second: i64, value: f64, tags: &str| {
        format!(
            r#"{{"type":"Point","data":{{"time":"2026-11-23T01:24:{second:02}.5Z","value":{value},"tags":{tags}}},"metric":"{metric}"}}"#
        )
    };
    let lines = [
        // A 404 that was expected, a 200 that was not, a 500, an error, and a request without any
        // mark.
        point("http_req_duration", 1, 5.0, r#"{"status":"404"}"#),
        point("http_req_failed", 1, 0.0, r#"{"status":"404"}"#),
        point("http_req_duration", 2, 5.0, r#"{"status":"200"}"#),
        point("http_req_failed", 2, 1.0, r#"{"status":"200"}"#),
        point("http_req_duration", 3, 5.0, r#"{"status":"500"}"#),
        point("http_req_duration", 4, 5.0, r#"{"status":"200","error_code":"1050"}"#),
        point("http_req_duration", 5, 5.0, r#"{"status":"0"}"#),
        point("http_req_duration", 6, 5.0, "null"),
    ];
    let read = timeline(&lines);
    let each: Vec<(f64, f64)> =
        read.seconds.iter().map(|second| (second.ok, second.failed)).collect();
    assert_eq!(each, [(1.0, 0.0), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (1.0, 0.0)]);
    assert!(
        read.warnings[0].to_string().starts_with("1 requests do not show"),
        "{:?}",
        read.warnings
    );
}

#[test]
fn iterations_stand_in_where_there_is_no_http() {
    let lines: Vec<String> = (made(START_S, 20, true).iter())
        .filter(|line| !line.contains("vus"))
        .map(|line| line.replace("http_req_duration", "iteration_duration"))
        .collect();
    let read = timeline(&lines);
    assert_eq!(counts(&read), (20.0, 0.0));
    assert!(read.warnings[0].to_string().contains("iterations"), "{:?}", read.warnings);
    // When HTTP requests exist, iterations do not count, whatever comes first.
    let both = [lines, made(START_S, 20, false)].concat();
    assert_eq!(timeline(&both), timeline(&made(START_S, 20, false)));
}

#[test]
fn times_of_the_csv_in_any_unit() {
    let lines = csv();
    let whole = timeline(&lines);
    for unit in ["000", "000000", "000000000"] {
        let scaled: Vec<String> = (lines.iter())
            .map(|line| {
                let mut fields: Vec<String> = line.splitn(3, ',').map(str::to_owned).collect();
                if fields[0] != "metric_name" {
                    fields[1] += unit;
                }
                fields.join(",")
            })
            .collect();
        let read = timeline(&scaled);
        assert!(!read.coarse);
        assert_eq!((read.start_s, counts(&read)), (whole.start_s, counts(&whole)));
    }
}

/// A reader that fails in the middle of the data.
struct Torn<'a>(&'a [u8]);

impl Read for Torn<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buf)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }
}

#[test]
fn what_comes_before_damage_is_read() {
    for seconds in [20, 2_000] {
        let bytes = text(&made(START_S, seconds, true));
        let torn = Torn(&bytes[..bytes.len() - 30]);
        let Ok(Load::Timeline(read)) =
            spikeflame_load::read(torn, Path::new("x.gz"), &ReadOptions::default())
        else {
            panic!()
        };
        assert_eq!(counts(&read).0, seconds as f64);
        assert!(
            read.warnings.iter().any(|warning| warning.to_string().contains("cut off")),
            "{:?}",
            read.warnings
        );
    }
}

/// The error was: a packed summary with a changed digit gave another number without a warning, and
/// a number that was cut off counted as it was.
#[test]
fn totals_of_damaged_files_have_a_warning() {
    let read = |bytes: &[u8]| {
        let read = spikeflame_load::read(Torn(bytes), Path::new("x.gz"), &ReadOptions::default());
        read.map(|load| match load {
            Load::Summary(summary) => summary,
            Load::Timeline(_) => panic!("a timeline"),
        })
    };
    for file in ["k6-summary.txt", "k6-failed-thresholds.txt", "locust-totals.csv"] {
        let bytes = bytes_of(&root(&format!("samples/load/{file}")));
        let whole = read(&bytes).unwrap();
        let is_told = |warning: &Warning| matches!(warning, Warning::CutFile { .. });
        assert!(whole.warnings.iter().any(is_told), "{file}: {:?}", whole.warnings);
        for end in 0..bytes.len() {
            let Ok(cut) = read(&bytes[..end]) else { continue };
            let cells = [(cut.requests, whole.requests), (cut.failed, whole.failed)];
            let right = cells.iter().all(|(cut, whole)| cut.is_none() || cut == whole);
            assert!(right && (cut.p95_ms.is_none() || cut.p95_ms == whole.p95_ms), "{file}, {end}");
        }
    }
}

/// Changes bytes at any place. There must be no panic and no invented request.
#[test]
fn changed_bytes_are_survived() {
    const ODD: &[u8] = b"0123456789-.,:;\"{}[]\n\r\x00\xffeTZ";
    let files = [
        text(&made(START_S, 12, true)),
        text(&csv()[..40]),
        bytes_of(&root("samples/load/dashboard.csv")),
        bytes_of(&root("samples/load/k6-summary.txt")),
        bytes_of(&root("samples/load/k6-summary-export.json")),
        bytes_of(&root("samples/load/autocannon.json")),
    ];
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for bytes in &files {
        for _ in 0..2_000 {
            let mut changed = bytes.clone();
            for _ in 0..1 + random(3) {
                let at = random(changed.len());
                changed[at] = ODD[random(ODD.len())];
            }
            if let Ok(Load::Timeline(timeline)) = read_with(&changed, &ReadOptions::default()) {
                let sane = |second: &spikeflame_load::Second| {
                    second.ok >= 0.0 && second.failed >= 0.0 && second.requests().is_finite()
                };
                assert!(timeline.seconds.iter().all(sane), "{timeline:?}");
            }
        }
    }
}

#[test]
fn a_rare_endpoint_makes_no_gaps() {
    let rare = |line: &String, at: usize| {
        if at == 2 || at > 198 { line.replace("\"/\"", "\"/rare\"") } else { line.clone() }
    };
    let lines: Vec<String> = (made(START_S, 100, false).iter().enumerate())
        .filter(|(_, line)| !line.contains("vus"))
        .map(|(at, line)| rare(line, at))
        .collect();
    let options = ReadOptions { endpoint: Some("/rare".into()), ..ReadOptions::default() };
    let Ok(Load::Timeline(read)) = read_with(&text(&lines), &options) else { panic!() };
    assert_eq!((read.seconds.len(), read.endpoints.len()), (100, 2));
    assert_eq!(counts(&read).0, 1.0);
}

/// The error was: "is it the whole file?" for tests of gRPC and WebSockets, whose files were whole.
#[test]
fn tests_of_other_protocols_are_named() {
    let point = |metric: &str, second: i64| {
        format!(
            r#"{{"metric":"{metric}","type":"Point","data":{{"time":"2026-11-28T21:06:{second:02}Z","value":12,"tags":{{"status":"OK"}}}}}}"#
        )
    };
    let row = |metric: &str, second: i64| format!("{metric},{},12", 1_795_397_087 + second);
    for metric in ["grpc_streams", "ws_session_duration", "sql_query_duration"] {
        let json: Vec<String> =
            (0..30).flat_map(|at| [point("vus", at), point(metric, at)]).collect();
        let csv: Vec<String> = std::iter::once("metric_name,timestamp,metric_value".to_owned())
            .chain((0..30).flat_map(|at| [row("data_sent", at), row(metric, at)]))
            .collect();
        // A space after the colon is not how k6 writes a line, so that it is read in another way.
        let spaced: Vec<String> = json.iter().map(|line| line.replace("\":", "\": ")).collect();
        for lines in [json, csv, spaced] {
            let told = error(&lines).to_string();
            assert!(told.contains(&format!("points of {metric},")), "{told}");
            assert!(told.contains("iteration_duration") && !told.contains("whole file"), "{told}");
        }
    }
    // A test with iterations is read by them.
    let lines: Vec<String> = (0..30)
        .flat_map(|at| [point("ws_session_duration", at), point("iteration_duration", at)])
        .collect();
    assert!(timeline(&lines).warnings.contains(&Warning::Iterations { successful: true }));
    let empty: Vec<String> = (0..30).map(|at| point("vus", at)).collect();
    assert!(error(&empty).to_string().contains("whole file"));
}
