//! Names the content of a file that a command does not read.

use spikeflame_parse::Progress;
use std::io::Read;
use std::path::Path;

/// Number of bytes that are looked at.
const HEAD: u64 = 64 * 1024;

/// Returns the description of a file's content, with the command that reads it where there is one.
/// Returns `None` for a file that is not known, and for standard input, which can be read only once.
pub(crate) fn name(path: &Path) -> Option<String> {
    if !path.is_file() {
        return None;
    }
    let mut head = Vec::new();
    let stream = spikeflame_parse::open(path, &Progress::default()).ok()?;
    stream.take(HEAD).read_to_end(&mut head).ok()?;
    if let Some(format) = spikeflame_load::recognise(&head) {
        return Some(format!(
            "the result of a load test ({}): `spikeflame plateau` reads it, and --load beside a \
             profile",
            format.name
        ));
    }
    if contains(&head, "# Query_time:") {
        return Some("a slow query log (`spikeflame queries` reads it)".to_owned());
    }
    spikeflame_parse::describe(&head).map(str::to_owned)
}

/// Returns true when the beginning contains a text.
fn contains(head: &[u8], text: &str) -> bool {
    head.windows(text.len()).any(|part| part == text.as_bytes())
}
