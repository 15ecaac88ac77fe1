//! The header of a `perf.data` file and its sections.
//!
//! The layout is described in `tools/perf/Documentation/perf.data-file-format.txt` of the
//! kernel: header, attributes with their ids, records, features.

use super::event::Event;
use super::fields::Fields;
use super::meta::{FEATURES, Meta};
use std::io::{self, Read, Seek, SeekFrom};

/// The size of the header of a file, in bytes.
const FILE_HEADER: u64 = 104;
/// The size of the header of a pipe, in bytes.
pub(super) const PIPE_HEADER: u64 = 16;
/// The size of the smallest description of an event (`perf_event_attr`), in bytes.
const SMALLEST_ATTRIBUTE: usize = 64;
/// The size of the section that names the ids of an event, in bytes.
const IDS_SECTION: usize = 16;

/// The largest section that is read, in bytes; all features that are used are much smaller.
const LARGEST_SECTION_BYTES: u64 = 32 << 20;

/// A part of the file.
#[derive(Clone, Copy, Debug)]
struct Section {
    at: u64,
    size: u64,
}

impl Section {
    fn parse(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { at: fields.u64()?, size: fields.u64()? })
    }
}

/// The result of reading the header.
#[derive(Debug)]
pub(super) struct RecordsPlace {
    /// The byte at which the records start.
    pub(super) records_at: u64,
    /// The size of all records in bytes.
    pub(super) records: u64,
    /// True when perf did not write that size, because it was stopped before.
    pub(super) unfinished: bool,
    /// True when the file ends within the records.
    pub(super) cut: bool,
    /// Names of features that lie outside of the file or are larger than is read. A damaged feature is
    /// left out too, but not named here.
    pub(super) missing: Vec<&'static str>,
}

/// The reason why a header cannot be used: the byte, and the problem there.
pub(super) type HeaderProblem = (u64, &'static str);

/// Returns true for the header of a pipe; `head` is the file's beginning.
pub(super) fn is_pipe(head: &[u8]) -> bool {
    let size = head.get(8..).and_then(|rest| Fields(rest).u64());
    size == Some(PIPE_HEADER)
}

/// Reads header, events and features of `file`, which is `length` bytes long.
pub(super) fn open(
    file: &mut (impl Read + Seek),
    length: u64,
    meta: &mut Meta,
) -> io::Result<Result<RecordsPlace, HeaderProblem>> {
    let header = section(file, Section { at: 0, size: FILE_HEADER }, length)?;
    let parsed = header.as_deref().and_then(parse);
    let Some((entry, attributes, records, features)) = parsed else {
        return Ok(Err((0, "the header is cut off")));
    };
    let Some(list) = section(file, attributes, length)? else {
        return Ok(Err((24, "the header's section of events lies outside the file")));
    };
    let entry = usize::try_from(entry).unwrap_or(usize::MAX);
    if entry < SMALLEST_ATTRIBUTE + IDS_SECTION {
        return Ok(Err((16, "the header's size of an event is too small")));
    }
    // A damaged file can name one section of ids for every event, so all ids together have a limit.
    let mut left = LARGEST_SECTION_BYTES;
    for attribute in list.chunks_exact(entry) {
        let (attribute, ids) = attribute.split_at_checked(entry - IDS_SECTION).unwrap_or_default();
        let ids = Section::parse(&mut Fields(ids));
        let Some(((event, _), ids)) = Event::parse(attribute).zip(ids) else { continue };
        let ids = match left.checked_sub(ids.size) {
            Some(rest) => {
                left = rest;
                section(file, ids, length)?.unwrap_or_default()
            }
            None => Vec::new(),
        };
        meta.add_event(event, Fields(&ids).numbers());
    }
    if records.at > length {
        return Ok(Err((40, "the header's section of records lies outside the file")));
    }
    let rest = length - records.at;
    let unfinished = records.size == 0;
    let size = if unfinished { rest } else { records.size };
    let missing = match unfinished {
        true => Vec::new(),
        false => read_features(file, records.at.saturating_add(size), &features, length, meta)?,
    };
    let (records_at, records, cut) = (records.at, size.min(rest), size > rest);
    Ok(Ok(RecordsPlace { records_at, records, unfinished, cut, missing }))
}

type Header = (u64, Section, Section, [u64; 4]);

fn parse(header: &[u8]) -> Option<Header> {
    let mut fields = Fields(header);
    let (_magic, _size, entry) = (fields.u64()?, fields.u64()?, fields.u64()?);
    let (attributes, records) = (Section::parse(&mut fields)?, Section::parse(&mut fields)?);
    let _event_types = Section::parse(&mut fields)?;
    let mut bits = [0; 4];
    for word in &mut bits {
        *word = fields.u64()?;
    }
    Some((entry, attributes, records, bits))
}

/// Reads the features that are used. A table after the records has a row for each feature
/// that the header names. Returns the features that are not in the file.
fn read_features(
    file: &mut (impl Read + Seek),
    table: u64,
    bits: &[u64; 4],
    length: u64,
    meta: &mut Meta,
) -> io::Result<Vec<&'static str>> {
    let set = |number: &u32| {
        let word = bits.get(*number as usize / 64).copied().unwrap_or_default();
        word >> (number % 64) & 1 == 1
    };
    let mut missing = Vec::new();
    for (row, number) in (0..256).filter(set).enumerate() {
        let Some((_, what)) = FEATURES.iter().find(|(wanted, _)| *wanted == number) else {
            continue;
        };
        let row = Section { at: table.saturating_add(row as u64 * 16), size: 16 };
        let row = section(file, row, length)?;
        let at = row.and_then(|row| Section::parse(&mut Fields(&row)));
        match at.map(|at| section(file, at, length)).transpose()?.flatten() {
            // A damaged feature is treated as missing.
            Some(bytes) => drop(meta.take_feature(number, &bytes)),
            None => missing.push(*what),
        }
    }
    Ok(missing)
}

/// Returns the bytes of a section; `None` when it is not completely in the file, or too
/// large.
fn section(
    file: &mut (impl Read + Seek),
    Section { at, size }: Section,
    length: u64,
) -> io::Result<Option<Vec<u8>>> {
    if size > LARGEST_SECTION_BYTES || at.checked_add(size).is_none_or(|end| end > length) {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(size as usize);
    file.take(size).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == size).then_some(bytes))
}
