//! The meaning of the lines of a stack: frames, positions in the source, or neither.

use super::cut::{CutLine, CutLines};
use crate::byte_map::ByteMap;
use crate::perf::recorder::Recorder;
use crate::perf::wasm_code::{CodePlace, is_followed};
use crate::perf::{raw, stack_line};
use crate::utf8::lossy;
use spikeflame_profile::{Frame, FrameId, FrameTable, Kind, StrId, Tier};

/// The meaning of a line below an event's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// One frame.
    Frame(FrameId),
    /// Several frames, outermost first: a range of [`Meanings::runs`].
    Frames(u32, u32),
    /// A line without a frame, such as a position in the source.
    Nothing,
    /// The position in the source of the frame before it: an index of
    /// [`Meanings::positions`].
    Position(u32),
    /// A position in the source, of a frame that ran inside the next one.
    Inlined,
    /// The end of the stack.
    Blank,
    /// An unknown line.
    Other,
}

/// The lines that were met, each with its meaning. Lines that differ in addresses alone are parsed once.
pub(super) struct Meanings {
    cut: CutLines<Line>,
    /// Lines whose meaning may depend on their address.
    lines: ByteMap<Line>,
    /// Lines of Java processes in raw mode, whose names are cleaned differently.
    java: ByteMap<Line>,
    /// True when names are those of `stackcollapse-perf`.
    raw: bool,
    /// True while the lines are those of a Java process, in raw mode.
    pub(super) is_java: bool,
    /// The frames of lines that stand for several.
    runs: Vec<FrameId>,
    /// File and line of positions in the source.
    positions: Vec<(StrId, u32)>,
    /// True when the lines that ran are wanted.
    wants_lines: bool,
}

impl Meanings {
    pub(super) fn new(raw: bool, wants_lines: bool) -> Self {
        Self {
            cut: CutLines::default(),
            lines: ByteMap::default(),
            java: ByteMap::default(),
            raw,
            is_java: false,
            runs: Vec::new(),
            positions: Vec::new(),
            wants_lines,
        }
    }

    /// Returns the frames of [`Line::Frames`].
    pub(super) fn run(&self, from: u32, to: u32) -> &[FrameId] {
        self.runs.get(from as usize..to as usize).unwrap_or_default()
    }

    /// Returns the meaning of a line, without its line break.
    pub(super) fn look_up(&mut self, line: &[u8], recorder: &mut Recorder) -> Line {
        let cut = CutLine::new(line, self.is_java);
        if let Some(known) = cut.and_then(|cut| self.cut.get(cut)) {
            return known;
        }
        let lines = if self.is_java { &self.java } else { &self.lines };
        if let Some(known) = lines.get(line) {
            return known;
        }
        let text = lossy(line);
        let found = self.parse(text.trim_end(), recorder);
        match (found, cut) {
            (Line::Other, _) => {}
            (_, Some(cut)) if self.is_anywhere(found, recorder) => self.cut.insert(cut, found),
            _ if self.is_java => self.java.insert(line, found),
            _ => self.lines.insert(line, found),
        }
        found
    }

    /// Returns true when all lines that are equal as a [`CutLine`] have this meaning, if one of them has it.
    pub(super) fn is_anywhere(&self, line: Line, recorder: &Recorder) -> bool {
        match line {
            // The addresses of WebAssembly code, and of code from `eval`, are noted.
            Line::Frame(frame) => !is_followed(&recorder.frames, frame),
            Line::Frames(..) => true,
            _ => false,
        }
    }

    fn parse(&mut self, line: &str, recorder: &mut Recorder) -> Line {
        if line.is_empty() {
            return Line::Blank;
        }
        if self.raw {
            return self.parse_raw(line, recorder);
        }
        if stack_line::is_branch_code(line) {
            return Line::Nothing;
        }
        match stack_line::parse(line) {
            Some(at) => {
                let frame = recorder.frame(at.symbol, at.module, at.inlined);
                if is_followed(&recorder.frames, frame) {
                    note_place(line, at.module, frame, recorder);
                }
                Line::Frame(frame)
            }
            None if stack_line::is_inlined_source(line) => Line::Inlined,
            None if stack_line::is_source(line) => self.position(line, &mut recorder.frames),
            None if stack_line::is_no_frame(line) => Line::Nothing,
            None => Line::Other,
        }
    }

    fn parse_raw(&mut self, line: &str, recorder: &mut Recorder) -> Line {
        let names = raw::names(line, self.is_java);
        let from = self.runs.len() as u32;
        self.runs.extend(names.iter().map(|name| plain(recorder, name)));
        match (names.len(), self.runs.last()) {
            (1, Some(&frame)) => {
                self.runs.pop();
                Line::Frame(frame)
            }
            (0, _) => Line::Nothing,
            _ => Line::Frames(from, self.runs.len() as u32),
        }
    }

    /// Reads a position in the source: `file.c:12`.
    fn position(&mut self, line: &str, frames: &mut FrameTable) -> Line {
        let line = line.split_once(" (discriminator").map_or(line, |(place, _)| place);
        let place = line.trim().rsplit_once(':').filter(|_| self.wants_lines);
        let place = place.and_then(|(file, line)| Some((file, line.parse().ok()?)));
        let Some((file, line)) = place.filter(|(file, line)| *line > 0 && !file.contains('?'))
        else {
            return Line::Nothing;
        };
        self.positions.push((frames.intern(file), line));
        Line::Position(self.positions.len() as u32 - 1)
    }

    /// Returns the file and the line of [`Line::Position`].
    pub(super) fn position_at(&self, position: u32) -> Option<(StrId, u32)> {
        self.positions.get(position as usize).copied()
    }
}

/// Notes the place of the code of WebAssembly or `eval` that a line contains. The map's name contains the
/// process (`perf-12.map`, or `jitted-12-3.so` with the number of the code).
fn note_place(line: &str, module: &str, frame: FrameId, recorder: &mut Recorder) {
    let Some((address, offset)) = stack_line::address(line) else { return };
    let mut numbers = module.rsplit('/').next().unwrap_or_default().split(['-', '.']).skip(1);
    let process = numbers.next().and_then(|number| number.parse().ok()).unwrap_or(-1);
    let file = numbers.next().and_then(|number| number.parse::<u64>().ok());
    let place = match (offset, file) {
        (Some(offset), file) => {
            CodePlace::Start(address.saturating_sub(offset), file.unwrap_or_default())
        }
        (None, Some(file)) => CodePlace::Start(0, file),
        (None, None) => CodePlace::Hit(address),
    };
    recorder.note_place(process, frame, place);
}

/// Returns a frame that has only a name, which folded text has as it is.
pub(super) fn plain(recorder: &mut Recorder, name: &str) -> FrameId {
    if name.is_empty() {
        return recorder.frames.nameless();
    }
    // Blank names of this kind are kept.
    let kind = if name.trim_start().is_empty() { Kind::Kernel } else { Kind::Native };
    let function = recorder.frames.named(name, kind);
    recorder.frames.frame(Frame { function, tier: Tier::None, inlined: false })
}
