//! Requests that got no answer, in every format that shows them.

use crate::common;

use common::timeline_of;
use spikeflame_load::plateau::{self, Evidence, Options};

/// A request: the second in which it ended, its duration in milliseconds, and whether it was
/// answered.
struct Request(f64, f64, bool);

/// Users whose number grows for 20 s. The server answers 100 requests a second, and later it also
/// refuses 150 a second.
fn refused_late() -> Vec<Request> {
    let mut sent = Vec::new();
    for second in 0..40 {
        let answered = (5 * users(second)).min(100);
        let took_ms = 1e3 * users(second) as f64 / answered as f64;
        let at = |which: usize, of: usize| second as f64 + (which as f64 + 0.5) / of as f64;
        sent.extend((0..answered).map(|which| Request(at(which, answered), took_ms, true)));
        let refused = if second >= 20 { 150 } else { 0 };
        sent.extend((0..refused).map(|which| Request(at(which, refused), 0.0, false)));
    }
    sent
}

fn users(second: usize) -> usize {
    (2 * second + 1).min(40)
}

const START_S: usize = 1_795_000_000;

fn k6_json(sent: &[Request], tags: [&str; 2]) -> String {
    let time = |at: f64| format!("2026-11-18T11:{:02}:{:06.3}Z", at as u64 / 60, at % 60.0);
    let point = |metric: &str, at: f64, value: f64, tags: &str| {
        format!(
            "{{\"metric\":\"{metric}\",\"type\":\"Point\",\"data\":{{\"time\":\"{}\",\
             \"value\":{value},\"tags\":{{{tags}}}}}}}\n",
            time(at)
        )
    };
    let mut text = String::new();
    for second in 0..40 {
        text += &point("vus", second as f64 + 0.1, users(second) as f64, "");
    }
    for Request(at, took, answered) in sent {
        let tags = tags[usize::from(!answered)];
        text += &point("http_req_duration", *at, *took, tags);
        text += &point("http_req_failed", *at, f64::from(!answered), tags);
    }
    text
}

fn k6_csv(sent: &[Request]) -> String {
    let header = "metric_name,timestamp,metric_value,error_code,expected_response,status\n";
    let users = (0..40).map(|at| format!("vus,{},{}.0,,,\n", START_S + at, users(at)));
    let rows = sent.iter().map(|Request(at, took, answered)| {
        let tags = if *answered { ",true,200" } else { "1212,false,0" };
        format!("http_req_duration,{},{took},{tags}\n", START_S + *at as usize)
    });
    header.to_owned() + &users.chain(rows).collect::<String>()
}

fn jtl(sent: &[Request]) -> String {
    let rows = sent.iter().map(|Request(at, took, answered)| {
        let start_ms = START_S as f64 * 1e3 + at * 1e3 - took;
        let code = match answered {
            true => "200,true",
            false => "Non HTTP response code: org.apache.http.conn.HttpHostConnectException,false",
        };
        // JMeter measures a millisecond or two for a refused connection.
        let took = took.max(1.0);
        format!("{start_ms:.0},{took:.0},GET /,{code},{}\n", users(*at as usize))
    });
    "timeStamp,elapsed,label,responseCode,success,allThreads\n".to_owned()
        + &rows.collect::<String>()
}

fn vegeta(sent: &[Request]) -> String {
    let row = |(number, Request(at, took, answered)): (usize, &Request)| {
        let (end_ns, took_ns) = ((at * 1e9) as u64, (took * 1e6) as u64);
        let start_ns = START_S as u64 * 1_000_000_000 + end_ns - took_ns.min(end_ns);
        let (code, error) = if *answered { (200, "") } else { (0, "connection refused") };
        format!("{start_ns},{code},{took_ns},0,0,{error},,a,{number},GET,http://a/,\n")
    };
    sent.iter().enumerate().map(row).collect()
}

fn gatling(sent: &[Request]) -> String {
    let mut text = "RUN\tshop.Spike\tspike\t1795000000000\t \t3.9.5\n".to_owned();
    let mut now = 0;
    for second in 0..40 {
        for _ in now..users(second) {
            text += &format!("USER\tUsers\tSTART\t{}000\n", START_S + second);
        }
        now = users(second);
    }
    for Request(at, took, answered) in sent {
        let end_ms = START_S as f64 * 1e3 + at * 1e3;
        let end = match answered {
            true => "OK\t ",
            false => "KO\tj.n.ConnectException: Connection refused: a/10.0.0.1:80",
        };
        text += &format!("REQUEST\t\tGET /\t{:.0}\t{end_ms:.0}\t{end}\n", end_ms - took);
    }
    text
}

/// The error was: "a request took 0.8 times as long as at rest" at the limit, because refused
/// requests counted as answers of 0 ms. `capacity` took their mean, too.
#[test]
fn requests_without_an_answer_have_no_response_time() {
    let sent = refused_late();
    let expected = [
        r#""expected_response":"true","status":"200""#,
        r#""expected_response":"false","status":"0","error_code":"1212""#,
    ];
    let by_code = [r#""status":"200""#, r#""error_code":"1212""#];
    for (name, text) in [
        ("k6 JSON", k6_json(&sent, expected)),
        ("k6 JSON without a status", k6_json(&sent, by_code)),
        ("k6 JSON without tags", k6_json(&sent, ["", ""])),
        ("k6 CSV", k6_csv(&sent)),
        ("JTL", jtl(&sent)),
        ("vegeta", vegeta(&sent)),
        ("Gatling", gatling(&sent)),
    ] {
        let timeline = timeline_of(text.as_bytes()).unwrap();
        let all = plateau::find(&timeline, &Options::default())
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        let found = all.chosen();
        let slower = found.evidence.iter().find_map(|one| match *one {
            Evidence::Slower { rest_ms, within_ms } => Some((rest_ms, within_ms)),
            _ => None,
        });
        let (rest_ms, within_ms) = slower.unwrap_or_else(|| panic!("{name}: {found:?}"));
        assert!((190.0..260.0).contains(&rest_ms), "{name}: {rest_ms}");
        assert!((330.0..420.0).contains(&within_ms), "{name}: {within_ms}");
        assert!((340.0..420.0).contains(&found.within.mean_ms), "{name}: {found:?}");
        assert!(found.within.error_rate > 0.4, "{name}: {found:?}");
        let (rps, each) = timeline.answered(found.window);
        assert!((timeline.unanswered_share(found.window) - found.within.error_rate).abs() < 1e-9);
        assert!((95.0..105.0).contains(&rps), "{name}: {rps}");
        assert!((0.34..0.42).contains(&each.unwrap()), "{name}: {each:?}");
    }
}
