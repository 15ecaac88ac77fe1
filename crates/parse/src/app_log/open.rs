//! The error whose lines are being read.

use super::header;
pub(super) use super::properties::{cause, class, code, parent, property};
use spikeflame_profile::{FrameId, StackId, StackTree};

/// The most lines between an error's name and its stack.
pub(super) const MESSAGE_LINES: u32 = 50;

/// The most lines of code that Node prints above the name of an error of syntax.
const MOST_CODE: u32 = 10;

/// The most bytes of a message that stands below the error's name.
const LONGEST_MESSAGE: usize = 1_000;

/// The most frames of one stack; the outermost of deeper stacks are left out.
const DEEPEST: usize = 1_000;
/// The longest chain of causes.
const CAUSES: usize = 50;

/// The words at the beginning of a message of Prisma, before the call.
const PRISMA: &str = "Invalid `";

/// Lines between the parts of a stack: of the call that failed (gRPC), and of the calls before it
/// (bluebird, longjohn).
const CALLS: [&str; 3] =
    ["for call at", "From previous event:", "---------------------------------------------"];

/// The role of a line below an error's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineRole {
    /// A property, or another part of the printed error.
    Within,
    /// A line that may belong to the error's message, because no stack has come yet.
    Message,
    /// A line that does not belong to the error.
    Behind,
}

/// A line that names an error behind other text, while lines of the error's message may follow.
#[derive(Debug, Default)]
pub(super) struct NamingLine {
    line: Option<String>,
    /// The number of lines since.
    lines: u32,
    /// The lines below the name, which may be its message when it has none.
    below: String,
}

impl NamingLine {
    /// Notes a line when it names an error.
    pub(super) fn see(&mut self, line: &str) {
        self.line = header::find(line).map(|_| line.to_owned());
        self.lines = 0;
        self.below.clear();
    }

    /// Notes the next line, which is no frame. A line that begins with the name of a class may be
    /// another error.
    pub(super) fn pass(&mut self, line: &str) {
        self.lines += 1;
        if self.line.is_some() && self.below.len() < LONGEST_MESSAGE {
            self.below.push_str(line);
            self.below.push('\n');
        }
        if self.line.is_some() && (self.lines >= MESSAGE_LINES || begins_with_class(line)) {
            self.line = None;
        }
    }

    pub(super) fn forget(&mut self) {
        self.line = None;
    }

    pub(super) fn is_known(&self) -> bool {
        self.line.is_some()
    }

    /// Returns the line and the lines below it.
    pub(super) fn take(&mut self) -> Option<(String, String)> {
        Some((self.line.take()?, std::mem::take(&mut self.below)))
    }
}

/// Returns true for a text such as `OrderRejected: no stock`: a word with two capitals or more.
fn begins_with_class(text: &str) -> bool {
    let word = text.split(':').next().unwrap_or_default();
    let is_word = word.len() < text.len() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let humps = word.bytes().zip(word.bytes().skip(1));
    let humps =
        humps.filter(|(before, next)| before.is_ascii_lowercase() && next.is_ascii_uppercase());
    is_word && word.starts_with(|c: char| c.is_ascii_uppercase()) && humps.count() > 0
}

/// An error or one of its causes.
struct ErrorOrCause {
    error: FrameId,
    /// Frames, innermost first, in the order of the log.
    frames: Vec<FrameId>,
    /// The place and number of the lines that Node left out because its cause has them too.
    elided: Option<(usize, usize)>,
    /// The error's code; empty without one.
    code: String,
}

impl ErrorOrCause {
    fn new(error: FrameId) -> Self {
        Self { error, frames: Vec::new(), elided: None, code: String::new() }
    }
}

/// An error whose lines are being read.
pub(super) struct OpenError {
    parts: Vec<ErrorOrCause>,
    /// The error's time, in microseconds since 1970.
    pub(super) time: Option<i64>,
    /// The number of errors that it stands for.
    pub(super) repeats: u32,
    /// The message of the logger's line, while only that line is known. The error's own
    /// name may follow.
    pub(super) announced: Option<String>,
    /// True when the level of that line stands alone before the message, without a time or a name.
    pub(super) is_alone: bool,
    /// The error that the logger's message names behind other text: its name, when a stack follows.
    pub(super) within: Option<String>,
    /// The line that named it, when an object begins at its end.
    pub(super) opened: Option<String>,
    /// True when the line that began the error has a text that names it.
    pub(super) has_message: bool,
    /// The number of lines between its name and its stack.
    pub(super) lines: u32,
    /// The name of an error whose message begins on a later line, and that message as far as it was
    /// read. Prisma writes its errors in this way.
    nameless: Option<String>,
    /// True when that message has ended: with the first sentence behind the call, or behind the code that
    /// Prisma prints.
    is_said: bool,
    /// True after the last line of that code.
    is_behind_code: bool,
    /// True when the error was announced by the level of a collector, and not by a logger.
    pub(super) by_collector: bool,
    /// True when the error counts only with a stack, because its line has a level that is no error's.
    pub(super) needs_stack: bool,
    /// True when its line ends with a place in a file. The code at that place and the error's own name
    /// may follow.
    pub(super) at_place: bool,
    /// True after a line that opens the properties of the error, ` {`, until one that closes them.
    pub(super) has_fields: bool,
    /// True after a line that marks a part of that code: `    ^^^`.
    pub(super) has_code: bool,
    /// True when the next stack lines do not belong to this error or its causes.
    is_aside: bool,
    /// True when a blank line follows each line of the log.
    is_spaced: bool,
    /// True when the message is a list over several lines.
    has_list: bool,
    /// True for an error without a message, and with the class `Error` in its stack: libraries such as
    /// Sequelize have its name and the error behind it as properties.
    pub(super) has_bare_class: bool,
    /// The indentation of the lists of errors (`[errors]`) whose errors are being read.
    lists: Vec<usize>,
}

impl OpenError {
    pub(super) fn new(error: FrameId, time: Option<i64>) -> Self {
        let parts = vec![ErrorOrCause::new(error)];
        Self {
            parts,
            time,
            repeats: 1,
            announced: None,
            is_alone: false,
            within: None,
            opened: None,
            has_message: false,
            lines: 0,
            nameless: None,
            is_said: false,
            is_behind_code: false,
            by_collector: false,
            needs_stack: false,
            at_place: false,
            has_fields: false,
            has_code: false,
            is_aside: false,
            is_spaced: false,
            has_list: false,
            has_bare_class: false,
            lists: Vec::new(),
        }
    }

    /// Notes that the name of the error ends without a message: `PrismaClientKnownRequestError: `.
    pub(super) fn named(&mut self, text: &str) {
        let text = text.trim_end();
        self.has_bare_class = text == "Error";
        self.has_list = text.ends_with("Error: [");
        let text = if self.has_list { text.trim_end_matches(" [") } else { text };
        self.nameless = (text.is_empty() || text.ends_with("Error:")).then(|| text.to_owned());
    }

    /// Adds a line of the message that stands below the name. Prisma also prints lines of the
    /// program, with their numbers.
    pub(super) fn say(&mut self, line: &str) {
        let line = line.trim();
        if self.has_list {
            return self.say_of_list(line);
        }
        self.is_behind_code |= line.starts_with('→');
        let is_program = line.starts_with(|c: char| c.is_ascii_digit() || c == '→');
        let rest = self.nameless.as_mut().filter(|said| said.len() < LONGEST_MESSAGE);
        if let Some(said) = rest.filter(|_| !is_program && !line.is_empty()) {
            let is_behind = self.is_behind_code || said.contains("invocation:");
            let is_sentence = line.starts_with(|c: char| c.is_ascii_uppercase());
            said.push(' ');
            said.extend(line.chars().take(LONGEST_MESSAGE));
            self.is_said |= is_behind && is_sentence && said.contains(PRISMA);
        }
    }

    /// Returns true for an error of Prisma of which only the message is known, and is known as a whole. Its
    /// name may follow, and no more of the message.
    pub(super) fn is_whole_message(&self) -> bool {
        self.is_said && self.announced.is_some() && self.is_bare()
    }

    /// Returns true while the message of an error of Prisma is read, which may have an object in it.
    pub(super) fn reads_prisma(&self) -> bool {
        self.is_bare() && self.nameless.as_ref().is_some_and(|said| said.contains(PRISMA))
    }

    /// Adds the message of an item of the list that is the error's message, as zod prints it.
    fn say_of_list(&mut self, line: &str) {
        let text =
            line.strip_prefix("\"message\": \"").map(|text| text.trim_end_matches([',', '"']));
        if let (Some(said), Some(text)) = (&mut self.nameless, text)
            && said.len() < LONGEST_MESSAGE
        {
            said.push_str(if said.ends_with(':') { " " } else { ", " });
            said.extend(text.chars().take(LONGEST_MESSAGE));
        }
    }

    /// Handles a blank line. Below two frames or more, it ends the stack: MikroORM adds the stack of the driver's
    /// error behind one, without its name.
    pub(super) fn blank(&mut self) {
        let frames = self.parts.last().map_or(0, |part| part.frames.len());
        self.is_spaced |= frames == 1;
        self.is_aside |= frames > 1 && !self.is_spaced;
    }

    /// Passes over the next frames: they are of an error that was read already.
    pub(super) fn pass_over(&mut self) {
        self.is_aside = true;
    }

    /// Returns the name with the message that stood below it, once.
    pub(super) fn whole_name(&mut self) -> Option<String> {
        if let Some(name) = self.within.take().filter(|_| self.announced.is_some()) {
            return Some(name).filter(|_| self.is_bare());
        }
        let has_message = |name: &String| !name.is_empty() && !name.ends_with("Error:");
        self.nameless.take().filter(|name| self.is_bare() && has_message(name))
    }

    /// Returns true while only the error's name is known.
    pub(super) fn is_bare(&self) -> bool {
        self.parts.len() == 1 && self.parts.iter().all(|part| part.frames.is_empty())
    }

    /// Returns true when a line that names an error still belongs to this one: it is the
    /// next line after the logger's, or it contains the logger's message (which may have
    /// several lines), or the logger's message ends with the error's.
    pub(super) fn takes_name(&self, name: &str) -> bool {
        // A message that begins with a line break leaves the logger's own line blank.
        let own = name.split_once(": ").map_or("", |(_, own)| own);
        let says = |said: &String| {
            self.lines == 0
                || self.at_place && self.has_code && self.lines <= MOST_CODE
                || header::is_request(said)
                || said.is_empty()
                || name.contains(said)
                || !own.is_empty() && said.ends_with(own)
        };
        self.is_bare() && self.announced.as_ref().is_some_and(says)
    }

    /// Sets the code of the error, or, with `of_cause`, of the cause that is being read. The first one counts,
    /// but a word replaces a number.
    pub(super) fn set_code(&mut self, code: &str, of_cause: bool) {
        let part = if of_cause { self.parts.last_mut() } else { self.parts.first_mut() };
        let Some(part) = part.filter(|_| !code.is_empty()) else { return };
        let is_number = |code: &str| code.starts_with("errno ");
        if part.code.is_empty() || is_number(&part.code) && !is_number(code) {
            code.clone_into(&mut part.code);
        }
    }

    /// Returns the frame of the error itself.
    pub(super) fn error(&self) -> Option<FrameId> {
        self.parts.first().map(|part| part.error)
    }

    /// Returns the error and its causes, each with its code, which is empty when it has none.
    pub(super) fn codes(&self) -> impl Iterator<Item = (FrameId, &str)> {
        self.parts.iter().map(|part| (part.error, part.code.as_str()))
    }

    /// Returns the frames of the error and its causes.
    pub(super) fn names(&mut self) -> impl Iterator<Item = &mut FrameId> {
        self.parts.iter_mut().map(|part| &mut part.error)
    }

    pub(super) fn rename(&mut self, error: FrameId) {
        if let Some(part) = self.parts.first_mut() {
            part.error = error;
        }
    }

    /// Adds the next frame of a stack.
    pub(super) fn push(&mut self, frame: FrameId) {
        let part = self.parts.last_mut().filter(|part| part.frames.len() < DEEPEST);
        if let Some(part) = part.filter(|_| !self.is_aside) {
            part.frames.push(frame);
        }
    }

    /// Continues with a cause, or with an error of a list. In a list, further errors with a known name are
    /// passed over: attempts to connect to several addresses fail in the same way.
    pub(super) fn nest(&mut self, error: FrameId) {
        let is_known = || self.parts.iter().skip(1).any(|part| part.error == error);
        self.is_aside = self.parts.len() > CAUSES || !self.lists.is_empty() && is_known();
        if !self.is_aside {
            self.parts.push(ErrorOrCause::new(error));
        }
    }

    /// Handles a line that is not a frame; `names_error` is true when it names an error.
    pub(super) fn take(&mut self, text: &str, names_error: bool) -> LineRole {
        if self.is_bare() {
            return LineRole::Message;
        }
        let plain = text.trim_start();
        if CALLS.contains(&plain.trim_end()) {
            return LineRole::Within;
        }
        if self.takes_emitter(text) {
            self.is_aside = true;
            return LineRole::Within;
        }
        if plain.len() == text.len() && !plain.starts_with(['}', ']']) {
            return LineRole::Behind;
        }
        if let (Some(count), Some(part)) = (elided(plain), self.parts.last_mut()) {
            part.elided = Some((part.frames.len(), count));
        } else if names_error {
            // A line such as `driverError: Error: ...` repeats the error.
            self.is_aside = true;
        }
        LineRole::Within
    }

    /// Returns true for the line that Node prints below the stack of an error without a listener. The frames
    /// below it are of `emit`, and the properties of the error follow them.
    pub(super) fn takes_emitter(&self, text: &str) -> bool {
        text.starts_with("Emitted '") && !self.is_bare()
    }

    /// Returns true for the line above the errors that the current one contains.
    pub(super) fn begins_list(&mut self, text: &str) -> bool {
        let plain = text.trim_start();
        let indent = text.len() - plain.len();
        let is_pretty = plain.starts_with("\"aggregateErrors\": [");
        let begins =
            is_pretty || plain.starts_with("[errors]: [") || plain.trim_end() == "errors: [";
        if begins {
            self.leave_lists(indent);
            // pino-pretty has each name on a line of its own, below the key of the stack.
            self.lists.push(indent + if is_pretty { 6 } else { 0 });
            self.announced = None;
        }
        begins
    }

    /// Returns true for a line that names the next error of a list of errors, by its indentation.
    pub(super) fn takes_listed(&mut self, text: &str) -> bool {
        /// The spaces by which Node indents the errors of a list.
        const DEEPER: usize = 2;
        let Some(indent) = (text.len() - text.trim_start().len()).checked_sub(DEEPER) else {
            return false;
        };
        self.leave_lists(indent + 1);
        self.lists.last() == Some(&indent)
    }

    /// Ends the lists whose indentation is `indent` or more.
    fn leave_lists(&mut self, indent: usize) {
        while self.lists.last().is_some_and(|list| *list >= indent) {
            self.lists.pop();
        }
    }

    /// Returns the stack of the error and all its causes.
    pub(super) fn into_stack(mut self, stacks: &mut StackTree) -> StackId {
        self.restore();
        // axios and kafkajs print a cause in the stack, and Node prints it again as a property.
        self.parts.dedup_by(|next, part| next.error == part.error && next.frames == part.frames);
        let mut stack = StackId::ROOT;
        for part in &self.parts {
            stack = stacks.child(stack, part.error);
            stack =
                part.frames.iter().rev().fold(stack, |stack, &frame| stacks.child(stack, frame));
        }
        stack
    }

    /// Restores the lines that Node left out. They are in the cause, between the same
    /// neighbours.
    fn restore(&mut self) {
        for at in (1..self.parts.len()).rev() {
            let (before, behind) = self.parts.split_at_mut(at);
            let (Some(part), Some(cause)) = (before.last_mut(), behind.first()) else { return };
            let Some((place, count)) = part.elided else { continue };
            let Some(above) = place.checked_sub(1).and_then(|at| part.frames.get(at)) else {
                continue;
            };
            let below = part.frames.get(place);
            let fits = |start: &usize| {
                cause.frames.get(*start) == Some(above)
                    && below.is_none_or(|below| cause.frames.get(start + count + 1) == Some(below))
            };
            let start = (0..cause.frames.len()).find(fits);
            let lines = start.and_then(|start| cause.frames.get(start + 1..=start + count));
            if let Some(lines) = lines {
                part.frames.splice(place..place, lines.iter().copied());
            }
        }
    }
}

/// Returns true for a line that marks a part of the code above it.
pub(super) fn marks_code(text: &str) -> bool {
    let marks = text.trim();
    !marks.is_empty() && marks.bytes().all(|byte| matches!(byte, b'^' | b'~'))
}

/// Returns the count of `... 6 lines matching cause stack trace ...`.
fn elided(text: &str) -> Option<usize> {
    let (count, rest) = text.strip_prefix("... ")?.split_once(' ')?;
    let count = count.parse().ok().filter(|count| *count <= DEEPEST)?;
    rest.starts_with("lines matching ").then_some(count)
}

/// Returns the value that was thrown and is no error, from the line before and the one that Node prints
/// behind it.
pub(super) fn thrown_value<'a>(before: &'a str, text: &str) -> Option<&'a str> {
    let follows = text.starts_with("(Use `node --trace-uncaught ...`");
    follows.then(|| before.trim()).filter(|before| !before.is_empty())
}
