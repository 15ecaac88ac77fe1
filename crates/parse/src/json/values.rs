//! Scalar values, read in any of the forms in which programs write them.

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};
use std::fmt::{self, Write};

/// A key. One that is longer than all known keys is stored as empty.
pub(crate) struct Key {
    bytes: [u8; 32],
    length: usize,
}

impl Key {
    pub(crate) fn as_str(&self) -> &str {
        // The check of all bytes takes fewer steps than that of a few, because there are always as many.
        std::str::from_utf8(&self.bytes).ok().and_then(|text| text.get(..self.length)).unwrap_or("")
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

            fn visit_str<E: Error>(self, text: &str) -> Result<Key, E> {
                self.visit_bytes(text.as_bytes())
            }

            fn visit_bytes<E>(self, text: &[u8]) -> Result<Key, E> {
                let mut key = Key { bytes: [0; 32], length: 0 };
                if let Some(slot) = key.bytes.get_mut(..text.len()) {
                    slot.copy_from_slice(text);
                    key.length = text.len();
                }
                Ok(key)
            }
        }
        deserializer.deserialize_identifier(Text)
    }
}

/// A name or path. `null` becomes an empty text. Half of a surrogate pair, which a
/// JavaScript string may contain, becomes U+FFFD.
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

/// Decodes bytes that are UTF-8 except for halves of surrogate pairs, encoded like
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

/// A text; any other value becomes `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) Option<String>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;
        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word")
            }

            fn visit_str<E>(self, text: &str) -> Result<Word, E> {
                Ok(Word(Some(text.to_owned())))
            }

            nothing_else!(bool, number, unit, seq, map);
        }
        deserializer.deserialize_any(AnyVisitor)
    }
}

/// True for `true`, and false for any other value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;
        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = Flag;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Flag, E> {
                Ok(Flag(value))
            }

            nothing_else!(number, text, unit, seq, map);
        }
        deserializer.deserialize_any(AnyVisitor)
    }
}

/// A number of any kind, or a text that contains one. Any other value becomes NaN, also
/// `null`, which JSON writers use for NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number(pub(crate) f64);

impl Default for Number {
    fn default() -> Self {
        Self(f64::NAN)
    }
}

impl<'de> Deserialize<'de> for Number {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;
        impl<'de> Visitor<'de> for AnyVisitor {
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
        deserializer.deserialize_any(AnyVisitor)
    }
}

/// A number that mostly is a natural one, which then needs no conversion to a float and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Amount {
    Natural(u64),
    /// Any other number; NaN for values that are no numbers.
    Other(f64),
}

impl Default for Amount {
    fn default() -> Self {
        Self::Other(f64::NAN)
    }
}

impl<'de> Deserialize<'de> for Amount {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;
        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            #[inline]
            fn visit_u64<E>(self, value: u64) -> Result<Amount, E> {
                Ok(Amount::Natural(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Amount, E> {
                Ok(Amount::Other(value as f64))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Amount, E> {
                Ok(Amount::Other(value))
            }

            fn visit_str<E>(self, text: &str) -> Result<Amount, E> {
                Ok(Amount::Other(text.parse().unwrap_or(f64::NAN)))
            }

            nothing_else!(bool, unit, seq, map);
        }
        deserializer.deserialize_any(AnyVisitor)
    }
}

/// An integer that identifies something. It may be negative, written as a text or with a
/// fraction of
/// 0. Equal numbers are the same id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) u64);

impl<'de> Deserialize<'de> for Id {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WholeVisitor;
        impl Visitor<'_> for WholeVisitor {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_u64<E>(self, value: u64) -> Result<Id, E> {
                Ok(Id(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Id, E> {
                Ok(Id(value.cast_unsigned()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Id, E> {
                // Above this, a float does not represent one integer exactly.
                match value.fract() == 0.0 && value.abs() < 9e15 {
                    true => Ok(Id((value as i64).cast_unsigned())),
                    false => Err(E::invalid_value(Unexpected::Float(value), &self)),
                }
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Id, E> {
                let below_0 = || text.parse().map(i64::cast_unsigned);
                let id = text.parse().or_else(|_| below_0());
                id.map(Id).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(WholeVisitor)
    }
}

/// Reads an identifier, a number or a text, into a text; any other value becomes an empty
/// text.
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
        append(self.0, value)
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        append(self.0, value)
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        append(self.0, value)
    }

    nothing_else!(bool, unit, seq, map);
}

/// Adds a value to a text, in memory that the text has from earlier ones.
fn append<E>(text: &mut String, value: impl fmt::Display) -> Result<(), E> {
    // A String takes all that is written.
    let _ = write!(text, "{value}");
    Ok(())
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
        let id = |json: &str| serde_json::from_str::<Id>(json).map(|id| id.0).ok();
        assert_eq!([id("2"), id("2.0"), id("\"2\"")], [Some(2); 3]);
        assert_eq!((id("-2"), id("18446744073709551615")), (Some(u64::MAX - 1), Some(u64::MAX)));
        for json in ["2.5", "\"x\"", "null", "1e300", "[2]"] {
            assert_eq!(id(json), None, "{json}");
        }
    }
}
