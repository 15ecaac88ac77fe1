//! The source texts of functions, which show whether a function can call a builtin.

use super::super::fields::unescape;
use super::words;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use spikeflame_profile::FunctionId;

/// The most bytes of scripts that are kept. Functions of further scripts have no text.
const MOST_BYTES: usize = 128 << 20;

/// The place of a function in its script, in UTF-16 units.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Range {
    from: u32,
    to: u32,
}

/// The scripts of a log, and the places of its functions in them.
#[derive(Default)]
pub(in super::super) struct Texts {
    /// Scripts by number, as the log has them; `None` when scripts of one number differ.
    scripts: HashMap<u64, Option<Box<[u8]>>>,
    bytes: usize,
    places: HashMap<FunctionId, (u64, Range)>,
}

impl Texts {
    /// Keeps the text of a script, which is escaped.
    pub(in super::super) fn add_script(&mut self, id: u64, text: &[u8]) {
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > MOST_BYTES {
            return;
        }
        match self.scripts.entry(id) {
            Entry::Vacant(entry) => _ = entry.insert(Some(text.into())),
            Entry::Occupied(entry) if entry.get().as_deref() == Some(text) => {}
            Entry::Occupied(mut entry) => *entry.get_mut() = None,
        }
    }

    /// Notes the place of a function in its script.
    pub(in super::super) fn add_function(
        &mut self,
        function: FunctionId,
        script: u64,
        (from, to): (u32, u32),
    ) {
        self.places.insert(function, (script, Range { from, to }));
    }

    /// Returns these texts in the form that answers questions.
    pub(super) fn reader(&self) -> Reader<'_> {
        let mut by_script: HashMap<u64, Vec<Range>> = HashMap::new();
        for &(script, range) in self.places.values() {
            by_script.entry(script).or_default().push(range);
        }
        by_script.values_mut().for_each(|ranges| ranges.sort_unstable());
        Reader { texts: self, by_script, scripts: HashMap::new(), answers: HashMap::new() }
    }
}

/// The texts of the functions of a log.
pub(super) struct Reader<'a> {
    texts: &'a Texts,
    /// The places of all functions of each script, sorted.
    by_script: HashMap<u64, Vec<Range>>,
    /// The scripts that were asked for, in the form in which words are searched.
    scripts: HashMap<u64, String>,
    answers: HashMap<(FunctionId, usize), Option<bool>>,
}

impl Reader<'_> {
    /// Returns whether the text of a function has an operator or a name by which it can call a builtin.
    /// Returns `None` when the text is not known, or when every text may call the builtin.
    pub(super) fn may_call(&mut self, function: FunctionId, builtin: &str) -> Option<bool> {
        let (class, words) = words::of(builtin)?;
        if let Some(&known) = self.answers.get(&(function, class)) {
            return known;
        }
        let has =
            |own: &Vec<&str>| words.iter().any(|word| own.iter().any(|part| part.contains(word)));
        let answer = self.own(function).as_ref().map(has);
        self.answers.insert((function, class), answer);
        answer
    }

    /// Returns the text of a function without the functions in it.
    fn own(&mut self, function: FunctionId) -> Option<Vec<&str>> {
        let &(script, range) = self.texts.places.get(&function)?;
        let raw = self.texts.scripts.get(&script)?.as_deref()?;
        let text = self.scripts.entry(script).or_insert_with(|| words::searchable(&unescape(raw)));
        let ranges = self.by_script.get(&script)?;
        let (mut own, mut at) = (Vec::new(), range.from);
        let after = ranges.partition_point(|other| other.from < range.from);
        for inner in ranges.iter().skip(after).take_while(|inner| inner.from < range.to) {
            if *inner != range && inner.to <= range.to && inner.from >= at {
                own.push(text.get(at as usize..inner.from as usize)?);
                at = inner.to;
            }
        }
        own.push(text.get(at as usize..range.to as usize)?);
        Some(own)
    }
}
