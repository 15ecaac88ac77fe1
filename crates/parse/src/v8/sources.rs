//! The texts of scripts in a tick log. V8 logs them when code is compiled, so they are those that ran,
//! whatever the file contains today.

use super::fields::unescape;
use crate::input::Progress;
use spikeflame_profile::plain_path;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

/// The most bytes of one record. A text takes up to four bytes for each of its bytes.
const LONGEST_RECORD_BYTES: u64 = 64 << 20;

/// Returns the `wanted` lines of scripts as tick logs hold them, by file and line from 1, without
/// white space at their ends. A log that cannot be opened is skipped, and a damaged one is read up
/// to the damage. Lines that the logs do not have are missing, and so is a file of which the logs
/// have different texts. Records longer than 64 MiB are skipped.
///
/// ```no_run
/// use spikeflame_parse::recorded_lines;
///
/// let wanted = [("/srv/app.js", [12, 13].into())].into();
/// let found = recorded_lines(&["isolate-v8.log".into()], &wanted);
/// println!("{:?}", found.get("/srv/app.js"));
/// ```
pub fn recorded_lines(
    logs: &[PathBuf],
    wanted: &BTreeMap<&str, BTreeSet<u32>>,
) -> BTreeMap<String, BTreeMap<u32, String>> {
    let mut found: BTreeMap<String, Option<String>> = BTreeMap::new();
    for log in logs {
        let Ok(stream) = crate::open(log, &Progress::default()) else { continue };
        let mut reader = BufReader::new(stream);
        let mut record = Vec::new();
        while let Some(is_whole) = next_record(&mut reader, LONGEST_RECORD_BYTES, &mut record) {
            let Some((file, text)) = script(&record).filter(|_| is_whole) else { continue };
            if !wanted.contains_key(file.as_str()) {
                continue;
            }
            let known = found.entry(file).or_insert_with(|| Some(text.clone()));
            if known.as_ref().is_some_and(|known| *known != text) {
                *known = None;
            }
        }
    }
    let lines = |(file, text): (String, Option<String>)| {
        let lines = numbered_lines(&text?, wanted.get(file.as_str())?);
        Some((file, lines))
    };
    found.into_iter().filter_map(lines).collect()
}

/// Reads the next record, of which `longest` bytes are kept. Returns true for a whole record, false for a longer one,
/// and `None` at the end of the log or at damage.
fn next_record(reader: &mut impl BufRead, longest: u64, record: &mut Vec<u8>) -> Option<bool> {
    record.clear();
    let length = reader.by_ref().take(longest).read_until(b'\n', record).ok()?;
    if record.ends_with(b"\n") || (length as u64) < longest {
        return (length > 0).then_some(true);
    }
    reader.skip_until(b'\n').ok()?;
    Some(false)
}

/// Returns the lines of a script that have one of the numbers, which begin at 1.
fn numbered_lines(text: &str, numbers: &BTreeSet<u32>) -> BTreeMap<u32, String> {
    let text = text.replace("\r\n", "\n");
    let all = (1..).zip(text.split(['\n', '\r', '\u{2028}', '\u{2029}']));
    let lines = all.filter(|(number, _)| numbers.contains(number));
    lines.map(|(number, line)| (number, line.trim_end().to_owned())).collect()
}

/// Returns the file and the text of a record `script-source,ID,URL,TEXT`.
fn script(record: &[u8]) -> Option<(String, String)> {
    let record = record.strip_prefix(b"script-source,")?;
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    let mut fields = record.splitn(3, |&b| b == b',');
    let (_, url, text) = (fields.next()?, fields.next()?, fields.next()?);
    Some((plain_path(&unescape(url)).into_owned(), unescape(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: the start of a record that is too long was taken as the whole text of its script.
    #[test]
    fn long_records_are_passed_over_to_their_end() {
        let mut reader = BufReader::new(&b"one\nlonger than eight\ntwo\nend"[..]);
        let mut record = Vec::new();
        let mut next = || {
            let is_whole = next_record(&mut reader, 8, &mut record)?;
            Some((is_whole, String::from_utf8_lossy(&record).into_owned()))
        };
        let whole = |text: &str| Some((true, text.to_owned()));
        assert_eq!(next(), whole("one\n"));
        assert_eq!(next(), Some((false, "longer t".to_owned())));
        assert_eq!([next(), next(), next()], [whole("two\n"), whole("end"), None]);
    }
}
