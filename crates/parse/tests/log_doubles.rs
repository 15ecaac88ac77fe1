//! Errors that stand in several logs of one program.

use spikeflame_parse::{Options, read};

/// Returns the number of errors in logs with these texts, and that of warnings about errors that count once.
fn counted(logs: &[(&str, String)]) -> (u64, usize) {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = logs.iter().map(|(name, _)| folder.path().join(name)).collect();
    for (path, (_, text)) in paths.iter().zip(logs) {
        std::fs::write(path, text).unwrap();
    }
    let options = Options { app_log: true, ..Options::default() };
    let of_files = read(&paths, &options).unwrap();
    assert_eq!(of_files.total(), read(&[folder.path().to_owned()], &options).unwrap().total());
    let warned = of_files.warnings.iter().filter(|it| it.to_string().contains("count once"));
    (of_files.total(), warned.count())
}

/// Returns 20 lines of winston, of which every fourth is an error. Their times end with `ms`.
fn lines(ms: &str, process: &str) -> Vec<String> {
    let line = |at: usize| {
        let level = if at.is_multiple_of(4) { "error" } else { "info" };
        format!(
            "{{\"level\":\"{level}\",\"message\":\"queue {process} is full\",\"timestamp\":\"2026-11-27T11:00:{at:02}{ms}Z\"}}\n"
        )
    };
    (0..20).map(line).collect()
}

/// The error was: winston's `error.log` beside `combined.log` counted each error twice, without a word.
#[test]
fn errors_in_a_log_of_their_own_count_once() {
    let all = lines(".123", "");
    let errors: String = all.iter().filter(|line| line.contains("error")).cloned().collect();
    let combined = all.concat();
    assert_eq!(counted(&[("combined.log", combined.clone())]), (5, 0));
    assert_eq!(
        counted(&[("combined.log", combined.clone()), ("error.log", errors.clone())]),
        (5, 1)
    );
    // `combined.log` was rotated, and its first part is gone or is beside it.
    let (first, last) = (all[..10].concat(), all[10..].concat());
    assert_eq!(counted(&[("combined.log", last.clone()), ("error.log", errors.clone())]), (5, 1));
    let rotated = [("c.log", last), ("c1.log", first), ("error.log", errors.clone())];
    assert_eq!(counted(&rotated), (5, 1));
    // Whole seconds are enough beside a log with other lines.
    let whole = lines("", "");
    let of_whole = whole.iter().filter(|line| line.contains("error")).cloned().collect();
    assert_eq!(counted(&[("combined.log", whole.concat()), ("error.log", of_whole)]), (5, 1));
    // Processes that fail in the same second, or at the same moment, are several.
    let two = [("a.log", lines("", "").concat()), ("b.log", lines("", "").concat() + "\n")];
    assert_eq!(counted(&two[..1]).0, 5);
    let other = lines(".123", "")
        .concat()
        .replace("info\",\"message\":\"queue", "info\",\"message\":\"pool");
    assert_eq!(counted(&[("a.log", combined), ("b.log", other)]), (10, 0));
    let text = lines(".123", "b").iter().filter(|line| line.contains("error")).cloned().collect();
    assert_eq!(counted(&[("combined.log", all.concat()), ("error.log", text)]), (10, 0));
}

/// The error was: a level that no logger is known to have made "no errors", without a word.
#[test]
fn a_level_that_is_not_known_is_named() {
    let warned = |level: &str| {
        let log = lines(".123", "").concat().replace("\"error\"", &format!("\"{level}\""));
        let path = tempfile::NamedTempFile::with_suffix(".log").unwrap();
        std::fs::write(path.path(), log).unwrap();
        let options = Options { app_log: true, ..Options::default() };
        let profile = read(&[path.path().to_owned()], &options).unwrap();
        profile.warnings.iter().map(|it| it.fact.to_string()).collect::<Vec<_>>()
    };
    let of_one = "5 lines have the level `wtf`, which is not known: without a stack, such lines are no errors";
    assert_eq!(warned("wtf"), [of_one]);
    for known in ["http", "Information", "silly", "NOTICE", "Level.WARN", "fine", "error"] {
        assert_eq!(warned(known), [""; 0], "{known}");
    }
}
