//! Folded stacks, one stack a line: `outermost;...;innermost count`.

use crate::frame::{FrameId, Kind};
use crate::label::parse_label;
use crate::ledger::Ledger;
use crate::profile::{Profile, Source, Thread};
use crate::samples::{Sample, Samples, VmState};
use crate::stack::StackId;
use crate::warning::{Column, Fact, Warning};
use hashbrown::HashMap;
use std::fmt;
use std::io::{self, BufRead, Read};

pub use crate::fold::{MOST_FRAMES, TooDeep, check, clean, write};

/// The largest number of decimals of a count that [`read`] keeps. Further decimals are rounded half
/// up.
pub const DECIMALS: u32 = 6;

/// Returns the plural name of the unit that weighs 1 when `whole` (a singular, such as `sample`) is
/// divided by 10 to the power of `decimals` (at most [`DECIMALS`]): `samples`, `tenths of a
/// sample`.
pub fn parts_of(whole: &str, decimals: u32) -> String {
    let parts = match decimals {
        0 => return format!("{whole}s"),
        1 => "tenths",
        2 => "hundredths",
        3 => "thousandths",
        4 => "ten-thousandths",
        5 => "hundred-thousandths",
        _ => "millionths",
    };
    format!("{parts} of a {whole}")
}

/// The bytes at the start of the input that are searched for lines with two counts.
const HEAD: usize = 16 * 1024;
/// The most lines of these bytes that are looked at. Fewer would be enough, if none was damaged.
const HEAD_LINES: usize = 50;

/// Returns true when the text after the last space is a negative number. Austin writes such counts for memory.
fn is_negative(text: &str) -> bool {
    let count = text.rsplit_once([' ', '\t']).and_then(|(_, count)| count.strip_prefix('-'));
    count.is_some_and(|count| !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()))
}

/// The highest sum of weights in one file. It leaves room to add the weights of several
/// files.
const HEAVIEST: u64 = 1 << 60;

/// The longest line that is read, in bytes: each byte may be a frame of its own.
const LONGEST_LINE_BYTES: u64 = 16 << 20;

/// The memory that names, stacks and samples of a file may take, in bytes. A compressed
/// file of a few kilobytes can unpack to any number of them.
const ROOM: usize = 1 << 30;
/// Bytes that a sample takes.
const SAMPLE: usize = 24;
/// Bytes that an entry of the map from labels to frames takes in addition to its text.
const LABEL: usize = 64;

const NO_ROOM: &str = "a line after names and stacks that take 1 GiB";
const LONG: &str = "a line longer than 16 MiB";
const CUT: &str = "a line that the damage cuts off";
const NO_COUNT: &str = "a folded stack without a count at its end";
const NEGATIVE: &str = "a folded stack with a negative count, as of memory that was given back";
const NO_COUNTS: &str = "a folded stack without two counts at its end";
const TOO_LARGE: &str = "a count too large to be true";

/// Reads folded stacks into a profile with one thread and no times. `name` becomes the name of the
/// thread and of the source. The count is the number after the last space or tab of a line. Counts
/// may have fractions. Weights are then in tenths, hundredths, ... of a sample.
///
/// When the lines have two counts, before and after (`difffolded.pl`), `column` selects one:
/// `before` or `after`; `None` is `after`. With one count a line, `column` has no effect.
///
/// Lines that cannot be used are counted in [`Profile::losses`]. Blank lines and lines that begin
/// with `# ` are skipped.
///
/// ```
/// use spikeflame_profile::folded;
///
/// let mut text: &[u8] = b"# a comment\nmain;parse 2.5\nno count here\n";
/// let profile = folded::read(&mut text, "example", None)?;
/// assert_eq!(profile.total(), 25);
/// assert_eq!(profile.sources[0].unit, "tenths of a sample");
/// assert_eq!(profile.losses[0].first, 3);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// Returns the errors of `input`, and [`NoSuchCount`] inside an error of the kind `InvalidInput`
/// when there are two counts a line and `column` is the name of neither. Where packed data is
/// damaged after some stacks, these are used instead, and [`Fact::PackedData`] is among the
/// warnings.
pub fn read(input: &mut dyn BufRead, name: &str, column: Option<&str>) -> io::Result<Profile> {
    read_within(ROOM, input, name, column)
}

fn read_within(
    room: usize,
    input: &mut dyn BufRead,
    name: &str,
    column: Option<&str>,
) -> io::Result<Profile> {
    let mut profile = Profile::default();
    let mut losses = Ledger::new("line");
    let mut weights = Weights::default();
    let mut thread = Thread { name: name.to_owned(), ..Thread::default() };
    let mut frames: HashMap<String, FrameId> = HashMap::new();
    let column = which(column, is_differential(input.fill_buf()?))?;
    let mut bytes = Vec::new();
    let (mut line, mut samples, mut labels) = (0, 0, 0);
    let mut austin = Austin::default();
    let mut damage = None;
    let mut all_end = true;
    loop {
        let whole = match next_line(input, &mut bytes) {
            Ok(Some(whole)) => whole,
            Ok(None) => break,
            Err(error) if samples == 0 || !is_damage(&error) => return Err(error),
            Err(_) => {
                // The count may lack its last digits.
                if !bytes.is_empty() {
                    losses.lose(CUT, line, 1);
                }
                damage = Some(Fact::PackedData);
                break;
            }
        };
        line += 1;
        if !whole {
            losses.lose(LONG, line - 1, 1);
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        // Programs on Windows begin a text with a byte order mark.
        let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text };
        let mut behind = Some(text);
        while let Some(text) = behind {
            let (text, rest) = first_stack(text);
            behind = rest;
            if is_nothing(text) {
                austin.see(text);
                continue;
            }
            let (found, missing) = match column {
                None if is_negative(text) => (None, NEGATIVE),
                None => (split(text), NO_COUNT),
                Some(column) => (split_two(text, column), NO_COUNTS),
            };
            let Some((stack, count)) = found else {
                losses.lose(missing, line - 1, 1);
                continue;
            };
            if samples * SAMPLE + labels + profile.frames.bytes() + profile.stacks.bytes() > room {
                losses.lose(NO_ROOM, line - 1, 1);
                continue;
            }
            let Some(weight) = weights.weigh(count, &mut thread.samples) else {
                losses.lose(TOO_LARGE, line - 1, 1);
                continue;
            };
            let mut at = StackId::ROOT;
            // py-spy writes the samples of a thread without a frame as a count alone.
            for label in stack.split(';').filter(|_| !stack.trim_start().is_empty()) {
                let frame = match frames.get(label) {
                    Some(&frame) => frame,
                    None => {
                        // A frame without a name is written back without one.
                        let frame = match label.trim_start() {
                            "" => profile.frames.nameless(),
                            _ => profile.frames.labelled(label),
                        };
                        frames.insert(label.to_owned(), frame);
                        labels += LABEL + label.len();
                        frame
                    }
                };
                at = profile.stacks.child(at, frame);
            }
            let sample = Sample { time_us: 0, stack: at, state: VmState::UNKNOWN };
            thread.samples.push_weighted(sample, weight);
            all_end &= stack.ends_with(';');
            samples += 1;
        }
    }
    // Some programs write a `;` behind each frame. A single stack may have a frame without a name.
    if all_end && samples > 1 {
        let caller = |stack| profile.stacks.get(stack).map_or(stack, |(caller, _)| caller);
        thread.samples.map_stacks(caller);
    }
    profile.threads.push(thread);
    profile.losses = losses.close(name);
    let producer = "folded stacks".to_owned();
    let austin = austin.unit.filter(|_| weights.decimals == 0);
    let unit = austin.map_or_else(|| parts_of("sample", weights.decimals), str::to_owned);
    let facts = damage.into_iter().chain(facts(column, &weights));
    profile.warnings.extend(facts.map(|fact| Warning::new(name, fact)));
    profile.sources.push(Source { name: name.to_owned(), producer, unit, ..Source::default() });
    Ok(profile)
}

/// The unit of counts in stacks that Austin wrote. Its first lines are comments that contain the mode
/// in which it ran: it counts microseconds, or bytes, and no samples (Austin 3.6).
#[derive(Default)]
struct Austin {
    is_named: bool,
    unit: Option<&'static str>,
}

impl Austin {
    fn see(&mut self, comment: &str) {
        self.is_named |= comment.starts_with("# austin: ");
        self.unit = match comment.strip_prefix("# mode: ").filter(|_| self.is_named) {
            Some("wall" | "cpu") => Some("microseconds"),
            Some("memory") => Some("bytes"),
            _ => self.unit,
        };
    }
}

/// Splits a line at a carriage return after a count, which ends a line in texts of old Macs.
/// Other carriage returns belong to names.
fn first_stack(text: &str) -> (&str, Option<&str>) {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\r', text.as_bytes()) {
        if text.get(start..end).is_some_and(is_stack) {
            let (stack, rest) = text.split_at_checked(end).unwrap_or((text, ""));
            return (stack, Some(rest.trim_start_matches('\r')));
        }
        start = end + 1;
    }
    (text, None)
}

/// Reads the next line into `line`. Returns `None` at the end, and `false` for a line that
/// is too long.
fn next_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    if Read::take(&mut *input, LONGEST_LINE_BYTES).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    let mut whole = line.ends_with(b"\n") || (line.len() as u64) < LONGEST_LINE_BYTES;
    if !whole {
        // A line of exactly the longest length is whole when nothing follows.
        let rest = input.skip_until(b'\n')?;
        whole = rest == 0;
    }
    Ok(Some(whole))
}

/// Returns true for the errors with which unpacking reports damaged data.
fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof | Other)
}

fn facts(column: Option<Column>, weights: &Weights) -> impl Iterator<Item = Fact> {
    let two = column.map(|read| Fact::TwoCounts { read });
    let fractions = (weights.decimals > 0).then(|| Fact::FractionalCounts {
        unit: parts_of("sample", weights.decimals),
        rounded: weights.rounded,
    });
    two.into_iter().chain(fractions)
}

/// The error of [`read`] when folded stacks have two counts a line, and its `column` is neither
/// `before` nor `after`. The field is this `column`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchCount(pub String);

impl fmt::Display for NoSuchCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no count called `{}`; there are before and after", self.0)
    }
}

impl std::error::Error for NoSuchCount {}

fn which(wanted: Option<&str>, differential: bool) -> io::Result<Option<Column>> {
    match wanted {
        _ if !differential => Ok(None),
        None | Some("after") => Ok(Some(Column::After)),
        Some("before") => Ok(Some(Column::Before)),
        Some(other) => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, NoSuchCount(other.to_owned())))
        }
    }
}

/// Returns true for blank lines and comments.
fn is_nothing(text: &str) -> bool {
    text.trim().is_empty() || text.starts_with("# ")
}

/// Returns true when every line has two counts. A regular expression may end in a number,
/// and may be the last frame of every stack of a plain file.
fn is_differential(head: &[u8]) -> bool {
    let head = head.get(..HEAD).unwrap_or(head);
    // The last line of the head may be incomplete.
    let whole = memchr::memrchr(b'\n', head).and_then(|end| head.get(..end)).unwrap_or(head);
    let lines = whole.split(|&b| b == b'\n').map(|line| str::from_utf8(line).unwrap_or("?"));
    let mut lines = lines.filter(|line| !is_nothing(line)).take(HEAD_LINES).peekable();
    lines.peek().is_some() && lines.all(has_two_counts)
}

/// Returns true for a stack with two counts. A regular expression may end in a number of its own.
fn has_two_counts(line: &str) -> bool {
    let Some((stack, _)) = split(line).and_then(|(rest, _)| split(rest)) else { return false };
    let leaf = stack.rsplit(';').next().unwrap_or(stack);
    parse_label(leaf).kind != Kind::RegExp
}

/// A count: its digits without the point, how many of them are decimals, and whether
/// further decimals were rounded away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count {
    digits: u64,
    decimals: u32,
    rounded: bool,
}

impl Count {
    /// Reads `12` and `1.5`. Returns `None` for signs and exponents.
    fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let kept = fraction.get(..DECIMALS as usize).unwrap_or(fraction);
        let next = fraction.as_bytes().get(DECIMALS as usize);
        let mut digits = 0u64;
        for digit in whole.bytes().chain(kept.bytes()) {
            digits = digits.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        }
        digits = digits.saturating_add(u64::from(next.is_some_and(|digit| *digit >= b'5')));
        Some(Self { digits, decimals: kept.len() as u32, rounded: next.is_some() })
    }
}

/// Weights as whole numbers of one unit. The unit is that of the count with the most
/// decimals so far.
#[derive(Default)]
struct Weights {
    decimals: u32,
    rounded: bool,
}

impl Weights {
    /// Converts a count to a weight; `None` when the sum would exceed [`HEAVIEST`]. A count
    /// with more decimals than all before changes the unit, and so the weights of
    /// `samples`.
    fn weigh(&mut self, count: Count, samples: &mut Samples) -> Option<u64> {
        let power = |decimals: u32| 10u64.saturating_pow(decimals);
        let more = count.decimals.saturating_sub(self.decimals);
        let total = samples.total().saturating_mul(power(more));
        let less = self.decimals.saturating_sub(count.decimals);
        let weight = count.digits.saturating_mul(power(less));
        if total.saturating_add(weight) > HEAVIEST {
            return None;
        }
        if more > 0 {
            let before = std::mem::take(samples);
            for (sample, weight) in before.iter() {
                samples.push_weighted(sample, weight * power(more));
            }
            self.decimals = count.decimals;
        }
        self.rounded |= count.rounded;
        Some(weight)
    }
}

/// Splits `stack count`; `None` without a number at the end.
fn split(line: &str) -> Option<(&str, Count)> {
    let (stack, count) = line.trim_end().rsplit_once([' ', '\t'])?;
    Some((stack, Count::parse(count)?))
}

/// Splits `stack before after`, and returns the count of `column`.
fn split_two(line: &str, column: Column) -> Option<(&str, Count)> {
    let (rest, after) = split(line)?;
    let (stack, before) = split(rest)?;
    Some((stack, if column == Column::Before { before } else { after }))
}

/// Returns true for a line that ends with a space or tab and a count. A count has digits and
/// optional decimals, without a sign or exponent. White space at the end of the line is ignored.
pub fn is_stack(line: &str) -> bool {
    split(line).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: microseconds and bytes of Austin were called samples.
    #[test]
    fn counts_of_austin_have_the_unit_of_its_mode() {
        for (mode, unit) in [("wall", "microseconds"), ("cpu", "microseconds"), ("memory", "bytes")]
        {
            let text = format!(
                "# austin: 3.6.0\n# interval: 1000\n# mode: {mode}\n# memory: 5\n\nP1;T0:1;a.py:f:3 1094\n"
            );
            let profile = read(&mut text.as_bytes(), "x", None).unwrap();
            assert_eq!((profile.sources[0].unit.as_str(), profile.total()), (unit, 1094));
        }
        let other = read(&mut &b"# mode: wall\na;b 3\n"[..], "x", None).unwrap();
        assert_eq!(other.sources[0].unit, "samples");
    }

    #[test]
    fn counts_are_digits_and_decimals() {
        let count = |text: &str| Count::parse(text).map(|c| (c.digits, c.decimals, c.rounded));
        assert_eq!(count("12"), Some((12, 0, false)));
        assert_eq!(count("1.5"), Some((15, 1, false)));
        assert_eq!(count("1.50"), Some((15, 1, false)));
        assert_eq!(count("2."), Some((2, 0, false)));
        assert_eq!(count("0.1234565"), Some((123_457, 6, true)));
        assert_eq!(count("99999999999999999999"), Some((u64::MAX, 0, false)));
        for text in ["", ".", ".5", "-1", "+1", "1e3", "1.5e3", "1,5", "0x1", "1 "] {
            assert_eq!(count(text), None, "{text}");
        }
    }

    #[test]
    fn what_names_stacks_and_samples_take_is_bounded() {
        let names: String = (0..1000).map(|at| format!("{at}{} 1\n", "x".repeat(1000))).collect();
        let stacks: String = (0..1000).map(|at| format!("{at};{}a 1\n", "a;".repeat(50))).collect();
        for text in [names, stacks, "a 1\n".repeat(10_000)] {
            let read = |room| read_within(room, &mut text.as_bytes(), "x", None).unwrap();
            let (all, some) = (read(ROOM), read(100_000));
            assert!(all.losses.is_empty());
            assert_eq!(some.losses.first().map(|loss| loss.reason), Some(NO_ROOM));
            assert_eq!(some.total() + some.unreadable(), all.total());
            assert!(some.frames.bytes() + some.stacks.bytes() < 200_000);
        }
    }

    #[test]
    fn two_counts_a_line_are_told_from_one() {
        for text in ["a;b 10 12\n", "# x\na 1 2\n\nb;c 3 4\r\nd 5", "a 1.5 2\n"] {
            assert!(is_differential(text.as_bytes()), "{text}");
        }
        for text in ["", "# 1 2\n", "a 1\n", "a 1 2\nb 3\n", "RegExp: a 1 5\n", "1 2\n"] {
            assert!(!is_differential(text.as_bytes()), "{text}");
        }
    }
}
