//! The log of an application: the errors in it as samples.
//!
//! One error that is logged is one sample: the error's frame, then its call
//! stack, outermost first, so that the leaf is where it was thrown; a cause goes
//! on below. The line that a logger writes of an error and the stack that it
//! prints below are one.

mod frame;
mod header;
mod json_line;
mod line;
mod normal;
mod open;
mod recorder;
mod time;

use crate::chunks::{Chunk, Chunks};
use crate::error::Error;
use crate::read::Options;
use header::Header;
use line::Level;
use open::{Nested, Open};
use recorder::Recorder;
use spikeflame_profile::Profile;
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

const LONG: &str = "a line longer than 8 MiB";
const NO_ERROR: &str = "a stack without the error above it";
const NO_JSON: &str = "a line of JSON that is cut off or damaged";

/// Lines between an error's name and its stack.
const MESSAGE_LINES: u32 = 50;

/// True when lines, none of them empty, look like the log of an application.
pub(crate) fn looks_like<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    // Lines since one that names an error: those of its message may lie between.
    let mut since_header = u32::MAX;
    let (mut leveled, mut first) = (0, true);
    for bytes in lines.take(200) {
        let text = String::from_utf8_lossy(bytes);
        let line = plain(&text);
        let line = line::parse(&line);
        if std::mem::take(&mut first) && line.text.starts_with('{') {
            return json_line::parse(line.text).is_some_and(|record| record.is_log());
        }
        let is_frame = line.level.is_none() && frame::of_line(line.text).is_some();
        // Two frames, or one below an error.
        if line.is_nest || is_frame && since_header < MESSAGE_LINES {
            return true;
        }
        leveled += u32::from(line.level.is_some() && line.stamp.is_some());
        since_header = match is_frame || header::find(line.text).is_some() {
            true => 0,
            false => since_header.saturating_add(1),
        };
    }
    leveled > 0
}

/// A line without its break and colours.
fn plain(text: &str) -> Cow<'_, str> {
    let text = text.trim_end_matches(['\r', '\n']);
    match text.contains('\u{1b}') {
        true => Cow::Owned(line::without_colours(text)),
        false => Cow::Borrowed(text),
    }
}

/// Reads a log into a profile of one thread, a sample for each error.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let mut reader = Reader { recorder: Recorder::new(options.log_zone_s), ..Reader::default() };
    let (mut chunks, mut chunk) = (Chunks::new(input), Chunk::default());
    while chunks.next(&mut chunk).map_err(|source| Error::Io { path: path.to_owned(), source })? {
        let dropped = chunk.dropped.0 + chunk.dropped.1;
        reader.recorder.ledger.lose_many(LONG, reader.number, dropped, 0);
        reader.number += dropped;
        let lines = chunk.bytes.strip_suffix(b"\n").unwrap_or(&chunk.bytes);
        for bytes in lines.split(|&byte| byte == b'\n') {
            let text = String::from_utf8_lossy(bytes);
            reader.take(&plain(&text), 0);
            reader.number += 1;
        }
    }
    let ending = chunks.ending();
    let is_cut = reader.open.is_some() && ending.cut;
    reader.close();
    let why = match (ending.damaged, is_cut) {
        (true, _) => Some("the packed data is damaged; used up to the damage"),
        (_, true) => Some("the file ends in the middle of a line; its last stack may lack callers"),
        _ => None,
    };
    let lines = reader.number;
    let mut profile = reader.recorder.finish(&name);
    if profile.total() == 0 {
        let why =
            format!("read as the log of an application, none of its {lines} lines is an error's");
        return Err(Error::NoSamples { path: path.to_owned(), why });
    }
    profile.warnings.extend(why.map(|why| format!("{name}: {why}")));
    Ok(profile)
}

#[derive(Default)]
struct Reader {
    recorder: Recorder,
    open: Option<Open>,
    /// The last line that stood alone, which a stack may follow.
    last: String,
    /// The last line began a report of TypeORM's: `query failed: ...`.
    query_failed: bool,
    /// A stack is passed over: of no error, or lost.
    skipping: bool,
    /// Lines of JSON were met.
    json: bool,
    /// The line at hand, from 0.
    number: u64,
}

impl Reader {
    /// Takes a line; `packed` counts what it was packed in.
    fn take(&mut self, text: &str, packed: u8) {
        let line = line::parse(text);
        if let Some(stamp) = line.stamp {
            self.recorder.tick(stamp);
        }
        if line.text.trim_start().starts_with('{') && packed < 2 {
            match json_line::parse(line.text) {
                Some(record) if record.is_log() => {
                    self.json = true;
                    return self.record(&record, packed);
                }
                None if self.json && line.text.starts_with("{\"") => {
                    self.close();
                    return self.recorder.ledger.lose(NO_JSON, self.number, 0);
                }
                _ => {}
            }
        }
        match line.level {
            Some(level) => self.message(level, line.text),
            None => self.text(line.text),
        }
    }

    /// A line of JSON: an error of its own, or none.
    fn record(&mut self, record: &json_line::Record, packed: u8) {
        if let Some(stamp) = record.stamp {
            self.recorder.tick(stamp);
        }
        if let Some(log) = &record.log {
            log.lines().for_each(|line| self.take(&plain(line), packed + 1));
            return;
        }
        self.close();
        let is_error = record.level == Some(Level::Error);
        let named = match (record.class.as_str(), record.error_message.as_str()) {
            ("", message) => message.to_owned(),
            (class, "") => class.to_owned(),
            (class, message) => format!("{class}: {message}"),
        };
        let has_stack = record.stack.lines().any(|line| frame::of_line(line).is_some());
        if is_error || has_stack {
            let name = if named.is_empty() { &record.message } else { &named };
            self.begin("", name.lines().next().unwrap_or_default());
            self.announce("");
            for line in record.stack.lines().take(10_000) {
                // Its first error is the one at hand.
                match header::find(line).filter(|header| !header.is_within && self.is_unnamed()) {
                    Some(header) => self.rename(header.text),
                    _ => self.below(&plain(line)),
                }
            }
        }
        self.close();
    }

    /// What a logger wrote behind its level.
    fn message(&mut self, level: Level, text: &str) {
        let query_failed = std::mem::take(&mut self.query_failed);
        self.close();
        let header = header::find(text);
        let name = header.filter(|header| !header.is_within || query_failed);
        let name = name.map_or(text, |header| header.text);
        match level {
            Level::Error if query_failed => self.begin("[query failed] ", name),
            Level::Error => {
                self.begin("", name);
                self.announce(name);
            }
            // An error only when a stack follows.
            Level::Other => text.clone_into(&mut self.last),
        }
    }

    /// The error at hand may have its own name below what a logger wrote.
    fn announce(&mut self, text: &str) {
        if let Some(open) = &mut self.open {
            let message = text.split_once(": ").map_or(text, |(_, message)| message);
            open.announced = Some(message.trim().to_owned());
        }
    }

    /// A line with no logger's mark on it.
    fn text(&mut self, text: &str) {
        if text.trim().is_empty() {
            self.last.clear();
            return;
        }
        if text.starts_with("query failed: ") {
            self.close();
            self.query_failed = true;
            self.last.clear();
            return;
        }
        if header::is_no_error(text) {
            self.close();
            self.skipping = true;
            self.last.clear();
            return;
        }
        let is_indented = text.starts_with([' ', '\t']);
        if let Some(header) =
            header::find(text).filter(|_| !is_indented && open::cause(text).is_none())
        {
            return self.header(header, text);
        }
        self.below(text);
    }

    /// An unindented line that names an error.
    fn header(&mut self, header: Header<'_>, text: &str) {
        self.skipping = false;
        if self.open.as_ref().is_some_and(|open| open.takes_name(header.text)) {
            return self.rename(header.text);
        }
        self.close();
        if header.is_within {
            text.clone_into(&mut self.last);
        } else {
            self.begin("", header.text);
        }
    }

    /// A line below the name of an error.
    fn below(&mut self, text: &str) {
        let frame = frame::of_line(text);
        if self.open.is_none() {
            match frame {
                Some(_) if self.skipping => return,
                Some(_) if self.last.is_empty() => {
                    self.skipping = true;
                    return self.recorder.ledger.lose(NO_ERROR, self.number, 1);
                }
                Some(_) => {
                    let last = std::mem::take(&mut self.last);
                    let header = header::find(&last).map(|header| header.text);
                    self.begin("", header.unwrap_or(&last));
                }
                None => {
                    self.skipping = false;
                    text.trim().clone_into(&mut self.last);
                    return;
                }
            }
        }
        if let Some(frame) = frame {
            let id = frame::intern(frame, &mut self.recorder.profile.frames);
            if let Some(open) = &mut self.open {
                open.push(id);
            }
            return;
        }
        if let Some(cause) = open::cause(text) {
            return self.nest("[cause] ", cause);
        }
        let named = header::find(text);
        if let Some(header) = named
            && self.open.as_mut().is_some_and(Open::takes_first)
        {
            return self.nest("[errors] ", header.text);
        }
        let Some(open) = &mut self.open else { return };
        match open.take(text, named.is_some()) {
            Nested::Within => {}
            Nested::Message if open.lines < MESSAGE_LINES => open.lines += 1,
            Nested::Message | Nested::Behind => {
                self.close();
                text.trim().clone_into(&mut self.last);
            }
        }
    }

    /// Goes on with a cause of the error at hand.
    fn nest(&mut self, mark: &str, text: &str) {
        let frame = self.recorder.error(mark, text);
        if let Some(open) = &mut self.open {
            open.nest(frame);
        }
    }

    fn is_unnamed(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.announced.is_some() && open.is_bare())
    }

    fn begin(&mut self, mark: &str, text: &str) {
        self.skipping = false;
        self.last.clear();
        let frame = self.recorder.error(mark, text);
        self.open = Some(Open::new(frame, self.recorder.now()));
    }

    /// The stack below has the error's own name.
    fn rename(&mut self, text: &str) {
        let frame = self.recorder.error("", text);
        if let Some(open) = &mut self.open {
            open.rename(frame);
            open.announced = None;
        }
    }

    /// The error at hand is over.
    fn close(&mut self) {
        self.skipping = false;
        self.last.clear();
        self.query_failed = false;
        if let Some(open) = self.open.take() {
            self.recorder.sample(open);
        }
    }
}
