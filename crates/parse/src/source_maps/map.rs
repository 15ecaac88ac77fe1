//! A source map (ECMA-426), plain or an index map, read within limits.
//!
//! The crate `sourcemap` decodes the mappings and looks positions up. Its input is
//! rewritten here with only the keys that are needed, after they were counted. Maps are not
//! trusted, and the crate would multiply every source by the length of `sourceRoot`, keep
//! the text of all sources, and reserve 28 bytes for each separator.

use super::json::{self, MapSection, PlainMap};
use crate::json::BYTE_ORDER_MARK;
use sourcemap::{DecodedMap, SourceMap};

/// The most segments of a map; each takes 28 bytes.
const SEGMENTS: usize = 16 << 20;
/// The most segments at one position, because a look-up goes through all of them.
const CROWD: usize = 64;

/// A map's sections; a plain map is one section.
pub(super) struct Sections<'a> {
    /// The sections, in order of position.
    parts: Vec<MapSection<'a>>,
    /// The section that was used last.
    open: Option<(usize, Option<Section>)>,
    /// The problem of the first section that could not be read.
    pub(super) damage: Option<String>,
}

impl<'a> Sections<'a> {
    /// Reads the list of sections; the error describes the problem of the JSON.
    pub(super) fn read(json: &'a [u8]) -> Result<Self, String> {
        let json = without_guard(json);
        let mut parts = json::parts(json)?.unwrap_or_else(|| vec![((0, 0), json)]);
        parts.sort_by_key(|&(begin, _)| begin);
        Ok(Self { parts, open: None, damage: None })
    }

    /// Returns the section that contains a generated position (from 0). One section is
    /// decoded at a time, so positions should be asked for in order.
    pub(super) fn at(&mut self, line: u32, column: u32) -> Option<&Section> {
        let after = self.parts.partition_point(|&(begin, _)| begin <= (line, column));
        let number = after.checked_sub(1)?;
        if self.open.as_ref().is_none_or(|&(open, _)| open != number) {
            let &(begin, json) = self.parts.get(number)?;
            let section = match Section::read(begin, json) {
                Ok(section) => Some(section),
                Err(why) => {
                    self.damage.get_or_insert(why);
                    None
                }
            };
            self.open = Some((number, section));
        }
        self.open.as_ref()?.1.as_ref()
    }

    /// Returns true when there is one section.
    pub(super) fn is_plain(&self) -> bool {
        self.parts.len() == 1
    }
}

/// A position in a source.
pub(super) struct Origin<'a> {
    /// The source as the map writes it, without its root.
    pub(super) source: &'a str,
    /// The line, from 1.
    pub(super) line: u32,
    /// The column, from 1.
    pub(super) column: u32,
}

pub(super) struct Section {
    begin: (u32, u32),
    root: String,
    map: SourceMap,
}

impl Section {
    fn read(begin: (u32, u32), json: &[u8]) -> Result<Self, String> {
        let map = PlainMap::read(json)?;
        let mappings = map.mappings().ok_or("no \"mappings\" in it")?;
        let segments = memchr::memchr2_iter(b',', b';', mappings.as_bytes()).count();
        if segments > SEGMENTS {
            return Err(format!("{segments} segments, more than the {SEGMENTS} that are read"));
        }
        let root = map.root().to_owned();
        let reduced = map.reduced()?;
        drop(map);
        match sourcemap::decode_slice(&reduced) {
            Ok(DecodedMap::Regular(map)) if has_crowd(&map) => {
                Err(format!("more than {CROWD} segments for one position"))
            }
            Ok(DecodedMap::Regular(map)) => Ok(Self { begin, root, map }),
            Ok(_) => Err("not a source map".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Returns the prefix of every source.
    pub(super) fn root(&self) -> &str {
        &self.root
    }

    /// Returns the source, when there is only one.
    pub(super) fn only_source(&self) -> Option<&str> {
        let source = self.map.get_source(0).filter(|source| !source.is_empty());
        source.filter(|_| self.map.get_source_count() == 1)
    }

    fn token(&self, line: u32, column: u32) -> Option<sourcemap::Token<'_>> {
        let line_here = line.checked_sub(self.begin.0)?;
        let shift = if line_here == 0 { self.begin.1 } else { 0 };
        let token = self.map.lookup_token(line_here, column.checked_sub(shift)?)?;
        // The nearest segment may be on an earlier line.
        Some(token).filter(|token| token.get_dst_line() == line_here)
    }

    /// Returns the origin of a generated position (from 0).
    pub(super) fn origin(&self, line: u32, column: u32) -> Option<Origin<'_>> {
        origin(self.token(line, column)?)
    }

    /// Returns the origin of the first segment after a generated position, and its distance
    /// in columns, when no segment comes before it in its line.
    pub(super) fn origin_behind(&self, line: u32, column: u32) -> Option<(Origin<'_>, u32)> {
        if self.token(line, column).is_some() {
            return None;
        }
        let line_here = line.checked_sub(self.begin.0)?;
        let column_here = column.checked_sub(if line_here == 0 { self.begin.1 } else { 0 })?;
        let at = self.first_from((line_here, column_here));
        let token =
            self.map.get_token(at as usize).filter(|token| token.get_dst_line() == line_here)?;
        Some((origin(token)?, token.get_dst_col().checked_sub(column_here)?))
    }

    /// Returns the number of the first segment at or after a position.
    fn first_from(&self, position: (u32, u32)) -> u32 {
        let dst = |at: u32| self.map.get_token(at as usize).map(|token| token.get_dst());
        let (mut low, mut high) = (0, self.map.get_token_count());
        while low < high {
            let middle = low + (high - low) / 2;
            match dst(middle) {
                Some(there) if there < position => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    /// Returns the map's name for the token that begins at a generated position.
    pub(super) fn name(&self, line: u32, column: u32) -> Option<&str> {
        let token = self.token(line, column)?;
        let shift = if line == self.begin.0 { self.begin.1 } else { 0 };
        let exact = token.get_dst_col().checked_add(shift) == Some(column);
        token.get_name().filter(|name| exact && !name.is_empty())
    }

    /// Returns the origin of a generated line, when all of it comes from one line.
    pub(super) fn origin_of_line(&self, line: u32) -> Option<Origin<'_>> {
        let line_here = line.checked_sub(self.begin.0)?;
        let dst_line = |at: u32| self.map.get_token(at as usize).map(|token| token.get_dst_line());
        let low = self.first_from((line_here, 0));
        let here = |at: &u32| dst_line(*at) == Some(line_here);
        let tokens = (low..).take_while(here).filter_map(|at| self.map.get_token(at as usize));
        let mut tokens = tokens.filter(sourcemap::Token::has_source);
        let first = tokens.next()?;
        let place = |token: &sourcemap::Token<'_>| (token.get_src_id(), token.get_src_line());
        tokens.all(|token| place(&token) == place(&first)).then(|| origin(first)).flatten()
    }
}

fn has_crowd(map: &SourceMap) -> bool {
    let (mut last, mut count) = ((0, 0), 0);
    map.tokens().any(|token| {
        let at = token.get_dst();
        count = if at == last { count + 1 } else { 0 };
        last = at;
        count > CROWD
    })
}

fn origin(token: sourcemap::Token<'_>) -> Option<Origin<'_>> {
    let source = token.get_source().filter(|source| !source.is_empty())?;
    let (line, column) = token.get_src();
    Some(Origin { source, line: line.checked_add(1)?, column: column.checked_add(1)? })
}

/// Removes a byte order mark, and the line `)]}'` that prevents browsers from running JSON.
fn without_guard(json: &[u8]) -> &[u8] {
    let json = json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json);
    match json {
        [b')', b']', ..] => {
            memchr::memchr(b'\n', json).and_then(|end| json.get(end..)).unwrap_or_default()
        }
        json => json,
    }
}

#[cfg(test)]
mod tests {
    use super::super::json::{LONGEST_NAME_BYTES, MOST_ENTRIES};
    use super::*;

    fn refused(json: &str) -> String {
        let mut sections = match Sections::read(json.as_bytes()) {
            Ok(sections) => sections,
            Err(why) => return why,
        };
        assert!(sections.at(0, 0).is_none());
        sections.damage.unwrap()
    }

    #[test]
    fn lists_and_mappings_beyond_all_bounds_are_refused_before_they_cost_memory() {
        let mappings = ";".repeat(SEGMENTS + 1);
        let why = refused(&format!("{{\"mappings\":\"{mappings}\"}}"));
        assert!(why.contains("more than the 16777216"), "{why}");
        let names = "0,".repeat(MOST_ENTRIES + 1);
        let why = refused(&format!("{{\"names\":[{names}0],\"mappings\":\"\"}}"));
        assert!(why.contains("a list of at most 1048576"), "{why}");
        let sections = "{\"offset\":{\"line\":0,\"column\":0}},".repeat(MOST_ENTRIES + 1);
        let why = refused(&format!("{{\"sections\":[{sections}0]}}"));
        assert!(why.contains("a list of at most 1048576"), "{why}");
        // The map has a source for each byte, and a root for each source.
        let long = "x".repeat(LONGEST_NAME_BYTES + 1);
        let sources = "\"\",".repeat(1000);
        let json = format!(
            "{{\"sourceRoot\":\"{long}\",\"sources\":[{sources}\"{long}\"],\"mappings\":\"AAAA\"}}"
        );
        let mut sections = Sections::read(json.as_bytes()).unwrap();
        let section = sections.at(0, 0).unwrap();
        assert_eq!(section.root(), "");
        assert!(section.origin(0, 0).is_none());
    }

    #[test]
    fn odd_maps_are_refused_with_a_reason() {
        let crowd = format!("{{\"sources\":[\"a\"],\"mappings\":\"A{}\"}}", ",AAAA".repeat(70));
        let cases = [
            ("", "eof"),
            ("null", "invalid type"),
            ("{}", "no \"mappings\""),
            ("{\"mappings\":\"AAAA\"}", "reference to source #0"),
            ("{\"mappings\":\"A\u{e9}\"}", ""),
            ("{\"mappings\":\"ggggggggggggggggggB\",\"sources\":[\"a\"]}", "overflow"),
            ("{\"mappings\":\"g\",\"sources\":[\"a\"]}", "leftover"),
            ("{\"mappings\":\"AA\",\"sources\":[\"a\"]}", "segment"),
            ("{\"mappings\":\"AAAAC\",\"sources\":[\"a\"]}", "reference to name #1"),
            (&crowd, "for one position"),
            ("{\"mappings\":\"AAAA\",\"mappings\":\"AAAA\"}", "duplicate"),
        ];
        for (json, reason) in cases {
            let why = refused(json);
            assert!(why.to_lowercase().contains(reason), "{json}: {why}");
        }
    }

    #[test]
    fn other_than_strings_are_none() {
        let json = br#")]}'
            {"version":"3","names":[1,null,"a",{"b":[1]},[[]],true,-1,1.5],"x":{"y":[]},
            "sources":[null,"a.ts"],"file":7,"mappings":"AACAE,CAAA,AAAAG"}"#;
        let mut sections = Sections::read(json).unwrap();
        let section = sections.at(0, 0).unwrap();
        assert_eq!(section.name(0, 0), Some("a"));
        assert_eq!(section.origin(0, 0).map(|origin| origin.line), None, "a source of no name");
        let marked = b"\xef\xbb\xbf{\"sources\":[\"a.ts\"],\"mappings\":\"AACA\"}";
        let mut sections = Sections::read(marked).unwrap();
        let origin = sections.at(0, 0).unwrap().origin(0, 0).unwrap();
        assert_eq!((origin.source, origin.line, origin.column), ("a.ts", 2, 1));
    }
}
