//! Rows of `spikeflame errors` for several logs and many names.

use crate::common;

use crate::errors::json;
use common::{run, stderr, stdout};
use serde_json::Value;

/// Copies of a log counted again: with a warning when they were equal, in silence when they were cut.
#[test]
fn a_copy_of_a_log_counts_once() {
    let error = |number: u64, time: &str| {
        format!(
            "{time}Error: boom {number}\n    at Server.run (/srv/app.js:{}:2)\n",
            number % 3 + 1
        )
    };
    let log = |time: fn(u64) -> String, count: u64| -> String {
        (0..count).map(|number| error(number, &time(number))).collect()
    };
    let timed = |second: u64| format!("2026-11-29T10:00:{second:02}.{:03}Z ", second * 7);
    let times: [fn(u64) -> String; 2] = [timed, |_| String::new()];
    for (time, cut) in times.into_iter().flat_map(|time| [(time, 700), (time, 650)]) {
        let folder = tempfile::tempdir().unwrap();
        let text = log(time, 39);
        let mut packed = Vec::new();
        let mut packer = flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::fast());
        std::io::Read::read_to_end(&mut packer, &mut packed).unwrap();
        let paths: Vec<String> = [
            ("app.log", text.as_bytes()),
            ("copy.log", text.as_bytes()),
            ("app.log.1.gz", packed.as_slice()),
            ("cut.log", &text.as_bytes()[..cut]),
        ]
        .into_iter()
        .map(|(name, bytes)| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path.to_str().unwrap().to_owned()
        })
        .collect();
        let named: Vec<&str> = paths.iter().map(String::as_str).collect();
        for inputs in [vec![folder.path().to_str().unwrap()], named] {
            let output = run(&[&["errors", "--format", "json"], inputs.as_slice()].concat());
            let found: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(found["count"], 39, "{}", stderr(&output));
            assert!(stderr(&output).contains("passed over"), "{}", stderr(&output));
        }
    }
    // Two pods that failed in the same way, without times, have equal logs.
    let folder = tempfile::tempdir().unwrap();
    for name in ["web-1.log", "web-2.log"] {
        std::fs::write(folder.path().join(name), error(7, "")).unwrap();
    }
    assert_eq!(json(&[folder.path().to_str().unwrap()])["count"], 2);
}

/// The error was: each name took 2 kB, so that a log of 84 MB took 2 GB. Errors with further names than
/// the first ones share a row, which every format shows, and a warning counts them.
#[test]
fn names_without_end_share_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let letter = |number: usize| char::from(b'g' + (number % 20) as u8);
    let line = |number: usize| {
        let user: String = [1, 20, 400, 8_000].map(|part| letter(number / part)).iter().collect();
        format!("{{\"level\":50,\"msg\":\"cannot find user {user} in tenant\"}}\n")
    };
    std::fs::write(&path, (0..20_123).map(line).collect::<String>()).unwrap();
    let path = path.to_str().unwrap();
    for format in ["text", "markdown"] {
        let output = run(&["errors", "--rows", "2", "--format", format, path]);
        let row = stdout(&["errors", "--rows", "2", "--format", format, path]);
        let row = row.lines().find(|line| line.contains("(further names)")).unwrap().to_owned();
        assert!(row.contains("123"), "{row}");
        let warning = stderr(&output);
        assert!(warning.contains("123 errors have names beyond the first 20000"), "{warning}");
        assert!(warning.contains("grep -v"), "{warning}");
    }
    let found = json(&[path]);
    let counts =
        found["errors"].as_array().unwrap().iter().map(|row| row["count"].as_u64().unwrap());
    assert_eq!((counts.clone().count(), counts.sum::<u64>()), (20_001, 20_123));
    assert_eq!(found["errors"][0]["error"], "[error] (further names)");
}

/// The error was: the message of a row was that of the first log, although the row stands for all.
#[test]
fn a_row_of_several_logs_has_what_their_messages_have_in_common() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let line = |limit: &str| {
        format!("2026-11-30T05:53:16.000Z ERROR User 'shop' has exceeded the '{limit}' resource\n")
    };
    let limits = ["max_user_connections", "max_queries_per_hour"];
    std::fs::write(path("a.log"), line(limits[0])).unwrap();
    std::fs::write(path("b.log"), line(limits[1])).unwrap();
    std::fs::write(path("ab.log"), limits.map(line).concat()).unwrap();
    let means = |logs: &[&str]| {
        let paths: Vec<String> = logs.iter().map(|log| path(log)).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        json(&paths)["errors"][0]["means"].clone()
    };
    assert!(means(&["a.log"]).is_string() && means(&["b.log"]).is_string());
    assert_eq!(means(&["a.log", "b.log"]), means(&["ab.log"]));
    assert_ne!(means(&["ab.log"]), means(&["a.log"]));
}
