//! Comparing the content of two files.

use super::{Progress, Stream, open};
use std::io::{self, BufReader, Read};
use std::path::Path;

/// The result of comparing a file with a second one whose content stands at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// The file has no more content than the second one.
    Equal,
    /// The file has more content than the second one.
    Longer,
}

/// Compares the content of two files, unpacked, byte by byte. Returns `None` when `long` does not
/// begin with `short`, when one of them is no file or cannot be opened, and when `long` is damaged
/// before the end of `short`. A damaged `short` is compared up to its damage.
pub fn begins_with(long: &Path, short: &Path) -> Option<Beginning> {
    let (mut long, mut short) = (bytes(long)?, bytes(short)?);
    loop {
        // A packed copy may be cut off: it is compared up to there.
        match (long.next().transpose().ok()?, short.next().and_then(Result::ok)) {
            (Some(one), Some(other)) if one == other => {}
            (None, None) => return Some(Beginning::Equal),
            (Some(_), None) => return Some(Beginning::Longer),
            _ => return None,
        }
    }
}

fn bytes(path: &Path) -> Option<io::Bytes<BufReader<Stream>>> {
    let stream = path.is_file().then(|| open(path, &Progress::default()))?.ok()?;
    Some(BufReader::new(stream).bytes())
}
