//! Recognising folded stacks among texts whose lines end in a number.

use hashbrown::HashSet;
use spikeflame_profile::{Category, Kind, folded, parse_label, split_name_and_file};

/// The number of lines that are looked at.
const LINES: usize = 50;

/// The number of `;` in a line above which it is no list of words.
const DEEP: usize = 16;

/// The kind of a text's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stacks {
    /// Folded stacks.
    Are,
    /// All or most lines end in a number, and nothing shows whether the text before it is a
    /// frame.
    May,
    /// A log whose lines end in a number.
    Log,
    /// Metrics in the format that Prometheus reads.
    Metrics,
    /// Not folded stacks.
    Not,
}

/// Judges lines, none of them empty. `alone` is true when the user named the file: then
/// stacks of a single frame are accepted, and more lines may lack their count.
pub(super) fn judge<'a>(lines: impl Iterator<Item = &'a [u8]>, alone: bool) -> Stacks {
    let mut tally = Tally::default();
    for line in lines.filter(|line| !line.starts_with(b"# ")).take(LINES) {
        tally.add(&String::from_utf8_lossy(line));
    }
    let is_table = tally.is_table() || tally.is_list();
    let Tally { stacks, others, nested, frames, logged, metrics, foreign, .. } = tally;
    let all = stacks + others;
    if logged * 2 > all {
        return Stacks::Log;
    }
    if metrics > 0 && metrics == all {
        return Stacks::Metrics;
    }
    // Tables of constants in source code end in numbers too, and have a `;` here and there.
    let most = others == 0 || others * if alone { 1 } else { 10 } <= nested;
    match stacks > 0 && most {
        true if nested > 0 && (is_table || foreign * 2 > nested) => Stacks::May,
        true if nested > 0 => Stacks::Are,
        true if alone && frames == stacks => Stacks::Are,
        true if alone => Stacks::May,
        _ => Stacks::Not,
    }
}

/// Returns true for stacks with a count in front of each: `  12 main;work`.
pub(super) fn have_counts_in_front<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let is_counted = |line: &[u8]| {
        let line = String::from_utf8_lossy(line);
        let (count, stack) = line.trim().split_once(' ').unwrap_or_default();
        let is_count = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        is_count && has_callers(&format!("{stack} 1")) && !is_foreign(stack)
    };
    let mut counted = lines.take(LINES).map(is_counted);
    counted.next() == Some(true) && counted.next() == Some(true) && counted.all(|is| is)
}

#[derive(Default)]
struct Tally {
    /// The number of lines with a count at the end.
    stacks: usize,
    /// The number of other lines.
    others: usize,
    /// The number of stacks that have a caller and a callee.
    nested: usize,
    /// The number of stacks whose last frame looks like a frame.
    frames: usize,
    /// The number of lines that look like a log's.
    logged: usize,
    /// The number of lines that look like metrics.
    metrics: usize,
    /// The number of nested lines whose parts are those of another text.
    foreign: usize,
    /// The number of `;` in the first line, when it has no count.
    head: Option<usize>,
    /// The number of lines with a number of `;` other than that of the first line.
    uneven: usize,
    /// The number of nested lines that begin with a number.
    numbered: usize,
    /// The parts of all nested lines.
    parts: HashSet<String>,
    /// The number of nested lines with a part of several words.
    worded: usize,
    /// True when two nested lines have a part in common.
    shared: bool,
    /// True when a nested line has a part that looks like a frame, or very many parts.
    framed: bool,
}

impl Tally {
    fn add(&mut self, line: &str) {
        let line = line.trim_start_matches('\u{feff}').trim_end();
        let parts = line.matches(';').count();
        if self.stacks + self.others == 0 {
            self.head = (parts > 0 && !folded::is_stack(line)).then_some(parts);
        }
        self.uneven += usize::from(self.head.is_some_and(|head| head != parts));
        self.logged += usize::from(is_logged(line));
        if !folded::is_stack(line) {
            self.others += 1;
            return;
        }
        self.stacks += 1;
        let stack = line.rsplit_once([' ', '\t']).map_or(line, |(stack, _)| stack);
        if has_callers(line) {
            self.nested += 1;
            self.foreign += usize::from(is_foreign(stack));
            self.numbered += usize::from(stack.split(';').next().is_some_and(is_number));
            self.shared |= stack.split(';').any(|part| self.parts.contains(part));
            self.parts.extend(stack.split(';').map(str::to_owned));
            self.worded += usize::from(stack.trim().contains([' ', '\t']));
            self.framed = self.framed || parts > DEEP || stack.split(';').any(is_frame);
        }
        self.frames += usize::from(is_frame(stack));
        self.metrics += usize::from(is_metric(stack));
    }
}

impl Tally {
    /// Returns true for the rows of a table: below a head with as many columns, or with a number
    /// each. Stacks have callers in common, and their first number is that of a process.
    fn is_table(&self) -> bool {
        let headed = self.head.is_some() && self.others == 1 && self.uneven == 0;
        let numbered = self.numbered > 1 && self.numbered == self.nested && !self.shared;
        self.stacks > 1 && (headed || numbered)
    }

    /// Returns true when no two stacks have a caller or callee in common, no part of them looks like
    /// a frame, and most have a part of several words: a list of commands or rows.
    fn is_list(&self) -> bool {
        self.nested > 1 && !self.shared && !self.framed && self.worded * 2 > self.nested
    }
}

/// Returns true for a line with a `;` between frames. In prose, code, and headers of HTTP a
/// space follows it (`text/html; charset=utf-8 12`), and rows of numbers have no names.
fn has_callers(line: &str) -> bool {
    let stack = line.rsplit_once([' ', '\t']).map_or(line, |(stack, _)| stack);
    let tight = stack.split(';').skip(1).filter(|frame| !frame.starts_with([' ', '\t'])).count();
    let loose = stack.matches(';').count() - tight;
    tight > loose && stack.contains(|c: char| c.is_alphabetic() || c == '[' || c == '(')
}

/// The first words of statements of SQL.
const STATEMENTS: [&str; 8] =
    ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE ", "DROP ", "ALTER ", "SET "];

/// Returns true for a line whose parts between `;` are not frames: those of a table, of settings,
/// of CSS, of SQL, of a list of folders, or of code.
fn is_foreign(stack: &str) -> bool {
    let stack = stack.trim_end();
    let mut parts = stack.split(';');
    let first = parts.next().unwrap_or_default();
    let folder = |part: &str| {
        let mut bytes = part.bytes();
        let drive = bytes.next().is_some_and(|b| b.is_ascii_alphabetic());
        let name = part.rsplit(['\\', '/']).next().unwrap_or_default();
        drive && bytes.next() == Some(b':') && bytes.next() == Some(b'\\') && !name.contains('.')
    };
    let of_html = |part: &str| {
        let ends = ["&lt", "&gt", "&amp", "&quot", "&nbsp", "&#39", "&#x27"];
        ends.iter().any(|entity| part.ends_with(entity))
    };
    let all = |test: &dyn Fn(&str) -> bool| stack.split(';').all(test);
    // Methods of Ruby may end in a `=`, without a blank.
    let assigned = stack.ends_with(" =") || stack.ends_with(" +=") || stack.ends_with(" -=");
    let open = first.matches('{').count() > first.matches('}').count();
    assigned
        || open
        || is_instruction(first)
        || stack.split(';').filter(|part| is_move(part)).count() > 2
        || of_html(first)
        || STATEMENTS.iter().any(|word| first.starts_with(word))
        || all(&folder)
        || all(&|part| part.ends_with(".jar"))
        || parts.any(|part| is_number(part) || is_setting(part) || folder(part) || of_html(part))
}

/// Returns true for an instruction of an assembler (`mov r0, 1`, `jmp l`, `ret`) or of a machine
/// tool (`G1 X10 Y-2.5`).
fn is_instruction(part: &str) -> bool {
    let Some((first, rest)) = part.trim_start().split_once([' ', '\t']) else { return false };
    let mut words = rest.split([' ', '\t', ',']).filter(|word| !word.is_empty());
    let axis = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.len() > 1
            && word.bytes().skip(1).all(|b| b.is_ascii_digit() || b"-.".contains(&b))
    };
    let machine = first.starts_with(['G', 'M']) && axis(first);
    let operand = |word: &str| {
        let word = word.trim_start_matches(['%', '$', '#', '[']).trim_end_matches(']');
        word.len() < 9 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-+*()x".contains(&b))
    };
    let mnemonic = first.len() < 8 && first.bytes().all(|b| b.is_ascii_lowercase() || b == b'.');
    machine && words.clone().all(axis) || mnemonic && rest.contains(',') && words.all(operand)
}

/// Returns true for a move of chess, as `Nf3`, `exd5`, `O-O` and `e8=Q+`.
fn is_move(part: &str) -> bool {
    let part = part.trim_end_matches(['+', '#', '!', '?']);
    let (part, _) = part.split_once('=').unwrap_or((part, ""));
    let bytes = part.trim_start_matches(['K', 'Q', 'R', 'B', 'N']).as_bytes();
    let square = |end: &[u8]| matches!(end, [b'a'..=b'h', b'1'..=b'8']);
    let from = |start: &[u8]| start.iter().all(|b| matches!(b, b'a'..=b'h' | b'1'..=b'8' | b'x'));
    let target = bytes.len().checked_sub(2).and_then(|at| bytes.split_at_checked(at));
    matches!(part, "O-O" | "O-O-O")
        || target.is_some_and(|(start, end)| start.len() < 3 && from(start) && square(end))
}

/// Returns true for a number, a date or a time: digits with signs between them.
fn is_number(part: &str) -> bool {
    let part = part.trim();
    part.contains(|c: char| c.is_ascii_digit())
        && part.bytes().all(|b| b.is_ascii_digit() || b".,:-+/% ".contains(&b))
}

/// Returns true for `name=value`. A signature may contain a `=` too, after a bracket.
fn is_setting(part: &str) -> bool {
    part.split_once('=').is_some_and(|(name, value)| {
        let named = name.trim_end().bytes();
        let is_name = named.len() > 0
            && named.clone().all(|b| b.is_ascii_alphanumeric() || b"_-. ".contains(&b));
        is_name && !value.is_empty() && !value.starts_with(['=', '>', '('])
    })
}

/// Returns true for a text that hardly occurs outside stacks: a state, a place in a source
/// file, a module in brackets, a marked kind, a path of names.
fn is_frame(text: &str) -> bool {
    let label = parse_label(text);
    if !matches!(label.kind, Kind::Native | Kind::Js | Kind::Error) || label.inlined {
        return !text.trim().is_empty();
    }
    let bracketed = |text: &str| {
        let within = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        within.is_some_and(|name| !name.is_empty() && !name.contains(['[', ']']))
    };
    let annotated = ["_[j]", "_[i]", "_[k]", "_[w]"].iter().any(|mark| text.ends_with(mark));
    let (head, braced) = (text.trim(), text.starts_with('{') && text.ends_with('}'));
    let path = head.contains("::")
        && head.split("::").all(|part| part.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    let called = text.ends_with("()") || path;
    split_name_and_file(text).is_some()
        || bracketed(head)
        || annotated
        || braced
        || called
        || matches!(head, "<anonymous>" | "(anonymous)" | "(root)" | "(builtin)")
        || Category::ALL.iter().any(|category| category.word() == head)
}

/// Returns true for a line that a program has logged: it contains a time of day, a date, or
/// an HTTP request.
fn is_logged(line: &str) -> bool {
    if ["\" HTTP/", " HTTP/1.", " HTTP/2"].iter().any(|mark| line.contains(mark)) {
        return true;
    }
    let bytes = line.as_bytes();
    let digits = |at: usize, count: usize| {
        bytes.get(at..at + count).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let is = |at: usize, wanted: u8| bytes.get(at) == Some(&wanted);
    let before = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    memchr::memchr_iter(b':', bytes).any(|at| {
        // The form is hh:mm:ss, and not a place in a file: `a.js:10:20`.
        let Some(start) = at.checked_sub(2) else { return false };
        let free = |byte: Option<u8>| {
            byte.is_none_or(|byte| matches!(byte, b' ' | b'[' | b'T' | b'\t' | b'"' | b'\''))
        };
        let day = before(start) == Some(b':')
            && start
                .checked_sub(5)
                .is_some_and(|year| digits(year, 4) && before(year) == Some(b'/'));
        let time = digits(start, 2) && digits(at + 1, 2) && is(at + 3, b':') && digits(at + 4, 2);
        time && !digits(at + 6, 1) && !is(at + 6, b':') && (free(before(start)) || day)
    })
}

/// Returns true for `name{label="value"}`, or for a name with an ending that metrics have.
fn is_metric(text: &str) -> bool {
    let (name, labels) = text.split_once('{').unwrap_or((text, "}"));
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':'));
    // A time may follow the value.
    let labels = labels.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '.'));
    let labelled = labels == "}" || labels.ends_with("\"}") && labels.contains("=\"");
    is_name && labelled && (text.contains('{') || name.contains('_'))
}
