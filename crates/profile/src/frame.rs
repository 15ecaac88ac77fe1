//! Frames: a function, its tier, and whether it ran inlined.

use crate::strings::{StrId, Strings};
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use std::num::NonZero;

/// The kind of code behind a frame. Some kinds are states in which no function is known;
/// [`Kind::state_label`] returns their labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A JavaScript function of the application, of a package, or of the runtime (Node, Deno, Bun).
    Js,
    /// A builtin of V8, such as `ArrayMap`; its label begins with `Builtin: `, or is `(builtin)` when it is
    /// not known which one it is.
    Builtin,
    /// The interpreter's machine code for one bytecode, such as `LdaZero`; its label begins with
    /// `BytecodeHandler: `.
    BytecodeHandler,
    /// The compiled code of a regular expression; its label begins with `RegExp: `.
    RegExp,
    /// A WebAssembly function.
    Wasm,
    /// Machine code of the program or of a shared library, and any function of another language,
    /// such as Python.
    Native,
    /// A function of the operating system's kernel.
    Kernel,
    /// The state in which V8 collects garbage; its label is `(garbage collector)`.
    Gc,
    /// The state in which V8 compiles JavaScript; its label is `(compiler)`.
    Compiler,
    /// The state in which the thread waits for something to do; its label is `(idle)`.
    Idle,
    /// The state in which the program ran but no function is known; its label is `(program)`, as
    /// DevTools write it.
    Program,
    /// A stack of which the selection shows no frame; its label is `(hidden)`.
    Hidden,
    /// Code at an address for which no function is known; its label is `(unresolved)`.
    Unresolved,
    /// An error that an application logged, in place of a function. Its name is the error's class
    /// and message: `Error: Queue limit reached`. Parts of the message may be left out.
    Error,
}

impl Kind {
    /// All kinds, each once, in the order of the enum.
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

/// The way in which V8, or another engine, ran a function: by its interpreter, or as machine code
/// of one of its compilers. JavaScript has tiers, and WebAssembly may have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Tier {
    /// The code has no tier, because it is neither JavaScript nor WebAssembly, or its tier is not
    /// known.
    #[default]
    None,
    /// Bytecode that the interpreter Ignition runs. V8's mark is `~`.
    Interpreted,
    /// Machine code of Sparkplug, or of another engine's compiler of this name. V8's mark is `^`.
    Baseline,
    /// Machine code of Maglev. V8's mark is `+`.
    Maglev,
    /// Machine code of TurboFan, or of another engine's optimizing compiler. V8's mark is `*`.
    Optimized,
}

impl Tier {
    /// Every tier, in the order of [`Tier::index`].
    pub const ALL: [Self; 5] =
        [Self::None, Self::Interpreted, Self::Baseline, Self::Maglev, Self::Optimized];

    /// Returns the character that V8 writes in front of a function's name for this tier: `~`, `^`,
    /// `+` or `*`. It is empty for [`Tier::None`].
    pub const fn mark(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Interpreted => "~",
            Self::Baseline => "^",
            Self::Maglev => "+",
            Self::Optimized => "*",
        }
    }

    /// Returns the tier whose [`Tier::mark`] is `mark`; `None` for other characters.
    pub const fn from_mark(mark: char) -> Option<Self> {
        match mark {
            '~' => Some(Self::Interpreted),
            '^' => Some(Self::Baseline),
            '+' => Some(Self::Maglev),
            '*' => Some(Self::Optimized),
            _ => None,
        }
    }

    /// Returns the tier's name for people: `interpreted`, `baseline`, `maglev` or `optimized`. It
    /// is empty for [`Tier::None`].
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Interpreted => "interpreted",
            Self::Baseline => "baseline",
            Self::Maglev => "maglev",
            Self::Optimized => "optimized",
        }
    }

    /// Returns the tier's index in an array with one element for each tier: 0 for [`Tier::None`],
    /// then 1 for interpreted to 4 for optimized.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Returns true for the tiers that are machine code: baseline, Maglev and optimized. Returns
    /// false for interpreted code and for [`Tier::None`].
    pub(crate) const fn is_compiled(self) -> bool {
        matches!(self, Self::Baseline | Self::Maglev | Self::Optimized)
    }
}

/// The number of an id: an index plus 1. It is never 0, so that an `Option` of an id has no byte more than an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct IdNumber(NonZero<u32>);

impl IdNumber {
    /// Returns the number of an index. An index beyond the last number gets the last one.
    pub(crate) fn new(index: usize) -> Self {
        Self(NonZero::<u32>::MIN.saturating_add(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// Returns the index.
    pub(crate) const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A function: its name, its place (file, line and column), its kind, and the module that contains
/// it. Two functions are the same when all fields are equal. [`Frame`] adds the tier, and whether
/// the function ran inlined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    /// The name; [`StrId::EMPTY`] for an anonymous function, and for code whose name is not known.
    pub name: StrId,
    /// The source file (a path, a URL, `node:fs`); [`StrId::EMPTY`] when it is not known.
    pub file: StrId,
    /// The line of `file` in which the function begins, from 1; 0 when it is not known.
    pub line: u32,
    /// The column at which the function begins, from 1; 0 when it is not known.
    pub column: u32,
    /// The kind of code, such as JavaScript, native or kernel.
    pub kind: Kind,
    /// The binary or library that contains the function, for code other than JavaScript;
    /// [`StrId::EMPTY`] when it is not known. JavaScript has one where `file` comes from a source
    /// map and would give a wrong package: it is then the file that gives the right one.
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

    /// Returns the path by which the function's package and category are found. It is `module` for
    /// JavaScript that has one and for native code without a file, and `file` for all other
    /// functions.
    pub fn owner(&self) -> StrId {
        match self.kind {
            Kind::Js if self.module != StrId::EMPTY => self.module,
            _ => self.source(),
        }
    }
}

/// The id of a [`Function`] in one [`FrameTable`]. It has no meaning in another table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(IdNumber);

impl FunctionId {
    /// Returns the function's index in the table, from 0, in the order in which functions were
    /// added.
    pub const fn index(self) -> usize {
        self.0.index()
    }
}

/// One level of a stack: a function with the tier of its code and whether it ran inlined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// The id of the function.
    pub function: FunctionId,
    /// The tier of the code that ran; [`Tier::None`] when it is not known.
    pub tier: Tier,
    /// True when the compiler had put the function's code into the code of its caller; false also when
    /// this is not known.
    pub inlined: bool,
}

/// The id of a [`Frame`], with or without the line that ran, in one [`FrameTable`]. It has no
/// meaning in another table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameId(IdNumber);

impl FrameId {
    /// Returns the frame's index in the table, from 0, in the order in which frames were added.
    pub const fn index(self) -> usize {
        self.0.index()
    }
}

/// The strings, functions and frames of one profile. Each has an id that is valid only in this
/// table. The default is an empty table.
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
    /// Further ids of functions that [`FrameTable::set_function`] made equal to the one in `function_index`.
    equal: HashMap<Function, Vec<FunctionId>>,
    frames: Vec<Frame>,
    frame_index: HashMap<Frame, FrameId>,
    /// The lines that ran, of the frames that have one.
    lines: HashMap<FrameId, u32>,
    line_index: HashMap<(FrameId, u32), FrameId>,
}

impl FrameTable {
    /// Returns the table of the strings that the ids in functions refer to.
    pub fn strings(&self) -> &Strings {
        &self.strings
    }

    /// Returns the id of a string in this table, and adds the string when it is new.
    pub fn intern(&mut self, value: &str) -> StrId {
        self.strings.intern(value)
    }

    /// Returns the id of the function that equals `function`, and adds it when it is new. A name of
    /// white space alone is no name: as a rule, the function gets the empty one.
    pub fn function(&mut self, function: Function) -> FunctionId {
        let function = self.named_or_nameless(function);
        let functions = &mut self.functions;
        *self.function_index.entry(function).or_insert_with(|| {
            functions.push(function);
            FunctionId(IdNumber::new(functions.len() - 1))
        })
    }

    /// Removes a name of white space, except for the kernel's.
    fn named_or_nameless(&self, function: Function) -> Function {
        let is_blank = function.kind != Kind::Kernel
            && self.strings.get(function.name).trim_start().is_empty();
        Function { name: if is_blank { StrId::EMPTY } else { function.name }, ..function }
    }

    /// Returns the id of the function with this name and kind and with no file, line, column and
    /// module. Adds it when it is new, as [`FrameTable::function`] does.
    pub fn named(&mut self, name: &str, kind: Kind) -> FunctionId {
        let name = self.intern(name);
        let (file, module) = (StrId::EMPTY, StrId::EMPTY);
        self.function(Function { name, file, line: 0, column: 0, kind, module })
    }

    /// Returns the id of the frame that equals `frame`, and adds it when it is new. This id has no
    /// line that ran: [`FrameTable::at_line`] returns ids with one.
    pub fn frame(&mut self, frame: Frame) -> FrameId {
        let frames = &mut self.frames;
        *self.frame_index.entry(frame).or_insert_with(|| {
            frames.push(frame);
            FrameId(IdNumber::new(frames.len() - 1))
        })
    }

    /// Returns the id of the frame `id` with `line`, from 1, as the line of its file that ran. Adds
    /// it when it is new. [`FrameTable::get`] returns the same frame for it. For line 0 (not
    /// known), it returns `id`.
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
            let id = FrameId(IdNumber::new(frames.len() - 1));
            lines.insert(id, line);
            id
        })
    }

    /// Returns the line that ran in the frame `id`, from 1, as it was given to
    /// [`FrameTable::at_line`]; 0 when it is not known.
    pub fn line(&self, id: FrameId) -> u32 {
        if self.lines.is_empty() {
            return 0;
        }
        self.lines.get(&id).copied().unwrap_or(0)
    }

    /// Returns true when at least one frame has a line that ran.
    pub fn has_lines(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Removes the line that ran from all frames for whose function and line `of` returns true.
    /// Their ids stay valid, and [`FrameTable::line`] returns 0 for them.
    pub fn forget_lines(&mut self, of: impl Fn(FunctionId, u32) -> bool) {
        let frames = &self.frames;
        let function = |id: &FrameId| frames.get(id.index()).map(|frame| frame.function);
        self.lines.retain(|id, line| !function(id).is_some_and(|function| of(function, *line)));
        // A line that runs later in such a function has an id of its own again.
        let lines = &self.lines;
        self.line_index.retain(|_, id| lines.contains_key(id));
    }

    /// Returns the frame with this id. Frames that differ only in the line that ran are equal.
    ///
    /// # Panics
    ///
    /// When `id` is from another table and this one has too few frames for it.
    pub fn get(&self, id: FrameId) -> Frame {
        #[allow(clippy::indexing_slicing, reason = "ids are made only by this table")]
        self.frames[id.index()]
    }

    /// Returns the function with this id, as it was added or last replaced by
    /// [`FrameTable::set_function`].
    ///
    /// # Panics
    ///
    /// When `id` is from another table and this one has too few functions for it.
    pub fn get_function(&self, id: FunctionId) -> &Function {
        #[allow(clippy::indexing_slicing, reason = "ids are made only by this table")]
        &self.functions[id.index()]
    }

    /// Returns the kind of the function of the frame `id`. It panics as [`FrameTable::get`] does.
    pub fn kind(&self, id: FrameId) -> Kind {
        self.get_function(self.get(id).function).kind
    }

    /// Returns all frames with their ids, in the order of the ids. Equal frames occur several times: without
    /// a line, and for each line that [`FrameTable::at_line`] added.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = (FrameId, Frame)> + '_ {
        self.frames.iter().enumerate().map(|(at, &frame)| (FrameId(IdNumber::new(at)), frame))
    }

    /// Returns all functions with their ids, in the order of the ids.
    pub fn functions(&self) -> impl ExactSizeIterator<Item = (FunctionId, &Function)> + '_ {
        let numbered = self.functions.iter().enumerate();
        numbered.map(|(at, function)| (FunctionId(IdNumber::new(at)), function))
    }

    /// Replaces the function that has the id `id`, so that all frames of this function show the new
    /// one. An id beyond the last function changes nothing.
    pub fn set_function(&mut self, id: FunctionId, function: Function) {
        let function = self.named_or_nameless(function);
        let Some(slot) = self.functions.get_mut(id.index()) else { return };
        let old = std::mem::replace(slot, function);
        if old == function {
            return;
        }
        self.forget_id(old, id);
        match self.function_index.entry(function) {
            Entry::Vacant(place) => _ = place.insert(id),
            Entry::Occupied(_) => self.equal.entry(function).or_default().push(id),
        }
    }

    /// Removes an id from the index of a function. Another id with an equal function takes its place.
    fn forget_id(&mut self, function: Function, id: FunctionId) {
        let others = self.equal.get_mut(&function);
        if self.function_index.get(&function) != Some(&id) {
            return others.into_iter().for_each(|others| others.retain(|other| *other != id));
        }
        match others.and_then(Vec::pop) {
            Some(other) => _ = self.function_index.insert(function, other),
            None => _ = self.function_index.remove(&function),
        }
    }

    /// Returns the number of functions in the table.
    pub fn function_count(&self) -> usize {
        self.functions.len()
    }

    /// Returns an estimate of the memory that the table occupies, in bytes, with that of its
    /// strings.
    pub fn bytes(&self) -> usize {
        self.strings.bytes()
            + self.functions.len() * 96
            + self.frames.len() * 40
            + self.lines.len() * 40
    }

    /// Adds a copy of a frame of the table `other` to this table, with its function, strings and
    /// the line that ran, unless this table has an equal one. Returns its id here. For an `id` that is not of
    /// `other`, it panics as [`FrameTable::get`] does, or takes another frame.
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
