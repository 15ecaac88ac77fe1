//! The oldest layout of a CPU profile: nodes within nodes, lines from 1.

use crate::cpuprofile::nodes::{Nodes, RawNode, Ticks};
use crate::json::{Key, Number, fail, skip};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use spikeflame_profile::FrameTable;
use std::fmt;

/// The levels of calls that are followed. V8 records at most 255.
pub(crate) const DEEPEST: u32 = 4000;

/// Reads a node and all nodes below it.
pub(crate) struct Head<'a> {
    pub(crate) nodes: &'a mut Nodes,
    pub(crate) frames: &'a mut FrameTable,
    pub(crate) parent: Option<u32>,
    pub(crate) depth: u32,
}

/// Reads the nodes below one.
struct Children<'a>(Head<'a>);

impl<'de> DeserializeSeed<'de> for Head<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Head<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { nodes, frames, parent, depth } = self;
        if depth > DEEPEST {
            return fail("calls nested more than 4,000 deep");
        }
        let at = nodes.nested(parent);
        let (mut raw, mut id) = (RawNode::<IgnoredAny>::default(), None);
        while let Some(key) = map.next_key::<Key>()? {
            let function = &mut raw.call_frame;
            let mut from_0 = || map.next_value().map(|Number(number)| Number(number - 1.0));
            match key.as_str() {
                "lineNumber" => function.line_number = from_0()?,
                "columnNumber" => function.column_number = from_0()?,
                "functionName" => function.function_name = map.next_value()?,
                "url" => function.url = map.next_value()?,
                "scriptId" => function.script_id = map.next_value()?,
                "hitCount" => raw.hit_count = map.next_value()?,
                "id" => id = Some(map.next_value()?),
                // The lines that ran, as v8-profiler-next writes them.
                "lineTicks" => {
                    let ticks: Ticks = map.next_value()?;
                    nodes.take_ticks(at, ticks.as_ref()).or_else(fail)?;
                }
                "children" => {
                    let (nodes, frames) = (&mut *nodes, &mut *frames);
                    let below = Head { nodes, frames, parent: Some(at), depth: depth + 1 };
                    map.next_value_seed(Children(below))?;
                }
                _ => skip(&mut map)?,
            }
        }
        nodes.take_nested(at, id, &raw, frames).or_else(fail)
    }
}

impl<'de> DeserializeSeed<'de> for Children<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Children<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of nodes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Head { nodes, frames, parent, depth } = self.0;
        loop {
            let (nodes, frames) = (&mut *nodes, &mut *frames);
            if seq.next_element_seed(Head { nodes, frames, parent, depth })?.is_none() {
                return Ok(());
            }
        }
    }
}
