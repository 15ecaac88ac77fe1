//! JSON as a stream: objects key by key, arrays element by element, so that no
//! document is in memory as a whole. What is read goes into the reader's own
//! state at once, so that of a damaged file everything before the damage is
//! there.
//!
//! A text is at most 64 MiB and an array at most 2^28 elements long, so that
//! what a small packed file unpacks to cannot take all memory; more is damage.

use crate::error::Error;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::marker::PhantomData;
use std::path::Path;

/// The longest text, in bytes.
const LONGEST: usize = 64 << 20;

/// The most elements of an array.
const MOST: u64 = 1 << 28;
const TOO_LONG: &str = "an array of more than 268,435,456 elements";

/// Of a sample, the last one.
pub(crate) const CUT: &str = "a sample in the middle of which the file ends";

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

/// Values of these kinds, passed over.
macro_rules! nothing_else {
    ($($kind:ident),*) => { $(nothing_else!(@$kind);)* };
    (@bool) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
    };
    (@number) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
    };
    (@text) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
    };
    (@unit) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
    };
    (@seq) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Default::default())
        }
    };
    (@map) => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Default::default())
        }
    };
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

/// A key; longer ones than any that is asked for are as good as empty.
pub(crate) struct Key {
    bytes: [u8; 32],
    length: usize,
}

impl Key {
    pub(crate) fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or("")
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, text: &str) -> Result<Key, E> {
                let mut key = Key { bytes: [0; 32], length: 0 };
                if let Some(slot) = key.bytes.get_mut(..text.len()) {
                    slot.copy_from_slice(text.as_bytes());
                    key.length = text.len();
                }
                Ok(key)
            }
        }
        deserializer.deserialize_identifier(Text)
    }
}

/// A name or path. `null` is empty; half a surrogate pair, which a JavaScript
/// string may hold, becomes U+FFFD.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text, E> {
                let plain = std::str::from_utf8(bytes).map(str::to_owned);
                Ok(Text(plain.unwrap_or_else(|_| without_surrogates(bytes))))
            }

            fn visit_none<E>(self) -> Result<Text, E> {
                Ok(Text::default())
            }

            fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<Text, D::Error> {
                some.deserialize_bytes(self)
            }
        }
        deserializer.deserialize_option(Bytes)
    }
}

/// Bytes that are almost UTF-8, half surrogate pairs encoded as if they were
/// characters.
fn without_surrogates(bytes: &[u8]) -> String {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        if let [0xed, 0xa0..=0xbf, 0x80..=0xbf, after @ ..] = rest {
            plain.extend_from_slice("\u{fffd}".as_bytes());
            rest = after;
        } else {
            plain.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// A word, where one stands; anything else is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) Option<String>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word")
            }

            fn visit_str<E>(self, text: &str) -> Result<Word, E> {
                Ok(Word(Some(text.to_owned())))
            }

            nothing_else!(bool, number, unit, seq, map);
        }
        deserializer.deserialize_any(Any)
    }
}

/// `true`, or anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Flag;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Flag, E> {
                Ok(Flag(value))
            }

            nothing_else!(number, text, unit, seq, map);
        }
        deserializer.deserialize_any(Any)
    }
}

/// A number of any kind, or a text with one; anything else is NaN, first of all
/// `null`, which JSON writes for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number(pub(crate) f64);

impl Default for Number {
    fn default() -> Self {
        Self(f64::NAN)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(Number(value))
            }

            fn visit_str<E>(self, text: &str) -> Result<Number, E> {
                Ok(Number(text.parse().unwrap_or(f64::NAN)))
            }

            nothing_else!(bool, unit, seq, map);
        }
        deserializer.deserialize_any(Any)
    }
}

/// Reads what something is known by, a number or text, into a text; anything
/// else is empty.
pub(crate) struct Scalar<'a>(pub(crate) &'a mut String);

impl<'de> DeserializeSeed<'de> for Scalar<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.clear();
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scalar<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.push_str(text);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        *self.0 = value.to_string();
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        *self.0 = value.to_string();
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        *self.0 = value.to_string();
        Ok(())
    }

    nothing_else!(bool, unit, seq, map);
}

/// Why a document was not read to its end.
#[derive(Debug)]
pub(crate) struct Damage {
    /// `line 3 column 7`.
    at: String,
    what: String,
    /// True when the document just ends too early.
    pub(crate) cut: bool,
}

impl Damage {
    /// For a file of which something could be used.
    pub(crate) fn warning(&self, name: &str) -> String {
        format!("{name}: {}: {}; used up to there", self.at, self.what)
    }

    /// For a file of which nothing could be used; `instead` says what was
    /// expected and what to do.
    pub(crate) fn error(self, path: &Path, instead: &str) -> Error {
        let expected = format!("{}; {instead}", self.what);
        Error::Damaged { path: path.to_owned(), at: self.at, expected }
    }
}

/// Reads one document into the state behind `seed`. `deep` takes away the limit
/// on nesting: for readers that have one of their own.
///
/// # Errors
/// When the file cannot be read. Damage, in the JSON or of what packed it, is
/// no error: the state holds what was read before it.
pub(crate) fn read<'de>(
    input: impl Read,
    path: &Path,
    deep: bool,
    seed: impl DeserializeSeed<'de, Value = ()>,
) -> Result<Option<Damage>, Error> {
    let read = Cell::new(0);
    let input = Bounded { inner: input, read: &read, text: None, escaped: false };
    let input = BufReader::with_capacity(1 << 16, input);
    let mut deserializer = serde_json::Deserializer::from_reader(input);
    if deep {
        deserializer.disable_recursion_limit();
    }
    match seed.deserialize(&mut deserializer).and_then(|()| deserializer.end()) {
        Ok(()) => Ok(None),
        Err(error) if error.is_io() => {
            let source = io::Error::from(error);
            if !crate::chunks::is_damage(&source) {
                return Err(Error::Io { path: path.to_owned(), source });
            }
            let at = format!("byte {} of the data", read.get());
            Ok(Some(Damage { at, what: source.to_string(), cut: true }))
        }
        Err(error) => Ok(Some(damage(&error))),
    }
}

fn damage(error: &serde_json::Error) -> Damage {
    let at = format!("line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let what = text.strip_suffix(&format!(" at {at}")).unwrap_or(&text);
    let cut = error.is_eof();
    let what = if cut { "the file ends in the middle".to_owned() } else { what.to_owned() };
    Damage { at, what, cut }
}

/// A stream that ends with an error where a text gets too long.
struct Bounded<'a, R> {
    inner: R,
    /// Bytes read.
    read: &'a Cell<u64>,
    /// Within a text: how long it is so far.
    text: Option<usize>,
    /// The last byte was a backslash.
    escaped: bool,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        self.read.set(self.read.get() + count as u64);
        let mut rest = buf.get(..count).unwrap_or_default();
        while !rest.is_empty() {
            rest = self.pass(rest);
        }
        if self.text.is_some_and(|length| length > LONGEST) {
            let what = "a text of more than 64 MiB";
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(count)
    }
}

impl<R> Bounded<'_, R> {
    /// Passes over a part in which all is text or nothing is.
    fn pass<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let from = usize::from(std::mem::take(&mut self.escaped));
        let at = match self.text {
            None => memchr::memchr(b'"', bytes),
            Some(_) => memchr::memchr2(b'"', b'\\', bytes.get(from..).unwrap_or_default())
                .map(|at| at + from),
        };
        let passed = at.map_or(bytes.len(), |at| at + 1);
        match at.and_then(|at| bytes.get(at)) {
            Some(b'"') => self.text = if self.text.is_some() { None } else { Some(0) },
            stopped => {
                self.escaped = stopped.is_some();
                self.text = self.text.map(|length| length + passed);
            }
        }
        bytes.get(passed..).unwrap_or_default()
    }
}

/// An error at the place that was reached.
pub(crate) fn fail<T, E: de::Error>(what: &str) -> Result<T, E> {
    Err(E::custom(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept_as_javascript_has_them() {
        let read = |json: &str| serde_json::from_str::<Text>(json).unwrap().0;
        assert_eq!(read(r#""a\ud835\udcb3b""#), "a𝒳b");
        assert_eq!(read(r#""a\ud835""#), "a\u{fffd}");
        assert_eq!(read(r#""\udcb3\n""#), "\u{fffd}\n");
        assert_eq!(read("null"), "");
        let bytes = serde_json::from_slice::<Text>(b"\"a\xff\"").unwrap().0;
        assert_eq!(bytes, "a\u{fffd}");
    }

    #[test]
    fn words_and_numbers_take_what_stands_there() {
        let word = |json: &str| serde_json::from_str::<Word>(json).unwrap().0;
        assert_eq!(word("\"js\""), Some("js".to_owned()));
        for json in ["1", "-1", "1.5", "null", "true", "[[1]]", "{\"a\":{}}"] {
            assert_eq!(word(json), None, "{json}");
        }
        let number = |json: &str| serde_json::from_str::<Number>(json).map(|n| n.0).ok();
        assert_eq!(number("-3"), Some(-3.0));
        assert_eq!(number("18446744073709551615"), Some(1.8446744073709552e19));
        assert!(number("null").is_some_and(f64::is_nan));
        assert_eq!(number("\"80\""), Some(80.0));
        assert!(number("\"x\"").is_some_and(f64::is_nan));
        assert!(number("[1]").is_some_and(f64::is_nan));
    }

    #[test]
    fn a_text_that_does_not_end_is_damage() {
        #[derive(Default)]
        struct Names(u64);
        impl Object for Names {
            const WHAT: &'static str = "names";
            fn field<'de, A: MapAccess<'de>>(
                &mut self,
                _: &str,
                map: &mut A,
            ) -> Result<(), A::Error> {
                self.0 += map.next_value::<Text>()?.0.len() as u64;
                Ok(())
            }
        }
        let read = |start: &[u8], repeated: u8, count: u64| {
            let (mut names, path) = (Names::default(), Path::new("x"));
            let input = start.chain(std::io::repeat(repeated).take(count));
            let damage = super::read(input, path, false, Strict(&mut names)).unwrap();
            (names.0, damage.map(|damage| damage.warning("x")).unwrap_or_default())
        };
        let (kept, why) = read(br#"{"a":"b\\\"c","b":"\""#, b'x', u64::MAX);
        assert!(kept == 4 && why.contains("a text of more than 64 MiB"), "{kept} {why}");
        // Quotes that are escaped do not end it.
        let (kept, why) = read(br#"{"a":"b\\\"c","b":""#, b'\\', u64::MAX);
        assert!(kept == 4 && why.contains("a text of more than 64 MiB"), "{kept} {why}");
        let (kept, why) = read(br#"{"a":"b\\\"c"}"#, b' ', 1 << 27);
        assert_eq!((kept, why.as_str()), (4, ""));
    }
}
