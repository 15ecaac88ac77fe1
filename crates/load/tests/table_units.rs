//! Tables of dashboards: units and forms that are known, or asked for.

use crate::common;

use crate::tables::{fail, table};
use common::{counts, read_with, readable as read, timeline_of};
use spikeflame_load::plateau::Window;
use spikeflame_load::{Error, Load, ReadOptions, Timeline, Warning};

#[test]
fn units_of_bare_durations_are_known_or_asked_for() {
    let p95 = |text: &str| read(text).seconds[0].latency_summary.unwrap().p95;
    // Prometheus contains seconds.
    let of = |name: &str, value: f64| {
        table(&format!("time,rps,{name}"), 1, 4, |at| format!("10,{}", value + at as f64 * 0.001))
    };
    assert_eq!(p95(&of("http_req_duration_p95", 0.05)), 50.0);
    assert_eq!(p95(&of("k6_http_req_duration_p95", 2.5)), 2500.0);
    assert_eq!(p95(&of("http_req_duration_p95", 480.0)), 480.0);
    assert_eq!(p95(&of("p95", 12.0)), 12.0);
    assert_eq!(p95(&of("p95 (s)", 0.5)), 500.0);
    let asked = fail(&of("p95", 0.25)).to_string();
    assert!(asked.contains("without a unit"), "{asked}");
    let told = |meaning: &str| {
        let options = ReadOptions {
            columns: vec![(meaning.to_owned(), "p95".to_owned())],
            ..ReadOptions::default()
        };
        match read_with(of("p95", 0.25).as_bytes(), &options).unwrap() {
            Load::Timeline(timeline) => timeline.seconds[0].latency_summary.unwrap().p95,
            Load::Summary(_) => panic!(),
        }
    };
    assert_eq!((told("p95_s"), told("p95_ms")), (250.0, 0.25));
}

#[test]
fn cells_and_names_say_what_is_a_rate() {
    let ok =
        |header: &str, cell: &str| read(&table(header, 5, 4, |_| cell.to_owned())).seconds[0].ok;
    assert_eq!(ok("time,http_reqs", "100"), 20.0);
    for cell in ["100 req/s", "100 reqps", "100 rps", "0.1 K req/s", "6000 req/min"] {
        assert_eq!(ok("time,http_reqs", cell), 100.0, "{cell}");
    }
    assert_eq!(ok("time,http_reqs_s", "100"), 100.0);
    // Failures a second beside requests of a row, and the other way round.
    assert_eq!(ok("time,requests,failures/s", "100,4"), 16.0);
    assert_eq!(ok("time,rps,failures", "100,4"), 96.0);
}

/// The rate of a table's first second.
fn first(text: &str) -> f64 {
    read(text).seconds[0].requests()
}

#[test]
fn numbers_of_other_languages_are_whole_numbers() {
    // A browser in German or French writes commas; one in English parts thousands with them.
    for (text, rate) in [
        (
            "sep=;\n\"Time\";\"rps\"\n2026-11-27 11:00:00;\"20,5 req/s\"\n2026-11-27 11:00:15;\"40,25 req/s\"\n",
            20.5,
        ),
        (
            "\"Time\",\"rps\"\n2026-11-27 11:00:00,\"20,5 req/s\"\n2026-11-27 11:00:15,\"1.040,5 req/s\"\n",
            20.5,
        ),
        ("\"Time\",\"rps\"\n2026-11-27 11:00:00,\"1,020\"\n2026-11-27 11:00:15,990\n", 1020.0),
        (
            "\"Time\",\"rps\"\n2026-11-27 11:00:00,1\u{202f}020 req/s\n2026-11-27 11:00:15,990 req/s\n",
            1020.0,
        ),
        (
            "\"Time\",\"rps\"\n2026-11-27 11:00:00,0.02 Mil\n2026-11-27 11:00:15,0.04 Mil\n",
            20_000.0,
        ),
        (
            "\"Time\",\"rps\"\n2026-11-27 11:00:00,1.2 K req/s\n2026-11-27 11:00:15,990 req/s\n",
            1200.0,
        ),
        (
            "\"Time\",\"http_reqs\"\n2026-11-27 11:00:00,120 reqpm\n2026-11-27 11:00:15,60 reqpm\n",
            2.0,
        ),
        ("\"Time\",\"k6_http_reqs_rate\"\n2026-11-27 11:00:00,20\n2026-11-27 11:00:15,40\n", 20.0),
    ] {
        assert!((first(text) - rate).abs() < 1e-9, "{text}: {}", first(text));
        assert!(read(text).losses.is_empty(), "{text}");
    }
}

#[test]
fn a_unit_of_something_else_is_no_number_of_requests() {
    let text =
        "Time,rps\n2026-11-27 11:00:00,20 kB\n2026-11-27 11:00:01,20\n2026-11-27 11:00:02,21\n";
    let timeline = read(text);
    assert_eq!((timeline.losses[0].count, timeline.losses[0].first_line), (1, 2));
}

#[test]
fn errors_in_per_cent_are_a_share_and_an_error_rate_may_be_a_rate() {
    let share = read(&table("Time,rps,errors", 1, 3, |_| "100,10%".into()));
    assert!((share.seconds[0].failed - 10.0).abs() < 1e-9, "{:?}", share.seconds[0]);
    assert_eq!(share.columns[1].unit, "a share of all");
    let rate = read(&table("Time,rps,Error rate", 10, 3, |_| "100,10 req/s".into()));
    assert!((rate.seconds[0].failed - 10.0).abs() < 1e-9, "{:?}", rate.seconds[0]);
    assert_eq!(rate.columns[1].unit, "a second");
}

#[test]
fn local_dates_of_several_countries() {
    for text in [
        "\"Time\",\"rps\"\n\"11/27/2026, 11:00:00 AM\",20\n\"11/27/2026, 11:00:01 AM\",40\n",
        "Time;rps\n27.11.2026 11:00:00;20\n27.11.2026 11:00:01;40\n",
        "Time,rps\n\"2026. 11. 27. 오전 11:00:00\",20\n\"2026. 11. 27. 오전 11:00:01\",40\n",
    ] {
        let timeline = read(text);
        assert_eq!((timeline.start_s, timeline.seconds.len()), (1_795_777_200, 2), "{text}");
        assert!(
            timeline.warnings.iter().any(|warning| warning.to_string().contains("UTC")),
            "{text}"
        );
    }
}

#[test]
fn a_cell_without_data_does_not_lose_its_row() {
    let text = "Time,rps,p95\n2026-11-27 11:00:00,20,No data\n2026-11-27 11:00:01,30,50 ms\n";
    let timeline = read(text);
    assert!(timeline.losses.is_empty(), "{:?}", timeline.losses);
    assert_eq!(timeline.seconds[0].requests(), 20.0);
}

#[test]
fn units_of_further_columns_are_read() {
    let text = "Time,rps,mem\n2026-11-27 11:00:00,20,512 MiB\n2026-11-27 11:00:01,30,1.5 GiB\n";
    let points: Vec<f64> = read(text).tracks[0].points.iter().map(|point| point.1).collect();
    assert_eq!(points, [536_870_912.0, 1_610_612_736.0]);
}

fn with(text: &str, columns: &[(&str, &str)]) -> Result<Timeline, Error> {
    let columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let options = ReadOptions { columns, ..ReadOptions::default() };
    match read_with(text.as_bytes(), &options)? {
        Load::Timeline(timeline) => Ok(timeline),
        Load::Summary(_) => panic!(),
    }
}

#[test]
fn requests_a_minute_or_an_hour_are_no_requests_a_second() {
    for name in [
        "requests/min",
        "rpm",
        "Requests per minute",
        "requests_per_minute",
        "RequestsPerMinute",
        "req/min",
        "throughput (rpm)",
        "Throughput (req/min)",
    ] {
        let timeline = read(&table(&format!("time,{name}"), 10, 4, |_| "6000".into()));
        assert_eq!(counts(&timeline), (4_000.0, 0.0), "{name}");
        assert_eq!(timeline.columns[0].unit, "a minute", "{name}");
        let named =
            with(&table(&format!("time,{name}"), 10, 4, |_| "6000".into()), &[("rps", name)]);
        assert_eq!(named.unwrap().seconds[0].ok, 100.0, "{name}");
    }
    let hours = read(&table("time,requests/hour", 10, 4, |_| "36000".into()));
    assert_eq!(hours.seconds[0].ok, 10.0);
    // A unit in a cell comes before the one in the name.
    let cells = read(&table("time,requests/min", 10, 4, |_| "5 req/s".into()));
    assert_eq!(cells.seconds[0].ok, 5.0);
    let errors = read(&table("time,requests/min,errors/min", 10, 4, |_| "600,60".into()));
    assert_eq!(counts(&errors), (360.0, 40.0));
}

#[test]
fn a_counter_since_the_start_is_no_rate() {
    let cells = |at: i64| format!("{},{}", 50 * at * at, at * 10);
    for name in ["total requests", "requests_total", "http_reqs_total", "Cumulative Requests"] {
        let text = table(&format!("time,{name},errors"), 1, 11, cells);
        for timeline in [read(&text), with(&text, &[("rps", name)]).unwrap()] {
            assert_eq!(counts(&timeline), (4_900.0, 100.0), "{name}");
            assert_eq!(timeline.seconds[3].ok, 340.0);
            assert_eq!(timeline.columns[0].unit, "since the start", "{name}");
        }
    }
    // A restart of the server sets the counter to 0.
    let restarted = table("time,requests_total", 1, 40, |at| format!("{}", at % 30 * 10));
    assert_eq!(counts(&read(&restarted)).0, 380.0);
    // The user's word is taken.
    let text = table("time,seen", 1, 11, |at| format!("{}", at * 10));
    assert_eq!(counts(&with(&text, &[("total", "seen")]).unwrap()).0, 100.0);
    let text = table("time,total requests", 1, 11, |at| format!("{}", at * 10));
    assert_eq!(counts(&with(&text, &[("requests", "total requests")]).unwrap()).0, 550.0);
    // Requests of a row go up and down.
    let rows = table("time,total requests", 1, 10, |at| format!("{}", 10 + at % 2));
    assert_eq!(counts(&read(&rows)).0, 105.0);
    let unclear = table("time,total requests", 1, 10, |at| format!("{}", 10 + at / 6));
    assert!(fail(&unclear).to_string().contains("since the start"), "{}", fail(&unclear));
    assert_eq!(counts(&read(&table("time,Total RPS", 1, 10, |at| format!("{at}")))).0, 45.0);
}

#[test]
fn a_mean_duration_is_no_percentile() {
    for (name, cell) in [
        ("mean_ms", "250"),
        ("avg response time (ms)", "250"),
        ("Average Response Time", "250 ms"),
        ("http_req_duration_avg", "0.25"),
        ("latency_mean", "250"),
        ("avg_s", "0.25"),
    ] {
        let text = table(&format!("time,rps,{name}"), 1, 4, |_| format!("10,{cell}"));
        let timeline = read(&text);
        let told = timeline.seconds[0].latency_summary.unwrap();
        assert!((told.mean - 250.0).abs() < 1e-9 && told.p95.is_nan(), "{name} {told:?}");
        assert_eq!(timeline.columns[1].meaning, "mean duration");
        let refused = with(&text, &[("p95", name)]).unwrap_err().to_string();
        assert!(refused.contains("is a mean, and no p95"), "{refused}");
    }
    let text = table("time,rps,took", 1, 4, |_| "10,0.25".into());
    assert_eq!(
        with(&text, &[("mean_s", "took")]).unwrap().seconds[0].latency_summary.unwrap().mean,
        250.0
    );
    let p99 = with(&table("time,rps,p99", 1, 4, |_| "10,250".into()), &[("p95", "p99")]);
    assert!(p99.unwrap_err().to_string().contains("is a p99, and no p95"));
}

#[test]
fn a_table_with_names_of_another_language_lists_its_columns() {
    for text in [
        "시간,요청\n2026-11-23T01:24:45Z,10\n",
        "Zeit;Anfragen\n23.11.2026 01:24:45;10\n",
        "heure\trequêtes\n2026-11-23 01:24:45\t10\n",
        "sep=;\nfecha;peticiones\n\"23/11/2026, 01:24:45\";10\n",
        "when,how many\n\"11/23/2026, 1:24:45 AM\",10\n",
    ] {
        let refused = fail(text);
        let Error::Columns { found, .. } = &refused else { panic!("{refused}") };
        assert_eq!(found.len(), 2, "{text}");
        let named = with(text, &[("time", &found[0]), ("rps", &found[1])]).unwrap();
        assert_eq!(counts(&named).0, 10.0, "{text}");
    }
    assert!(matches!(fail("Dear diary,\ntoday, I\n"), Error::Unrecognised { .. }));
    let wide = fail("\u{feff}").to_string();
    assert!(!wide.contains("UTF-16"), "{wide}");
    let wide = timeline_of(b"\xff\xfet\0i\0m\0e\0,\0").unwrap_err().to_string();
    assert!(wide.contains("UTF-16"), "{wide}");
}

/// The error was: `03/04/2026` was read as the third of April in silence.
#[test]
fn dates_with_two_orders_are_a_warning() {
    let warned = |dates: [&str; 3]| {
        let rows = dates.map(|date| format!("\"{date}\",10,20\n")).concat();
        let timeline = timeline_of(format!("time,rps,users\n{rows}").as_bytes()).unwrap();
        timeline.warnings.iter().any(|one| matches!(one, Warning::DayOrMonth { .. }))
    };
    let at = |date: &str| [0, 1, 2].map(|second| format!("{date} 12:00:0{second}"));
    let each = |date: &str| {
        let dates = at(date);
        warned([&dates[0], &dates[1], &dates[2]])
    };
    for date in ["03/04/2026", "3/4/2026,", "03-04-2026"] {
        assert!(each(date), "{date}");
    }
    for date in ["13/04/2026", "04/13/2026", "04/04/2026", "03.04.2026", "2026/03/04", "2026-03-04"]
    {
        assert!(!each(date), "{date}");
    }
    // In small letters, Australia writes it behind the day, and programs behind the month.
    for half in ["am", "pm", "a.m.", "p.m."] {
        let [a, b, c] = [0, 1, 2].map(|second| format!("3/4/2026 9:00:0{second} {half}"));
        assert!(warned([&a, &b, &c]), "{half}");
    }
    // AM in capitals is how the United States write it. One clear date shows the order of all.
    assert!(!warned(["3/4/2026, 9:00:00 AM", "3/4/2026, 9:00:01 AM", "3/4/2026, 9:00:02 AM"]));
    assert!(!warned(["12/11/2026 23:59:58", "12/11/2026 23:59:59", "13/11/2026 00:00:00"]));
}

#[test]
fn a_unit_in_brackets_behind_any_name_is_read() {
    let per_second = |header: &str, row: &str| {
        let timeline = read(&table(header, 5, 3, |_| row.to_owned()));
        let second = &timeline.seconds[0];
        (second.requests(), second.failed, second.latency_summary.map(|told| told.p95))
    };
    for (header, row) in [
        ("Time,http_reqs (req/s),http_req_duration p95 (ms),error rate (%)", "200,72.5,5"),
        ("Time,Requests rate,95th percentile [s],errors [%]", "200,0.0725,5"),
        ("Time,Requests (req/min),p95 [µs],error_percentage", "12000,72500,5"),
        ("Time,rps,latency p95 in seconds,failure rate (%)", "200,0.0725,5"),
        ("Time,rps,p95 (ns),http_req_failed", "200,72500000,0.05"),
        ("Time,rps,p95 (minutes),failed %", "200,0.0012083333333333333,5"),
        ("Time,rps,p95,errors", "200,72.5 milliseconds,5 %"),
        ("Time,rps,p95,errors", "200,0.0725 seconds,600 rpm"),
    ] {
        let (requests, failed, p95) = per_second(header, row);
        assert!((requests - 200.0).abs() < 1e-9, "{header}: {requests}");
        assert!((failed - 10.0).abs() < 1e-9, "{header}: {failed}");
        assert!((p95.unwrap() - 72.5).abs() < 1e-9, "{header}: {p95:?}");
    }
    // A unit of something else is no unit of a duration.
    let timeline = read(&table("Time,rps,p95 (MB)", 5, 3, |_| "200,7".to_owned()));
    assert_eq!(timeline.seconds[0].latency_summary, None);
}

#[test]
fn successes_beside_failures_are_not_all_requests() {
    for (header, row, columns) in [
        ("Time,success,failed,p95", "950,50,60", vec![]),
        ("Time,p95,Successful requests,Failures", "60,950,50", vec![]),
        ("Time,ok/s,errors/s,p95", "190,10,60", vec![]),
        ("Time,successes,error_rate,p95", "950,0.05,60", vec![]),
        ("Time,fine,errors,p95", "950,50,60", vec![("success", "fine")]),
    ] {
        let timeline = with(&table(header, 5, 3, |_| row.to_owned()), &columns).unwrap();
        let second = &timeline.seconds[0];
        assert!((second.ok - 190.0).abs() < 1e-9, "{header}: {second:?}");
        assert!((second.failed - 10.0).abs() < 1e-9, "{header}: {second:?}");
        let meaning = &timeline.columns.iter().find(|one| one.meaning.contains("success"));
        assert!(meaning.is_some(), "{header}: {:?}", timeline.columns);
    }
    // All requests take precedence over those that succeeded.
    let timeline = read(&table("Time,success,requests,failed", 5, 3, |_| "950,1000,50".to_owned()));
    assert_eq!((timeline.seconds[0].ok, timeline.seconds[0].failed), (190.0, 10.0));
}

/// The error was: half of the answers of a test with less than one request a second were one in five.
#[test]
fn shares_of_less_than_one_request_are_of_all() {
    let timeline = read(&table("time,requests,errors", 10, 4, |_| "4,2".to_owned()));
    let share = timeline.failed_answer_share(Window { from: 0, to: 1 });
    assert!((share - 0.5).abs() < 1e-9, "{share}");
}
