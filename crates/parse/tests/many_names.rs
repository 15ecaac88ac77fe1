//! Logs with more names of errors than are kept.

use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::warning::Fact;
use spikeflame_profile::{CallTree, Profile, Selection, folded};
use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

/// The number of names that are kept, which `docs/errors.md` states.
const KEPT: usize = 20_000;

/// Returns a word of letters, which no rule replaces in a message.
fn word(mut number: usize) -> String {
    let mut word = String::from("u");
    for _ in 0..4 {
        word.push(char::from(b'g' + (number % 20) as u8));
        number /= 20;
    }
    word
}

fn read(log: &str) -> Profile {
    let options = Options { app_log: true, ..Options::default() };
    read_stream(log.as_bytes(), Path::new("x"), &options).unwrap()
}

/// Returns the number of errors by the names of their stacks.
fn counts(profile: &Profile) -> HashMap<String, u64> {
    let mut out = Vec::new();
    folded::write(&CallTree::build(profile, &Selection::default()), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let parts = text.lines().filter_map(|line| line.rsplit_once(' '));
    parts.map(|(stack, count)| (stack.to_owned(), count.parse().unwrap())).collect()
}

fn further(profile: &Profile) -> Option<(u64, u64)> {
    profile.warnings.iter().find_map(|warning| match &warning.fact {
        Fact::FurtherNames { errors, kept, .. } => Some((*errors, *kept)),
        _ => None,
    })
}

/// The error was: each name took 2 kB of memory, so that a log of 1 GB took 24 GB.
#[test]
fn names_beyond_the_limit_are_counted_as_one() {
    let mut log = String::new();
    for number in (0..KEPT + 500).chain([7, 7, KEPT + 7]) {
        let user = word(number);
        writeln!(log, r#"{{"level":50,"msg":"cannot find user {user} in tenant"}}"#).unwrap();
    }
    let profile = read(&log);
    assert_eq!(profile.total(), KEPT as u64 + 503);
    let counts = counts(&profile);
    assert_eq!(counts.len(), KEPT + 1);
    assert_eq!(counts.values().sum::<u64>(), profile.total());
    assert_eq!(counts["[error] (further names)"], 501);
    assert_eq!(counts[&format!("[error] cannot find user {} in tenant", word(7))], 3);
    assert_eq!(further(&profile), Some((501, KEPT as u64)));
}

/// The names of causes are limited too, and the errors above them keep theirs.
#[test]
fn causes_beyond_the_limit_are_counted_below_their_errors() {
    let mut log = String::new();
    for number in 0..KEPT + 50 {
        let user = word(number);
        let stack = format!(
            "Error: not saved\n    at f (/srv/a.js:1:2) {{\n  [cause]: Error: no {user} here\n      at g (/srv/b.js:3:4)\n}}"
        );
        writeln!(log, "{stack}").unwrap();
    }
    let profile = read(&log);
    assert_eq!(profile.total(), KEPT as u64 + 50);
    let counts = counts(&profile);
    assert!(counts.keys().all(|stack| stack.starts_with("Error: not saved;f ")), "{counts:?}");
    let (errors, kept) = further(&profile).unwrap();
    assert_eq!((errors, kept), (51, KEPT as u64));
}

/// A logger's line is named until the stack below it names the error. Such names are no errors.
#[test]
fn names_that_no_error_has_do_not_count() {
    let mut log = String::new();
    for number in 0..KEPT + 500 {
        let user = word(number);
        writeln!(log, "[Nest] 7  - 11/29/2026, 6:28:40 AM   ERROR [Ctx] no order of {user}")
            .unwrap();
        log.push_str("Error: the pool is empty\n    at f (/srv/a.js:1:2)\n");
    }
    log.push_str("Error: another one\n    at f (/srv/a.js:1:2)\n");
    let profile = read(&log);
    let counts = counts(&profile);
    assert_eq!(counts.len(), 2, "{counts:?}");
    assert_eq!(further(&profile), None);
}
