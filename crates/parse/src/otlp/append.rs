//! The tables of several documents as those of one.

use super::Tables;
use spikeflame_proto::otlp::ValueType;

/// The entries of a table: the number of those of other documents, which are in front, and the
/// number of the document's own.
#[derive(Clone, Copy)]
struct Entries(usize, usize);

/// The entries of each table.
struct Shift {
    strings: Entries,
    mappings: Entries,
    locations: Entries,
    functions: Entries,
    attributes: Entries,
    stacks: Entries,
}

/// Moves an index after the entries of other documents. An index that refers to nothing must not
/// refer to an entry of another document.
fn shift(index: &mut i32, Entries(before, own): Entries) {
    let moved = usize::try_from(*index).ok().filter(|&index| index < own).map(|it| it + before);
    *index = moved.and_then(|moved| i32::try_from(moved).ok()).unwrap_or(-1);
}

impl Shift {
    fn value_type(&self, value_type: &mut Option<ValueType>) {
        if let Some(ValueType { r#type, unit }) = value_type {
            shift(r#type, self.strings);
            shift(unit, self.strings);
        }
    }

    /// Moves the indices of a document's tables and samples. The first entry of each table stands
    /// for nothing, and is moved with the others.
    fn apply(&self, tables: &mut Tables) {
        tables.mappings.iter_mut().for_each(|mapping| shift(&mut mapping.filename, self.strings));
        for location in &mut tables.locations {
            shift(&mut location.mapping, self.mappings);
            location.attributes.iter_mut().for_each(|at| shift(at, self.attributes));
            location.lines.iter_mut().for_each(|line| shift(&mut line.function, self.functions));
        }
        for function in &mut tables.functions {
            shift(&mut function.name, self.strings);
            shift(&mut function.system_name, self.strings);
            shift(&mut function.filename, self.strings);
        }
        for attribute in &mut tables.attributes {
            shift(&mut attribute.key, self.strings);
            let text = attribute.value.as_mut().and_then(|value| value.text_index.as_mut());
            text.into_iter().for_each(|text| shift(text, self.strings));
        }
        for stack in &mut tables.stacks {
            stack.locations.iter_mut().for_each(|at| shift(at, self.locations));
        }
        for profile in &mut tables.profiles {
            self.value_type(&mut profile.head.sample_type);
            self.value_type(&mut profile.head.period_type);
            for sample in &mut profile.samples {
                shift(&mut sample.stack, self.stacks);
                sample.attributes.iter_mut().for_each(|at| shift(at, self.attributes));
            }
        }
    }
}

impl Tables {
    /// Adds the tables and profiles of another document.
    pub(super) fn append(&mut self, mut other: Self) {
        let by = Shift {
            strings: Entries(self.strings.len(), other.strings.len()),
            mappings: Entries(self.mappings.len(), other.mappings.len()),
            locations: Entries(self.locations.len(), other.locations.len()),
            functions: Entries(self.functions.len(), other.functions.len()),
            attributes: Entries(self.attributes.len(), other.attributes.len()),
            stacks: Entries(self.stacks.len(), other.stacks.len()),
        };
        by.apply(&mut other);
        self.strings.append(&mut other.strings);
        self.mappings.append(&mut other.mappings);
        self.locations.append(&mut other.locations);
        self.functions.append(&mut other.functions);
        self.attributes.append(&mut other.attributes);
        self.stacks.append(&mut other.stacks);
        self.profiles.append(&mut other.profiles);
    }
}
