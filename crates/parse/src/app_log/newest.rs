//! Lines that a service printed with the newest first, each with the service's time before it or in its
//! JSON: `logcli query` does so unless it is asked for `--forward`.

use super::colours;
use super::json_line;
use super::outer::container;
use super::time::Stamp;

/// The most lines at the beginning of a file that are looked at.
const MOST_LINES: usize = 200;

/// Returns true when the times of the first lines only fall, and fall at least once. The times are those
/// of a collector: the lines of a program that writes its own time are in the order of its work.
pub(super) fn is_head(head: &[u8]) -> bool {
    let (mut last, mut falls) = (None, false);
    for bytes in head.split(|&b| b == b'\n').take(MOST_LINES) {
        let text = String::from_utf8_lossy(bytes);
        // A message of several lines has a time only before its first one.
        let Some((stamp, _)) = split(&text) else {
            if last.is_none() {
                return false;
            }
            continue;
        };
        match last.map(|last: i64| stamp.us.cmp(&last)) {
            Some(std::cmp::Ordering::Greater) => return false,
            Some(std::cmp::Ordering::Less) => falls = true,
            _ => {}
        }
        last = Some(stamp.us);
    }
    falls
}

/// Returns the time that a collector gave to a line, and the whole line.
pub(super) fn split(line: &str) -> Option<(Stamp, &str)> {
    if line.starts_with('{') {
        let record = json_line::parse(line)?;
        // An empty line of a message has no text.
        let is_printed = record.log.is_some() || !record.has_text();
        return Some((record.stamp.filter(|_| is_printed)?, line));
    }
    // Only labels show that a service printed the line, and no container. On a terminal, they have
    // colours.
    let plain = colours::plain(line);
    let (stamp, ..) = container(&plain).filter(|(_, stream, _)| stream.starts_with('{'))?;
    Some((stamp?, line))
}
