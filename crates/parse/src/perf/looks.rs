//! Recognising the text of `perf script`.

use super::event::Event;
use super::stack_line;

/// Returns true when lines, none of them empty, look like those of `perf script`: they
/// contain an event and its stack, and most of them are events and frames. Source code and
/// lists of changes have a line here and there that could be one.
pub(crate) fn looks_like<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut seen = SeenLines::default();
    lines.filter_map(|line| std::str::from_utf8(line).ok()).for_each(|line| seen.add(line));
    seen.others += u64::from(seen.open);
    let is_only_records = seen.records >= LEAST_RECORDS && seen.events == 0;
    (seen.sample || is_only_records) && seen.own >= seen.others
}

/// The number of lines before the first sample that do not count: messages of perf, and of the
/// program that it ran.
const MESSAGES: u64 = 20;

/// The number of perf's own records at the beginning of a text that show the format. A recording of all processes
/// has thousands of them before the first sample (`--show-mmap-events`).
const LEAST_RECORDS: u64 = 3;

/// The lines that were looked at so far.
#[derive(Default)]
struct SeenLines {
    /// The last line was an event's.
    event: bool,
    /// The event has a name or a time.
    named: bool,
    /// The last line may have been an event's: only a frame below it shows that.
    open: bool,
    /// An event was followed by a frame.
    sample: bool,
    /// The numbers of lines that are perf's own records, and other events.
    records: u64,
    events: u64,
    /// The number of lines that are events and frames.
    own: u64,
    /// The number of lines that are neither.
    others: u64,
}

impl SeenLines {
    fn add(&mut self, line: &str) {
        let is_note = is_comment(line) && Event::timed(line).is_none();
        if is_note || stack_line::is_branch_code(line) {
            return;
        }
        // A space and a number can also be a line of folded text whose stack has no frame.
        let bare = line.starts_with(' ') && !line.trim().contains([' ', '\t']);
        // Lists of `uniq -c` begin with spaces and a decimal number: a frame below an event
        // without name and time must have an address that is none, an offset, or a module.
        let named = self.named;
        let sure = || named || has_hex(line) || line.contains("+0x") || line.ends_with(')');
        let is_frame = is_indented_frame(line) && Event::timed(line).is_none();
        let follows = self.event && !bare && (is_frame && sure() || named && is_bare_frame(line));
        // PM2 writes a date and a time of day before each line: `29/11 06:28:40: text`.
        // A row of a table in Markdown may hold numbers with colons.
        let found = Event::parse(line)
            .filter(|event| !event.name.is_some_and(is_time_of_day) && !line.starts_with('|'));
        let own = found.is_some_and(|event| {
            let frame = stack_line::parse_behind_fields(event.rest);
            let module = frame.is_some_and(|frame| !frame.module.is_empty());
            frame.is_some() && (event.name.is_some() || event.time_us.is_some() && module)
        });
        if (follows || own) && !self.sample {
            self.sample = true;
            self.others = self.others.saturating_sub(MESSAGES);
        }
        // The event above is one when a frame follows it.
        let above = u64::from(std::mem::take(&mut self.open));
        *(if follows { &mut self.own } else { &mut self.others }) += above;
        self.event = found.is_some_and(|event| !event.is_record());
        self.records += u64::from(found.is_some_and(|event| event.is_record()));
        self.events += u64::from(self.event);
        self.named = found.is_some_and(|event| event.name.is_some() || event.time_us.is_some());
        if is_frame || own || is_bare_frame(line) {
            self.own += 1;
        } else if self.event {
            self.open = !self.named;
            self.own += u64::from(self.named);
        } else if found.is_none() && !stack_line::is_no_frame(line) && !stack_line::is_source(line)
        {
            self.others += 1;
        }
    }
}

/// Returns true for the stacks of `perf script` without the lines that name the threads.
pub(crate) fn lacks_threads<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let text = lines.filter_map(|line| std::str::from_utf8(line).ok());
    // A time and an event in front of a stack are no thread.
    let text = text.filter(|line| !is_comment(line) && !is_threadless(line));
    let text: Vec<&str> = text.take(20).collect();
    let mut frames = text.iter().copied().map(is_indented_frame);
    let are = frames.by_ref().take(3).filter(|&is| is).count() >= 2 && frames.all(|is| is);
    are && text.iter().copied().any(has_hex)
}

/// Returns true for branches that `perf script` writes without the thread of each sample
/// (`-F ip,brstack`).
pub(crate) fn are_bare_branches<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let lines: Vec<&[u8]> = lines.take(BRANCH_LINES).collect();
    let mut text = lines.iter().filter_map(|line| std::str::from_utf8(line).ok());
    let is_sample = |line| Event::parse(line).is_some_and(|event| !event.is_record());
    text.clone().any(stack_line::has_branches) && !text.any(is_sample)
}

/// The number of lines among which branches are looked for. A stack above the first ones has 127 lines at most.
const BRANCH_LINES: usize = 200;

/// Returns true for the lines of `perf script` that name events, without stacks and addresses.
pub(crate) fn lacks_stacks<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let text = lines.filter_map(|line| std::str::from_utf8(line).ok());
    let mut events = text.filter(|line| !is_comment(line)).take(20).map(|line| {
        Event::timed(line).is_some_and(|event| event.name.is_some() || event.rest.is_empty())
    });
    events.next() == Some(true) && events.next() == Some(true) && events.all(|is| is)
}

/// Returns true for a time of day, which no event has for its name: `06:28:40`, `6:28`.
fn is_time_of_day(name: &str) -> bool {
    let is_part = |part: &str| {
        part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let (hour, rest) = name.split_once(':').unwrap_or((name, ""));
    (1..=2).contains(&hour.len())
        && hour.bytes().all(|byte| byte.is_ascii_digit())
        && rest.split(':').count() <= 2
        && rest.split(':').all(is_part)
}

/// Returns true for the line of an event without a thread: `12.345678:   1000 cycles:`,
/// `node [001] 12.345678:   1000 cycles:`, `node`.
fn is_threadless(line: &str) -> bool {
    let number = |word: &str| word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let is_time = |word: &str| word.strip_suffix(':').is_some_and(number);
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some(at) = words.iter().position(|word| is_time(word)) else {
        return !line.starts_with([' ', '\t']) && is_name(line);
    };
    let (name, behind) = words.split_at(at);
    let rest: Vec<_> = behind.iter().skip(1).filter(|word| !number(word)).collect();
    is_name(&name.join(" ")) && rest.len() <= 1 && rest.iter().all(|word| word.ends_with(':'))
}

/// Returns true for text that is not longer than the name of a thread in Linux, maybe with a processor.
fn is_name(text: &str) -> bool {
    let name = text.trim_end().strip_suffix(']').and_then(|text| text.rsplit_once('['));
    name.map_or(text, |(name, _)| name).trim().len() < 16
}

/// Returns true for a line that begins with an address whose digits are not all decimal. Lists of
/// `wc` and `uniq -c` begin with decimal numbers. Words such as `add` and `def` are no addresses.
fn has_hex(line: &str) -> bool {
    let address = line.split_whitespace().next().unwrap_or_default();
    let letters = address.bytes().filter(|byte| !byte.is_ascii_digit()).count();
    address.bytes().all(|byte| byte.is_ascii_hexdigit())
        && letters > 0
        && (letters < address.len() || letters >= 8)
}

/// Returns true for a frame that lost its indentation: an address and a name, with a module.
fn is_bare_frame(line: &str) -> bool {
    let address = line.split(' ').next().unwrap_or_default();
    let frame = stack_line::parse(line).filter(|_| address.len() >= 6 && has_hex(line));
    frame.is_some_and(|frame| !frame.module.is_empty())
}

/// Returns true for a frame below an event's line.
pub(super) fn is_indented_frame(line: &str) -> bool {
    line.starts_with([' ', '\t']) && stack_line::parse(line).is_some()
}

fn is_comment(line: &str) -> bool {
    line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::lacks_threads;

    #[test]
    fn lists_with_numbers_in_front_are_no_stacks() {
        let of = |text: &str| lacks_threads(text.lines().map(str::as_bytes));
        for text in [
            "   3    6   49 /etc/hosts\n  25   33 1277 /etc/passwd\n  28   39 1326 total\n",
            "    3 /etc/hosts\n   25 /etc/passwd\n   28 total\n",
            "      4 GET /a (200)\n      2 GET /b (500)\n      1 POST /c (201)\n",
            "   1234 bash\n   1240 node\n   1241 ps\n",
            " 123456 a.bin\n 223456 b.bin\n 346912 total\n",
        ] {
            assert!(!of(text), "{text}");
        }
        assert!(of("\t    7f12ab main+0x1 (/bin/x)\n\t    7f12ac start+0x2 (/bin/x)\n"));
        assert!(of("\t    551200 main\n\t    5512af start\n"));
    }
}
