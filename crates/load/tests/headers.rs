//! Headers of tables: units with thousands, parts of one quantity, tables for people, ranges and queries.

use crate::common;

use crate::columns::table;
use common::{counts, read_with, readable as read};
use spikeflame_load::{Load, ReadOptions, Timeline, Warning};

fn told(text: &str, columns: &[(&str, &str)]) -> Result<Timeline, String> {
    let columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    match read_with(text.as_bytes(), &ReadOptions { columns, ..ReadOptions::default() }) {
        Ok(Load::Timeline(timeline)) => Ok(timeline),
        Ok(Load::Summary(_)) => panic!("a table has a timeline"),
        Err(error) => Err(error.to_string()),
    }
}

/// The error was: `throughput (krps)` was requests a second, and `users (k)` users.
#[test]
fn thousands_in_a_name_multiply_its_cells() {
    for (header, row) in [
        ("time,throughput (krps),errors", "0.02,5"),
        ("time,throughput (krpm),errors/s", "1.2,5"),
        ("time,krps,kerrors/s", "0.02,0.005"),
        ("time,throughput (1000/s),error rate (k/s)", "0.02,0.005"),
        ("time,Requests (thousands per second),Errors ×1000", "0.02,0.005"),
        ("time,RPS (x1000),error %", "0.02,25"),
        ("time,requests (M),errors", "0.00002,5"),
        ("time,requests in thousands,errors", "0.02,5"),
        // The letter in the cell is the one in the name.
        ("time,throughput (krps),errors", "0.02k,5"),
    ] {
        assert_eq!(counts(&read(&table(header, row))), (150.0, 50.0), "{header}");
    }
    let users = read(&table("time,rps,users (k)", "20,0.023")).seconds[0].vus;
    assert_eq!(users, Some(23.0));
}

/// The error was: of `rps=a,rps=b`, only the last column counted.
#[test]
fn columns_that_the_user_gives_one_meaning_are_added_up() {
    let text = table("time,a,b,4xx,bad,u1,u2", "12,8,2,3,10,5");
    let timeline = told(
        &text,
        &[
            ("rps", "a"),
            ("rps", "b"),
            ("errors", "4xx"),
            ("errors", "bad"),
            ("vus", "u1"),
            ("vus", "u2"),
        ],
    );
    let timeline = timeline.unwrap();
    assert_eq!((counts(&timeline), timeline.seconds[0].vus), ((150.0, 50.0), Some(15.0)));
    let good = [("success", "a"), ("success", "u2"), ("errors", "bad")];
    assert_eq!(counts(&told(&text, &good).unwrap()), (170.0, 30.0));
    let refused = |columns: &[(&str, &str)]| told(&text, columns).unwrap_err();
    assert!(refused(&[("rps", "a"), ("p95", "b"), ("p95", "u1")]).contains("cannot both be p95"));
    assert!(refused(&[("rps", "a"), ("requests", "b")]).contains("exclude each other"));
    // The word of the user takes precedence over the name of another column.
    let share = table("time,rps,error_rate,bad", "20,0,5");
    assert_eq!(counts(&told(&share, &[("errors", "bad")]).unwrap()), (150.0, 50.0));
    let code = table("time,requests,status_200,status_500", "20,15,5");
    assert_eq!(counts(&told(&code, &[("errors", "status_500")]).unwrap()), (150.0, 50.0));
    // A row with one of two parts is counted, with a word.
    let partly = text.replacen(":31Z,12,8", ":31Z,12,", 1);
    let partly = told(&partly, &[("rps", "a"), ("rps", "b")]).unwrap();
    assert!(partly.warnings.contains(&Warning::AbsentParts { rows: 1, first_line: 3 }));
}

/// The error was: of two queries of one counter for other paths, the first one was all requests.
#[test]
fn queries_of_one_counter_are_added_up_and_equal_names_refused() {
    let query = |label: &str| format!("\"rate(http_requests_total{{{label}}}[1m])\"");
    let header = |one: &str, two: &str| format!("time,{},{},errors", query(one), query(two));
    let paths = header("path=\"\"/a\"\"", "path=\"\"/b\"\"");
    assert_eq!(counts(&read(&table(&paths, "12,8,5"))), (150.0, 50.0));
    let within = header("", "path=\"\"/b\"\"");
    assert_eq!(counts(&read(&table(&within, "20,8,5"))), (150.0, 50.0));
    let equal = told(&table("time,requests,requests,errors", "12,8,5"), &[]).unwrap_err();
    assert!(equal.contains("two columns are called \"requests\""), "{equal}");
}

/// The error was: tables with blanks or bars between their columns were logs.
#[test]
fn tables_for_people_are_read() {
    let rows = |mark: &str, ends: [&str; 2]| {
        let row = |at: usize| {
            let cells = [&format!("2026-11-23 01:24:{}", 30 + at), "20", "5", "12 ms"];
            format!("{}{}{}\n", ends[0], cells.join(mark), ends[1])
        };
        (0..10).map(row).collect::<String>()
    };
    let blanks = rows("   ", ["", ""]);
    for text in [
        format!("time   requests   errors   p95\n{blanks}"),
        format!("# time requests errors p95 (ms)\n{blanks}"),
        format!("Date  Time  Requests  Errors  95th percentile\n{blanks}"),
        format!("time requests errors p95\n---- ---- ---- ----\n{blanks}"),
        format!(
            " time | requests | errors | p95\n------+-----+----+----\n{}(10 rows)\n\n",
            rows(" | ", [" ", ""])
        ),
        format!("time|requests|errors|p95\n{}(10 rows)\n", rows("|", ["", ""])),
        format!(
            "| time | requests | errors | p95 |\n|---|---:|---:|---|\n{}",
            rows(" | ", ["| ", " |"])
        ),
        format!(
            "+----+----+\n| time | requests | errors | p95 |\n+----+----+\n{}+----+----+\n10 rows in set (0.01 sec)\n",
            rows(" | ", ["| ", " |"])
        ),
    ] {
        let timeline = read(&text);
        assert_eq!((counts(&timeline), timeline.losses.len()), ((150.0, 50.0), 0), "{text}");
    }
    // A log is none.
    let log = "2026-11-23 01:24:30 | info | started\n2026-11-23 01:24:31 | info | listening\n";
    assert!(told(log, &[]).unwrap_err().contains("expected"));
    assert!(told("time requests errors\nnothing was measured here\n", &[]).is_err());
}

/// The error was: rows with `11:00:00 - 11:00:05` or `1:05` had a time that cannot be read.
#[test]
fn ranges_and_clocks_from_the_start_are_times() {
    let rows = |name: &str, cell: fn(u32) -> String| {
        let rows = (0..10).map(|at| format!("{},100,25\n", cell(5 * at)));
        format!("{name},requests,errors\n{}", rows.collect::<String>())
    };
    let texts = [
        rows("time", |s| format!("11:00:{s:02} - 11:00:{:02}", s + 5)),
        rows("time", |s| format!("11:00:{s:02}-11:00:{:02}", s + 5)),
        rows("time (s)", |s| format!("{s}-{}", s + 5)),
        rows("time", |s| format!("\"[{s}, {})\"", s + 5)),
        rows("time", |s| format!("2026-11-27T11:00:{s:02}Z/PT5S")),
        rows("elapsed", |s| format!("{}:{:02}", (s + 30) / 60, (s + 30) % 60)),
        rows("elapsed", |s| format!("0:{:02}:{:02}", (s + 30) / 60, (s + 30) % 60)),
        rows("Elapsed (mm:ss)", |s| format!("{:02}:{:02}", (s + 30) / 60, (s + 30) % 60)),
    ];
    for text in texts {
        let timeline = read(&text);
        let found = (timeline.seconds.len(), timeline.resolution_s, counts(&timeline));
        assert_eq!(found, (50, 5, (750.0, 250.0)), "{text}");
    }
    // An hour after the start, and a name that the user explains.
    let long = rows("time", |s| match s {
        ..30 => format!("59:{:02}", s + 30),
        _ => format!("1:00:{:02}", s - 30),
    });
    assert_eq!(told(&long, &[("time_s", "time")]).unwrap().seconds.len(), 50);
    let short = rows("time", |s| format!("0:{s:02}"));
    assert!(told(&short, &[]).unwrap_err().contains("minutes and seconds"));
    // The user's word for the end of rows is the end of a range.
    let ended =
        told(&rows("time", |s| format!("{} - {}", s + 10, s + 15)), &[("time_end", "time")]);
    assert_eq!(ended.unwrap().start_s, 10);
}

/// The error was: a table with two rows of names was a log.
#[test]
fn two_rows_of_names_are_joined() {
    let rows = table("", "20,5,12,3");
    for names in [
        ",Requests,Requests,Latency,Load\nTime,Total,Failed,p95 (ms),Users",
        ",Requests,,Latency,\nTime,count,failed,p95 (ms),ms mean",
        "Time;Requests;Errors;Latency;Users\n;count;count;p95 ms;active",
    ] {
        let text = match names.contains(';') {
            true => rows.replace(',', ";"),
            false => rows.clone(),
        };
        let timeline = read(&format!("\u{feff}{names}{text}"));
        assert_eq!(counts(&timeline), (150.0, 50.0), "{names}");
        assert!(timeline.seconds[0].latency_summary.is_some(), "{names}");
    }
}

/// The error was: `bin(10s)` and `@timestamp per 10 seconds` were no times, and conditions no failed requests.
#[test]
fn functions_of_query_languages_are_columns() {
    for (header, row) in [
        ("bin(10s),count(*),countif(status >= 500)", "20,5"),
        ("\"time_bucket('10 seconds', ts)\",count,sum(error)", "20,5"),
        ("@timestamp per 10 seconds,Count of records,Count of errors", "20,5"),
        ("_time,count,count(eval(status>=500))", "20,5"),
        ("timestamp,COUNT,AVG(error)", "20,0.25"),
    ] {
        assert_eq!(counts(&read(&table(header, row))), (150.0, 50.0), "{header}");
    }
    let note = Warning::NoFailures { columns: vec!["status_500".to_owned()] };
    let edge = |failed| read(&table("time,requests,status_200,status_500", failed));
    assert!(edge("20,15,5").warnings.contains(&note));
    assert!(!edge("20,20,0").warnings.contains(&note));
}

/// The error was: no word about a rate of the last minute in rows of 10 s, whose plateau had half of the goodput.
#[test]
fn rates_over_many_rows_are_told() {
    let lags = |name: &str, row_s: usize| {
        let rows = (0..12).map(|at| format!("{},{},20\n", 1_796_041_000 + at * row_s, 40 + at));
        let table = format!("time,\"{name}\",p95_ms\n{}", rows.collect::<String>());
        let warnings = read(&table).warnings.into_iter();
        let told = warnings.filter(|warning| matches!(warning, Warning::LaggingRate { .. }));
        told.map(|warning| warning.to_string()).collect::<Vec<_>>()
    };
    let told = lags("sum(rate(http_requests_total[1m]))", 10);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("last 60 s, and rows are 10 s apart"), "{told:?}");
    for (name, row_s) in [
        ("sum(rate(http_requests_total[1m]))", 30),
        ("sum(irate(http_requests_total[1m]))", 10),
        ("sum(rate(http_requests_total[$__rate_interval]))", 10),
        ("rps", 10),
    ] {
        assert!(lags(name, row_s).is_empty(), "{name}");
    }
}
