//! Perf maps: a line of start, size and name for each piece of code that was
//! made, in the order of its making, without times.
//!
//! Code goes away and other code comes to lie in its place, so that several
//! pieces may claim an address. Which of them it was at the time of a sample is
//! told by the others: when code is hit that no other can be, it has been made,
//! and with it all above it in the map. That is a lower bound of how far the map
//! had been written by then; between two such hits it is taken to have grown as
//! in the second before. Of those that claim an address the last is taken that
//! had been made by then. Of the 172,391 frames of JavaScript of a server 18 were
//! so named otherwise than by a jitdump of the same run; more than 20,000 are
//! when the first one is always taken, or the last one.

use super::super::recorder::Recorder;
use spikeflame_profile::FrameId;
use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;

const LONGEST_LINE: u64 = 64 * 1024;
/// Of those that claim an address the last so many count.
const MOST_CLAIMS: usize = 16;

/// Nanoseconds looked back and ahead to tell how fast code is made.
const SPAN: u64 = 1_000_000_000;

/// The module that stands for code that was made.
pub(super) const MODULE: &str = "[JIT]";

/// What all maps together may still hold: bytes of text, and codes (240 bytes
/// each, at most).
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
    name: Range<u32>,
    /// Made when an address in it is hit.
    frame: Option<FrameId>,
}

/// A perf map.
#[derive(Default)]
pub(super) struct PerfMap {
    names: String,
    /// In the order of the map.
    codes: Vec<Code>,
    /// From an address up to the next: which of `claims`.
    parts: Vec<(u64, Range<u32>)>,
    /// Numbers of codes, in order.
    claims: Vec<u32>,
    /// The last of the codes that are known to have been made.
    made: u32,
    /// When it became known, for those of a second: time and code.
    recent: VecDeque<(u64, u32)>,
}

impl PerfMap {
    /// Reads a map; one that is damaged, or too large, up to there.
    pub(super) fn read(input: impl Read, budget: &mut Budget) -> Self {
        let mut input = BufReader::with_capacity(1 << 16, input.take(budget.text));
        let (mut map, mut line, mut bounds) = (Self::default(), Vec::new(), Vec::new());
        while matches!((&mut input).take(LONGEST_LINE).read_until(b'\n', &mut line), Ok(1..)) {
            budget.text = budget.text.saturating_sub(line.len() as u64);
            if map.codes.len() >= budget.codes {
                break;
            }
            if let Some((start, size, name)) = entry(&line) {
                let (number, from) = (map.codes.len() as u32, map.names.len() as u32);
                map.names.push_str(&String::from_utf8_lossy(name));
                map.codes.push(Code { name: from..map.names.len() as u32, frame: None });
                bounds.push((start, number, true));
                bounds.push((start.saturating_add(size), number, false));
            }
            line.clear();
        }
        budget.codes -= map.codes.len();
        bounds.sort_unstable();
        map.sweep(&bounds);
        map
    }

    /// Cuts the addresses where a code starts or ends.
    fn sweep(&mut self, bounds: &[(u64, u32, bool)]) {
        let mut claiming = BTreeSet::new();
        for at in bounds.chunk_by(|a, b| a.0 == b.0) {
            for &(_, number, starts) in at {
                if starts {
                    claiming.insert(number);
                }
            }
            // Also what starts here and has no size.
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

    /// The frame of the code at an address at a time, in ns, that is not before
    /// those asked for earlier; and whether later ones will be given the same.
    pub(super) fn find(
        &mut self,
        address: u64,
        time: u64,
        to: &mut Recorder,
    ) -> Option<(FrameId, bool)> {
        let after = self.parts.partition_point(|&(start, _)| start <= address);
        let (_, range) = self.parts.get(after.checked_sub(1)?)?;
        let range = range.start as usize..range.end as usize;
        let &first = self.claims.get(range.clone())?.first()?;
        // One of them was there, so the first was made.
        self.note(first, time);
        let made = self.made_by(time);
        let claims = self.claims.get(range)?;
        let known = claims.partition_point(|&number| number <= made);
        let &number = claims.get(known.checked_sub(1)?)?;
        let settled = *claims.last()? <= self.made;
        let code = self.codes.get_mut(number as usize)?;
        let frame = *code.frame.get_or_insert_with(|| {
            let name = code.name.start as usize..code.name.end as usize;
            to.frame(self.names.get(name).unwrap_or_default(), MODULE, false)
        });
        Some((frame, settled))
    }

    /// Notes that a code had been made by a time.
    fn note(&mut self, number: u32, time: u64) {
        if number > self.made {
            self.made = number;
            self.recent.push_back((time, number));
            while self.recent.front().is_some_and(|&(old, _)| time.saturating_sub(old) > SPAN) {
                self.recent.pop_front();
            }
        }
    }

    /// The last code that had been made by a time, as far as can be told.
    fn made_by(&self, time: u64) -> u32 {
        let (Some(first), Some(last)) = (self.recent.front(), self.recent.back()) else {
            return self.made;
        };
        let ahead = time.saturating_sub(last.0).min(SPAN);
        let grown = u64::from(last.1 - first.1) * ahead;
        let grown = grown.checked_div(last.0.saturating_sub(first.0)).unwrap_or_default();
        self.made.saturating_add(u32::try_from(grown).unwrap_or(u32::MAX))
    }
}

/// A line of a perf map.
fn entry(line: &[u8]) -> Option<(u64, u64, &[u8])> {
    let mut words = line.trim_ascii_end().splitn(3, |&b| b == b' ');
    let mut hex = || {
        let word = words.next()?;
        let digits = word.strip_prefix(b"0x").unwrap_or(word);
        u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    Some((hex()?, hex()?, words.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What lies at an address at a time, and whether that is for good.
    struct Asked(PerfMap, Recorder);

    impl Asked {
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
            Asked(PerfMap::read(text.as_bytes(), &mut Budget::default()), Recorder::new());
        assert_eq!(map.name(0xfff, 0), None);
        assert_eq!(map.name(0x1090, 0), told("first", false));
        assert_eq!(map.name(0x2000, 0), told("other", true));
        assert_eq!(map.name(0x1090, 0), told("first", false));
        assert_eq!(map.name(0x117f, 0), told("second", true));
        assert_eq!(map.name(0x1090, 0), told("second", true));
        // Where only the first one was.
        assert_eq!(map.name(0x107f, 0), told("first", true));
        assert_eq!(map.name(0x300f, 0), told("last", true));
        for address in [0x3010, 0x4000, u64::MAX] {
            assert_eq!(map.name(address, 0), None);
        }
    }

    #[test]
    fn code_is_taken_to_be_made_as_fast_as_in_the_second_before() {
        let mut text: Vec<String> =
            (0..100).map(|at| format!("{:x} 10 JS:~f{at} /a.js:1:1\n", 0x1000 + at * 16)).collect();
        text[60] = "1000 10 JS:~later /a.js:1:1\n".to_owned();
        let mut map =
            Asked(PerfMap::read(text.concat().as_bytes(), &mut Budget::default()), Recorder::new());
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
}
