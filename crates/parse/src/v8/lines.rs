//! The lines of scripts that ran: a code object's positions in its script, and where the
//! lines of the script begin.

use super::fields::{whole_decimal, whole_hex};
use hashbrown::HashMap;
use spikeflame_profile::plain_path;
use spikeflame_profile::{FrameId, FrameTable, FunctionId};
use std::rc::Rc;

/// The positions in scripts of a code object's instructions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CodeLines {
    script: u64,
    /// Triples of `(offset, position in the script, inlining or MAX)`. Each is valid up to the
    /// offset of the next one.
    positions: Vec<(u32, u32, u32)>,
    inlinings: Vec<InlinedCall>,
}

/// A call that was replaced by the code of the function that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct InlinedCall {
    /// `None` for a function that V8 does not name.
    function: Option<FunctionId>,
    /// The position of the call, in the script of the caller.
    call: u32,
    /// The inlining that the call is in; `None` for the function of the code object.
    within: Option<u32>,
}

impl CodeLines {
    /// Reads `start,script,from,to,positions,inlining,functions` (after `code-source-info,`),
    /// and returns the start of the code with its positions. `function` returns the function
    /// at an SFI's address.
    pub(super) fn parse(
        fields: &[u8],
        function: impl Fn(u64) -> Option<FunctionId>,
    ) -> Option<(u64, Self)> {
        let mut parts = fields.split(|&b| b == b',');
        let (start, script) = (whole_hex(parts.next()?)?, whole_decimal(parts.next()?)?);
        let mut text = |skip| parts.nth(skip).and_then(|part| std::str::from_utf8(part).ok());
        let (positions, inlinings, functions) = (text(2)?, text(0)?, text(0)?);
        let functions: Vec<_> = functions
            .split('S')
            .skip(1)
            .map(|address| whole_hex(address.as_bytes()).and_then(&function))
            .collect();
        let mut code = Self { script, ..Self::default() };
        for entry in positions.split('C').skip(1) {
            let (offset, rest) = entry.split_once('O')?;
            let (position, inlining) = match rest.split_once('I') {
                Some((position, inlining)) => (position, inlining.parse().ok()?),
                None => (rest, u32::MAX),
            };
            code.positions.push((offset.parse().ok()?, position.parse().ok()?, inlining));
        }
        for entry in inlinings.split('F').skip(1) {
            let (index, rest) = entry.split_once('O')?;
            let (call, within) = match rest.split_once('I') {
                Some((call, within)) => (call, Some(within.parse().ok()?)),
                None => (rest, None),
            };
            let function =
                index.parse().ok().and_then(|at: usize| functions.get(at).copied()).flatten();
            code.inlinings.push(InlinedCall { function, call: call.parse().ok()?, within });
        }
        Some((start, code))
    }

    /// Gives the frames of an offset their lines. `run` has the frame of the code object, and
    /// then those of the functions inlined there, outermost first.
    pub(super) fn mark(
        &self,
        offset: u64,
        scripts: &ScriptLines,
        run: &mut [FrameId],
        frames: &mut FrameTable,
    ) {
        let after = self.positions.partition_point(|&(start, ..)| u64::from(start) <= offset);
        let found = after.checked_sub(1).and_then(|at| self.positions.get(at));
        let Some(&(_, mut position, inlining)) = found else { return };
        let mut inlining = Some(inlining).filter(|&inlining| inlining != u32::MAX);
        let mut inner = run.iter_mut().skip(1).rev();
        // A circle of inlinings (in a damaged line) ends after each was used.
        for _ in 0..self.inlinings.len() {
            let Some(call) = inlining.and_then(|id| self.inlinings.get(id as usize)) else { break };
            if call.function.is_some()
                && let Some(frame) = inner.next()
            {
                let file = frames.get_function(frames.get(*frame).function).file;
                let line = scripts.line_of_file(frames.strings().get(file), position);
                *frame = frames.at_line(*frame, line);
            }
            (position, inlining) = (call.call, call.within);
        }
        if let Some(outer) = run.first_mut() {
            *outer = frames.at_line(*outer, scripts.line_of_script(self.script, position));
        }
    }
}

/// The positions at which a script's lines end, in UTF-16 units.
type Ends = Rc<[u32]>;

/// The lines of scripts, from the texts in the log.
#[derive(Default)]
pub(super) struct ScriptLines {
    by_id: HashMap<u64, Ends>,
    /// By file; `None` when scripts of one file differ.
    by_file: HashMap<String, Option<Ends>>,
}

impl ScriptLines {
    /// Adds the text of a script.
    pub(super) fn add(&mut self, id: u64, url: &str, text: &str) {
        let ends: Ends = line_ends(text).into();
        self.by_id.insert(id, Rc::clone(&ends));
        let known = self
            .by_file
            .entry(plain_path(url).into_owned())
            .or_insert_with(|| Some(Rc::clone(&ends)));
        if known.as_ref().is_some_and(|known| *known != ends) {
            *known = None;
        }
    }

    fn line_of_script(&self, id: u64, position: u32) -> u32 {
        self.by_id.get(&id).map_or(0, |ends| line(ends, position))
    }

    fn line_of_file(&self, file: &str, position: u32) -> u32 {
        let ends = self.by_file.get(file).and_then(Option::as_ref);
        ends.map_or(0, |ends| line(ends, position))
    }
}

/// Returns the line of a position, from 1; 0 for a position after the script's end.
fn line(ends: &[u32], position: u32) -> u32 {
    let line = ends.partition_point(|&end| end < position);
    if line < ends.len() { line as u32 + 1 } else { 0 }
}

/// Returns the position of each line's end. These are the ends that V8 counts.
fn line_ends(text: &str) -> Vec<u32> {
    let mut ends = Vec::new();
    let (mut at, mut chars) = (0u32, text.chars().peekable());
    while let Some(c) = chars.next() {
        let ends_line = match c {
            '\n' | '\u{2028}' | '\u{2029}' => true,
            '\r' => chars.peek() != Some(&'\n'),
            _ => false,
        };
        if ends_line {
            ends.push(at);
        }
        at = at.saturating_add(c.len_utf16() as u32);
    }
    ends.push(at);
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_profile::{Frame, Tier};

    #[test]
    fn positions_count_utf16_units_and_every_kind_of_line_end() {
        let ends = line_ends("a😀\nb\r\nc\rd\u{2028}e");
        assert_eq!(ends, [3, 6, 8, 10, 12]);
        let lines: Vec<u32> = (0..14).map(|position| line(&ends, position)).collect();
        assert_eq!(lines, [1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 0]);
    }

    #[test]
    fn a_caller_has_the_line_of_its_inlined_call() {
        let mut frames = FrameTable::default();
        let mut frame = |label: &str| frames.labelled(label);
        let (outer, inner, leaf) =
            (frame("o /a.js:1:1"), frame("i /b.js:1:1"), frame("l /b.js:5:1"));
        let of = |frame, frames: &FrameTable| frames.get(frame).function;
        let inlined = [of(inner, &frames), of(leaf, &frames)];
        let fields = b"0x10,3,0,99,C0O0C8O5I1,F0O2F1O4I0,Sa0Sb0";
        let (start, code) = CodeLines::parse(fields, |address| match address {
            0xa0 => inlined.first().copied(),
            _ => inlined.get(1).copied(),
        })
        .unwrap();
        assert_eq!(start, 0x10);
        let mut scripts = ScriptLines::default();
        scripts.add(3, "/a.js", "a\nb\nc");
        scripts.add(4, "file:///b.js", "a\n\n\n\nb\nc\n");
        let mut run = [outer, inner, leaf];
        code.mark(9, &scripts, &mut run, &mut frames);
        assert_eq!(run.map(|frame| frames.line(frame)), [2, 4, 5]);
        let mut alone = [outer];
        code.mark(3, &scripts, &mut alone, &mut frames);
        assert_eq!(frames.line(alone[0]), 1);
        let tier = Tier::None;
        let same = frames.frame(Frame { tier, ..frames.get(alone[0]) });
        assert_eq!(same, outer, "the frame without a line is another");
    }

    #[test]
    fn a_circle_of_inlinings_ends() {
        let mut frames = FrameTable::default();
        let frame = frames.labelled("o /a.js:1:1");
        let function = frames.get(frame).function;
        let fields = b"0x10,3,0,99,C0O0I0,F0O2I1F0O4I0,Sa0";
        let (_, code) = CodeLines::parse(fields, |_| Some(function)).unwrap();
        code.mark(0, &ScriptLines::default(), &mut [frame, frame], &mut frames);
    }
}
