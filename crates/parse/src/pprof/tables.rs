//! The tables of a profile, which its samples refer to.

use super::wire::{self, Field, Fields, Value, WireProblem};
use crate::utf8::lossy;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use prost::Message;
use spikeflame_profile::Ledger;
use spikeflame_proto::pprof::{Function, INLINED_MOST, Line, Location, Mapping, ValueType, field};
use std::borrow::Cow;
use std::ops::Range;

/// The longest record that is decoded, because its content takes many times its size in
/// memory. Strings may be longer.
pub(super) const LONGEST_RECORD: usize = 1 << 20;

/// The longest string; longer ones are cut.
const LONGEST_STRING: usize = 1 << 14;

/// The most types of values; profiles of a heap have four.
const MOST_TYPES: usize = 100;

/// The most entries of each table; no profiler writes as many.
const MOST_ENTRIES: usize = 1 << 22;

const TOO_MANY: &str = "more than 4,194,304 entries in a table; no profiler writes as many";

/// Everything but the samples.
#[derive(Default)]
pub(super) struct Tables<'a> {
    strings: Vec<&'a [u8]>,
    pub(super) types: Vec<ValueType>,
    pub(super) period_type: ValueType,
    pub(super) period: i64,
    pub(super) default_type: i64,
    pub(super) time_nanos: i64,
    pub(super) duration_nanos: i64,
    comments: Vec<i64>,
    mappings: HashMap<u64, Mapping>,
    pub(super) functions: HashMap<u64, Function>,
    pub(super) locations: HashMap<u64, Place>,
    lines: Vec<Line>,
    /// True when a function or a location has the id of another.
    ids_again: bool,
    /// The problem that ended the profile early.
    pub(super) wrong: Option<WireProblem>,
}

/// A location; its lines are stored together with those of all others.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// The number of its record.
    pub(super) record: u64,
    mapping_id: u64,
    lines: Range<u32>,
}

impl<'a> Tables<'a> {
    /// Reads the tables. Records that cannot be used are counted in `losses`; a problem of
    /// the outer message is stored in `wrong`.
    pub(super) fn read(bytes: &'a [u8], losses: &mut Ledger) -> Self {
        let mut tables = Self::default();
        for (number, field) in Fields::new(bytes).enumerate() {
            let taken = field.and_then(|field| tables.take(field, number as u64, losses));
            if let Err(wrong) = taken {
                tables.wrong = Some(wrong);
                break;
            }
        }
        tables
    }

    fn take(
        &mut self,
        field: Field<'a>,
        number: u64,
        losses: &mut Ledger,
    ) -> Result<(), WireProblem> {
        let most = [
            self.strings.len(),
            self.comments.len(),
            self.mappings.len(),
            self.functions.len(),
            self.locations.len(),
            self.lines.len(),
        ];
        if most.iter().any(|&count| count > MOST_ENTRIES) {
            return Err(WireProblem { at: field.at, what: TOO_MANY, cut: false });
        }
        let mut records = Records { number, losses };
        match (field.number, field.value) {
            (field::SAMPLE_TYPE, _) if self.types.len() >= MOST_TYPES => {
                return Err(WireProblem {
                    at: field.at,
                    what: "more than 100 kinds of value",
                    cut: false,
                });
            }
            (field::STRING, Value::Bytes(text)) => self.strings.push(text),
            (field::SAMPLE_TYPE, Value::Bytes(within)) => {
                // Types are used by index, so a broken one must keep its place.
                self.types.push(records.decode(within).unwrap_or_default());
            }
            (field::MAPPING, Value::Bytes(within)) => {
                let mapping = records.decode(within);
                records.insert(&mut self.mappings, mapping.map(|m: Mapping| (m.id, m)));
            }
            (field::FUNCTION, Value::Bytes(within)) => {
                let function = records.decode(within);
                let function = function.map(|f: Function| (f.id, f));
                self.ids_again |= records.insert(&mut self.functions, function);
            }
            (field::LOCATION, Value::Bytes(within)) => {
                let location = records.decode(within).map(|mut location: Location| {
                    if location.line.len() > INLINED_MOST {
                        records.lose("a location with more than 256 functions inlined");
                        // The last line is the function that the others were inlined into.
                        location.line.drain(..location.line.len() - INLINED_MOST);
                    }
                    let start = self.lines.len() as u32;
                    let lines = start..start + location.line.len() as u32;
                    self.lines.append(&mut location.line);
                    let place = Place { record: number, mapping_id: location.mapping_id, lines };
                    (location.id, place)
                });
                self.ids_again |= records.insert(&mut self.locations, location);
            }
            (field::PERIOD_TYPE, Value::Bytes(within)) => {
                self.period_type = records.decode(within).unwrap_or_default();
            }
            (field::COMMENT, Value::Number(comment)) => self.comments.push(comment as i64),
            (field::COMMENT, Value::Bytes(within)) => {
                self.comments.extend(wire::numbers(within).take(1000).map(|n| n as i64));
            }
            (field::TIME_NANOS, Value::Number(nanos)) => self.time_nanos = nanos as i64,
            (field::DURATION_NANOS, Value::Number(nanos)) => self.duration_nanos = nanos as i64,
            (field::PERIOD, Value::Number(period)) => self.period = period as i64,
            (field::DEFAULT_SAMPLE_TYPE, Value::Number(text)) => self.default_type = text as i64,
            _ => {}
        }
        Ok(())
    }

    /// Returns true for several profiles one after the other: ids of functions or locations occur
    /// again, and so does the empty string, with which each table of strings begins.
    pub(super) fn are_several(&self) -> bool {
        self.ids_again && self.strings.iter().skip(1).any(|text| text.is_empty())
    }

    /// Returns a string of the table; `None` for an index after its end.
    pub(super) fn known(&self, number: i64) -> Option<Cow<'a, str>> {
        let bytes = self.strings.get(usize::try_from(number).ok()?)?;
        let bytes = bytes.get(..LONGEST_STRING).unwrap_or(bytes);
        Some(lossy(bytes))
    }

    /// Returns a string of the table; empty for an index after its end.
    pub(super) fn string(&self, number: i64) -> Cow<'a, str> {
        self.known(number).unwrap_or_default()
    }

    pub(super) fn has_string(&self, text: &[u8]) -> bool {
        self.strings.contains(&text)
    }

    /// Returns true when the names of the types of values are there, which come first in
    /// the table.
    pub(super) fn has_names(&self) -> bool {
        let known = |number| self.known(number).is_some();
        !self.types.is_empty() && self.types.iter().all(|t| known(t.r#type) && known(t.unit))
    }

    pub(super) fn comments(&self) -> impl Iterator<Item = Cow<'a, str>> + '_ {
        self.comments.iter().map(|&comment| self.string(comment))
    }

    /// Returns the lines of a location, innermost first.
    pub(super) fn lines(&self, place: &Place) -> &[Line] {
        self.lines.get(place.lines.start as usize..place.lines.end as usize).unwrap_or_default()
    }

    /// Returns the lines of all locations.
    pub(super) fn all_lines(&self) -> &[Line] {
        &self.lines
    }

    /// Returns the file of a location's mapping; empty when it is not known.
    pub(super) fn module(&self, place: &Place) -> Cow<'a, str> {
        self.mappings.get(&place.mapping_id).map_or(Cow::default(), |m| self.string(m.filename))
    }
}

/// The records of the outer message, and the account of those that cannot be used.
struct Records<'l> {
    number: u64,
    losses: &'l mut Ledger,
}

impl Records<'_> {
    fn lose(&mut self, reason: &'static str) {
        self.losses.lose(reason, self.number, 0);
    }

    fn decode<T: Message + Default>(&mut self, bytes: &[u8]) -> Option<T> {
        match decode(bytes) {
            Ok(message) => Some(message),
            Err(reason) => {
                self.lose(reason);
                None
            }
        }
    }

    /// Adds an entry; of several with the same id, the first is kept. Returns true when the id was
    /// taken.
    fn insert<T>(&mut self, table: &mut HashMap<u64, T>, entry: Option<(u64, T)>) -> bool {
        match entry.map(|(id, value)| (id, table.entry(id), value)) {
            None => {}
            Some((0, ..)) => self.lose("a record with the id 0, which stands for none"),
            Some((_, Entry::Occupied(_), _)) => {
                self.lose("a record with an id that is taken");
                return true;
            }
            Some((_, Entry::Vacant(slot), value)) => {
                slot.insert(value);
            }
        }
        false
    }
}

/// Decodes a record of the outer message, or returns the reason why it cannot be used.
pub(super) fn decode<T: Message + Default>(bytes: &[u8]) -> Result<T, &'static str> {
    if bytes.len() > LONGEST_RECORD {
        return Err("a record of more than 1 MiB");
    }
    T::decode(bytes).map_err(|_| "a damaged record")
}
