//! Reading the protobuf field by field.

use super::{RawProfile, ReadProblem, ResourceAttribute, Tables};
use crate::chunks::is_damage;
use crate::error::Error;
use crate::json::{Admission, Room};
use crate::pprof::{Fields, Value};
use prost::Message;
use spikeflame_proto::otlp::{Attribute, Head, SAMPLES, Sample, Scope, data, dictionary};
use std::io::Read;
use std::path::Path;

/// The most bytes of an unpacked file that are read.
const LARGEST_FILE_BYTES: usize = 512 << 20;

const INSTEAD: &str = "expected OTLP profiles as a collector writes them; record them anew";

/// Reads the tables and the samples.
pub(super) fn read(
    mut input: impl Read,
    path: &Path,
    room: &Room,
) -> Result<(Tables, Option<ReadProblem>), Error> {
    let mut bytes = Vec::new();
    let end = input.by_ref().take(LARGEST_FILE_BYTES as u64 + 1).read_to_end(&mut bytes);
    let mut wrong = match end {
        Ok(_) => None,
        Err(error) if is_damage(&error) => Some((bytes.len(), "the packed data is damaged")),
        Err(source) => return Err(Error::Io { path: path.to_owned(), source }),
    };
    let fail = |at: usize, what: &str| Error::Damaged {
        path: path.to_owned(),
        at: format!("byte {at}"),
        expected: format!("{what}; {INSTEAD}"),
    };
    if bytes.len() > LARGEST_FILE_BYTES {
        return Err(fail(
            LARGEST_FILE_BYTES,
            "the file is longer than 512 MiB, the most that is read",
        ));
    }
    let mut tables = Tables::new(room);
    // The dictionary comes last in the file, but is needed first.
    for number in [data::DICTIONARY, data::RESOURCE] {
        for field in Fields::new(&bytes) {
            let field = match field {
                Ok(field) => field,
                Err(error) => {
                    wrong = wrong.or(Some((error.at, error.what)));
                    break;
                }
            };
            let Value::Bytes(within) = field.value else { continue };
            if field.number != number {
                continue;
            }
            let taken = match number {
                data::DICTIONARY => take_dictionary(within, &mut tables),
                _ => take_resource(within, &mut tables),
            };
            if let Err(what) = taken {
                wrong = wrong.or(Some((field.at, what)));
                break;
            }
        }
    }
    tables.name_resources();
    Ok((tables, wrong.map(|(at, what)| ReadProblem::Wire(at, what))))
}

const NO_MESSAGE: &str = "a message that is none";

fn decode<T: Message + Default>(bytes: &[u8]) -> Result<T, &'static str> {
    T::decode(bytes).map_err(|_| NO_MESSAGE)
}

/// Passes the messages within a message to `take`, each with its field number.
fn walk<'a>(bytes: &'a [u8], mut take: impl FnMut(u32, &'a [u8]) -> Admission) -> Admission {
    for field in Fields::new(bytes) {
        let field = field.map_err(|wrong| wrong.what)?;
        if let Value::Bytes(within) = field.value {
            take(field.number, within)?;
        }
    }
    Ok(())
}

fn take_dictionary(bytes: &[u8], tables: &mut Tables) -> Admission {
    walk(bytes, |number, within| match number {
        dictionary::MAPPING => {
            tables.mappings.push(decode(within)?);
            tables.room.take(16)
        }
        // The result is not larger than the message: it only contains parts that the
        // message has bytes for.
        dictionary::LOCATION => tables.take_location(decode(within)?),
        dictionary::FUNCTION => {
            tables.functions.push(decode(within)?);
            tables.room.take(64)
        }
        dictionary::STRING => tables.take_string(String::from_utf8_lossy(within).into_owned()),
        dictionary::ATTRIBUTE => tables.take_attribute(decode::<Attribute>(within)?),
        dictionary::STACK => tables.take_stack(decode(within)?),
        _ => Ok(()),
    })
}

fn take_resource(bytes: &[u8], tables: &mut Tables) -> Admission {
    let first = tables.profiles.len();
    let mut resource = Vec::new();
    let taken = walk(bytes, |number, within| match number {
        1 => {
            resource = attributes(within)?;
            Ok(())
        }
        2 => take_scope(within, tables),
        _ => Ok(()),
    });
    taken.and(tables.take_resource(first, resource))
}

/// Returns the attributes of a resource.
fn attributes(resource: &[u8]) -> Result<Vec<ResourceAttribute>, &'static str> {
    let mut list = Vec::new();
    walk(resource, |number, within| {
        if number == 1 {
            list.push(decode(within)?);
        }
        Ok(())
    })?;
    Ok(list)
}

fn take_scope(bytes: &[u8], tables: &mut Tables) -> Admission {
    let mut scope = String::new();
    walk(bytes, |number, within| match number {
        1 => {
            let Scope { name, version } = decode(within)?;
            scope = [name, version].join(" ").trim().to_owned();
            Ok(())
        }
        2 => {
            tables.take_profile()?;
            let head = decode::<Head>(within);
            if let Some(RawProfile { head: slot, scope: made, .. }) = tables.profiles.last_mut() {
                *slot = head?;
                scope.clone_into(made);
            }
            walk(within, |number, within| match number {
                SAMPLES => tables.take_sample(decode::<Sample>(within)?),
                _ => Ok(()),
            })
        }
        _ => Ok(()),
    })
}

/// Returns true for the beginning of OTLP profiles. The types of fields in nested messages
/// are checked, down to the type of a value.
pub(crate) fn is_profiles(head: &[u8]) -> bool {
    let mut fields = Fields::new(head);
    let Some(first) = fields.next() else { return false };
    let (number, within) = match first {
        Ok(field) => match field.value {
            Value::Bytes(within) => (field.number, within),
            _ => return false,
        },
        // The first message is longer than the head.
        Err(_) => match head.split_first() {
            Some((0x0a, _)) => (data::RESOURCE, after_length(head)),
            Some((0x12, _)) => (data::DICTIONARY, after_length(head)),
            _ => return false,
        },
    };
    match number {
        data::RESOURCE => is_resource(within),
        data::DICTIONARY => is_dictionary(within),
        _ => false,
    }
}

/// Returns the bytes after a tag and a length.
fn after_length(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().skip(1).take(10).position(|byte| *byte < 0x80);
    length.and_then(|at| bytes.get(at + 2..)).unwrap_or_default()
}

/// Returns the message with this field number within another message, which may be cut off.
fn part(bytes: &[u8], wanted: u32) -> Option<&[u8]> {
    let mut rest = bytes;
    while let Some(&tag) = rest.first() {
        if tag & 7 != 2 {
            return None;
        }
        let within = after_length(rest);
        if u32::from(tag >> 3) == wanted {
            return Some(within);
        }
        let field = Fields::new(rest).next()?.ok()?;
        let Value::Bytes(passed) = field.value else { return None };
        rest = rest.get(rest.len() - within.len() + passed.len()..)?;
    }
    None
}

fn is_resource(bytes: &[u8]) -> bool {
    let profile = part(bytes, 2).and_then(|scope| part(scope, 2));
    profile.is_some_and(|profile| {
        // The type of the values comes first: two indices of strings. Spans begin with 16
        // bytes instead.
        let Some(Ok(field)) = Fields::new(profile).next() else { return false };
        let Value::Bytes(value) = field.value else { return false };
        match field.number {
            1 => value.len() <= 12 && Fields::new(value).all(|field| is_number(field, 2)),
            SAMPLES => Fields::new(value).all(|field| field.is_ok_and(|field| field.number <= 5)),
            _ => false,
        }
    })
}

fn is_number(field: Result<crate::pprof::Field<'_>, crate::pprof::WireProblem>, most: u32) -> bool {
    field.is_ok_and(|field| field.number <= most && matches!(field.value, Value::Number(_)))
}

fn is_dictionary(bytes: &[u8]) -> bool {
    // The first mapping must be there, and must be empty.
    let empty = bytes.starts_with(&[0x0a, 0]);
    let fields = Fields::new(bytes).map_while(Result::ok);
    empty
        && fields
            .take(64)
            .all(|field| (1..=7).contains(&field.number) && matches!(field.value, Value::Bytes(_)))
}
