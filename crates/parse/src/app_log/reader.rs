//! Follows the lines of a log, and puts the lines of each error together.

mod collector;
mod columns;
mod current;
mod details;
mod forms;
mod objects;
mod repeats;
mod rows;

use super::block::Block;
use super::colours;
use super::header::{self, Header};
use super::level::Level;
use super::line;
use super::memo::Memo;
use super::naming;
use super::open::{NamingLine, OpenError};
use super::parts::{JoinOutcome, LONG, Parts};
use super::prefix::{self, Prefixes};
use super::recorder::Recorder;
use super::{block, collected, elapsed, frame, inspect, json_line, open};
pub(super) use columns::Columns;
use hashbrown::HashMap;
use spikeflame_profile::FrameId;

const NO_ERROR: &str = "a stack without the error above it";
const NO_JSON: &str = "a line of JSON that is cut off or damaged";

/// The most layers of JSON around a line: a collector's, a container's, and the logger's own.
const MOST_PACKED: u8 = 4;

/// The most streams that are followed separately; the lines of further streams are taken as
/// one.
const MOST_STREAMS: usize = 1_000;

/// The errors of a log, while it is read line by line.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) recorder: Recorder,
    /// The state of the stream whose lines are being read.
    lane: Lane,
    /// The name of that stream.
    stream: String,
    /// The states of the other streams.
    parked: HashMap<String, Lane>,
    /// True when the container's prefix gives a time with its zone for the current line.
    pub(super) zoned_outside: bool,
    /// Prefixes that only this log has.
    prefixes: Prefixes,
    rows: rows::Rows,
    parts: Parts,
    /// Frames of whole lines that have no prefix of a logger or a container.
    frames: Memo,
    /// The level that a collector has for the current line.
    outer: Option<Level>,
    /// The number of errors that have begun.
    begun: u64,
    /// True after a line of SQL Server with the number of an error, whose message is on the next line.
    is_numbered: bool,
    /// True after a line of JSON.
    json: bool,
    /// True when a collector has made a record of each line, with a level of its own.
    by_line: bool,
    /// True after a line without a time: then a time begins the next event. Containers put one before
    /// each line.
    has_unstamped: bool,
    /// The places in which levels stand.
    pub(super) columns: Columns,
    /// The number of the current line, from 0.
    pub(super) number: u64,
}

/// The state of one stream of lines: of a container, a pod, or a log stream.
#[derive(Default)]
struct Lane {
    open: Option<OpenError>,
    /// The object that is printed over several lines and not yet complete.
    block: Option<Block>,
    /// The last line without an error; a stack may follow it.
    last: String,
    /// A line above it that names an error behind other text. Lines of its message and its stack may
    /// follow.
    named: NamingLine,
    /// An error of one line, whose own name may be on the next line: its stack may follow there.
    twin: Option<OpenError>,
    /// True when the last line began a report of TypeORM: `query failed: ...`.
    query_failed: bool,
    /// The name of the function of a frame whose place stands on the next line.
    method: Option<String>,
    /// The value below the mark that Node prints under a line of code when a program ends, and the number of
    /// errors that had begun then.
    thrown: Option<(u64, String)>,
    /// True while the lines of a stack are skipped, because it has no error or is lost.
    skipping: bool,
    /// True while a text in quotes continues, which began in a record of logfmt.
    in_quote: bool,
    /// The error that ended last.
    closed: Option<FrameId>,
}

impl Reader {
    /// Makes a reader. `zone_s` is the zone of times without one, in seconds, `near_us` a moment near those without a date.
    pub(super) fn new(zone_s: Option<i32>, near_us: Option<i64>) -> Self {
        Self { recorder: Recorder::new(zone_s, near_us), ..Self::default() }
    }

    /// Makes `stream` the current stream.
    pub(super) fn follow(&mut self, stream: &str) {
        let many = self.parked.len() >= MOST_STREAMS && !self.parked.contains_key(stream);
        if stream == self.stream || many {
            return;
        }
        let next = self.parked.remove(stream).unwrap_or_default();
        let lane = std::mem::replace(&mut self.lane, next);
        let name = std::mem::replace(&mut self.stream, stream.to_owned());
        self.parked.insert(name, lane);
    }

    /// Returns true when some stream has an error that may continue.
    pub(super) fn is_open(&self) -> bool {
        self.lane.open.is_some() || self.parked.values().any(|lane| lane.open.is_some())
    }

    /// Ends all streams, in the order of their names.
    pub(super) fn close_all(&mut self) {
        let (cut, long) = self.parts.close();
        self.recorder.ledger.lose_many(LONG, self.number, long, 0);
        for text in cut {
            self.whole(&text, 0);
        }
        self.end_numbered();
        let mut names: Vec<String> = self.parked.keys().cloned().collect();
        names.sort_unstable();
        self.end_block();
        self.close();
        for name in names {
            self.follow(&name);
            self.end_block();
            self.close();
        }
    }

    /// Reads a line as it is in the file; `packed` is the number of layers that it was
    /// packed in.
    pub(super) fn line(&mut self, raw: &str, packed: u8) {
        self.recorder.look_for_short_year(raw);
        if self.lane.in_quote {
            // A quote that was never closed ends before the next record.
            let is_next = collected::is_logfmt(raw);
            let end = collected::end_of_quote(raw);
            self.lane.in_quote = !is_next && end.is_none();
            if let Some(text) = end.and_then(|end| raw.get(..end)).filter(|_| !is_next) {
                return self.line(text, packed);
            }
        }
        if self.repeats_frame(raw) || self.repeats_error(raw, packed) {
            return;
        }
        match self.parts.line(&self.stream, raw) {
            JoinOutcome::Whole => self.whole(raw, packed),
            JoinOutcome::Held => {}
            JoinOutcome::Line(text) => self.whole(&text, packed),
            JoinOutcome::Long => self.recorder.ledger.lose(LONG, self.number, 0),
        }
    }

    /// Reads a line that is not split into parts.
    fn whole(&mut self, raw: &str, packed: u8) {
        // AWS Lambda ends the lines of a message with this mark alone.
        if memchr::memchr(b'\r', raw.as_bytes()).is_some() && raw.contains("\r    at ") {
            return raw.split('\r').for_each(|line| self.line(line, packed));
        }
        if let Some(object) = collected::object(raw).filter(|_| packed < MOST_PACKED) {
            return self.line(&object, packed + 1);
        }
        let object = collected::postgres(raw).or_else(|| collected::ltsv(raw));
        let object = object.or_else(|| collected::mongodb(raw));
        if let Some(object) = object.filter(|_| packed < MOST_PACKED) {
            return self.line(&object, packed + 1);
        }
        let text = colours::plain(raw);
        let plain = self.columns.without_service(self.unquoted(prefix::unquoted(&text)));
        let line = self.without_row(line::parse(plain));
        if line.stamp.is_none() {
            self.recorder.tick_undated(plain);
        }
        let line = self.of_sql_server(forms::of_values(line));
        let is_plain = line.level.is_none() && !line.is_nest;
        let is_text = is_plain && !line.text.starts_with([' ', '\t', '{']);
        let fields = if is_text { collected::logfmt(line.text) } else { None };
        let line = if fields.is_some() { line } else { self.with_column(plain, line) };
        if !is_text || line.level.is_some() {
            return self.parsed(raw, line, packed);
        }
        if let Some((object, is_open)) = fields.filter(|_| packed < MOST_PACKED) {
            if let Some(record) = json_line::parse(&object).filter(|_| is_open) {
                if !line.stream.is_empty() {
                    self.follow(line.stream);
                }
                if let Some(stamp) = line.stamp {
                    self.recorder.tick(stamp);
                }
                return self.quoted(&record, packed);
            }
            return self.parsed("", line::Line { text: &object, ..line }, packed);
        }
        let name = match self.prefixes.find_known(line.text) {
            Some(name) => name.to_owned(),
            None => {
                // The last line of a message is no prefix of the fields behind it.
                if self.is_unnamed() && line.text.ends_with('}') && self.ends_message(line.text) {
                    return;
                }
                let Some(learned) = self.prefixes.learn(line.text) else {
                    self.prefixes.keep(line.text, self.number);
                    return self.parsed(raw, line, packed);
                };
                // The line before it may be the error of the stack.
                if let Some(before) = &learned.previous {
                    let name = learned.name.trim_end();
                    let stream = if line.stream.is_empty() { name } else { line.stream };
                    self.parsed("", line::Line { stream, ..line::parse(before) }, packed);
                }
                learned.name
            }
        };
        let within = line.text.get(name.len()..).unwrap_or_default();
        if collected::is_logfmt(within) {
            self.follow(if line.stream.is_empty() { name.trim_end() } else { line.stream });
            return self.whole(within, packed);
        }
        self.parsed(raw, line::within(line, name.trim_end(), within), packed);
    }

    /// Reads a line whose prefix was split off.
    fn parsed(&mut self, raw: &str, line: line::Line<'_>, packed: u8) {
        if !line.stream.is_empty() {
            self.follow(line.stream);
        }
        let line = self.without_key(line);
        self.tick_of_access(&line);
        self.recorder.levels += u64::from(line.level.is_some());
        match line.stamp {
            Some(_) if self.has_unstamped => self.lane.named.forget(),
            Some(_) => {}
            None => self.has_unstamped |= !line.text.trim().is_empty(),
        }
        // A UTC time in the container's prefix is better than a time without a zone in the
        // line.
        if let Some(stamp) = line.stamp.filter(|stamp| stamp.zoned || !self.zoned_outside) {
            self.recorder.tick(stamp);
        }
        // Each line of an object may be packed into a line of JSON of its own.
        if self.lane.block.as_ref().is_some_and(|block| block.packed > packed)
            && let Some(record) = json_line::parse(line.text).filter(|record| record.log.is_some())
        {
            return self.record(&record, packed);
        }
        if self.lane.block.is_some() && !self.ends_block(&line) {
            return;
        }
        if line.text.starts_with(" {\"") && self.ends_message(line.text) {
            return;
        }
        if line.level.is_none()
            && Block::begins_list(line.text)
            && let Some(level) = self.level_of_object()
        {
            self.close();
            return self.begin_block(Block::new(Some(level), "", line.text), packed);
        }
        let trimmed = line.text.trim_start();
        if trimmed.starts_with('{') && packed < MOST_PACKED {
            match json_line::parse(line.text) {
                // The message of a logger: a filter of exceptions logs the answer to a request.
                Some(record) if line.level == Some(Level::Error) && record.is_object() => {
                    return self.event(&record.into_error(), packed);
                }
                Some(record) if record.is_log() || line.stamp.is_some() && record.log.is_some() => {
                    self.json = true;
                    return self.record(&record, packed);
                }
                // Fluentd writes the time and a tag before the fields.
                Some(mut record)
                    if line.stamp.is_some() && !line.stream.is_empty() && record.has_text() =>
                {
                    self.json = true;
                    record.unpack();
                    return self.record(&record, packed);
                }
                None if self.json && line.text.starts_with("{\"") => {
                    self.close();
                    return self.recorder.ledger.lose(NO_JSON, self.number, 0);
                }
                None if line.level.is_none()
                    && Block::begins(line.text)
                    && !self.reads_prisma() =>
                {
                    let level = self.level_of_object();
                    self.close();
                    return self.begin_block(Block::new(level, "", line.text), packed);
                }
                _ => {}
            }
        }
        // Fields that roarr's command prints below an error: a key without a value may be `error:`.
        let is_key = line.stamp.is_none()
            && line.text.is_empty()
            && raw.trim_end().ends_with(':')
            && self.is_unnamed();
        match line.level.filter(|_| !is_key) {
            Some(level) => match block::split(line.text) {
                Some((message, object)) => {
                    self.close();
                    self.begin_block(Block::new(Some(level), message, object), packed);
                }
                None => {
                    let text = elapsed::without_elapsed(line.text);
                    let is_alone = line.alone.is_some();
                    let is_error = is_alone && level == Level::Error;
                    let twin = if is_error { self.take_twin(raw, text) } else { None };
                    self.message(level, text);
                    self.lane.twin = twin;
                    self.lane.open.iter_mut().for_each(|open| open.is_alone = is_alone);
                }
            },
            None if self.begins_object(line.text, packed) => {}
            None => {
                let outer = self.outer.or(line.outer);
                let frame = match outer.or_else(|| super::outer::level_of_labels(line.stream)) {
                    Some(level) => self.levelled(level, line.text),
                    None => self.text(line.text),
                };
                let is_bare = line.stamp.is_none() && line.stream.is_empty();
                if let Some(frame) = frame.filter(|_| is_bare) {
                    self.frames.keep(raw, frame);
                }
            }
        }
    }

    /// Adds a frame to the current error when its whole line is known; returns false for any
    /// other line.
    fn repeats_frame(&mut self, raw: &str) -> bool {
        if self.lane.open.is_none() || self.lane.block.is_some() || !raw.starts_with([' ', '\t']) {
            return false;
        }
        let Some(frame) = self.frames.get(raw) else { return false };
        self.complete_name();
        if let Some(open) = &mut self.lane.open {
            open.push(frame);
        }
        true
    }

    /// Handles the text after a level.
    fn message(&mut self, level: Level, text: &str) {
        let query_failed = std::mem::take(&mut self.lane.query_failed);
        self.close();
        self.lane.named.forget();
        if level == Level::Other {
            // It is an error only when a stack follows.
            self.lane.named.see(text);
            return text.clone_into(&mut self.lane.last);
        }
        let header = header::find(text);
        let name = header.filter(|header| !header.is_within || query_failed);
        let name = name.map_or(text, |header| header.text);
        match query_failed {
            true => self.begin("[query failed] ", name),
            false => {
                self.begin("", name);
                self.announce(name);
                let within = header.filter(|header| header.is_within);
                if let Some(open) = &mut self.lane.open {
                    open.within = within.map(|header| header.text.to_owned());
                    open.has_fields = text.ends_with(" {");
                }
            }
        }
    }

    /// Handles a line without a logger's prefix. Returns the frame when the line is one of
    /// the current error's stack.
    fn text(&mut self, text: &str) -> Option<FrameId> {
        if text.trim().is_empty() {
            self.lane.last.clear();
            self.lane.open.iter_mut().for_each(OpenError::blank);
            return None;
        }
        if text.starts_with("query failed: ") {
            self.close();
            self.lane.query_failed = true;
            self.lane.last.clear();
            return None;
        }
        // The error of TypeORM's logger `file`, whose statement stands on the line before.
        if let Some(error) = text.strip_prefix("[QUERY ERROR]: ") {
            self.close();
            self.begin("[query failed] ", error);
            return None;
        }
        let is_emitter = self.lane.open.as_ref().is_some_and(|open| open.takes_emitter(text));
        if !is_emitter && header::is_no_error(text) {
            self.close();
            self.lane.skipping = true;
            self.lane.last.clear();
            return None;
        }
        // `console.error('Unhandled Rejection at:', promise, 'reason:', reason)` prints the error twice.
        if let Some(open) =
            self.lane.open.as_mut().filter(|open| !open.is_bare() && text.starts_with("} reason: "))
        {
            open.pass_over();
            return None;
        }
        if self.takes_thrown(text) {
            return None;
        }
        let is_indented = text.starts_with([' ', '\t']);
        if let Some(header) =
            header::find(text).filter(|_| !is_indented && open::cause(text).is_none())
        {
            self.header(header, text);
            return None;
        }
        self.below(text)
    }

    /// Handles a line without indentation that names an error.
    fn header(&mut self, header: Header<'_>, text: &str) {
        self.lane.skipping = false;
        if self.lane.open.as_ref().is_some_and(|open| open.takes_name(header.text)) {
            return self.rename(header.text);
        }
        self.close();
        if header.is_within || naming::is_no_message(header.text) {
            // It is an error only when a stack follows.
            self.lane.named.see(text);
            text.clone_into(&mut self.lane.last);
        } else {
            self.begin("", header.text);
            if let Some(open) = self.lane.open.as_mut().filter(|_| text.ends_with(" {")) {
                open.opened = Some(text.to_owned());
                open.has_fields = true;
            }
            self.take_fields(text);
        }
    }

    /// Handles a line below the name of an error. Returns the frame when the line is one of
    /// its stack.
    fn below(&mut self, text: &str) -> Option<FrameId> {
        let frame = frame::of_line(text);
        if self.lane.open.is_none() {
            match frame {
                Some(_) if self.lane.skipping => return None,
                Some(_) if self.lane.last.is_empty() && !self.lane.named.is_known() => {
                    self.lane.skipping = true;
                    self.recorder.ledger.lose(NO_ERROR, self.number, 1);
                    return None;
                }
                Some(_) => {
                    let last = std::mem::take(&mut self.lane.last);
                    let (last, below) = self.lane.named.take().unwrap_or((last, String::new()));
                    let header = header::find(&last).map(|header| header.text);
                    self.begin("", header.unwrap_or(&last));
                    self.read_below(&last, &below);
                }
                None => {
                    self.lane.skipping = false;
                    self.see_thrown(text);
                    let member = inspect::member(text);
                    // The errors of a list belong to the one that is known already.
                    let is_first = !self.lane.named.is_known();
                    match member.filter(|error| is_first && header::starts(error)) {
                        Some(error) => self.lane.named.see(error),
                        None => self.lane.named.pass(text),
                    }
                    member.unwrap_or(text.trim()).clone_into(&mut self.lane.last);
                    return None;
                }
            }
        }
        if let Some(frame) = frame {
            let id = frame::intern(frame, &mut self.recorder.profile.frames);
            let opens_fields = text.ends_with(" {");
            self.complete_name();
            if let Some(open) = &mut self.lane.open {
                open.push(id);
                open.has_fields |= opens_fields;
            }
            return Some(id).filter(|_| !opens_fields);
        }
        self.detail(text);
        None
    }
}
