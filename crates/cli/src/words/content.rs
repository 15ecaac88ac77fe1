//! Names the content of a file that a command does not read.

use spikeflame_load::SLOW_LOG;
use spikeflame_parse::{APP_LOG, LOG, RECORDING};
use std::path::Path;

/// Number of bytes that are looked at.
const HEAD: usize = 64 * 1024;

/// Returns the description of a file's content, with the command that reads it where there is one.
/// Returns `None` for a file that is not known, and for standard input, which can be read only once.
pub(crate) fn name(path: &Path) -> Option<String> {
    if !path.is_file() {
        return None;
    }
    let head = spikeflame_parse::head(path, HEAD).ok()?;
    if let Some(format) = spikeflame_load::recognise(&head) {
        return Some(format!(
            "the result of a load test ({}): `spikeflame plateau` reads it, and --load beside a \
             profile",
            format.name
        ));
    }
    if contains(&head, "# Query_time:") {
        return Some(with_command(SLOW_LOG));
    }
    spikeflame_parse::describe(&head).map(with_command)
}

/// Returns true for a file that begins like the result of a load test.
pub(crate) fn is_load_test(path: &Path) -> bool {
    let head = spikeflame_parse::head(path, HEAD);
    head.is_ok_and(|head| spikeflame_load::recognise(&head).is_some())
}

/// Returns a description of a file's content together with the command that reads the file, where
/// there is one.
pub(crate) fn with_command(found: &str) -> String {
    match found {
        LOG => format!("{found}; `spikeflame errors` lists the errors that are in one"),
        APP_LOG => format!("{found} (`spikeflame errors` lists its errors)"),
        RECORDING => format!("{found} (`spikeflame flame` draws it)"),
        SLOW_LOG => format!("{found} (`spikeflame queries` reads it)"),
        found => found.to_owned(),
    }
}

/// Returns true when the beginning contains a text.
fn contains(head: &[u8], text: &str) -> bool {
    head.windows(text.len()).any(|part| part == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The libraries name the content of a file and no command.
    #[test]
    fn a_file_for_another_command_names_that_command() {
        for (found, command) in [
            (LOG, "spikeflame errors"),
            (APP_LOG, "spikeflame errors"),
            (RECORDING, "spikeflame flame"),
            (SLOW_LOG, "spikeflame queries"),
        ] {
            assert!(!found.contains("spikeflame"), "{found}");
            assert!(with_command(found).contains(command), "{found}");
        }
        assert_eq!(with_command("a PDF document"), "a PDF document");
    }
}
