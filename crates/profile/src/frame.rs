//! Frames: a function, its tier, and whether it ran inlined.

use crate::strings::{StrId, Strings};
use hashbrown::HashMap;

/// The kind of code behind a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A JavaScript function of the application, of a package or of Node itself.
    Js,
    /// One of V8's builtins (`Builtin: ArrayMap`).
    Builtin,
    /// The interpreter's code for one bytecode (`BytecodeHandler: LdaZero`).
    BytecodeHandler,
    /// Compiled code of a regular expression.
    RegExp,
    /// A WebAssembly function.
    Wasm,
    /// Machine code of the program or a shared library.
    Native,
    /// A function of the operating system's kernel.
    Kernel,
    /// The garbage collector at work.
    Gc,
    /// Parsing or compiling JavaScript.
    Compiler,
    /// Waiting for something to do.
    Idle,
    /// The program, with no function known (as DevTools write it).
    Program,
    /// Frames that the user hid, when no other frame of the stack is left.
    Hidden,
    /// An address without a known function.
    Unresolved,
    /// An error of an application log: `Error: Queue limit reached`.
    Error,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Js,
        Self::Builtin,
        Self::BytecodeHandler,
        Self::RegExp,
        Self::Wasm,
        Self::Native,
        Self::Kernel,
        Self::Gc,
        Self::Compiler,
        Self::Idle,
        Self::Program,
        Self::Hidden,
        Self::Unresolved,
        Self::Error,
    ];
}

/// The compiler that made a JavaScript function's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Tier {
    /// The code is not JavaScript, or its tier is not known.
    #[default]
    None,
    /// Bytecode (Ignition), `~`.
    Interpreted,
    /// Sparkplug, `^`.
    Baseline,
    /// Maglev, `+`.
    Maglev,
    /// TurboFan, `*`.
    Optimized,
}

impl Tier {
    /// Every tier, in the order of [`Tier::index`].
    pub const ALL: [Self; 5] =
        [Self::None, Self::Interpreted, Self::Baseline, Self::Maglev, Self::Optimized];

    /// Returns V8's mark for the tier, which it writes in front of a function's name; empty
    /// for [`Tier::None`].
    pub const fn mark(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Interpreted => "~",
            Self::Baseline => "^",
            Self::Maglev => "+",
            Self::Optimized => "*",
        }
    }

    /// Returns the tier that V8 marks with `mark`; `None` for other characters.
    pub const fn from_mark(mark: char) -> Option<Self> {
        match mark {
            '~' => Some(Self::Interpreted),
            '^' => Some(Self::Baseline),
            '+' => Some(Self::Maglev),
            '*' => Some(Self::Optimized),
            _ => None,
        }
    }

    /// Returns the tier's name as shown to people; empty for [`Tier::None`].
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Interpreted => "interpreted",
            Self::Baseline => "baseline",
            Self::Maglev => "maglev",
            Self::Optimized => "optimized",
        }
    }

    /// Returns the tier's index in an array with one slot a tier.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Returns true for machine code that was made from JavaScript.
    pub const fn is_compiled(self) -> bool {
        matches!(self, Self::Baseline | Self::Maglev | Self::Optimized)
    }
}

/// The identity of a function. It does not depend on the tier, nor on the function that it
/// was inlined into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    /// The name; empty for an anonymous function or a top level.
    pub name: StrId,
    /// The source file (a path, `node:fs`, ...); empty where there is none.
    pub file: StrId,
    /// First line, from 1; 0 when not known.
    pub line: u32,
    /// Column in that line, from 1; 0 when not known.
    pub column: u32,
    /// The kind of code.
    pub kind: Kind,
    /// The binary or library that contains the function. For JavaScript it is the file that
    /// ran, if a source map led out of the package that the file belongs to; otherwise it is
    /// empty.
    pub module: StrId,
}

impl Function {
    /// Returns the source file, or the library for native code without one.
    pub(crate) fn source(&self) -> StrId {
        match self.kind {
            Kind::Native if self.file == StrId::EMPTY => self.module,
            _ => self.file,
        }
    }

    /// Returns the function with a line that ran as its place, for views by line. The line
    /// is 0 when it is not known; a function without a source has no lines.
    pub(crate) fn on_line(self, line: u32) -> Self {
        let line = if self.file == StrId::EMPTY { 0 } else { line };
        Self { line, column: 0, ..self }
    }

    /// Returns the file whose path determines the owner of the code: the file that ran, for
    /// JavaScript of a package whose source map names sources elsewhere; otherwise the
    /// source.
    pub fn owner(&self) -> StrId {
        match self.kind {
            Kind::Js if self.module != StrId::EMPTY => self.module,
            _ => self.source(),
        }
    }
}

/// The id of a [`Function`] in its [`FrameTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(u32);

impl FunctionId {
    /// Returns the function's place in the table, from 0.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One level of a stack: a function in one tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// The function.
    pub function: FunctionId,
    /// The compiler that made the code of the function in this frame.
    pub tier: Tier,
    /// True when the function's code is part of its caller's code, which is the frame
    /// above.
    pub inlined: bool,
}

/// The id of a [`Frame`] in its [`FrameTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameId(u32);

impl FrameId {
    /// Returns the frame's place in the table, from 0.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The interned strings, functions and frames of one profile.
///
/// ```
/// use spikeflame_profile::{Frame, FrameTable, Kind, Tier};
///
/// let mut table = FrameTable::default();
/// let function = table.named("handler", Kind::Js);
/// let frame = Frame { function, tier: Tier::Optimized, inlined: false };
/// let id = table.frame(frame);
/// assert_eq!(table.frame(frame), id, "the same frame has the same id");
/// assert_eq!(table.kind(id), Kind::Js);
/// ```
#[derive(Clone, Debug, Default)]
pub struct FrameTable {
    strings: Strings,
    functions: Vec<Function>,
    function_index: HashMap<Function, FunctionId>,
    frames: Vec<Frame>,
    frame_index: HashMap<Frame, FrameId>,
    /// The lines that ran, of the frames that have one.
    lines: HashMap<FrameId, u32>,
    line_index: HashMap<(FrameId, u32), FrameId>,
}

impl FrameTable {
    /// Returns the strings that the functions' fields refer to.
    pub fn strings(&self) -> &Strings {
        &self.strings
    }

    /// Interns a string for use in a [`Function`].
    pub fn intern(&mut self, value: &str) -> StrId {
        self.strings.intern(value)
    }

    /// Returns the id of `function`, and interns it when it is new.
    pub fn function(&mut self, function: Function) -> FunctionId {
        let functions = &mut self.functions;
        *self.function_index.entry(function).or_insert_with(|| {
            functions.push(function);
            FunctionId(functions.len() as u32 - 1)
        })
    }

    /// Returns the id of the function with this name and kind, without file, line and module.
    /// Interns it when it is new.
    pub fn named(&mut self, name: &str, kind: Kind) -> FunctionId {
        let name = self.intern(name);
        let (file, module) = (StrId::EMPTY, StrId::EMPTY);
        self.function(Function { name, file, line: 0, column: 0, kind, module })
    }

    /// Returns the id of `frame`, and interns it when it is new.
    pub fn frame(&mut self, frame: Frame) -> FrameId {
        let frames = &mut self.frames;
        *self.frame_index.entry(frame).or_insert_with(|| {
            frames.push(frame);
            FrameId(frames.len() as u32 - 1)
        })
    }

    /// Returns the id of the frame `id` at the line of its source file that ran, from 1. It
    /// is another id for each line, and `id` itself for 0 (not known).
    ///
    /// ```
    /// use spikeflame_profile::FrameTable;
    ///
    /// let mut table = FrameTable::default();
    /// let frame = table.labelled("handler /srv/app.js:10:1");
    /// let line = table.at_line(frame, 12);
    /// assert_eq!(table.line(line), 12);
    /// assert_eq!(table.get(line), table.get(frame), "function and tier are the same");
    /// assert_eq!(table.line(frame), 0, "not known");
    /// ```
    pub fn at_line(&mut self, id: FrameId, line: u32) -> FrameId {
        if line == 0 {
            return id;
        }
        let frame = self.get(id);
        let base = self.frame(frame);
        let (frames, lines) = (&mut self.frames, &mut self.lines);
        *self.line_index.entry((base, line)).or_insert_with(|| {
            frames.push(frame);
            let id = FrameId(frames.len() as u32 - 1);
            lines.insert(id, line);
            id
        })
    }

    /// Returns the line that ran in the frame `id`; 0 when it is not known.
    pub fn line(&self, id: FrameId) -> u32 {
        if self.lines.is_empty() {
            return 0;
        }
        self.lines.get(&id).copied().unwrap_or(0)
    }

    /// Returns true when the line that ran is known for at least one frame.
    pub fn has_lines(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Removes the lines that ran from all frames of the functions for which `of` returns true.
    pub fn forget_lines(&mut self, of: impl Fn(FunctionId) -> bool) {
        let frames = &self.frames;
        let function = |id: &FrameId| frames.get(id.index()).map(|frame| frame.function);
        self.lines.retain(|id, _| !function(id).is_some_and(&of));
    }

    /// Returns the frame with this id.
    ///
    /// # Panics
    ///
    /// When `id` is from another table and larger than this table.
    pub fn get(&self, id: FrameId) -> Frame {
        #[allow(clippy::indexing_slicing, reason = "ids are made only by this table")]
        self.frames[id.index()]
    }

    /// Returns the function with this id.
    ///
    /// # Panics
    ///
    /// When `id` is from another table and larger than this table.
    pub fn get_function(&self, id: FunctionId) -> &Function {
        #[allow(clippy::indexing_slicing, reason = "ids are made only by this table")]
        &self.functions[id.index()]
    }

    /// Returns the kind of the function of the frame `id`.
    pub fn kind(&self, id: FrameId) -> Kind {
        self.get_function(self.get(id).function).kind
    }

    /// Returns every frame, in the order of the ids.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = (FrameId, Frame)> + '_ {
        self.frames.iter().enumerate().map(|(at, &frame)| (FrameId(at as u32), frame))
    }

    /// Returns every function, in the order of the ids.
    pub fn functions(&self) -> impl ExactSizeIterator<Item = (FunctionId, &Function)> + '_ {
        self.functions.iter().enumerate().map(|(at, function)| (FunctionId(at as u32), function))
    }

    /// Replaces the function `id` in all frames that refer to it.
    pub fn set_function(&mut self, id: FunctionId, function: Function) {
        if let Some(slot) = self.functions.get_mut(id.index()) {
            self.function_index.remove(slot);
            *slot = function;
            self.function_index.entry(function).or_insert(id);
        }
    }

    /// Returns the number of distinct functions.
    pub fn function_count(&self) -> usize {
        self.functions.len()
    }

    /// Returns the approximate size of the table in bytes.
    pub fn bytes(&self) -> usize {
        self.strings.bytes()
            + self.functions.len() * 96
            + self.frames.len() * 40
            + self.lines.len() * 40
    }

    /// Interns a frame of another table in this one, and returns its new id.
    pub fn import(&mut self, other: &Self, id: FrameId) -> FrameId {
        let frame = other.get(id);
        let function = self.import_function(other, frame.function);
        let here = self.frame(Frame { function, ..frame });
        self.at_line(here, other.line(id))
    }

    /// Interns a function of another table in this one, and returns its new id.
    pub(crate) fn import_function(&mut self, other: &Self, id: FunctionId) -> FunctionId {
        let mut function = *other.get_function(id);
        for part in [&mut function.name, &mut function.file, &mut function.module] {
            *part = self.strings.intern(other.strings.get(*part));
        }
        self.function(function)
    }
}
