//! Perf maps: a line with start, size and name for each piece of generated code, in the
//! order in which the code was made, without times.
//!
//! Code is removed, and other code is placed at its address, so several pieces of code may have
//! the same address. Two facts show which of them was hit.
//!
//! The offset: the interpreter's functions are copies of one trampoline, and calls leave it at the
//! same few offsets. When a hit has another offset, it is not in such a function.
//!
//! The time: when an address is hit that only one piece of code has, that code existed at this
//! time, and so did all code above it in the map. This gives the smallest possible length of the
//! map at that time. Between two such hits, the map is assumed to grow at the rate of the last
//! quarter of a second, but not beyond the next known length. From the pieces of code at an
//! address, the last one that existed at the time of the hit is taken.
//!
//! In a comparison with jitdumps of the same runs (Node 20 and 22), each fact alone gave a wrong
//! name to two to thirty times as many frames as both together. The quarter of a second is the
//! best of the values that were tried. The test on `moved.data` prints the errors that remain.

use super::super::recorder::Recorder;
use crate::utf8::lossy;
use hashbrown::HashMap;
use spikeflame_profile::FrameId;
use spikeflame_profile::warning::SideFault;
use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;

/// The longest line of a perf map that is read, in bytes. Names of functions are far shorter.
const LONGEST_LINE: u64 = 64 * 1024;
/// The most pieces of code at one address that are considered; the last ones are taken.
const MOST_CLAIMS: usize = 16;

/// The nanoseconds before a sample from which the rate of code generation is computed.
const SPAN: u64 = 250_000_000;

/// The number of hits in interpreted functions after which the places of their calls are known.
const ENOUGH_HITS: u32 = 8;
/// The number of hits at one place by which it is one of them: one alone may be chance.
const ENOUGH_AT_STOP: u32 = 2;
/// The most such places, more than the bytes of a trampoline.
const MOST_STOPS: usize = 1 << 12;

/// The memory that all maps together may still take: bytes of text, and codes (at most 256
/// bytes each).
pub(super) struct Budget {
    text: u64,
    codes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { text: 512 << 20, codes: 1 << 23 }
    }
}

struct Code {
    start: u64,
    /// True for a copy of the interpreter's trampoline.
    interpreted: bool,
    name: Range<u32>,
    /// The frame, made when an address in the code is hit.
    frame: Option<FrameId>,
}

/// A perf map.
#[derive(Default)]
pub(super) struct PerfMap {
    names: String,
    /// The codes, in the order of the map.
    codes: Vec<Code>,
    /// For each address up to the next one, the range in `claims`.
    parts: Vec<(u64, Range<u32>)>,
    /// Numbers of codes, in order.
    claims: Vec<u32>,
    /// The last of the codes that are known to have been made.
    made: u32,
    /// The times at which codes became known, within the last [`SPAN`].
    recent: VecDeque<(u64, u32)>,
    /// Offsets in interpreted functions that were hit and belong to no other code, with
    /// their counts, and the count of all.
    stops: HashMap<u64, u32>,
    hits: u32,
    /// The problem of the file.
    pub(super) damage: Option<SideFault>,
}

/// Problems while reading a map.
#[derive(Default)]
struct Faults {
    lines: u64,
    /// The number of lines that are not entries, and the first of them.
    unread: u64,
    first: u64,
    /// True when the last line had no line break.
    cut: bool,
    /// The reason why the map was not read to its end.
    end: Option<End>,
}

enum End {
    /// There is no room for more.
    Full,
    /// The file cannot be read further.
    Damaged(String),
}

impl Faults {
    /// Returns the gravest fault.
    fn gravest(self) -> Option<SideFault> {
        let Self { lines, unread, first, cut, end } = self;
        Some(match end {
            Some(End::Full) => SideFault::Large { line: lines + 1 },
            Some(End::Damaged(why)) => SideFault::Damage { why, line: lines + 1 },
            None if lines == 0 => SideFault::Empty,
            None if unread > u64::from(cut) => {
                SideFault::NoEntries { lines: unread, all: lines, first }
            }
            None if cut => SideFault::CutLine { line: lines },
            None => return None,
        })
    }
}

impl PerfMap {
    /// Reads a map. A damaged or too large one is read up to that place.
    pub(super) fn read(input: impl Read, budget: &mut Budget) -> Self {
        let mut input = BufReader::with_capacity(1 << 16, input.take(budget.text));
        let (mut map, mut line, mut bounds) = (Self::default(), Vec::new(), Vec::new());
        let mut faults = Faults::default();
        faults.end = loop {
            line.clear();
            match (&mut input).take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) if budget.text > 0 => break None,
                Ok(1..) if map.codes.len() < budget.codes => {}
                Ok(_) => break Some(End::Full),
                Err(error) => break Some(End::Damaged(error.to_string())),
            }
            faults.lines += 1;
            faults.cut = !line.ends_with(b"\n");
            budget.text = budget.text.saturating_sub(line.len() as u64);
            if let Some((start, size, text)) = entry(&line) {
                let (number, from) = (map.codes.len() as u32, map.names.len() as u32);
                map.names.push_str(&lossy(text));
                let name = from..map.names.len() as u32;
                let interpreted = is_interpreted(text);
                map.codes.push(Code { start, interpreted, name, frame: None });
                bounds.push((start, number, true));
                bounds.push((start.saturating_add(size), number, false));
            } else {
                faults.first = if faults.unread == 0 { faults.lines } else { faults.first };
                faults.unread += 1;
            }
        };
        map.damage = faults.gravest();
        budget.codes -= map.codes.len();
        bounds.sort_unstable();
        map.sweep(&bounds);
        map
    }

    /// Splits the address range where a code starts or ends.
    fn sweep(&mut self, bounds: &[(u64, u32, bool)]) {
        let mut claiming = BTreeSet::new();
        for at in bounds.chunk_by(|a, b| a.0 == b.0) {
            for &(_, number, starts) in at {
                if starts {
                    claiming.insert(number);
                }
            }
            // Codes that start here and have no size are removed too.
            for (_, number, _) in at.iter().filter(|(.., starts)| !starts) {
                claiming.remove(number);
            }
            let first = self.claims.len() as u32;
            let last = claiming.iter().rev().take(MOST_CLAIMS);
            self.claims.extend(last);
            let range = first..self.claims.len() as u32;
            if let Some(claims) = self.claims.get_mut(first as usize..) {
                claims.reverse();
            }
            if let Some(&(address, ..)) = at.first() {
                self.parts.push((address, range));
            }
        }
    }

    /// Returns the frame of the code at an address at a time in nanoseconds, which is not
    /// before the times of earlier calls. The second value is true when later calls return
    /// the same.
    pub(super) fn find(
        &mut self,
        address: u64,
        time: u64,
        to: &mut Recorder,
    ) -> Option<(FrameId, bool)> {
        let after = self.parts.partition_point(|&(start, _)| start <= address);
        let (_, range) = self.parts.get(after.checked_sub(1)?)?;
        let range = range.start as usize..range.end as usize;
        self.learn(range.clone(), address);
        let first = self.claiming(range.clone(), address).next()?;
        // One of the codes was there, so at least the first had been made.
        self.note(first, time);
        let made = self.made_by(time);
        let number = self.claiming(range.clone(), address).take_while(|&code| code <= made).last();
        let number = number.unwrap_or(first);
        let settled = self.claiming(range, address).last()? <= self.made;
        let code = self.codes.get_mut(number as usize)?;
        let frame = *code.frame.get_or_insert_with(|| {
            let name = code.name.start as usize..code.name.end as usize;
            to.code(self.names.get(name).unwrap_or_default(), code.start)
        });
        Some((frame, settled))
    }

    /// Returns true when some code is or was at an address.
    pub(super) fn covers(&self, address: u64) -> bool {
        let after = self.parts.partition_point(|&(start, _)| start <= address);
        let part = after.checked_sub(1).and_then(|at| self.parts.get(at));
        part.is_some_and(|(_, claims)| !claims.is_empty())
    }

    /// Learns the offsets of calls in the interpreter's functions from a hit in one.
    fn learn(&mut self, claims: Range<usize>, address: u64) {
        if let Some(&[only]) = self.claims.get(claims)
            && let Some(code) = self.codes.get(only as usize)
            && code.interpreted
            && self.stops.len() < MOST_STOPS
        {
            let stop = self.stops.entry(address.saturating_sub(code.start)).or_default();
            *stop = stop.saturating_add(1);
            self.hits = self.hits.saturating_add(1);
        }
    }

    /// Returns those of the codes at an address that can make a call there, in order.
    fn claiming(&self, claims: Range<usize>, address: u64) -> impl Iterator<Item = u32> {
        let claims = self.claims.get(claims).unwrap_or_default().iter().copied();
        let fits = move |&number: &u32| match self.codes.get(number as usize) {
            Some(code) if code.interpreted && self.hits >= ENOUGH_HITS => {
                let stop = self.stops.get(&address.saturating_sub(code.start));
                stop.is_some_and(|&hits| hits >= ENOUGH_AT_STOP)
            }
            _ => true,
        };
        let none_fits = !claims.clone().any(|number| fits(&number));
        claims.filter(move |number| none_fits || fits(number))
    }

    /// Notes that a code had been made by a time.
    fn note(&mut self, number: u32, time: u64) {
        if number > self.made {
            self.made = number;
            self.recent.push_back((time, number));
        }
    }

    /// Estimates the last code that had been made by a time.
    fn made_by(&mut self, time: u64) -> u32 {
        while self.recent.front().is_some_and(|&(old, _)| time.saturating_sub(old) > SPAN) {
            self.recent.pop_front();
        }
        let (Some(first), Some(last)) = (self.recent.front(), self.recent.back()) else {
            return self.made;
        };
        let grown = u64::from(last.1 - first.1) * time.saturating_sub(last.0);
        let grown = grown.checked_div(time.saturating_sub(first.0)).unwrap_or_default();
        self.made.saturating_add(u32::try_from(grown).unwrap_or(u32::MAX))
    }
}

/// Returns true for `JS:~name ...`, and for other words in front of the tier.
fn is_interpreted(name: &[u8]) -> bool {
    let mut parts = name.splitn(2, |&b| b == b':');
    parts.nth(1).is_some_and(|rest| rest.starts_with(b"~"))
}

/// Reads a line of a perf map. V8 and perf end a name at a NUL, so a line with one is damaged: a part
/// of the file was never written.
fn entry(line: &[u8]) -> Option<(u64, u64, &[u8])> {
    if memchr::memchr(0, line).is_some() {
        return None;
    }
    let mut words = line.trim_ascii_end().splitn(3, |&b| b == b' ');
    let mut hex = || {
        let word = words.next()?;
        let digits = word.strip_prefix(b"0x").unwrap_or(word);
        u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    Some((hex()?, hex()?, words.next()?))
}

/// Reads `data` as a perf map, and looks up addresses at the borders of its first codes. Panics when
/// a function is found where no code is.
#[cfg(feature = "fuzzing")]
pub fn fuzz(data: &[u8]) {
    let (mut map, mut to) = (PerfMap::read(data, &mut Budget::default()), Recorder::new());
    let borders: Vec<u64> = map.parts.iter().map(|&(start, _)| start).take(256).collect();
    for (border, time) in borders.into_iter().zip((0..).step_by(1 << 20)) {
        for address in [border.saturating_sub(1), border, border.saturating_add(1)] {
            assert!(map.find(address, time, &mut to).is_none() || map.covers(address));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map that returns the name at an address at a time, and whether that is final.
    struct Lookup(PerfMap, Recorder);

    impl Lookup {
        fn name(&mut self, address: u64, time: u64) -> Option<(String, bool)> {
            let (frame, settled) = self.0.find(address, time, &mut self.1)?;
            let frames = &self.1.frames;
            let function = frames.get_function(frames.get(frame).function);
            Some((frames.strings().get(function.name).to_owned(), settled))
        }
    }

    fn told(name: &str, settled: bool) -> Option<(String, bool)> {
        Some((name.to_owned(), settled))
    }

    #[test]
    fn of_codes_at_one_place_the_one_is_taken_that_was_made_last() {
        let text = "1000 100 JS:~first /a.js:1:1\n2000 100 JS:~other /a.js:2:1\n\
                    1080 100 JS:~second /a.js:3:1\n3000 10 JS:~last /a.js:4:1\n\
                    torn\n5000 zz x\n4000 0 JS:~empty /a.js:5:1\n";
        let mut map =
            Lookup(PerfMap::read(text.as_bytes(), &mut Budget::default()), Recorder::new());
        assert_eq!(map.name(0xfff, 0), None);
        assert_eq!(map.name(0x1090, 0), told("first", false));
        assert_eq!(map.name(0x2000, 0), told("other", true));
        assert_eq!(map.name(0x1090, 0), told("first", false));
        assert_eq!(map.name(0x117f, 0), told("second", true));
        assert_eq!(map.name(0x1090, 0), told("second", true));
        // These addresses are only in the first code.
        assert_eq!(map.name(0x107f, 0), told("first", true));
        assert_eq!(map.name(0x300f, 0), told("last", true));
        for address in [0x3010, 0x4000, u64::MAX] {
            assert_eq!(map.name(address, 0), None);
        }
    }

    /// The error was: the name contained the NULs, and nothing was reported.
    #[test]
    fn a_line_with_nuls_is_no_entry() {
        let text = "1000 10 JS:~a /a.js:1:1\n2000 10 JS:~\0\0\0 /a.js:2:1\n\0\x003000 10 JS:~c\n";
        let mut map =
            Lookup(PerfMap::read(text.as_bytes(), &mut Budget::default()), Recorder::new());
        assert_eq!(map.name(0x1000, 0), told("a", true));
        assert_eq!((map.name(0x2000, 0), map.name(0x3000, 0)), (None, None));
        let damage = map.0.damage.as_ref().map(ToString::to_string);
        assert!(damage.as_ref().is_some_and(|told| told.contains('2')), "{damage:?}");
    }

    #[test]
    fn code_is_taken_to_be_made_as_fast_as_just_before() {
        let mut text: Vec<String> =
            (0..100).map(|at| format!("{:x} 10 JS:~f{at} /a.js:1:1\n", 0x1000 + at * 16)).collect();
        text[60] = "1000 10 JS:~later /a.js:1:1\n".to_owned();
        let mut map = Lookup(
            PerfMap::read(text.concat().as_bytes(), &mut Budget::default()),
            Recorder::new(),
        );
        let tenth = SPAN / 10;
        assert_eq!(map.name(0x1000, 0), told("f0", false));
        // 50 in half a second: the 60th is due a tenth of a second later.
        assert_eq!(map.name(0x1000 + 10 * 16, tenth), told("f10", true));
        assert_eq!(map.name(0x1000 + 50 * 16, 5 * tenth), told("f50", true));
        assert_eq!(map.name(0x1000, 5 * tenth + tenth / 2), told("f0", false));
        assert_eq!(map.name(0x1000, 7 * tenth), told("later", false));
        assert_eq!(map.name(0x1000 + 70 * 16, 7 * tenth), told("f70", true));
        assert_eq!(map.name(0x1000, 7 * tenth), told("later", true));
    }

    #[test]
    fn a_burst_of_code_is_not_taken_to_go_on_for_good() {
        let mut text: Vec<String> =
            (0..99).map(|at| format!("{:x} 10 JS:~f{at} /a.js:1:1\n", 0x2000 + at * 16)).collect();
        text[0] = "1000 10 JS:~start /a.js:1:1\n".to_owned();
        text[98] = "1000 10 JS:~exit /a.js:1:1\n".to_owned();
        let mut map = Lookup(
            PerfMap::read(text.concat().as_bytes(), &mut Budget::default()),
            Recorder::new(),
        );
        let tenth = SPAN / 10;
        for (at, time) in [(10, tenth), (50, 2 * tenth)] {
            assert!(map.name(0x2000 + at * 16, time).is_some());
        }
        for time in [3, 6, 11, 12, 30, 200] {
            assert_eq!(map.name(0x1000, time * tenth), told("start", false), "{time}");
        }
    }

    #[test]
    fn what_is_hit_where_the_interpreter_never_stops_is_not_its() {
        let mut text: Vec<String> =
            (0..9).map(|at| format!("{:x} 80 JS:~f{at} /a.js:1:1\n", 0x1000 + at * 128)).collect();
        text.push("5000 80 JS:~old /a.js:2:1\n5000 80 JS:^new /a.js:3:1\n".to_owned());
        text.push("6000 80 JS:^old /a.js:2:1\n6000 80 JS:~new /a.js:3:1\n".to_owned());
        let mut map = Lookup(
            PerfMap::read(text.concat().as_bytes(), &mut Budget::default()),
            Recorder::new(),
        );
        for at in 0..8 {
            assert!(map.name(0x1000 + at * 128 + 0x44, 1).is_some());
        }
        assert_eq!(map.name(0x5044, 1), told("old", false));
        assert_eq!(map.name(0x5050, 1), told("new", true));
        assert_eq!(map.name(0x6050, 1), told("old", true));
    }
}
