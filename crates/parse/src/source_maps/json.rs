//! The keys of a source map that are needed, read within limits.

use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// The most sources, names and sections of a map.
pub(super) const MOST_ENTRIES: usize = 1 << 20;
/// The longest name or path that is accepted, in bytes.
pub(super) const LONGEST_NAME_BYTES: usize = 4096;

/// A section of an index map: its start (line and column from 0), and its map.
pub(super) type MapSection<'a> = ((u32, u32), &'a [u8]);

/// Returns the sections of an index map; `None` for a plain map. The error describes the
/// problem of the JSON.
pub(super) fn parts(json: &[u8]) -> Result<Option<Vec<MapSection<'_>>>, String> {
    #[derive(Deserialize)]
    struct Outline<'a> {
        #[serde(borrow)]
        sections: Option<CappedList<Section<'a>>>,
    }
    #[derive(Deserialize)]
    struct Section<'a> {
        offset: Offset,
        #[serde(borrow)]
        map: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Offset {
        line: u32,
        column: u32,
    }
    let outline: Outline<'_> = serde_json::from_slice(json).map_err(in_words)?;
    // A section may refer to a map by `url` instead; no program writes that.
    fn part<'a>(section: &Section<'a>) -> Option<MapSection<'a>> {
        let begin = (section.offset.line, section.offset.column);
        Some((begin, section.map?.get().as_bytes()))
    }
    Ok(outline.sections.map(|sections| sections.0.iter().filter_map(part).collect()))
}

/// A plain map; other keys are skipped without reading them.
#[derive(Deserialize)]
pub(super) struct PlainMap<'a> {
    #[serde(borrow, rename = "sourceRoot", default)]
    root: Text<'a>,
    #[serde(borrow, default)]
    sources: CappedList<Text<'a>>,
    #[serde(borrow, default)]
    names: CappedList<Text<'a>>,
    #[serde(borrow)]
    mappings: Option<Text<'a>>,
}

impl<'a> PlainMap<'a> {
    pub(super) fn read(json: &'a [u8]) -> Result<Self, String> {
        serde_json::from_slice(json).map_err(in_words)
    }

    /// Returns the prefix of every source.
    pub(super) fn root(&self) -> &str {
        self.root.within_bounds()
    }

    /// Returns the segments in their encoded form.
    pub(super) fn mappings(&self) -> Option<&str> {
        self.mappings.as_ref().map(|mappings| mappings.0.as_ref())
    }

    /// Writes the map again with only version, sources, names and mappings.
    pub(super) fn reduced(&self) -> Result<Vec<u8>, String> {
        #[derive(Serialize)]
        struct ReducedMap<'a> {
            version: u8,
            sources: Vec<&'a str>,
            names: Vec<&'a str>,
            mappings: &'a str,
        }
        fn short<'a>(list: &'a CappedList<Text<'_>>) -> Vec<&'a str> {
            list.0.iter().map(Text::within_bounds).collect()
        }
        let (sources, names) = (short(&self.sources), short(&self.names));
        let mappings = self.mappings().unwrap_or_default();
        serde_json::to_vec(&ReducedMap { version: 3, sources, names, mappings }).map_err(in_words)
    }
}

fn in_words(error: serde_json::Error) -> String {
    error.to_string()
}

/// A list with at most [`MOST_ENTRIES`] entries; a missing one is empty.
struct CappedList<T>(Vec<T>);

impl<T> Default for CappedList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for CappedList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
            type Value = CappedList<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MOST_ENTRIES}")
            }

            fn visit_unit<E>(self) -> Result<CappedList<T>, E> {
                Ok(CappedList::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<CappedList<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(value) = seq.next_element()? {
                    if list.len() == MOST_ENTRIES {
                        return Err(A::Error::invalid_length(MOST_ENTRIES + 1, &self));
                    }
                    list.push(value);
                }
                Ok(CappedList(list))
            }
        }
        deserializer.deserialize_any(List(PhantomData))
    }
}

/// A string; other values, which real maps contain, become empty.
#[derive(Default)]
struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// Returns an empty text when it is too long to be accepted.
    fn within_bounds(&self) -> &str {
        if self.0.len() > LONGEST_NAME_BYTES { "" } else { &self.0 }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;
        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }

            fn visit_bool<E>(self, _: bool) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text<'de>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(AnyVisitor)
    }
}
