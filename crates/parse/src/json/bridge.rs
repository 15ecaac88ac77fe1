//! serde's side of the scanner of JSON: values, elements and members for serde's visitors.

use super::fault::Fault;
use super::number::Figure;
use super::stream::layout::{V8_NODE, VALUES, Value};
use super::stream::{Place, Stream};
use serde::de::value::{BytesDeserializer, I64Deserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::io::Read;
use std::{array, slice};

/// The name of a struct by which a reader of an array asks for the numbers ahead. When the next
/// element is a short natural number, the visitor gets it and the numbers after it as a sequence of
/// sequences.
pub(super) const NUMBERS: &str = "the numbers ahead";

/// This name is used in place of [`NUMBERS`] for an array that mostly is short.
pub(super) const SHORT_ROW: &str = "the numbers ahead in a short row";

/// The name of a struct by which a reader asks for the text of an array of natural numbers. The visitor gets
/// the bytes between the brackets when the array has short numbers and commas only, and the array otherwise.
pub(super) const ROW: &str = "the text of a row of numbers";

/// The name of a struct by which a reader asks for a node of V8's CPU profiler. When the next element has
/// the layout in which V8 writes one, the visitor gets a sequence: the values of this layout, and then the
/// members after them as a map.
pub(crate) const NODE: &str = "a node as V8 writes it";

/// The most numbers that are scanned together.
pub(super) const BATCH: usize = 64;

impl<'de, R: Read> Deserializer<'de> for &mut Stream<R> {
    type Error = Fault;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.token()? {
            b'0'..=b'9' => match self.number()? {
                Figure::Natural(value) => visitor.visit_u64(value),
                other => visit_figure(other, visitor),
            },
            token => self.other_value(token, visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.token()? != b'"' {
            return self.deserialize_any(visitor);
        }
        self.at += 1;
        let place = self.text(true)?;
        visitor.visit_bytes(self.at_place(place))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.token()? == b'n' {
            self.literal(b"null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == NODE {
            return self.node(visitor);
        }
        if name == ROW
            && let Some(place) = self.scan_row()
        {
            return visitor.visit_bytes(self.at_place(place));
        }
        if !matches!(name, NUMBERS | SHORT_ROW) {
            return visitor.visit_newtype_struct(self);
        }
        match self.scan_number() {
            Some(first) if name == NUMBERS => visitor.visit_seq(Run::<_, BATCH>::new(self, first)),
            Some(first) => visitor.visit_seq(Run::<_, 1>::new(self, first)),
            None => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.skip()?;
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier
    }
}

/// Passes a number to a visitor. One that is too large for a float is an error.
fn visit_figure<'de, V: Visitor<'de>>(figure: Figure, visitor: V) -> Result<V::Value, Fault> {
    match figure {
        Figure::Natural(value) => visitor.visit_u64(value),
        Figure::Negative(value) => visitor.visit_i64(value),
        Figure::Real(value) if value.is_infinite() => Err(Fault::syntax("a number out of range")),
        Figure::Real(value) => visitor.visit_f64(value),
    }
}

impl<R: Read> Stream<R> {
    /// Reads a value that does not begin with a digit. It is a function of its own, so that the
    /// code for digits is small and inlined.
    #[inline(never)]
    fn other_value<'de, V: Visitor<'de>>(
        &mut self,
        token: u8,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match token {
            b'-' => visit_figure(self.number()?, visitor),
            b'"' => {
                self.at += 1;
                let place = self.text(false)?;
                let text = std::str::from_utf8(self.at_place(place));
                visitor.visit_str(text.map_err(|_| Fault::syntax("a text that is not UTF-8"))?)
            }
            start @ (b'[' | b'{') => {
                self.at += 1;
                self.depth += 1;
                if self.depth > self.deepest {
                    return Err(Fault::syntax("more than 128 levels"));
                }
                let end = if start == b'[' { b']' } else { b'}' };
                let mut is_open = true;
                let parts = Parts { stream: self, is_first: true, is_open: &mut is_open };
                let value = match start {
                    b'[' => visitor.visit_seq(parts)?,
                    _ => visitor.visit_map(parts)?,
                };
                self.close(is_open, end)?;
                Ok(value)
            }
            b'n' => {
                self.literal(b"null")?;
                visitor.visit_unit()
            }
            b't' => {
                self.literal(b"true")?;
                visitor.visit_bool(true)
            }
            b'f' => {
                self.literal(b"false")?;
                visitor.visit_bool(false)
            }
            _ => Err(Fault::syntax("expected a value")),
        }
    }

    /// Reads the closing bracket of an array or an object, when it has not been read.
    fn close(&mut self, is_open: bool, end: u8) -> Result<(), Fault> {
        if is_open && self.has_next(false, end)? {
            return Err(Fault::syntax("more elements than expected"));
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads a node of V8's CPU profiler: see [`NODE`].
    fn node<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        // A node has two levels.
        let is_allowed = self.depth.saturating_add(2) <= self.deepest;
        let Some(values) = is_allowed.then(|| self.scan_layout(&V8_NODE)).flatten() else {
            return visitor.visit_newtype_struct(self);
        };
        self.depth += 1;
        let mut is_open = true;
        let parts = Parts { stream: self, is_first: false, is_open: &mut is_open };
        let value = visitor.visit_seq(Scanned { values: values.into_iter(), parts })?;
        self.close(is_open, b'}')?;
        Ok(value)
    }
}

/// The values at the beginning of an object, which were scanned already, and then its other members as
/// one element.
struct Scanned<'a, R> {
    values: array::IntoIter<Value, VALUES>,
    parts: Parts<'a, R>,
}

impl<'de, R: Read> SeqAccess<'de> for Scanned<'_, R> {
    type Error = Fault;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let value = match self.values.next() {
            Some(Value::Number(number)) => seed.deserialize(I64Deserializer::new(number)),
            Some(Value::Text(place)) => {
                let text = self.parts.stream.at_place(Place::Window(place.start, place.end));
                seed.deserialize(BytesDeserializer::new(text))
            }
            None => seed.deserialize(MapAccessDeserializer::new(&mut self.parts)),
        };
        value.map(Some)
    }
}

/// Natural numbers of an array, up to the first other element, in batches of up to `N`.
struct Run<'a, R, const N: usize> {
    stream: &'a mut Stream<R>,
    /// The numbers that were scanned, `count` of them.
    numbers: [u64; N],
    count: usize,
}

impl<'a, R, const N: usize> Run<'a, R, N> {
    #[inline]
    fn new(stream: &'a mut Stream<R>, first: u64) -> Self {
        Self { stream, numbers: [first; N], count: 1 }
    }
}

impl<'de, R: Read, const N: usize> SeqAccess<'de> for Run<'_, R, N> {
    type Error = Fault;

    #[inline(always)]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(batch @ [_, ..]) = self.numbers.get(..self.count) else { return Ok(None) };
        let value = seed.deserialize(Batch(batch.iter()))?;
        self.count = self.stream.scan_next_numbers(&mut self.numbers);
        Ok(Some(value))
    }
}

/// Elements of an array that were scanned already.
struct Batch<'a>(slice::Iter<'a, u64>);

impl<'de> Deserializer<'de> for Batch<'_> {
    type Error = Fault;

    #[inline(always)]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        option newtype_struct unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> SeqAccess<'de> for Batch<'_> {
    type Error = Fault;

    #[inline(always)]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        match self.0.next() {
            Some(&value) => seed.deserialize(NaturalNumber(value)).map(Some),
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// An element of an array that was scanned already.
struct NaturalNumber(u64);

impl<'de> Deserializer<'de> for NaturalNumber {
    type Error = Fault;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_u64(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The name of a member. One that is only compared with the names of fields is compared as bytes.
struct MemberName<'a>(&'a [u8]);

impl<'de> Deserializer<'de> for MemberName<'_> {
    type Error = Fault;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let name = std::str::from_utf8(self.0);
        visitor.visit_str(name.map_err(|_| Fault::syntax("a text that is not UTF-8"))?)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_bytes(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        option unit_struct seq tuple tuple_struct map struct enum ignored_any
    }
}

/// The elements of an array, or the members of an object.
struct Parts<'a, R> {
    stream: &'a mut Stream<R>,
    is_first: bool,
    /// False after the closing bracket.
    is_open: &'a mut bool,
}

impl<R: Read> Parts<'_, R> {
    #[inline]
    fn has_next(&mut self, end: u8) -> Result<bool, Fault> {
        if *self.is_open {
            *self.is_open = self.stream.has_next(self.is_first, end)?;
            self.is_first = false;
        }
        Ok(*self.is_open)
    }
}

impl<'de, R: Read> SeqAccess<'de> for Parts<'_, R> {
    type Error = Fault;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        if !self.has_next(b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.stream).map(Some)
    }
}

impl<'de, R: Read> MapAccess<'de> for Parts<'_, R> {
    type Error = Fault;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        if !self.has_next(b'}')? {
            return Ok(None);
        }
        self.stream.quote()?;
        let place = self.stream.name()?;
        seed.deserialize(MemberName(self.stream.at_place(place))).map(Some)
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        self.stream.colon()?;
        seed.deserialize(&mut *self.stream)
    }
}
