//! Tests of help, completions and the manual page.

use crate::common;

use common::{failure, stdout};

#[test]
fn help_shows_examples() {
    for args in [&["--help"][..], &["flame", "--help"], &["fold", "--help"], &["top", "--help"]] {
        assert!(stdout(args).contains("Examples:"), "{args:?}");
    }
    assert!(stdout(&["--version"]).starts_with("spikeflame 0."));
    assert!(failure(&["flmae", "x"]).contains("flame"));
}

#[test]
fn completions_and_the_manual_come_from_the_definition() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(stdout(&["completions", shell]).contains("group-by"), "{shell}");
    }
    let man = stdout(&["man"]);
    assert!(man.contains(".TH") && man.contains("min\\-width") && man.contains("spikeflame\\-top"));
}
