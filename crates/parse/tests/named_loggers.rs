//! Lines with a name, a process, a host or a zone between their time and their level.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::warning::Fact;
use spikeflame_profile::{CallTree, Profile, Selection, Zero, folded};
use std::path::Path;

fn read(log: &str) -> Profile {
    let options = Options { app_log: true, ..Options::default() };
    read_stream(log.as_bytes(), Path::new("x"), &options).unwrap()
}

fn fold(profile: &Profile) -> String {
    let mut out = Vec::new();
    folded::write(&CallTree::build(profile, &Selection::default()), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The error was: "no errors in 3 lines", without a warning.
#[test]
fn a_name_between_the_time_and_the_level() {
    for prefix in [
        "2026-11-29 10:00:00 KST ERROR",
        "2026-11-29 10:00:00 IST ERROR",
        "2026-11-29T10:00:00.123Z 12345 ERROR",
        "2026-11-29T10:00:00.123Z 7 ERROR",
        "2026-11-29T10:00:00.123Z web-1 ERROR",
        "2026-11-29T10:00:00.123Z ip-10-0-0-7.ec2.internal ERROR",
        "2026-11-29T10:00:00.123Z com.shop.Orders FATAL",
        "2026-11-29T10:00:00.123Z - UserService - ERROR -",
        "2026-11-29 10:00:00,123 - shop.orders - ERROR -",
        "2026-11-29 10:00:00,123 - shop - 4242 - error -",
        "2026-11-29 10:00:00,123 | shop | ERROR |",
        "2026-11-29 10:00:00,123 : shop : main-1 : CRITICAL :",
        "ERROR: 2026-11-29T10:00:00.123Z",
    ] {
        let info = prefix.replace("ERROR", "INFO").replace("FATAL", "WARN");
        let info = info.replace("error", "info").replace("CRITICAL", "DEBUG");
        let log =
            format!("{info} fine\n{prefix} boom 1\n{info} an ERROR was handled\n{prefix} boom 2\n");
        let profile = read(&log);
        assert_eq!(fold(&profile), "[error] boom <n> 2\n", "{prefix}");
        assert!(matches!(profile.sources[0].zero, Zero::Wall(_)), "{prefix}");
    }
}

/// The error was: "its times name no zone" for times that name KST.
#[test]
fn an_abbreviated_zone_is_a_zone() {
    let korea = read("2026-11-29 19:00:00 KST ERROR boom\n");
    let utc = read("2026-11-29T10:00:00Z ERROR boom\n");
    assert_eq!(korea.sources[0].zero, utc.sources[0].zero);
    assert!(!korea.warnings.iter().any(|warning| warning.fact == Fact::NoZone));
}

#[test]
fn the_word_in_a_message_is_no_level() {
    for text in [
        "12 ERROR lines found",
        "3 ERROR, 7 WARN",
        "300 ERROR 12 WARN 0 INFO",
        "0 ERROR",
        "no ERROR in the log",
        "got ERROR from upstream, retried",
        "status ERROR cleared",
        "/health ERROR 500 seen by probe",
        "GET ERROR page served",
        "web-1 is up; no ERROR so far",
        "web-1 INFO the last ERROR was handled",
        "12345 INFO - x - ERROR - none",
        "- UserService - INFO - no ERROR",
        "- UserService - INFO - x - ERROR - y",
        "- the user service - ERROR - handled",
        "a - b - c - d - ERROR - e",
        "UserService - ERROR state left",
        "order-7 error state",
        "DEBUG ERROR handler registered",
    ] {
        for time in ["2026-11-29T10:00:00.123Z", "2026-11-29 10:00:00,123"] {
            let log = format!("{time} INFO up\n{time} {text}\n{time} INFO up\n");
            assert_eq!(read(&log).total(), 0, "{text}");
        }
    }
}
