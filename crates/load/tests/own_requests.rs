//! Logs with a row for each request, as a load generator of one's own writes them.

use crate::common;

use common::{read_with, timeline_of};
use spikeflame_load::{
    Content, Error, Load, ReadOptions, Timeline, Warning, nameless_requests, recognise,
};

/// 2026-11-27 11:00:00.
const START_MS: u64 = 1_795_777_200_000;

/// A request: its start and its duration in milliseconds, and its status.
type Request = (u64, u64, u16);

/// Returns the requests of eight clients that wait for their answers for 20 s, in the order of their ends.
/// Every tenth fails, and every fortieth gets no answer.
fn requests() -> Vec<Request> {
    let mut free = [0_u64; 8];
    let mut requests = Vec::new();
    for at in 0_u64.. {
        let Some(client) = free.iter_mut().min() else { break };
        if *client >= 20_000 {
            break;
        }
        let took = 40 + at * 37 % 90;
        let status = match at {
            at if at % 40 == 7 => 0,
            at if at % 10 == 3 => 500,
            _ => 200,
        };
        requests.push((*client, took, status));
        *client += took + 1;
    }
    requests.sort_by_key(|(start, took, _)| start + took);
    requests
}

fn file(header: &str, row: impl Fn(Request) -> String) -> String {
    let rows: String = requests().into_iter().map(|request| row(request) + "\n").collect();
    format!("{header}{rows}")
}

/// Returns the requests, the failed ones, those without an answer, and those that began in the first five
/// seconds.
fn sums(timeline: &Timeline) -> [f64; 4] {
    let seconds = &timeline.seconds;
    [
        seconds.iter().map(|second| second.requests()).sum(),
        seconds.iter().map(|second| second.failed).sum(),
        seconds.iter().map(|second| second.unanswered).sum(),
        seconds.iter().take(5).map(|second| second.started).sum(),
    ]
}

fn truth() -> [f64; 4] {
    let requests = requests();
    let count = |is: fn(&Request) -> bool| requests.iter().filter(|one| is(one)).count() as f64;
    [
        count(|_| true),
        count(|one| one.2 != 200),
        count(|one| one.2 == 0),
        count(|one| one.0 < 5_000),
    ]
}

fn iso(ms: u64) -> String {
    let (seconds, ms) = (ms / 1_000, ms % 1_000);
    format!("2026-11-27T11:{:02}:{:02}.{ms:03}Z", seconds / 60, seconds % 60)
}

/// The error was: such a file was refused ("no column is known to hold requests per second"), and `doctor`
/// called it a monitor.
#[test]
fn a_row_for_each_request_is_read_in_many_forms() {
    let ok = |status: u16| status == 200;
    let files = [
        file("time,latency,status\n", |(at, took, status)| {
            format!("{},{took}.5,{status}", iso(at))
        }),
        file("timestamp,duration_ms,status_code,url\n", |(at, took, status)| {
            format!("{},{took},{status},/boards", START_MS + at)
        }),
        file("ts\tlatency_s\thttp_status\n", |(at, took, status)| {
            format!("{}\t{}\t{status}", (START_MS + at) as f64 / 1e3, took as f64 / 1e3)
        }),
        file("start,end,code\n", |(at, took, status)| {
            format!("{},{},{status}", START_MS + at, START_MS + at + took)
        }),
        file("Timestamp;Response Time (ms);Response Code;Label;Success\n", |(at, took, status)| {
            format!("{};{took};{status};home;{}", START_MS + at, ok(status))
        }),
        file("", |(at, took, status)| {
            format!(
                "{{\"time\":\"{}\",\"path\":\"/\",\"status\":{status},\"duration\":{took}}}",
                iso(at)
            )
        }),
        file("", |(at, took, status)| {
            format!(
                "{{\"ts\":{},\"ms\":1,\"took_ms\":{took},\"response\":{{\"status\":{status}}}}}",
                START_MS + at
            )
        }),
        // A moment of the end, and durations in microseconds that only the order of the rows shows.
        file("finished_at,latency_us,status\n", |(at, took, status)| {
            format!("{},{},{status}", START_MS + at + took, took * 1_000)
        }),
        file("time,latency,status\n", |(at, took, status)| {
            format!("{},{},{status}", iso(at + took), took * 1_000)
        })
        .replace("latency", "latency_us"),
        file("time,latency,status\n", |(at, took, status)| {
            format!("{},{},{status}", iso(at), took as f64 / 1e3)
        }),
        file("offset_ms,latency_ms,status\n", |(at, took, status)| format!("{at},{took},{status}")),
    ];
    for text in files.iter().chain([&list()]) {
        let head = text.get(..200).unwrap_or(text);
        let found = recognise(text.as_bytes()).unwrap();
        assert_eq!(found.content, Content::Table, "{head}");
        let timeline =
            timeline_of(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {head}"));
        assert_eq!(sums(&timeline), truth(), "{head}: {:?}", timeline.columns);
        let p95 = p95(&timeline);
        assert!((122.0..=128.0).contains(&p95), "{p95}: {head}: {:?}", timeline.columns);
        assert!(timeline.losses.is_empty(), "{head}: {:?}", timeline.losses);
    }
}

/// Returns the same requests as one list of JSON.
fn list() -> String {
    let row = |(at, took, status): Request| {
        format!("{{\"timestamp\":{},\"latency\":{took},\"statusCode\":{status}}},", START_MS + at)
    };
    let rows = file("", row);
    format!("[{}]", rows.trim_end().trim_end_matches(','))
}

/// Returns the 95th percentile of successful requests, in milliseconds.
fn p95(timeline: &Timeline) -> f64 {
    let mut all = spikeflame_load::Latencies::default();
    timeline.seconds.iter().for_each(|second| all.merge(&second.latencies));
    all.quantile_ms(0.95).unwrap()
}

/// A mark of success or the name of an error is enough.
#[test]
fn outcomes_may_be_words_and_errors() {
    let failed = |text: &str| {
        let timeline =
            timeline_of(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
        let [requests, failed, unanswered, _] = sums(&timeline);
        (requests, failed, unanswered)
    };
    let rows = |header: &str, outcomes: [&str; 4]| {
        let row = |(at, outcome)| format!("{},50,{outcome}\n", START_MS + 700 * at);
        let rows: String = (0_u64..).zip(outcomes).map(row).collect();
        format!("time,latency_ms,{header}\n{rows}")
    };
    for (header, outcomes, expected) in [
        ("ok", ["true", "false", "TRUE", "true"], (4.0, 1.0, 0.0)),
        ("success", ["1", "0", "0", "1"], (4.0, 2.0, 0.0)),
        ("error", ["", "ECONNRESET", "null", ""], (4.0, 1.0, 0.0)),
        ("failed", ["false", "true", "false", "false"], (4.0, 1.0, 0.0)),
        ("status", ["200", "302", "ECONNREFUSED", "404"], (4.0, 2.0, 1.0)),
        ("status", ["OK", "KO", "OK", "OK"], (4.0, 1.0, 0.0)),
        ("result", ["pass", "fail", "pass", "pass"], (4.0, 1.0, 0.0)),
        ("status", ["200 OK", "503 Service Unavailable", "200 OK", ""], (4.0, 2.0, 1.0)),
    ] {
        assert_eq!(failed(&rows(header, outcomes)), expected, "{header} {outcomes:?}");
    }
}

/// Numbers of which nothing shows the unit are asked for, and the user's word counts.
#[test]
fn an_unclear_unit_is_asked_for() {
    let rows: String = (0..30).map(|at| format!("{},0.7,200\n", START_MS + 400 * at)).collect();
    let text = format!("time,latency,status\n{rows}");
    let error = timeline_of(text.as_bytes()).unwrap_err();
    assert!(matches!(error, Error::Columns { .. }), "{error}");
    for (unit, ms) in [("mean_s", 700.0), ("mean_ms", 0.7)] {
        let columns = vec![(unit.to_owned(), "latency".to_owned())];
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let Load::Timeline(timeline) = read_with(text.as_bytes(), &options).unwrap() else {
            panic!("{unit}")
        };
        assert!((p95(&timeline) / ms - 1.0).abs() < 0.02, "{unit}");
    }
    let text = text.replace("time,", "t,").replace(",0.7,", ",70,").replace("1795777", "");
    assert!(timeline_of(text.as_bytes()).is_err(), "{text}");
}

/// Rows that are no requests are lost with their line; a list that is cut off keeps what came before.
#[test]
fn damage_is_named() {
    let text =
        file("time,latency,status\n", |(at, took, status)| format!("{},{took},{status}", iso(at)));
    let damaged = text.replacen(".0", ".0,", 1) + "2026-11-27T11:00:19Z,5,7\n";
    let timeline = timeline_of(damaged.as_bytes()).unwrap();
    assert_eq!(
        timeline.losses.iter().map(|loss| loss.count).sum::<u64>(),
        2,
        "{:?}",
        timeline.losses
    );
    let list = list();
    let timeline = timeline_of(&list.as_bytes()[..list.len() / 2]).unwrap();
    assert!(timeline.warnings.iter().any(|it| matches!(it, Warning::CutFile { .. })));
    assert!(sums(&timeline)[0] > 500.0);
}

/// Lines of an application's logger and rows of a monitor are no requests.
#[test]
fn logs_and_monitors_are_not_taken() {
    for text in [
        "{\"level\":30,\"time\":1795777200000,\"msg\":\"done\",\"responseTime\":12,\"status\":200}\n",
        "time,service,latency_ms,status\n2026-11-27T11:00:00Z,shop,20,up\n",
        "time,latency,cpu\n2026-11-27T11:00:00Z,20,50\n",
    ] {
        assert!(
            recognise(text.as_bytes()).is_none_or(|found| !found.name.contains("requests")),
            "{text}"
        );
    }
}

/// Each of these was refused or read with other durations.
#[test]
fn cells_and_heads_have_other_forms() {
    let file = |head: &str, row: &dyn Fn(Request) -> String| file(head, row);
    for text in [
        file("sep=;\ntime;latency;status\n", &|(at, took, status)| {
            format!("{};{took},5;{status}", iso(at))
        }),
        file("# my test\ntime,latency,status\n", &|(at, took, status)| {
            format!("{},{took}ms,{status}", iso(at))
        }),
        file("date,time,latency,status\n", &|(at, took, status)| {
            let time = iso(at);
            format!("{},{},{took},{status}", &time[..10], &time[11..23])
        }),
        file("worker,request,started_at,finished_at,duration,http_code\n", &|(
            at,
            took,
            status,
        )| {
            format!("1,{at},{},{},{took},{status}", iso(at), iso(at + took))
        }),
        file("time,http_code,time_total\n", &|(at, took, status)| {
            format!("{},{status},{}", iso(at), took as f64 / 1e3)
        }),
        // oha 1.16.0 writes this head with `--output-format csv`, and seconds.
        file(
            "request-start,DNS,DNS+dialup,Response-delay,request-duration,bytes,status\n",
            &|request| {
                let (at, took, status) = request;
                let [start, took] = [at, took].map(|ms| ms as f64 / 1e3);
                format!("{start},0.00005,0.0004,{took},{took},2,{status}")
            },
        ),
        file("started,ttfb_ms,total_ms,status\n", &|(at, took, status)| {
            format!("{},1,{took},{status}", &iso(at)[11..23])
        }),
        file("", &|(at, took, status)| {
            format!(
                "{{\"type\":\"request\",\"data\":{{\"time\":\"{}\",\"duration\":{took},\"status\":{status}}}}}",
                iso(at)
            )
        }),
    ] {
        let head = text.get(..150).unwrap_or(&text);
        let timeline =
            timeline_of(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {head}"));
        assert_eq!(sums(&timeline), truth(), "{head}: {:?}", timeline.columns);
        assert!((122.0..=128.0).contains(&p95(&timeline)), "{head}: {:?}", timeline.columns);
    }
}

/// A file that is cut anywhere has no more requests than the whole one.
#[test]
fn a_file_cut_anywhere_is_read_up_to_the_cut() {
    let lines = file("", |(at, took, status)| {
        format!("{{\"ts\":{},\"took_ms\":{took},\"status\":{status}}}", START_MS + at)
    });
    let table = file("time,latency,status\n", |(at, took, status)| {
        format!("{},\"{took}\",{status}", iso(at))
    });
    for text in [lines, table, list()] {
        let lengths = (0..200).chain((200..text.len()).step_by(20_011));
        for length in lengths {
            if let Ok(timeline) = timeline_of(&text.as_bytes()[..length]) {
                assert!(sums(&timeline)[0] <= truth()[0], "{length}");
            }
        }
    }
}

/// The errors were: a list within an object, and lists of values, were JSON of another kind.
#[test]
fn json_has_its_requests_in_lists_below_a_key_or_in_lists_of_values() {
    let join = |item: fn(Request) -> String| {
        requests().into_iter().map(item).collect::<Vec<_>>().join(",\n")
    };
    let objects = join(|(start, took, status)| {
        format!("{{\"start\":{},\"ms\":{took},\"status\":{status}}}", START_MS + start)
    });
    let objects = objects.replace("\"ms\"", "\"duration_ms\"");
    let values = join(|(start, took, status)| format!("[{},{took},{status}]", START_MS + start));
    let names = "[\"start\",\"duration_ms\",\"status\"]";
    for text in [
        format!("{{\"requests\":[{objects}]}}"),
        format!(
            "{{\n \"url\": \"http://x\",\n \"options\": {{\"n\": 3}},\n \"results\": [\n{objects}\n],\"end\":1}}"
        ),
        format!("{{\"columns\":{names},\"rows\":[{values}]}}"),
        format!("[{names},{values}]"),
        format!("{names}\n{}\n", values.replace(",\n", "\n")),
    ] {
        let timeline = timeline_of(text.as_bytes()).unwrap();
        assert_eq!((sums(&timeline), timeline.losses.len()), (truth(), 0), "{}", &text[..60]);
    }
    let text = format!("[{objects},{{\"status\":200}}]");
    let timeline = timeline_of(text.as_bytes()).unwrap();
    assert_eq!(timeline.losses.len(), 1);
}

/// The error was: `doctor` took rows of requests without names for measurements of a monitor.
#[test]
fn rows_of_requests_without_names_are_named() {
    let values = |mark: &str| {
        file("", |(start, took, _)| format!("{}{mark}{took}.5{mark}200", START_MS + start))
    };
    let lists = values(",").lines().map(|row| format!("[{row}]")).collect::<Vec<_>>().join(",");
    for text in
        [values(","), values("\t"), values(";"), format!("[{lists}]"), lists.replace("],", "]\n")]
    {
        let found = nameless_requests(text.as_bytes());
        assert!(found.is_some_and(
            |found| found.contains("names of its") || found.contains("names of their")
        ));
        let read = timeline_of(text.as_bytes());
        assert!(matches!(read, Err(Error::Unrecognised { found: of, .. }) if Some(of) == found));
        assert!(recognise(text.as_bytes()).is_none());
    }
    // Connections and CPU are no statuses.
    let monitor = file("", |(start, took, _)| format!("{},{took}.5,201.5", START_MS + start));
    assert_eq!(nameless_requests(monitor.as_bytes()), None);
    assert_eq!(
        nameless_requests(file("time,ms,status\n", |_| "1,2,200".to_owned()).as_bytes()),
        None
    );
}

/// The error was: in rows that were sorted by their starts, these were ends, which nothing said to be a guess.
#[test]
fn the_side_of_a_time_in_sorted_rows_is_a_guess() {
    let mut sorted = requests();
    sorted.sort_unstable();
    let row = |(start, took, status): Request| format!("{},{took},{status}\n", START_MS + start);
    let text: String = sorted.into_iter().map(row).collect();
    let text = format!("time,latency_ms,status\n{text}");
    let timeline = timeline_of(text.as_bytes());
    let column = timeline.unwrap().columns.remove(0);
    assert!(
        column.guessed && column.meaning.starts_with("end of a request, a guess"),
        "{column:?}"
    );
}
