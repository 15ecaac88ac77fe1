//! Objects and arrays that are read directly into a reader's state.

use super::bridge::{BATCH, NUMBERS, ROW, SHORT_ROW};
use super::{Admission, Key, Room};
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// The most elements of an array: 18 hours of samples with one a millisecond, and more than
/// fit into the longest text that V8 can make.
pub(crate) const MOST_ELEMENTS: u64 = 1 << 26;
const TOO_LONG: &str = "an array of more than 67,108,864 elements";

/// The most elements of an array within an element: callees of a function, frames of a
/// stack.
const MOST_PARTS: u64 = 1 << 22;
const TOO_MANY_PARTS: &str = "an array of more than 4,194,304 elements";

/// An object that is read key by key into a reader's state.
pub(crate) trait Object {
    /// The word for the object in messages: `a node`.
    const OBJECT: &'static str;

    /// Reads the value of `key` from `map`, or skips it with [`skip`].
    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// An object of an array whose objects are read one after the other into the same state.
pub(crate) trait Record: Object {
    /// Handles the end of the current object.
    fn end(&mut self) -> Admission;
}

/// Skips a value of any size; needs no memory for it.
pub(crate) fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// Reads an object; any other value is an error.
pub(crate) struct StrictObject<'a, T>(pub(crate) &'a mut T);

/// Reads an object; any other value is skipped.
pub(crate) struct LenientObject<'a, T>(pub(crate) &'a mut T);

/// Reads an array of objects; other elements are skipped.
pub(crate) struct Records<'a, T>(pub(crate) &'a mut T);

impl<'de, T: Object> DeserializeSeed<'de> for StrictObject<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Object> Visitor<'de> for StrictObject<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::OBJECT)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key>()? {
            self.0.field(key.as_str(), &mut map)?;
        }
        Ok(())
    }
}

impl<'de, T: Object> DeserializeSeed<'de> for LenientObject<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Object> Visitor<'de> for LenientObject<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::OBJECT)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        StrictObject(self.0).visit_map(map)
    }

    nothing_else!(bool, number, text, unit, seq);
}

impl<'de, T: Record> DeserializeSeed<'de> for Records<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Record> Visitor<'de> for Records<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array, each element {}", T::OBJECT)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(LenientObject(&mut *self.0))?.is_some() {
            self.0.end().map_err(de::Error::custom)?;
        }
        Ok(())
    }
}

/// Reads an array, and passes its elements to `take` one by one.
pub(crate) struct Elements<T, F> {
    take: F,
    of: PhantomData<T>,
}

/// Passes the elements of an array to `take`, until that returns an error.
pub(crate) fn each<T, F: FnMut(T) -> Admission>(take: F) -> Elements<T, F> {
    Elements { take, of: PhantomData }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> Admission> DeserializeSeed<'de> for Elements<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> Admission> Visitor<'de> for Elements<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let mut left = MOST_ELEMENTS;
        while let Some(item) = seq.next_element()? {
            count(1, &mut left)?;
            (self.take)(item).map_err(de::Error::custom)?;
        }
        Ok(())
    }

    /// Some writers have `null` in place of an array that they leave out.
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Counts elements of an array. Returns an error when there are too many.
#[inline]
pub(crate) fn count<E: de::Error>(elements: usize, left: &mut u64) -> Result<(), E> {
    *left = left.checked_sub(elements as u64).ok_or_else(|| E::custom(TOO_LONG))?;
    Ok(())
}

/// Reads an array of numbers, and passes them to `take` in runs of up to [`BATCH`]. For millions of
/// numbers this is faster than [`Elements`].
pub(crate) struct Runs<T, F> {
    take: F,
    of: PhantomData<T>,
}

/// Passes the numbers of an array to `take`, several at a time, until that returns an error.
pub(crate) fn runs<T, F: FnMut(&[T]) -> Admission>(take: F) -> Runs<T, F> {
    Runs { take, of: PhantomData }
}

impl<'de, T: Deserialize<'de>, F: FnMut(&[T]) -> Admission> DeserializeSeed<'de> for Runs<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<(), D::Error> {
        let mut left = MOST_ELEMENTS;
        let full = |run: &mut Vec<T>| {
            left = left.checked_sub(run.len() as u64).ok_or(TOO_LONG)?;
            (self.take)(run)?;
            run.clear();
            Ok(())
        };
        let numbers = &mut Vec::with_capacity(BATCH);
        NumberArray { way: NUMBERS, full, numbers }.deserialize(deserializer)
    }
}

/// Reads an array, mostly of numbers, and adds its elements to `numbers`. Calls `full` at least
/// after every [`BATCH`] of them and after the last one.
struct NumberArray<'a, T, F> {
    /// [`NUMBERS`] or [`SHORT_ROW`].
    way: &'static str,
    full: F,
    numbers: &'a mut Vec<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(&mut Vec<T>) -> Admission> DeserializeSeed<'de>
    for NumberArray<'_, T, F>
{
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(&mut Vec<T>) -> Admission> Visitor<'de>
    for NumberArray<'_, T, F>
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let Self { way, full, numbers } = &mut self;
        while seq.next_element_seed(NextNumbers { way, full: &mut *full, numbers })?.is_some() {}
        Ok(())
    }

    /// Some writers have `null` in place of an array that they leave out.
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The next element of an array, or all the numbers that the scanner has ahead.
struct NextNumbers<'a, T, F> {
    way: &'static str,
    full: &'a mut F,
    numbers: &'a mut Vec<T>,
}

impl<'de, T: Deserialize<'de>, F: FnMut(&mut Vec<T>) -> Admission> DeserializeSeed<'de>
    for NextNumbers<'_, T, F>
{
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_newtype_struct(self.way, self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(&mut Vec<T>) -> Admission> Visitor<'de>
    for NextNumbers<'_, T, F>
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an element")
    }

    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, one: D) -> Result<(), D::Error> {
        self.numbers.push(T::deserialize(one)?);
        (self.full)(self.numbers).map_err(de::Error::custom)
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut scanned: A) -> Result<(), A::Error> {
        while scanned.next_element_seed(NumberBatch(&mut *self.numbers))?.is_some() {
            (self.full)(self.numbers).map_err(de::Error::custom)?;
        }
        Ok(())
    }
}

/// Adds numbers that were scanned together to a list.
struct NumberBatch<'a, T>(&'a mut Vec<T>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for NumberBatch<'_, T> {
    type Value = ();

    #[inline(always)]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for NumberBatch<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers")
    }

    #[inline(always)]
    fn visit_seq<A: SeqAccess<'de>>(self, mut batch: A) -> Result<(), A::Error> {
        self.0.reserve(batch.size_hint().unwrap_or(0));
        // `next_element` is a call for each number.
        while let Some(number) = batch.next_element_seed(PhantomData)? {
            self.0.push(number);
        }
        Ok(())
    }
}

/// A short array that is kept as a whole.
#[derive(Clone, Debug)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut list = Vec::new();
        let full = |list: &mut Vec<T>| match list.len() as u64 > MOST_PARTS {
            true => Err(TOO_MANY_PARTS),
            false => Ok(()),
        };
        NumberArray { way: SHORT_ROW, full, numbers: &mut list }.deserialize(deserializer)?;
        Ok(Self(list))
    }
}

/// Reads an array of arrays of numbers, and passes each inner array to `take`.
pub(crate) struct Rows<F> {
    room: Room,
    take: F,
}

/// Passes the inner arrays of an array to `take` one by one.
pub(crate) fn rows<F: FnMut(Row<'_>) -> Admission>(room: &Room, take: F) -> Rows<F> {
    Rows { room: room.clone(), take }
}

/// An array of numbers.
pub(crate) struct Row<'a> {
    /// The text between the brackets, when only that was read: natural numbers and commas.
    text: Option<&'a [u8]>,
    numbers: &'a mut Vec<u64>,
    room: &'a Room,
}

impl<'a> Row<'a> {
    /// Returns the text between the brackets, where a row with the same text has the same numbers. It is
    /// `None` for most rows with white space.
    pub(crate) fn text(&self) -> Option<&'a [u8]> {
        self.text
    }

    /// Returns the numbers. The list may be kept; its memory is already counted in the room.
    pub(crate) fn numbers(self) -> Result<&'a mut Vec<u64>, &'static str> {
        let Self { text, numbers, room } = self;
        if let Some(text) = text {
            let held = numbers.capacity();
            let add = |value: u64, digit: &u8| value * 10 + u64::from(digit & 0xf);
            let all = text.split(|byte| *byte == b',');
            numbers.extend(all.map(|digits| digits.iter().fold(0, add)));
            room.take((numbers.capacity() - held) * size_of::<u64>())?;
        }
        Ok(numbers)
    }
}

impl<'de, F: FnMut(Row<'_>) -> Admission> DeserializeSeed<'de> for Rows<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Row<'_>) -> Admission> Visitor<'de> for Rows<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of arrays of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let mut numbers: Vec<u64> = Vec::new();
        for _ in 0..MOST_ELEMENTS {
            numbers.clear();
            let next = NextRow { rows: &mut self, numbers: &mut numbers };
            if seq.next_element_seed(next)?.is_none() {
                self.room.give(numbers.capacity() * size_of::<u64>());
                return Ok(());
            }
        }
        Err(de::Error::custom(TOO_LONG))
    }
}

/// The next inner array.
struct NextRow<'a, F> {
    rows: &'a mut Rows<F>,
    numbers: &'a mut Vec<u64>,
}

impl<'de, F: FnMut(Row<'_>) -> Admission> DeserializeSeed<'de> for NextRow<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_newtype_struct(ROW, self)
    }
}

impl<'de, F: FnMut(Row<'_>) -> Admission> Visitor<'de> for NextRow<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of numbers")
    }

    fn visit_bytes<E: de::Error>(self, text: &[u8]) -> Result<(), E> {
        let Rows { room, take } = self.rows;
        take(Row { text: Some(text), numbers: self.numbers, room }).map_err(de::Error::custom)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, array: D) -> Result<(), D::Error> {
        let Rows { room, take } = self.rows;
        let mut held = self.numbers.capacity();
        let full = |row: &mut Vec<u64>| {
            let more = row.capacity() - held;
            held = row.capacity();
            room.take(more * size_of::<u64>())
        };
        NumberArray { way: NUMBERS, full, numbers: &mut *self.numbers }.deserialize(array)?;
        take(Row { text: None, numbers: self.numbers, room }).map_err(de::Error::custom)
    }
}
