//! Paths of files in URLs.

use std::borrow::Cow;

/// The beginning of the URL of a file.
const FILE_URL: &str = "file://";

/// Converts a URL that begins with `file://` to a path, with [`percent_decoded`]. Returns any other
/// text unchanged.
///
/// ```
/// use spikeflame_profile::plain_path;
///
/// assert_eq!(plain_path("file:///srv/a%20b.mjs"), "/srv/a b.mjs");
/// assert_eq!(plain_path("file:///C:/a.mjs"), "C:/a.mjs");
/// assert_eq!(plain_path("file:///c%3A/a.mjs"), "c:/a.mjs");
/// assert_eq!(plain_path("node:fs"), "node:fs");
/// ```
pub fn plain_path(url: &str) -> Cow<'_, str> {
    let Some(path) = url.strip_prefix(FILE_URL) else { return url.into() };
    // On Windows the URL is file:///C:/x, and editors write file:///c%3A/x.
    match percent_decoded(path) {
        Cow::Borrowed(path) => without_root(path).into(),
        Cow::Owned(path) => match without_root(&path) {
            short if short.len() < path.len() => short.to_owned().into(),
            _ => path.into(),
        },
    }
}

/// Returns a path without the slash before the letter of a drive.
fn without_root(path: &str) -> &str {
    let is_drive = matches!(path.as_bytes(), [b'/', d, b':', ..] if d.is_ascii_alphabetic());
    path.strip_prefix('/').filter(|_| is_drive).unwrap_or(path)
}

/// Decodes every `%` with two hexadecimal digits: `a%20b` gives `a b`. Any other `%` stays. Returns
/// the text unchanged when the result is not UTF-8.
///
/// ```
/// assert_eq!(spikeflame_profile::percent_decoded("a%20b"), "a b");
/// ```
pub fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let code = code.and_then(|hex| std::str::from_utf8(hex).ok());
        let code = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_or_else(|_| text.into(), Cow::Owned)
}
