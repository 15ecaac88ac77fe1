//! Recognises files that are not load tests, by their first bytes, and names what to use instead.

use super::contents::has;
use crate::error::{MONITOR, SLOW_LOG};

/// The words for a text in UTF-16.
pub(crate) const UTF_16: &str =
    "a text in UTF-16 (`iconv -f UTF-16 -t UTF-8 FILE` writes what is read)";

const OTHER_JSON: &str = "JSON of another kind";
const BINARY: &str = "a binary file";
const OTHER_TEXT: &str = "a text of another kind";
const HEADERLESS: &str = "a table without the names of its columns (a first line such as \
    `time,latency_ms,status` or `time,rps,p95_ms` names them)";
const LONG_TABLE: &str = "a table with a row for each value of a metric, which is not read. A table with a \
    column for each metric is read: Grafana's transformations \"Partition by values\" and \"Join by field\" \
    make one";

/// Returns true for a description that names no program and no format.
pub(crate) fn is_general(found: &str) -> bool {
    [OTHER_JSON, BINARY, OTHER_TEXT].contains(&found)
}

/// Number of lines at the start of a file in which the words of a program's own log are looked for.
const LINES_LOOKED_AT: usize = 20;

/// Words in the first lines of what load generators log or print about themselves, and of results that are
/// not read, with the files that are.
const OWN_LOGS: [(&str, &str); 33] = [
    (" o.a.j.", JMETER),
    (" - jmeter.", JMETER),
    ("Creating summariser <", JMETER),
    ("/INFO/locust.", LOCUST),
    ("/WARNING/locust.", LOCUST),
    ("Gatling version ", GATLING),
    ("---- Requests ----", GATLING),
    ("i.g.c.c.Gatling", GATLING),
    ("Taurus CLI Tool", TAURUS),
    ("Metrics for period to: ", ARTILLERY),
    ("Test run id: ", ARTILLERY),
    ("Started phase 0, duration: ", ARTILLERY),
    ("Date & Time,  Trans,", SIEGE),
    ("Method,Name,Error,Occurrences", LOCUST_FAILURES),
    ("\"Method\",\"Name\",\"Error\"", LOCUST_FAILURES),
    (" source=console", K6),
    (" msg=\"Request Failed\"", K6),
    ("# stats: dump at ", TSUNG),
    ("#date;pid;id;http method;host;URL;HTTP status", TSUNG),
    ("httperf --", HTTPERF),
    ("Maximum connect burst length: ", HTTPERF),
    ("Latency Percentile:", PLOW),
    ("\"Reads\": \"", PLOW),
    (" connections @ http", REWRK),
    ("\"latency_std_deviation\":", REWRK),
    ("Successful Run: ", DDOSIFY),
    ("\"server_fail_count\":", DDOSIFY),
    ("test_suite,test_name,scenario,", NBOMBER),
    ("test suite: ", NBOMBER),
    ("<title>NBomber", NBOMBER),
    ("=== PER ", GOOSE),
    ("Goose Attack Report", GOOSE),
    ("coordinated_omission_elapsed", GOOSE),
];

const JMETER: &str = "JMeter's own log; `jmeter -n -t plan.jmx -l results.jtl` writes the results, which \
    are read";
const LOCUST: &str = "Locust's own log; `locust --headless --csv run --csv-full-history` writes \
    run_stats_history.csv, which is read";
const LOCUST_FAILURES: &str =
    "Locust's list of failures; its _stats_history.csv is read as a load test";
const LOCUST_PAGE: &str = "a report of Locust as a page; `locust --headless --csv run --csv-full-history` \
    writes run_stats_history.csv, which is read";
const SIEGE: &str =
    "siege's log of its runs, a line for each; the totals that siege prints are read";
const ARTILLERY_PAGE: &str = "a report of Artillery as a page; `artillery run --output report.json` writes \
    the results, which are read";
const GATLING: &str = "what Gatling logs and prints; the simulation.log in its folder of results is read \
    (of versions before 3.12)";
const TAURUS: &str = "Taurus's own log; the results of the load generator in its folder of artifacts are \
    read (kpi.jtl, kpi.csv)";
const ARTILLERY: &str = "what Artillery prints; `artillery run --output report.json` writes the results, \
    which are read";
const K6: &str = "k6's own log; `k6 run --out json=k6.json.gz` writes the results, which are read";

const TSUNG: &str = "what tsung writes, which is not read; with dumptraffic=\"protocol\" in its \
    configuration, `awk -F';' 'BEGIN {print \"timeStamp,elapsed,success\"} !/^#/ {printf \
    \"%.0f,%.0f,%s\\n\", 1000*$1-$9, $9, $7<400 && $12==\"\" ? \"true\" : \"false\"}' tsung.dump > tsung.jtl` makes \
    a table of its requests, which is";
const HTTPERF: &str =
    "the totals of httperf, which are not read; those that hey, oha, wrk and ab print are";
const PLOW: &str =
    "the totals of plow, which are not read; those that hey, oha, wrk and bombardier write are";
const REWRK: &str = "the totals of rewrk, which are not read, and count no status as a failure; those \
    that hey, oha and wrk print are";
const DDOSIFY: &str = "the totals of Ddosify (Anteon), which are not read; those that hey, oha, wrk and \
    bombardier write are";
const NBOMBER: &str = "a report of NBomber, which is not read; a CSV table with a row for each of its \
    intervals, from its sink for InfluxDB or TimescaleDB, is";
const GOOSE: &str = "what Goose writes, which is not read; with `--request-log requests.json --request-format \
    json`, `(echo timeStamp,elapsed,success; jq -r 'select(.update|not)|[.elapsed,.response_time,.success]|@csv' \
    requests.json) > goose.jtl` makes a table of its requests, which is";

const OUR_PAGE: &str = "a page that Spikeflame made, which does not have the requests of its load test; the file of the \
    load generator from which it was made is read (k6.json.gz in the folder of the run, for example)";
const OUR_JSON: &str = "JSON that Spikeflame made, which does not have the requests of its load test; the file of the \
    load generator from which it was made is read (k6.json.gz in the folder of the run, for example)";

/// Names the log that a load generator writes about itself. Its lines may look like those of a table.
pub(super) fn own_log(head: &[u8]) -> Option<&'static str> {
    head.split(|&byte| byte == b'\n').take(LINES_LOOKED_AT).find_map(|line| {
        let (_, program) = OWN_LOGS.iter().find(|(words, _)| has(line, words))?;
        Some(*program)
    })
}

/// Returns true for a text that contains the totals of a load generator but is of another program: ab's
/// as a page (`ab -w`), Taurus's log, or the totals of ghz, which look like hey's.
pub(super) fn hides_totals(head: &[u8]) -> bool {
    head.trim_ascii_start().starts_with(b"<") || own_log(head) == Some(TAURUS) || is_ghz(head)
}

/// Returns true for a table with a column that holds the name of the metric, and one that holds its
/// value.
pub(super) fn is_long_table(head: &[u8]) -> bool {
    let mut lines = head.split(|&byte| byte == b'\n').filter(|line| !line.starts_with(b"#"));
    let names = lines.next().and_then(super::table::header).map(|(_, names)| names);
    let names: Vec<String> =
        names.unwrap_or_default().iter().map(|name| name.to_lowercase()).collect();
    let is_there =
        |known: &[&str]| names.iter().any(|name| known.contains(&name.trim_start_matches('_')));
    is_there(&["metric", "metric_name", "series", "field", "measurement"]) && is_there(&["value"])
}

/// Returns true for the text of ghz. Its statuses are names, and its number of calls stands alone.
fn is_ghz(head: &[u8]) -> bool {
    has(head, "\n  Count:") && has(head, "Requests/sec:") && has(head, "Response time histogram:")
}

/// Returns true for a log of pgbench: six numbers or more in each line, with Unix time in the column `time`.
fn is_pgbench(head: &[u8], time: usize) -> bool {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    let cells: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
    let is_number = |cell: &&[u8]| !cell.is_empty() && cell.iter().all(u8::is_ascii_digit);
    cells.len() >= 6
        && cells.iter().all(is_number)
        && cells.get(time).is_some_and(|cell| cell.len() == 10 && cell.starts_with(b"1"))
}

/// Returns true for a row of JMeter's results: a time in milliseconds, a duration, and the rest.
fn is_jtl_row(head: &[u8]) -> bool {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let mut cells = line.split(|&byte| byte == b',');
    let is_number = |cell: Option<&[u8]>, digits: std::ops::RangeInclusive<usize>| {
        cell.is_some_and(|it| digits.contains(&it.len()) && it.iter().all(u8::is_ascii_digit))
    };
    is_number(cells.next(), 13..=13)
        && is_number(cells.next(), 1..=8)
        && cells.count() >= 6
        && (has(line, ",true,") || has(line, ",false,"))
}

/// Returns true for a table that begins with a row: a time on a clock, and another number.
fn is_headerless(head: &[u8]) -> bool {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    let cells = super::table::header(line).map(|(_, cells)| cells).unwrap_or_default();
    let is_time = |cell: &String| super::time::either(cell.as_bytes()).is_some();
    let is_number = |cell: &String| cell.parse::<f64>().is_ok() && !is_time(cell);
    cells.first().is_some_and(is_time) && cells.iter().any(is_number)
}

/// Returns true for the access log of an Application Load Balancer: `https 2026-11-27T11:00:00.123456Z app/shop/50dc6c ...`.
fn is_of_load_balancer(head: &[u8]) -> bool {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let mut words = line.split(|&byte| byte == b' ');
    let kinds: [&[u8]; 6] = [b"http", b"https", b"h2", b"grpcs", b"ws", b"wss"];
    words.next().is_some_and(|kind| kinds.contains(&kind))
        && words.next().is_some_and(|time| super::time::either(time).is_some())
        && words.next().is_some_and(|name| name.starts_with(b"app/"))
}

/// Names the content of a file that was not recognised.
pub(super) fn found(head: &[u8]) -> &'static str {
    let starts = |what: &[u8]| head.starts_with(what);
    if let Some(known) = own_log(head).or_else(|| super::nameless_requests(head)) {
        return known;
    }
    match () {
        () if head.trim_ascii().is_empty() => "the file is empty",
        () if super::is_utf_16(head) => UTF_16,
        () if starts(b"<") && has(head, "content=\"spikeflame ") => OUR_PAGE,
        () if starts(b"{") && has(head, "\"schema\": \"spikeflame.") => OUR_JSON,
        () if has(head, "This is ApacheBench") && starts(b"<") => {
            "the totals of ab as a page (without `-w`, ab prints what is read)"
        }
        () if starts(b"<") && has(head, "<title>Artillery") => ARTILLERY_PAGE,
        // Newer versions have the numbers behind a megabyte of program.
        () if starts(b"<")
            && ["window.templateArgs", "<title>Test Report</title>", "<title>Locust</title>"]
                .iter()
                .any(|mark| has(head, mark)) =>
        {
            LOCUST_PAGE
        }
        () if starts(b"[") && has(head, "\"num_none_requests\"") => {
            "the totals of `locust --json`, which are not read (`locust --headless --csv run \
             --csv-full-history` writes run_stats_history.csv, which is)"
        }
        () if starts(b"label,avg_ct,avg_lt,") || has(head, "<FinalStatus>") => {
            "Taurus's totals, which are not read; the results of the load generator in its folder of \
             artifacts are (kpi.jtl, kpi.csv)"
        }
        () if is_jtl_row(head) => {
            "JMeter's results without the names of their columns (`jmeter \
             -Jjmeter.save.saveservice.print_field_names=true` writes what is read)"
        }
        () if starts(b"FLR\0") => "a recording of Java's Flight Recorder, which is no load test",
        () if starts(b"\0\0\0\0\x06") || starts(b"\0\0\0\x06") => {
            "Gatling's simulation log in the binary form of 3.12 and later, which is not read (a CSV \
             table with a row a second, made from its report, is)"
        }
        () if head.contains(&0)
            && has(head, "Attack")
            && has(head, "Latency")
            && has(head, "BytesOut") =>
        {
            "vegeta's results in their binary form (`vegeta encode results.bin > results.json` \
             writes what is read)"
        }
        () if starts(b"SQLite format 3") => {
            "a database of SQLite, as `oha --db-url` makes (`sqlite3 -header -csv oha.db 'select run + start as start, \
             duration as duration_s, status from oha' > oha.csv` writes what is read, and so does `oha --output-format \
             csv`)"
        }
        () if is_of_load_balancer(head) => {
            "the access log of an AWS load balancer (`(echo time_end,duration_s,status; awk \
             '{print $2\",\"$6+$7+$8\",\"$9}' FILE) > requests.csv` makes a table of its requests, which is read)"
        }
        () if is_ghz(head) => "the text of ghz (`ghz -O json` writes what is read)",
        () if has(head, "[total, rate, throughput]") => {
            "vegeta's report as text (`vegeta report -type=json` writes what is read)"
        }
        () if starts(b"Type,Name,# Requests") || starts(b"\"Method\",\"Name\",\"# ") => {
            "totals of an old version of Locust (2.x writes what is read)"
        }
        () if starts(b"Percentage served,Time in ms") => {
            "the percentiles that `ab -e` writes (the totals that ab prints are read)"
        }
        () if has(head, "\"aggregate\"") && has(head, "http.response_time") => {
            "an Artillery summary without periods (`artillery run --output report.json` writes them)"
        }
        () if has(head, "\"resultType\"") && has(head, "k6_http_req") => {
            "Prometheus' answer with metrics of k6, which is not read as a load test (a CSV table with a \
             column for each metric is; Grafana's Inspect > Data > \"Series joined by time\" writes one)"
        }
        () if is_pgbench(head, 4) => {
            "pgbench's log of transactions, which is not read (`(echo timeStamp,elapsed,success; awk \
             '{printf \"%.0f,%.3f,true\\n\", $5*1000+($6-$3)/1000, $3/1000}' pgbench_log.*) > pgbench.jtl` makes \
             a table that is)"
        }
        () if is_pgbench(head, 0) => {
            "pgbench's log with `--aggregate-interval`, which is not read (`(echo time,requests,mean_us; awk \
             '$2>0 {print $1\",\"$2\",\"$3/$2}' pgbench_log.*) > pgbench.csv` makes a table that is)"
        }
        () if head.starts_with(b"{\"0\":") => {
            "vegeta's histogram (`vegeta report -type=json` writes what is read)"
        }
        () if has(head, "\"MetricDataResults\"")
            || has(head, "\"Datapoints\"")
            || has(head, "\"MetricList\"") =>
        {
            MONITOR
        }
        () if super::k6_csv::has_rows(head) => {
            "rows of `k6 run --out csv`, but the first line does not name the columns metric_name, \
             timestamp and metric_value, with commas between them (`sed` can write it)"
        }
        () if is_long_table(head) => LONG_TABLE,
        () if has(head, "# Query_time:") => SLOW_LOG,
        () if matches!(head.first(), Some(b'{' | b'[')) => OTHER_JSON,
        () if is_headerless(head) => HEADERLESS,
        () if head.contains(&0) => BINARY,
        () => OTHER_TEXT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: the comma before the milliseconds of a time made JMeter's log a table without a
    /// column of times.
    #[test]
    fn the_log_of_jmeter_is_no_table() {
        let log = "2026-11-28 10:12:33,123 INFO o.a.j.u.JMeterUtils: Setting Locale to en_US\n\
                   2026-11-28 10:12:33,140 INFO o.a.j.JMeter: Loading user properties\n";
        let read = super::super::read(log.as_bytes(), "jmeter.log".as_ref(), &Default::default());
        let error = read.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("JMeter's own log"), "{error}");
    }

    /// The error was: siege's log, a line for each run, was read as a table: its 67 failures of 680
    /// requests were the requests of a second. The page of `ab -w` was a text that is cut off.
    #[test]
    fn logs_that_look_like_results_are_named() {
        let siege = "      Date & Time,  Trans,  Elap Time,  Data Trans,  Resp Time,  Trans Rate,  \
                     Throughput,  Concurrent,    OKAY,   Failed\n\
                     2026-11-29 06:34:25,    613,       5.80,           0,       0.07,      105.69,  \
                     0.00,        7.79,     613,      67\n";
        let page = "<p>\n This is ApacheBench, Version 2.3<br>\n</p>\n<table >\n<tr><th>Complete requests:</th>";
        for (text, name) in
            [(siege, "siege's log of its runs"), (page, "the totals of ab as a page")]
        {
            assert_eq!(super::super::recognise(text.as_bytes()), None, "{text}");
            let read = super::super::read(text.as_bytes(), "x".as_ref(), &Default::default());
            let error = read.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn what_is_not_read_is_named_with_what_would_do() {
        for (head, hint) in [
            ("", "empty"),
            (
                "<!doctype html>\n<html>\n<meta name=\"generator\" content=\"spikeflame 0.1.0\">\n",
                "a page that Spikeflame made",
            ),
            (
                "{\n  \"schema\": \"spikeflame.plateau/1\",\n  \"source\": \"k6.csv.gz\",\n",
                "JSON that Spikeflame made",
            ),
            ("\x1f\0Result\0Attack\0Latency\0BytesOut", "vegeta encode"),
            ("SQLite format 3\0", "sqlite3 -header -csv"),
            (
                "\nSummary:\n  Count:\t200\n  Requests/sec:\t330\n\nResponse time histogram:\n",
                "ghz -O json",
            ),
            ("Requests      [total, rate, throughput]  10, 1.1, 1.0\n", "-type=json"),
            ("Percentage served,Time in ms\n0,19.6\n", "totals that ab prints"),
            ("{\"aggregate\":{\"summaries\":{\"http.response_time\":{}}}}", "--output report.json"),
            ("{\"MetricDataResults\":[]}", "of a monitor"),
            ("{\"0\":6007,\"2000000\":2246}", "-type=json"),
            ("0 1 1532 0 1796040000 120000\n1 1 2532 0 1796040000 122000\n", "pgbench.jtl"),
            ("1796040000 100 150000 300000000 1200 9000\n", "pgbench.csv"),
            (
                "{\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"k6_http_reqs_total\"}}]}}",
                "joined by time",
            ),
            ("metric,time,value\nhttp_reqs,1795397087,1\n", "metric_name"),
            ("# Time: x\n# Query_time: 1\n", "slow query log"),
            ("\0\0\0\0\x063.13.0", "Gatling"),
            ("1795777200000,59,200\n", "time,latency_ms,status"),
            ("2026-11-27T11:00:00Z;59;GET\n", "names of its columns"),
            ("{}", "JSON"),
            ("hello", "text"),
            ("2026-11-28 10:12:33,123 INFO o.a.j.JMeter: Version 5.5\n", "-l results.jtl"),
            ("2015/03/01 10:12:33 INFO  - jmeter.JMeter: Loading\n", "-l results.jtl"),
            (
                "Creating summariser <summary>\nStarting standalone test @ 2026 Nov 28\n",
                "-l results.jtl",
            ),
            ("[2026-11-28 10:12:33,123] host/INFO/locust.main: Starting\n", "--csv-full-history"),
            ("Simulation a.B started...\n\n---- Requests -----\n", "simulation.log"),
            (
                "10:12:33.123 [main] INFO  i.g.app.Gatling$ - Gatling version 3.11\n",
                "simulation.log",
            ),
            ("[2026-11-28 10:12:33,123 INFO root] Taurus CLI Tool v1.16.19\n", "kpi.jtl"),
            ("Test run id: t1\n", "--output report.json"),
            (
                "Started phase 0, duration: 10s @ 06:28:53(+0000) 2026-11-29\n",
                "--output report.json",
            ),
            ("<p>\n This is ApacheBench, Version 2.3\n<table>", "without `-w`"),
            ("<!DOCTYPE html>\n<title>Artillery report</title>{\"aggregate\":", "as a page"),
            ("<!DOCTYPE html><script>window.templateArgs = {", "--csv-full-history"),
            ("[{\"name\": \"/\", \"num_none_requests\": 0}]", "locust --json"),
            ("<!DOCTYPE html>\n<title>Locust</title>\n<script>", "a report of Locust as a page"),
            ("label,avg_ct,avg_lt,avg_rt,bytes\n", "Taurus's totals"),
            ("Method,Name,Error,Occurrences,First Seen,Last Seen\n", "list of failures"),
            (
                "1795934122852,156,page,200,OK,visitors 1-6,,true,,143,142,8,8,http://x,144,0,1\n",
                "print_field_names",
            ),
            ("# stats: dump at 1796017200\nstats: users 0 4\n", "tsung.jtl"),
            (
                "#date;pid;id;http method;host;URL;HTTP status;size;duration;transaction;match;error;tag\n\
                 1796017192.885955;<0.197.0>;4;get;127.0.0.1;/;200;8;33.725;-;;;\n",
                "tsung.jtl",
            ),
            (
                "httperf: warning: open file limit > FD_SETSIZE\nhttperf --hog --client=0/1 --rate=50\n\
                 Maximum connect burst length: 2\n\nTotal: connections 200 requests 400 replies 400\n",
                "httperf",
            ),
            ("Summary:\n  Elapsed  8.6s\n\nLatency Percentile:\n  P50  P95\n", "plow"),
            ("{\n  \"Summary\": {\n    \"RPS\": 1.5,\n    \"Reads\": \"10.192MB/s\",\n", "plow"),
            (
                "Beginning round 1...\nBenchmarking 8 connections @ http://127.0.0.1:80/ for 3 second(s)\n",
                "rewrk",
            ),
            (
                "{\"latency_avg\":65.8,\"latency_std_deviation\":119.8,\"requests_total\":348}",
                "rewrk",
            ),
            ("Engine fired.\n\nSuccessful Run: 10  33%  Failed Run: 20\n", "Ddosify"),
            (
                "{\"test_status\":\"success\",\"success_count\":100,\"server_fail_count\":10}",
                "Ddosify",
            ),
            (
                "test_suite,test_name,scenario,duration,step_name,request_count,ok,failed,rps\n",
                "NBomber",
            ),
            ("> test info\n\ntest suite: `a`\n", "NBomber"),
            ("\n === PER SCENARIO METRICS ===\n ------\n", "goose.jtl"),
            ("\n# Goose Attack Report\n\n## Plan Overview\n", "goose.jtl"),
            (
                "elapsed,scenario_index,name,response_time,success,coordinated_omission_elapsed\n",
                "goose.jtl",
            ),
            ("time=\"2026-11-28T10:12:33Z\" level=info msg=hi source=console\n", "--out json"),
        ] {
            assert!(found(head.as_bytes()).contains(hint), "{head}: {}", found(head.as_bytes()));
        }
    }
}
