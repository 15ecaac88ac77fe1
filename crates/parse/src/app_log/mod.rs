//! The log of an application, with its errors as samples.
//!
//! Each logged error is one sample. Its stack begins with the error's frame, followed by
//! the call stack, outermost first, so that the leaf is the place where the error was
//! thrown. A cause continues below that. The line that a logger writes about an error and
//! the stack that it prints below it are one sample.

mod block;
mod collected;
mod colours;
mod elapsed;
mod entries;
mod frame;
mod header;
mod inspect;
mod json_line;
mod level;
mod limit;
mod line;
mod memo;
mod messages;
mod naming;
mod newest;
mod normal;
mod open;
mod outer;
mod parts;
mod prefix;
mod properties;
mod reader;
mod record;
mod recorder;
mod spaced;
mod symbols;
mod time;
mod wrapped;

use crate::chunks::{Chunk, Chunks};
use crate::error::Error;
use crate::input;
use crate::options::Options;
use crate::utf8::lossy;
use block::Block;
use parts::LONG;
use reader::{Columns, Reader};
use spikeflame_profile::Profile;
use spikeflame_profile::warning::{Fact, Warning};
use std::io::Read;
use std::path::Path;

/// Returns true when lines, none of them empty, look like the log of an application.
pub(crate) fn looks_like<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    // The number of lines since one that names an error; lines of its message may lie
    // between.
    let mut since_header = u32::MAX;
    let (mut leveled, mut first) = (0, true);
    let mut block: Option<Block> = None;
    for bytes in lines.take(200) {
        let text = lossy(bytes);
        if parts::is_part(&text) {
            return true;
        }
        let line = colours::plain(&text);
        let line = line::parse(&line);
        if let Some(object) = &mut block {
            if object.push(line.text) && !object.is_whole() {
                continue;
            }
            return object.record().is_some_and(|record| record.is_log());
        }
        if std::mem::take(&mut first) && line.text.starts_with('{') {
            let mut object = Block::new(None, "", line.text);
            if object.is_whole() || !Block::begins(line.text) {
                return object.record().is_some_and(|record| record.is_log());
            }
            block = Some(object);
            continue;
        }
        // Fluentd writes a tag between the time and the object.
        let tagged = line.stamp.and_then(|_| line.text.split_once(": {")).map(|(_, rest)| rest);
        let is_packed = |rest: &str| {
            json_line::parse(&format!("{{{rest}")).is_some_and(|record| record.is_log())
        };
        if tagged.is_some_and(is_packed) {
            return true;
        }
        let is_frame = line.level.is_none() && frame::of_line(line.text).is_some();
        // Two frames, or one frame below an error, are enough.
        if line.is_nest || is_frame && since_header < open::MESSAGE_LINES {
            return true;
        }
        // winston's simple format is `error: x {"stack":"Error: ..."}`.
        let fields = line.level.and_then(|level| {
            let (message, object) = block::split(line.text)?;
            Block::new(Some(level), message, object).record()
        });
        if fields.is_some_and(|record| !record.stack.is_empty()) {
            return true;
        }
        let is_collected =
            || collected::object(&text).is_some() || collected::logfmt(line.text).is_some();
        leveled += u32::from(line.level.is_some() && line.stamp.is_some() || is_collected());
        since_header = match is_frame || header::find(line.text).is_some() {
            true => 0,
            false => since_header.saturating_add(1),
        };
    }
    leveled > 0
}

pub(crate) use wrapped::wrapping;

/// Reads a log into a profile of one thread, with one sample for each error.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let fail = |source| Error::Io { path: path.to_owned(), source };
    let mut reader = Reader::new(options.log_zone_s, options.log_near_us);
    let (head, input) = input::peek(input, SURVEYED).map_err(fail)?;
    if let Some(wrapping) = wrapped::wrapping(&head) {
        let damage = wrapped::read(wrapping, input, path, &mut reader)?;
        return finish(reader, path, &name, damage, options);
    }
    reader.columns = survey(&head);
    let (mut chunks, mut chunk) = (Chunks::new(input), Chunk::default());
    while chunks.next(&mut chunk).map_err(fail)? {
        let dropped = chunk.dropped.0 + chunk.dropped.1;
        reader.recorder.ledger.lose_many(LONG, reader.number, dropped, 0);
        reader.number += dropped;
        let lines = chunk.bytes().strip_suffix(b"\n").unwrap_or(chunk.bytes());
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', lines).chain([lines.len()]) {
            let bytes = lines.get(start..end).unwrap_or_default();
            start = end + 1;
            reader.recorder.begin_line();
            // Checking a whole line is faster than looking for a fault in it.
            match std::str::from_utf8(bytes) {
                Ok(line) => reader.line(line, 0),
                Err(_) => reader.line(&lossy(bytes), 0),
            }
            reader.number += 1;
        }
    }
    let ending = chunks.ending();
    let is_cut = reader.is_open() && ending.cut;
    let why = match (ending.damaged, is_cut) {
        (true, _) => Some(Fact::PackedData),
        (_, true) => Some(Fact::CutLine),
        _ => None,
    };
    finish(reader, path, &name, why, options)
}

/// The bytes at the start of a log in which the places of its levels are looked for before it is read.
const SURVEYED: usize = 64 * 1024;

/// Reads the first lines of a log only to find the places in which its levels stand.
fn survey(head: &[u8]) -> Columns {
    let mut reader = Reader::new(None, None);
    reader.columns = Columns::survey(head);
    for bytes in head.split(|byte| *byte == b'\n') {
        reader.line(&lossy(bytes), 0);
        reader.number += 1;
    }
    reader.columns.settled()
}

/// Reads a document of a log service, without recognising it. Only `fuzz/` uses this function.
#[cfg(feature = "fuzzing")]
pub(crate) fn fuzz_entries(data: &[u8], options: &Options) -> Result<Profile, Error> {
    let (mut reader, path) =
        (Reader::new(options.log_zone_s, options.log_near_us), Path::new("fuzz"));
    let damage = wrapped::read(wrapped::Wrapper::Entries, data, path, &mut reader)?;
    finish(reader, path, "fuzz", damage, options)
}

/// Ends the errors that are open and makes the profile. A log without errors is a failure,
/// unless the caller asked for the errors of logs.
fn finish(
    mut reader: Reader,
    path: &Path,
    name: &str,
    damage: Option<Fact>,
    options: &Options,
) -> Result<Profile, Error> {
    reader.close_all();
    let lines = reader.number;
    let mut profile = reader.recorder.finish(name, lines);
    if profile.total() == 0 && !options.app_log {
        let why =
            format!("read as the log of an application, none of its {lines} lines is an error's");
        return Err(Error::NoSamples { path: path.to_owned(), why });
    }
    profile.warnings.extend(damage.map(|fact| Warning::new(name, fact)));
    Ok(profile)
}
