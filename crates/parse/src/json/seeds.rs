//! Objects and arrays, read into a reader's own state.

use super::Key;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// The most elements of an array: 18 hours of samples, one a millisecond, and
/// more than fit into the longest text that V8 can make.
const MOST: u64 = 1 << 26;
const TOO_LONG: &str = "an array of more than 67,108,864 elements";

/// An object that is read key by key into a reader's state.
pub(crate) trait Object {
    /// What it is, for messages: `a node`.
    const WHAT: &'static str;

    /// Takes the value of `key` from `map`, or passes over it with [`skip`].
    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Objects of one array, read one after the other into the same state.
pub(crate) trait Record: Object {
    /// The object at hand ends.
    fn end(&mut self);
}

/// Passes over a value of any size; needs no memory for it.
pub(crate) fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// Reads an object; anything else is an error.
pub(crate) struct Strict<'a, T>(pub(crate) &'a mut T);

/// Reads an object; passes over anything else.
pub(crate) struct Lenient<'a, T>(pub(crate) &'a mut T);

/// Reads an array of objects; elements of other kinds are passed over.
pub(crate) struct Records<'a, T>(pub(crate) &'a mut T);

impl<'de, T: Object> DeserializeSeed<'de> for Strict<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Object> Visitor<'de> for Strict<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key>()? {
            self.0.field(key.as_str(), &mut map)?;
        }
        Ok(())
    }
}

impl<'de, T: Object> DeserializeSeed<'de> for Lenient<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Object> Visitor<'de> for Lenient<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        Strict(self.0).visit_map(map)
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
        write!(f, "an array, each element {}", T::WHAT)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Lenient(&mut *self.0))?.is_some() {
            self.0.end();
        }
        Ok(())
    }
}

/// An array whose elements are handed to `take` one by one.
pub(crate) struct Each<T, F> {
    take: F,
    of: PhantomData<T>,
}

/// Hands the elements of an array to `take`.
pub(crate) fn each<T, F: FnMut(T)>(take: F) -> Each<T, F> {
    Each { take, of: PhantomData }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for Each<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Each<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        for _ in 0..MOST {
            let Some(item) = seq.next_element()? else { return Ok(()) };
            (self.take)(item);
        }
        Err(de::Error::custom(TOO_LONG))
    }
}

/// An array that is kept as a whole.
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
        each(|item| list.push(item)).deserialize(deserializer)?;
        Ok(Self(list))
    }
}

/// An array of arrays of numbers, each handed to `take` as a whole.
pub(crate) struct Rows<F>(F);

/// Hands the arrays within an array to `take` one by one.
pub(crate) fn rows<F: FnMut(&[u64])>(take: F) -> Rows<F> {
    Rows(take)
}

impl<'de, F: FnMut(&[u64])> DeserializeSeed<'de> for Rows<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(&[u64])> Visitor<'de> for Rows<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of arrays of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let mut row = Vec::new();
        for _ in 0..MOST {
            row.clear();
            if seq.next_element_seed(each(|number| row.push(number)))?.is_none() {
                return Ok(());
            }
            (self.0)(&row);
        }
        Err(de::Error::custom(TOO_LONG))
    }
}
