//! The list of nodes of a CPU profile. Nodes that V8 wrote are read by their layout.

use crate::cpuprofile::nodes::{Nodes, RawNode};
use crate::json::{Id, MOST_ELEMENTS, NODE, Number, count, fail};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, SeqAccess, Visitor};
use spikeflame_profile::FrameTable;
use std::fmt;

/// Reads the array of nodes.
pub(crate) struct NodeList<'a> {
    pub(crate) nodes: &'a mut Nodes,
    pub(crate) frames: &'a mut FrameTable,
}

/// Reads one node.
struct NextNode<'a, 'b>(&'a mut NodeList<'b>);

/// Adds a text to a list of bytes.
struct Appended<'a>(&'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for NodeList<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for NodeList<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let mut left = MOST_ELEMENTS;
        while seq.next_element_seed(NextNode(&mut self))?.is_some() {
            count(1, &mut left)?;
        }
        Ok(())
    }

    /// Some writers have `null` in place of an array that they leave out.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for NextNode<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_newtype_struct(NODE, self)
    }
}

impl<'de> Visitor<'de> for NextNode<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, node: D) -> Result<(), D::Error> {
        let NodeList { nodes, frames } = self.0;
        nodes.take(&RawNode::<IgnoredAny>::deserialize(node)?, frames).or_else(fail)
    }

    /// Reads the values of a node that V8 wrote, and then its other members.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let NodeList { nodes, frames } = self.0;
        let key = nodes.new_key();
        let id: i64 = value(&mut seq)?;
        seq.next_element_seed(Appended(key))?;
        let name = key.len();
        key.push(0xff);
        let script: i64 = value(&mut seq)?;
        seq.next_element_seed(Appended(key))?;
        let (line, column, hits): (i64, i64, i64) =
            (value(&mut seq)?, value(&mut seq)?, value(&mut seq)?);
        let mut raw: RawNode = value(&mut seq)?;
        if raw.has_beginning() {
            return fail("a node with two members of one name");
        }
        let number = |number: i64| Number(number as f64);
        raw.id = Id(id.cast_unsigned());
        raw.hit_count = number(hits);
        raw.call_frame.script_id = number(script);
        raw.call_frame.line_number = number(line);
        raw.call_frame.column_number = number(column);
        nodes.take_scanned(raw, name, frames).or_else(fail)
    }
}

/// Reads an element that must be there.
#[inline]
fn value<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(seq: &mut A) -> Result<T, A::Error> {
    seq.next_element()?.map_or_else(|| fail("a node that is not whole"), Ok)
}

impl<'de> DeserializeSeed<'de> for Appended<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Appended<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    #[inline]
    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<(), E> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}
