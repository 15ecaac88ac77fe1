//! Tests of `spikeflame plateau`, and of windows cut from profiles by a load test.

use crate::common;

use common::{failure, golden, root, run, run_with, stderr, stdout};
use serde_json::Value;

const LOAD: &str = "load/k6.json.gz";
const RUN: &str = "spike/before-1";

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(&[args, &["--format", "json"]].concat())).unwrap()
}

#[test]
fn a_sentence_a_table_a_timeline() {
    golden("plateau.txt", &stdout(&["plateau", LOAD, "--think", "350ms"]));
    golden("plateau.json", &stdout(&["plateau", LOAD, "--format", "json"]));
}

#[test]
fn with_the_profile_it_says_what_binds() {
    // The folder has the load as CSV, and the V8 log with marks.
    let text = stdout(&["plateau", RUN]);
    assert!(text.contains("CPU-bound: the event loop was busy 9"), "{text}");
    assert!(text.contains("aligned by wall-clock marks in the log, within 1 ms"), "{text}");
    let found = json(&["plateau", LOAD, "--profile", RUN]);
    assert!(found["cpu_utilisation"].as_f64().unwrap() > 0.9, "{found}");
    assert_eq!(found["clock"]["known"], "marks");
    let perf = root("../shared/data/perf/spike-before");
    if perf.exists() {
        let text = stdout(&["--quiet", "plateau", perf.to_str().unwrap()]);
        assert!(text.contains("does not show whether it waited"), "{text}");
    } else {
        println!("SKIPPED: no {}", perf.display());
    }
    let wrong = failure(&["plateau", LOAD, "--profile", "spike/before-2"]);
    assert!(wrong.contains("not of one run"), "{wrong}");
}

/// Returns k6's points of a test in which each request got no answer.
fn unanswered(error: &str, code: u16) -> String {
    let point = |at: u32| {
        let time = format!("2026-11-30T17:18:{:02}.57Z", 40 + at / 10);
        format!(
            "{{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":0,\
             \"tags\":{{\"error\":{error:?},\"error_code\":\"{code}\",\"expected_response\":\"false\",\
             \"status\":\"0\",\"url\":\"/orders/1\"}}}}}}\n\
             {{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":10,\"tags\":null}}}}\n"
        )
    };
    (0..80).map(point).collect()
}

/// The error was: `errors` was recommended, whose log has nothing about requests that did not reach the program.
#[test]
fn requests_that_reach_no_program_point_at_the_script() {
    for (error, code) in
        [("unsupported protocol scheme \"\"", 1000), ("dial: connection refused", 1212)]
    {
        let output = run_with(&["plateau", "-"], unanswered(error, code).as_bytes());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let wanted = format!("wrote for 80 requests: {error} (code {code})");
        assert!(text.contains(&wanted) && text.contains("script"), "{text}");
        assert!(!text.contains("spikeflame errors"), "{text}");
    }
    // An answer with a status is one of the program, which may have logged why.
    let answered = unanswered("", 1500).replace("\"status\":\"0\"", "\"status\":\"500\"");
    let output = run_with(&["plateau", "-"], answered.as_bytes());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("spikeflame errors"), "{text}");
}

/// The error was: without a plateau, a profile of another time was passed over in silence.
#[test]
fn a_profile_of_another_time_is_refused_without_a_plateau_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k6.json");
    std::fs::write(&path, unanswered("dial: connection refused", 1212)).unwrap();
    let wrong = failure(&["plateau", path.to_str().unwrap(), "--profile", RUN]);
    assert!(wrong.contains("not of one run"), "{wrong}");
}

/// The error was: the recorder had noted a step of the clock, and no command named it.
#[test]
fn a_step_of_the_clock_is_named_beside_the_use_of_the_cpu() {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(root("samples").join(RUN)).unwrap().flatten() {
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let facts = r#"{ "schema": "spikeflame.run/1", "ended": "2026-11-27T19:05:00Z",
        "clock_steps": [{ "at": "2026-11-27T19:01:00Z", "ms": -2500 }] }"#;
    std::fs::write(folder.path().join("run.json"), facts).unwrap();
    let path = folder.path().to_str().unwrap();
    let output = run(&["plateau", path]);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("-2.5 s at 2026-11-27T19:01:00.000Z"), "{words}");
    let quiet = run(&["--quiet", "plateau", path]);
    assert_eq!(String::from_utf8_lossy(&quiet.stderr), "");
}

#[test]
fn what_has_no_plateau_says_why() {
    let rows = (0..100).map(|s| format!("{},{},{}\n", 1_795_000_000 + s, 2 * s, s));
    let table = "time,rps,vus\n".to_owned() + &rows.collect::<String>();
    let output = run_with(&["plateau", "-"], table.as_bytes());
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("No plateau: no durations are known"), "{text}");
    let rows = (0..100).map(|s| format!("{},{},{},20\n", 1_795_000_000 + s, 2 * s, s));
    let table = "time,rps,vus,p95\n".to_owned() + &rows.collect::<String>();
    let text = String::from_utf8(run_with(&["plateau", "-"], table.as_bytes()).stdout).unwrap();
    assert!(text.starts_with("No plateau: the test did not reach the system's limit"), "{text}");
    assert!(text.contains("the script that makes it") && text.contains("--window "), "{text}");
    // The error was: the JSON had the reason, and not the way to go on.
    let output = run_with(&["plateau", "-", "--format", "json"], table.as_bytes());
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let way = found["way"].as_str().unwrap();
    assert!(text.contains(way) && way.contains("--window "), "{found}");
    let summary = stdout(&["plateau", "load/k6-summary.txt"]);
    assert!(summary.contains("no plateau can be found in it") && summary.contains("p95"));
    assert!(failure(&["plateau", "load/autocannon.json", "--format", "json"]).contains("totals"));
}

#[test]
fn unusable_load_files_say_what_to_do() {
    assert!(stderr(&run_with(&["plateau", "-"], b"")).contains("the file is empty"));
    assert!(failure(&["plateau", "README.md"]).contains("k6 run --out json="));
    assert!(failure(&["plateau", LOAD, "--endpoint", "GET /nowhere"]).contains("GET /boards"));
    assert!(failure(&["plateau", "v8"]).contains("no load timeline"));
    let one = stdout(&["plateau", LOAD, "--endpoint", "GET /boards"]);
    assert!(one.contains("goodput/s"), "{one}");
}

/// The error was: the plateau of an endpoint was searched in its requests alone, as if nobody had wanted
/// the seconds in which it was not called.
#[test]
fn an_endpoint_is_shown_within_the_plateau_of_the_whole_test() {
    let whole = json(&["plateau", LOAD]);
    let text = stdout(&["plateau", LOAD, "--endpoint", "POST /members"]);
    assert!(
        text.starts_with("This is the plateau of all requests of the test. Throughput stops"),
        "{text}"
    );
    assert!(text.contains("The figures below are of the requests that were chosen: "), "{text}");
    let one = json(&["plateau", LOAD, "--endpoint", "POST /members"]);
    for field in ["start_s", "end_s", "requests", "rps", "p95_ms"] {
        assert_eq!(one["whole_test"][field], whole["within"][field], "{field}");
    }
    assert!(one["within"]["requests"].as_f64() < whole["within"]["requests"].as_f64());
    assert_eq!((&one["knee_vus"], &whole["whole_test"]), (&whole["knee_vus"], &Value::Null));
}

#[test]
fn views_show_the_plateau_only() {
    let whole = json(&["top", RUN]);
    let part = json(&["top", RUN, "--window", "plateau"]);
    let times = |top: &Value| {
        let ms = |at: &str| top["window"][at].as_f64().unwrap();
        (ms("from_ms"), ms("to_ms"))
    };
    let found = json(&["plateau", LOAD]);
    // The log begins 2.1 s before the end of the test's first second.
    let (from, to) = times(&part);
    let length = found["end_s"].as_f64().unwrap() - found["start_s"].as_f64().unwrap();
    assert!((to - from - 1000.0 * length).abs() < 1000.0, "{from} to {to}, {found}");
    let zero = 1_795_397_085_728.545;
    let first = 1_795_397_087_000.0;
    let start = first - zero + 1000.0 * found["start_s"].as_f64().unwrap();
    assert!((from - start).abs() < 2.0, "{from} for {start}");
    assert!(part["samples"].as_u64() < whole["samples"].as_u64());
    let before = json(&["top", RUN, "--window", "before"]);
    assert!((times(&before).1 - from).abs() < 0.01);
    // Every command shows the same window when it is given by times.
    let (from, to) = (format!("{from}ms"), format!("{to}ms"));
    let cut = ["--from", &from, "--to", &to];
    let by_hand = stdout(&[&["fold", RUN], &cut[..]].concat());
    assert_eq!(stdout(&["fold", RUN, "--window", "plateau"]), by_hand);
    assert_eq!(times_of_the_test(&found), by_hand);
    let exported = stdout(&["export", RUN, "--to", "folded", "-o", "-", "--window", "plateau"]);
    assert_eq!(exported, by_hand);
    let svg = stdout(&["flame", RUN, "--window", "plateau", "-o", "-"]);
    assert!(svg.contains("of the load test, by wall-clock marks"));
    let text = stdout(&["top", RUN, "--window", "plateau", "-n", "1", "--load", LOAD]);
    // The subtitle has the seconds of both clocks.
    let of_test = format!(
        "plateau, {:.1} s to {:.1} s of the load test, by wall-clock marks in the log, within 1 ms",
        found["start_s"].as_f64().unwrap(),
        found["end_s"].as_f64().unwrap()
    );
    assert!(text.contains(&of_test), "{of_test}: {text}");
    assert!(text.contains(" s to ") && text.find(" s to ") < text.find(&of_test), "{text}");
}

/// The plateau in seconds of the test, as `spikeflame plateau` prints it.
fn times_of_the_test(found: &Value) -> String {
    let (from, to) = (&found["start_s"], &found["end_s"]);
    stdout(&["fold", RUN, "--window", &format!("{from}s..{to}s"), "--load", LOAD])
}

#[test]
fn windows_that_cannot_be_cut_are_refused() {
    let none = failure(&["top", "v8/nested-on-node24.log.zst", "--window", "plateau"]);
    assert!(none.contains("--load"), "{none}");
    let both = failure(&["top", RUN, "--window", "plateau", "--from", "3s"]);
    assert!(both.contains("both name a window"), "{both}");
    let load = ["--load", LOAD, "--window", "plateau"];
    let other = failure(&[&["top", "spike/before-2"], &load[..]].concat());
    assert!(other.contains("not of one run"), "{other}");
    let told = ["--profile-start", "2026-11-23T01:24:45.728Z"];
    let alone = [&["top", "spike/before-2", "-n", "1"], &load[..], &told].concat();
    assert!(stdout(&alone).contains("of the load test, by --profile-start"));
    let folded = failure(&[&["top", "../tests/golden/wasm.folded"], &load[..]].concat());
    assert!(folded.contains("no times"), "{folded}");
}

#[test]
fn runs_of_the_shared_data_agree_with_their_truth() {
    let shared = root("../shared/data/spike");
    if !shared.exists() {
        println!("SKIPPED: no {}", shared.display());
        return;
    }
    for run_of in ["before-1", "before-2", "before-3", "after-1", "after-2", "after-3"] {
        let folder = shared.join(run_of).display().to_string();
        let output = run(&["plateau", &folder, "--think", "350ms", "--format", "json"]);
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let number = |at: &str| found[at].as_f64().unwrap();
        println!(
            "{run_of}: {} to {} s, Little's ratio {:.3}, event loop {:.2}, GC {:.2}",
            number("start_s"),
            number("end_s"),
            number("little_ratio"),
            number("event_loop_utilisation"),
            number("gc_share")
        );
        assert!((0.9..1.1).contains(&number("little_ratio")), "{run_of}");
    }
}

#[test]
fn firefox_gets_the_load_as_counters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.firefox.json");
    let args = ["export", RUN, "--load", LOAD, "-o", path.to_str().unwrap()];
    stdout(&args);
    let fox: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let counters = fox["counters"].as_array().unwrap();
    let names: Vec<&str> =
        counters.iter().map(|counter| counter["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["VUs", "requests a second", "p95 (ms)", "error rate"]);
    // The profiler draws what each sample adds, and ignores the first one.
    let values = counters[0]["samples"]["count"].as_array().unwrap();
    let values: Vec<f64> = values.iter().map(|value| value.as_f64().unwrap()).collect();
    assert_eq!(values[0], 0.0);
    assert!(values[1..].iter().all(|value| *value >= 0.0), "{values:?}");
    assert_eq!(values.iter().copied().fold(0.0, f64::max), 199.0);
}

#[test]
fn firefox_gets_the_load_that_lies_in_the_runs_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.firefox.json");
    let counters = |run: &str| {
        stdout(&["export", run, "-o", path.to_str().unwrap()]);
        let fox: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        fox["counters"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(counters(RUN), 4);
    // A load test beside a recording that was named by itself may belong to another run.
    let log = format!("{RUN}/isolate-v8.log.zst");
    assert_eq!(counters(&log), 0);
}

/// CloudWatch's answer for a metric, a value a minute from a minute of 2026-11-23 on.
fn cloudwatch(from: &str, metrics: &[(&str, &[f64])]) -> String {
    let (hour, minute) = from.split_once(':').unwrap();
    let minute: usize = minute.parse().unwrap();
    let results: Vec<Value> = metrics
        .iter()
        .map(|(label, values)| {
            let time = |at| format!("2026-11-23T{hour}:{:02}:00+00:00", minute + at);
            let times: Vec<String> = (0..values.len()).map(time).collect();
            serde_json::json!({"Label": label, "Timestamps": times, "Values": values})
        })
        .collect();
    serde_json::json!({ "MetricDataResults": results }).to_string()
}

#[test]
fn monitors_are_read_beside_the_test() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let metrics: [(&str, &[f64]); 2] =
        [("CPUUtilization", &[20.0, 23.0, 97.0, 30.0]), ("DiskQueueDepth", &[0.0, 0.1, 7.0, 0.0])];
    let rds = file("rds.json", &cloudwatch("01:23", &metrics));
    let pool =
        (0..16).map(|at| format!("{},{}\n", 1_795_397_080 + 5 * at, if at < 4 { at } else { 10 }));
    let pool = file("pool.csv", &("time,pool_used\n".to_owned() + &pool.collect::<String>()));
    let args = ["plateau", LOAD, "--with", &rds, "--with", &pool];
    let text = stdout(&args);
    assert!(text.contains("CPUUtilization (rds.json)"), "{text}");
    assert!(text.contains("the CPU of the database is used up"), "{text}");
    assert!(text.contains("it stands still at 10"), "{text}");
    // The error was: the closing sentence did not know of the monitors.
    let limit = "The likely limit, as a monitor shows it: CPUUtilization (rds.json): the CPU of the database";
    assert!(text.contains(limit), "{text}");
    let beside_profile = stdout(&["plateau", RUN, "--with", &rds]);
    let also = "A monitor shows another limit beside it: CPUUtilization (rds.json)";
    assert!(beside_profile.contains(limit) || beside_profile.contains(also), "{beside_profile}");
    assert!(!beside_profile.contains("Look at pools"), "{beside_profile}");
    let found = json(&args);
    let beside = found["beside"].as_array().unwrap();
    assert_eq!(beside.len(), 3, "{found}");
    assert_eq!((&beside[0]["metric"], &beside[0]["watched"]), (&"cpu".into(), &"database".into()));
    assert_eq!(beside[0]["before"]["mean"], 23.0);
    let within = beside[0]["within"]["mean"].as_f64().unwrap();
    assert!((94.0..97.0).contains(&within), "{within}");
    assert!(beside[1]["means"].as_str().unwrap().contains("wait for the disk"), "{found}");
    assert_eq!(beside[2]["within"]["covered"], 1.0, "{found}");
    assert!(!text.contains("its values within cover"), "{text}");
    // The error was: the values of a monitor that ended early stood for the whole plateau.
    let early = (0..16).map(|at| format!("{},{at}\n", 1_795_397_030 + 5 * at));
    let early = file("early.csv", &("time,cpu_percent\n".to_owned() + &early.collect::<String>()));
    let partly = json(&["plateau", LOAD, "--with", &early]);
    let covered = partly["beside"][0]["within"]["covered"].as_f64().unwrap();
    assert!((0.05..0.75).contains(&covered), "{partly}");
    let text = stdout(&["plateau", LOAD, "--with", &early]);
    assert!(text.contains("cpu_percent (early.csv): its values within cover"), "{text}");
    // Another hour is refused, with both times; a table's zone may be the cause.
    let other = file("other.json", &cloudwatch("03:23", &metrics));
    let wrong = failure(&["plateau", LOAD, "--with", &other]);
    assert!(
        wrong.contains("2026-11-23 03:23:00Z") && wrong.contains("2026-11-23 01:24:47Z"),
        "{wrong}"
    );
    let local = file("local.csv", "Time,cpu\n2026-11-23 10:25:00,50\n2026-11-23 10:25:15,60\n");
    let wrong = failure(&["plateau", LOAD, "--with", &local]);
    assert!(wrong.contains("--with-zone +09:00"), "{wrong}");
    assert!(
        stdout(&["plateau", LOAD, "--with", &local, "--with-zone", "+09:00"]).contains("55.0 %")
    );
    // Beside a profile, exports and the page contain the same values.
    let out = folder.path().join("x.firefox.json");
    let out = out.to_str().unwrap();
    stdout(&["export", RUN, "--to", "firefox", "--with", &rds, "-o", out]);
    let profile: Value = serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap();
    let names: Vec<&str> = profile["counters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"CPUUtilization (%)"), "{names:?}");
    let page = stdout(&["report", RUN, "--with", &rds, "-o", "-"]);
    assert!(page.contains(r#""name":"CPUUtilization (rds.json)","unit":"percent""#));
    let wrong = failure(&["export", RUN, "--to", "pprof", "--with", &rds, "-o", "-"]);
    assert!(wrong.contains("--to firefox"), "{wrong}");
}

/// The error was: `answers were late`, where all answers took 100 to 108 ms and the file had whole
/// seconds only.
#[test]
fn answers_of_a_constant_time_are_not_late() {
    let shown = stdout(&["plateau", "load/k6-flat.csv.gz"]);
    assert!(shown.contains("did not reach the system's limit"), "{shown}");
}

/// The error was: files of other programs were named differently by each command, or by a guess.
#[test]
fn a_file_of_another_program_has_one_name_in_all_commands() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("a.har", r#"{"log":{"version":"1.2","creator":{},"entries":[]}}"#, "a HAR file"),
        ("metrics.txt", "# HELP a b\n# TYPE a counter\na{x=\"y\"} 5\n", "metrics as Prometheus"),
        ("a.json", r#"{"status":"ok","res_type":"x","series":[{"metric":"a"}]}"#, "Datadog"),
        ("a.pdf", "%PDF-1.7\n", "a PDF document"),
        ("bench.json", r#"{"results":[{"command":"a","mean":1,"times":[1]}]}"#, "hyperfine"),
    ];
    for (name, text, hint) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        for command in ["fold", "plateau", "errors", "queries"] {
            let why = failure(&[command, path.to_str().unwrap()]);
            assert!(why.contains(hint), "{command} {name}: {why}");
        }
        let why = failure(&["plateau", LOAD, "--with", path.to_str().unwrap()]);
        assert!(why.contains(hint) || name == "metrics.txt", "--with {name}: {why}");
    }
    let oha = "Summary:\n  Success rate: 100.00%\n  Requests/sec: 5\n\nResponse time histogram:\n\n\
        Status code distribution:\n  [200] 5 responses\n";
    let path = folder.path().join("oha.txt");
    std::fs::write(&path, oha).unwrap();
    assert!(failure(&["fold", path.to_str().unwrap()]).contains("a load test (oha's totals)"));
}

/// The error was: "name the column with --columns vus=NAME" for a table that has no such column.
#[test]
fn a_column_is_asked_for_only_when_the_table_has_one() {
    let text = stdout(&["plateau", "load/half-load.csv"]);
    assert!(text.contains("Take a file with VUs") && !text.contains("--columns vus"), "{text}");
    let table = |more: &str| {
        let rows = (0..60).map(|at| format!("{},{}{more}\n", 1_795_000_000 + at, 10 + at));
        format!(
            "time,rps{}\n{}",
            if more.is_empty() { "" } else { ",lag" },
            rows.collect::<String>()
        )
    };
    let way = |table: &str| String::from_utf8(run_with(&["plateau", "-"], table.as_bytes()).stdout);
    assert!(way(&table(",20")).unwrap().contains("--columns p95=NAME"));
    let none = way(&table("")).unwrap();
    assert!(
        none.contains("Take a file with durations") && !none.contains("--columns p95"),
        "{none}"
    );
}

/// The error was: `--axis vus` of a test of arrival rates had no word about what its knee then is.
#[test]
fn an_axis_that_is_not_the_load_of_the_test_has_a_warning() {
    let arrival = "load/k6-arrival-steps.csv.gz";
    let warned = |args: &[&str]| stderr(&run_with(args, b""));
    let text = warned(&["plateau", arrival, "--axis", "vus"]);
    assert!(text.contains("came at a rate") && text.contains("leave --axis out"), "{text}");
    assert!(!warned(&["plateau", arrival, "--axis", "rate"]).contains("--axis"));
    assert!(!warned(&["plateau", arrival]).contains("--axis"));
    assert!(warned(&["plateau", LOAD, "--axis", "rate"]).contains("wait for their answers"));
    // The error was: only `plateau` had it, and every other command used such a plateau in silence.
    let run = "spike/before-1";
    let folder = tempfile::tempdir().unwrap();
    for command in ["top", "fold", "flame", "report"] {
        let page = folder.path().join("page.html").display().to_string();
        let output = if ["flame", "report"].contains(&command) { &["-o", &page][..] } else { &[] };
        let args = [&[command, run, "--window", "plateau", "--axis", "rate"], output].concat();
        let text = warned(&args);
        assert_eq!(text.matches("wait for their answers").count(), 1, "{command}: {text}");
    }
    assert!(!warned(&["top", run, "--window", "plateau"]).contains("--axis"));
    let sides = ["diff", "--before", run, "--after", "spike/after-1"];
    let text = warned(&[&sides[..], &["--window", "plateau", "--axis", "rate"]].concat());
    assert!(text.contains("wait for their answers"), "{text}");
    assert!(
        warned(&["capacity", "--load", LOAD, "--axis", "rate"]).contains("wait for their answers")
    );
}

/// A table of a test with a plateau, of one row a second with these times.
fn table(time: impl Fn(usize) -> String) -> String {
    let row = |at: usize| {
        let vus = (1 + 2 * at).min(100);
        let p50 = 10 + 2 * vus.saturating_sub(40);
        format!("{},{},{p50},{vus}\n", time(at), 20 * vus.min(40))
    };
    "time,requests,p50,vus\n".to_owned() + &(0..60).map(row).collect::<String>()
}

/// The errors were: 1970-01-01 as the day of a test, and "they are not of one run" of a test without a day.
#[test]
fn a_test_without_a_clock_has_no_time_of_day() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (seconds, day, pause) = (path("seconds.csv"), path("day.csv"), path("pause.csv"));
    let table_of = |from: usize| table(move |at| (from + at).to_string());
    std::fs::write(&seconds, table_of(0)).unwrap();
    std::fs::write(&day, table(|at| format!("12:03:{at:02}"))).unwrap();
    let later = table_of(100_000);
    std::fs::write(&pause, table_of(0) + later.split_once('\n').unwrap().1).unwrap();
    let profile = format!("{RUN}/isolate-v8.log.zst");
    for (load, times) in [(&seconds, "of the load test."), (&day, "of the load test (12:03:")] {
        let text = stdout(&["--quiet", "plateau", load]);
        assert!(text.contains(times) && !text.contains("UTC") && !text.contains("00:00"), "{text}");
        let found = json(&["--quiet", "plateau", load]);
        assert_eq!((&found["found"], &found["start"]), (&true.into(), &Value::Null), "{found}");
        for args in [
            &["flame", &profile, "--load", load, "--window", "plateau"][..],
            &["queries", "queries/mariadb-slow.log", "--load", load],
        ] {
            let wrong = failure(&[&["--quiet"], args].concat());
            assert!(
                wrong.contains("whose times have a date") && !wrong.contains("1970"),
                "{wrong}"
            );
        }
    }
    let wrong = failure(&["plateau", &pause]);
    assert!(wrong.contains("2: from 100000 s on, 60 s") && !wrong.contains("1970"), "{wrong}");
    std::fs::copy(root("samples/load/k6-flat.csv.gz"), path("k6.csv.gz")).unwrap();
    std::fs::copy(root("samples").join(&profile), path("isolate-v8.log.zst")).unwrap();
    std::fs::remove_file(&pause).unwrap();
    let wrong = failure(&["top", folder.path().to_str().unwrap(), "--window", "plateau"]);
    assert!(wrong.contains("seconds.csv (no clock, 60 s)") && !wrong.contains("1970"), "{wrong}");
}
