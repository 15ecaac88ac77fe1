//! Packs a profile as columns of numbers in LEB128, one column after the other.

use flate2::Compression;
use flate2::write::GzEncoder;
use hashbrown::HashMap;
use serde::Serialize;
use spikeflame_profile::{
    Category, Frame, FrameId, Function, GroupBy, Kind, Profile, StrId, Strings, Tier, group_of,
    package_of, write_label,
};
use std::borrow::Cow;
use std::io::{self, Write};

/// Characters after which a string in the page's data is cut. Names of a megabyte would fill it.
const LONGEST_STRING: usize = 2_000;

/// Length of each column. The page reads the columns in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Lengths {
    strings: usize,
    text_bytes: usize,
    functions: usize,
    frames: usize,
    /// True when frames have a column with the lines that ran.
    lines: bool,
    stacks: usize,
    threads: Vec<ThreadLengths>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ThreadLengths {
    name: String,
    samples: usize,
    weighted: bool,
    timed: bool,
}

/// Packs a profile.
pub(super) fn pack(profile: &Profile) -> io::Result<(Vec<u8>, Lengths)> {
    let mut lengths = Lengths::default();
    let used = Subsets::new(profile);
    let (functions, texts) = function_columns(profile, &used.functions);
    let mut plain = Vec::with_capacity(1 << 20);
    lengths.strings = texts.list.len();
    for text in &texts.list {
        number(&mut plain, text.len() as u64);
    }
    for text in &texts.list {
        plain.extend_from_slice(text.as_bytes());
        lengths.text_bytes += text.len();
    }
    lengths.functions = used.functions.count;
    for column in &functions {
        numbers(&mut plain, column.iter().map(|&value| u64::from(value)));
    }
    let frames = || profile.frames.frames().filter(|(id, _)| used.frames.holds(id.index()));
    lengths.frames = used.frames.count;
    let function = |frame: Frame| used.functions.place(frame.function.index());
    numbers(&mut plain, frames().map(|(_, frame)| function(frame)));
    let flags = |tier: Tier, inlined: bool| tier.index() as u64 | u64::from(inlined) << 3;
    numbers(&mut plain, frames().map(|(_, frame)| flags(frame.tier, frame.inlined)));
    lengths.lines = profile.frames.has_lines();
    if lengths.lines {
        numbers(&mut plain, frames().map(|(id, _)| u64::from(line(profile, id))));
    }
    lengths.stacks = profile.stacks.len() - 1;
    let up = profile.stacks.nodes().map(|(stack, parent, _)| stack.index() - parent.index());
    numbers(&mut plain, up.map(|up| up as u64));
    numbers(&mut plain, profile.stacks.nodes().map(|(_, _, id)| used.frames.place(id.index())));
    samples(profile, &mut plain, &mut lengths);
    let mut packed = GzEncoder::new(Vec::new(), Compression::new(6));
    packed.write_all(&plain)?;
    Ok((packed.finish()?, lengths))
}

/// Frames and functions that are in a stack. A tick log also names functions that ran at no tick; the
/// page does not need them.
struct Subsets {
    frames: Subset,
    functions: Subset,
}

impl Subsets {
    fn new(profile: &Profile) -> Self {
        let table = &profile.frames;
        let mut frames = vec![false; table.frames().len()];
        let mut functions = vec![false; table.function_count()];
        for (_, _, id) in profile.stacks.nodes() {
            mark(&mut frames, id.index());
            mark(&mut functions, table.get(id).function.index());
        }
        Self { frames: Subset::new(&frames), functions: Subset::new(&functions) }
    }
}

fn mark(members: &mut [bool], index: usize) {
    if let Some(member) = members.get_mut(index) {
        *member = true;
    }
}

/// Some items of a table, numbered in their order.
struct Subset {
    /// The new number of each item; `None` for items that are left out.
    places: Vec<Option<u32>>,
    count: usize,
}

impl Subset {
    fn new(members: &[bool]) -> Self {
        let mut count = 0;
        let places = members
            .iter()
            .map(|&member| {
                member.then(|| {
                    count += 1;
                    count as u32 - 1
                })
            })
            .collect();
        Self { places, count }
    }

    fn holds(&self, index: usize) -> bool {
        self.places.get(index).is_some_and(Option::is_some)
    }

    fn place(&self, index: usize) -> u64 {
        u64::from(self.places.get(index).copied().flatten().unwrap_or_default())
    }
}

/// Returns the line that ran in a frame; 0 when it is not known, or when the function has no
/// source whose line it could be.
fn line(profile: &Profile, frame: FrameId) -> u32 {
    let function = profile.frames.get_function(profile.frames.get(frame).function);
    if function.file == StrId::EMPTY { 0 } else { profile.frames.line(frame) }
}

fn samples(profile: &Profile, plain: &mut Vec<u8>, lengths: &mut Lengths) {
    let timed = profile.is_timed();
    for thread in &profile.threads {
        let samples = || thread.samples.iter();
        let weighted = samples().any(|(_, weight)| weight != 1);
        if timed {
            let mut last = 0;
            // Samples are in order of time. A sample out of order gets the time of the one before.
            let steps = samples().map(|(sample, _)| {
                let step = sample.time_us.saturating_sub(last);
                last += step;
                step
            });
            numbers(plain, steps);
        }
        numbers(plain, samples().map(|(sample, _)| sample.stack.index() as u64));
        if weighted {
            numbers(plain, samples().map(|(_, weight)| weight));
        }
        let name = crate::clean::xml(&thread.name);
        let samples = thread.samples.len();
        lengths.threads.push(ThreadLengths { name, samples, weighted, timed });
    }
}

/// Appends an unsigned LEB128 number.
fn number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn numbers(out: &mut Vec<u8>, values: impl Iterator<Item = u64>) {
    values.for_each(|value| number(out, value));
}

/// Distinct strings in the order of their first use; the first is the empty one.
struct Texts {
    list: Vec<String>,
    ids: HashMap<String, u32>,
    /// Number of each string of the profile.
    known: HashMap<StrId, u32>,
}

impl Texts {
    fn new() -> Self {
        let mut texts = Self { list: Vec::new(), ids: HashMap::new(), known: HashMap::new() };
        texts.add("");
        texts
    }

    fn add(&mut self, text: &str) -> u32 {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = self.list.len() as u32;
        self.ids.insert(text.to_owned(), id);
        self.list.push(self.brief(text, id));
        id
    }

    fn add_interned(&mut self, strings: &Strings, id: StrId) -> u32 {
        if let Some(&known) = self.known.get(&id) {
            return known;
        }
        let text = self.add(strings.get(id));
        self.known.insert(id, text);
        text
    }

    /// Returns the string, cut when it is very long. Its number is added, so that strings stay
    /// different.
    fn brief(&self, text: &str, id: u32) -> String {
        match text.char_indices().nth(LONGEST_STRING) {
            Some((end, _)) => {
                let head = text.get(..end).unwrap_or_default();
                format!("{head}… ({} characters, number {id})", text.chars().count())
            }
            None => text.to_owned(),
        }
    }
}

/// Returns the ten columns of the functions: name, file, line, column, kind, category, package,
/// label, group by file, group by package.
fn function_columns(profile: &Profile, used: &Subset) -> ([Vec<u32>; 10], Texts) {
    let strings = profile.frames.strings();
    let mut texts = Texts::new();
    let mut columns: [Vec<u32>; 10] = Default::default();
    let functions = profile.frames.functions();
    for (_, function) in functions.filter(|(id, _)| used.holds(id.index())) {
        let source = source_of(function);
        let category = Category::classify(function, strings);
        let package = match function.kind {
            Kind::Js => package_of(strings.get(function.owner())).unwrap_or_default(),
            _ => Cow::Borrowed(""),
        };
        let group = |by| {
            let file = if by == GroupBy::File { source } else { function.owner() };
            group_of(by, function.kind, strings.get(file)).unwrap_or_default()
        };
        let row = [
            texts.add_interned(strings, function.name),
            texts.add_interned(strings, source),
            function.line,
            function.column,
            place(&Kind::ALL, function.kind),
            place(&Category::ALL, category),
            texts.add(&package),
            label(function, strings, &mut texts),
            texts.add(&group(GroupBy::File)),
            texts.add(&group(GroupBy::Package)),
        ];
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    (columns, texts)
}

/// Returns the file of a function, or the library of native code without a file.
fn source_of(function: &Function) -> StrId {
    match function.kind {
        Kind::Native if function.file == StrId::EMPTY => function.module,
        _ => function.file,
    }
}

/// Adds the label to `texts`, and returns its number there. Returns 0 for a label of the form
/// `name file:line:column`, which the page makes itself.
fn label(function: &Function, strings: &Strings, texts: &mut Texts) -> u32 {
    if function.kind == Kind::Js && function.file != StrId::EMPTY {
        return 0;
    }
    let mut label = String::new();
    write_label(&mut label, strings, function, Tier::None);
    texts.add(&label)
}

fn place<T: PartialEq>(all: &[T], one: T) -> u32 {
    all.iter().position(|other| *other == one).unwrap_or_default() as u32
}
