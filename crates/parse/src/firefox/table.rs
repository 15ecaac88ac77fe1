//! Tables of a profile: columns by name, or rows with a schema that gives the index of each
//! column in a row.

use crate::json::{Admission, Object, Room, each, runs, skip};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The number of a row's values that are read.
const WIDEST: usize = 12;

/// A value of a column, as a number that may be missing.
pub(super) trait Cell: Copy + for<'de> Deserialize<'de> {
    /// The value that stands for a missing one.
    const NONE: Self;
}

/// A count or an index; [`NONE`] when it is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Index(pub(super) u32);

/// The number that stands for a missing index.
pub(super) const NONE: u32 = u32::MAX;

impl Cell for Index {
    const NONE: Self = Self(NONE);
}

/// A number with a fraction; NaN when it is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Value(pub(super) f64);

impl Cell for Value {
    const NONE: Self = Self(f64::NAN);
}

/// Deserializes any value as a number; values that are not numbers become [`Cell::NONE`].
macro_rules! any_number {
    ($type:ident, $from:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct AnyVisitor;
                impl<'de> Visitor<'de> for AnyVisitor {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a number")
                    }
                    fn visit_bool<E>(self, value: bool) -> Result<$type, E> {
                        Ok($from(f64::from(u8::from(value))))
                    }
                    fn visit_u64<E>(self, value: u64) -> Result<$type, E> {
                        Ok($from(value as f64))
                    }
                    fn visit_i64<E>(self, value: i64) -> Result<$type, E> {
                        Ok($from(value as f64))
                    }
                    fn visit_f64<E>(self, value: f64) -> Result<$type, E> {
                        Ok($from(value))
                    }
                    fn visit_str<E>(self, _: &str) -> Result<$type, E> {
                        Ok($type::NONE)
                    }
                    fn visit_unit<E>(self) -> Result<$type, E> {
                        Ok($type::NONE)
                    }
                    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<$type, A::Error> {
                        while seq.next_element::<IgnoredAny>()?.is_some() {}
                        Ok($type::NONE)
                    }
                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$type, A::Error> {
                        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                        Ok($type::NONE)
                    }
                }
                deserializer.deserialize_any(AnyVisitor)
            }
        }
    };
}

any_number!(Index, |value: f64| {
    let whole = value >= 0.0 && value < f64::from(NONE) && value.fract() == 0.0;
    Index(if whole { value as u32 } else { NONE })
});
any_number!(Value, Value);

/// The columns of a table that are read.
#[derive(Debug)]
pub(super) struct Table<T> {
    names: &'static [&'static str],
    /// The columns, in the order of `names`.
    columns: Vec<Vec<T>>,
    /// The values at each index of the rows, in tables of rows.
    places: Vec<Vec<T>>,
    /// Pairs of a column and its index in the rows.
    schema: Vec<(usize, usize)>,
    /// The column that is being read, or was read last.
    last: Option<usize>,
    room: Room,
}

impl<T: Cell> Table<T> {
    pub(super) fn new(names: &'static [&'static str], room: &Room) -> Self {
        let columns = names.iter().map(|_| Vec::new()).collect();
        Self {
            names,
            columns,
            places: Vec::new(),
            schema: Vec::new(),
            last: None,
            room: room.clone(),
        }
    }

    /// Makes columns of rows, after the whole table was read.
    pub(super) fn settle(&mut self) {
        for (column, place) in std::mem::take(&mut self.schema) {
            if let (Some(column), Some(values)) =
                (self.columns.get_mut(column), self.places.get_mut(place))
            {
                *column = std::mem::take(values);
            }
        }
        self.places = Vec::new();
    }

    /// Returns a column by its number among the names; empty when the table does not have
    /// it.
    pub(super) fn column(&self, number: usize) -> &[T] {
        self.columns.get(number).map_or(&[], Vec::as_slice)
    }

    /// Returns a value of a column.
    pub(super) fn get(&self, number: usize, at: usize) -> T {
        self.column(number).get(at).copied().unwrap_or(T::NONE)
    }

    /// Returns true for a table that is written as columns.
    pub(super) fn has_columns(&self) -> bool {
        self.places.is_empty()
    }

    /// Removes the last value of the column that is being read, and returns the column's
    /// number.
    pub(super) fn pop_last(&mut self) -> Option<usize> {
        let at = self.last?;
        self.columns.get_mut(at).and_then(Vec::pop).map(|_| at)
    }

    fn column_mut(&mut self, name: &str) -> Option<&mut Vec<T>> {
        let at = self.names.iter().position(|known| *known == name)?;
        self.last = Some(at);
        self.columns.get_mut(at)
    }
}

impl Table<Index> {
    /// Returns a count or an index from a column, when it has one.
    pub(super) fn index(&self, number: usize, at: usize) -> Option<usize> {
        match self.get(number, at) {
            Index(NONE) => None,
            Index(index) => Some(index as usize),
        }
    }

    /// Returns a count or an index as [`Self::index`] does. When the table has a column of flags, the cell
    /// only counts if its bit is set.
    pub(super) fn flagged(
        &self,
        number: usize,
        (flags, bit): (usize, usize),
        at: usize,
    ) -> Option<usize> {
        self.index(number, at).filter(|_| self.has_flag((flags, bit), at).unwrap_or(true))
    }

    /// Returns true when the bit of a row is set, and `None` in a table without flags.
    pub(super) fn has_flag(&self, (flags, bit): (usize, usize), at: usize) -> Option<bool> {
        (!self.column(flags).is_empty())
            .then(|| self.index(flags, at).is_some_and(|set| set & bit != 0))
    }
}

impl<T: Cell> Object for Table<T> {
    const OBJECT: &'static str = "a table";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let room = self.room.clone();
        match key {
            "schema" => {
                let Schema(places) = map.next_value()?;
                let numbered = places.iter().filter_map(|(name, place)| {
                    Some((self.names.iter().position(|known| known == name)?, *place))
                });
                self.schema = numbered.collect();
                Ok(())
            }
            "data" => {
                let Self { places, schema, .. } = self;
                places.resize_with(WIDEST, Vec::new);
                let wanted = |place| schema.is_empty() || schema.iter().any(|(_, at)| *at == place);
                let wanted: [bool; WIDEST] = std::array::from_fn(wanted);
                map.next_value_seed(each(|Row(cells): Row<T>| {
                    let columns = places.iter_mut().zip(cells).zip(wanted);
                    for ((column, cell), _) in columns.filter(|(_, wanted)| *wanted) {
                        column.push(cell);
                    }
                    room.take(2 * size_of::<T>() * wanted.iter().filter(|is| **is).count())
                }))
            }
            _ => match self.column_mut(key) {
                Some(column) => map.next_value_seed(OptionalArray(runs(|values| {
                    column.extend_from_slice(values);
                    room.take(2 * size_of_val(values))
                }))),
                None => skip(map),
            },
        }
    }
}

/// Reads an array; `null` stands for a missing column.
struct OptionalArray<S>(S);

impl<'de, S: DeserializeSeed<'de, Value = ()>> DeserializeSeed<'de> for OptionalArray<S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> Visitor<'de> for OptionalArray<S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array, or null")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<(), D::Error> {
        self.0.deserialize(some)
    }
}

/// The first values of a row, up to [`WIDEST`].
struct Row<T>([T; WIDEST]);

impl<'de, T: Cell> Deserialize<'de> for Row<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut cells = [T::NONE; WIDEST];
        let mut slots = cells.iter_mut();
        let take = each(|value: T| -> Admission {
            if let Some(slot) = slots.next() {
                *slot = value;
            }
            Ok(())
        });
        take.deserialize(deserializer)?;
        Ok(Self(cells))
    }
}

/// The columns of a schema, each with its index in a row.
struct Schema(Vec<(String, usize)>);

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Places;
        impl<'de> Visitor<'de> for Places {
            type Value = Schema;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a schema")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Schema, A::Error> {
                let mut places = Vec::new();
                while let Some((name, Index(place))) = map.next_entry::<String, Index>()? {
                    // No table has this many columns.
                    if places.len() < 64 && (place as usize) < WIDEST {
                        places.push((name, place as usize));
                    }
                }
                Ok(Schema(places))
            }
        }
        deserializer.deserialize_map(Places)
    }
}
