//! The samples of a profile, one at a time. All use the same memory: a profile has
//! millions of them.

use super::tables::{LONGEST_RECORD, decode};
use super::wire::{Field, Fields, Value};
use prost::Message;
use spikeflame_proto::pprof::{Label, Sample, field};

/// Calls `take` with every sample of a profile and its number, or with the reason why it
/// cannot be read.
pub(super) fn each(bytes: &[u8], take: impl FnMut(u64, Result<&Sample, &'static str>)) {
    each_with::<true>(bytes, take);
}

/// Calls `take` like [`each`], with samples whose locations may be missing.
pub(super) fn each_labels(bytes: &[u8], take: impl FnMut(u64, Result<&Sample, &'static str>)) {
    each_with::<false>(bytes, take);
}

fn each_with<const LOCATED: bool>(
    bytes: &[u8],
    mut take: impl FnMut(u64, Result<&Sample, &'static str>),
) {
    let records = Fields::new(bytes).map_while(Result::ok).filter_map(record);
    let mut sample = Sample::default();
    for (number, record) in records.enumerate() {
        let read = read::<LOCATED>(&mut sample, record).map(|()| &sample);
        take(number as u64, read);
    }
}

/// Returns true when a sample of the profile has a label, or may have one.
pub(super) fn labelled(bytes: &[u8]) -> bool {
    let label =
        |field| !matches!(field, Ok(Field { number, .. }) if u64::from(number) != LABELS >> 3);
    let mut records = Fields::new(bytes).map_while(Result::ok).filter_map(record);
    records.any(|record| Fields::new(record).any(label))
}

fn record(field: Field<'_>) -> Option<&[u8]> {
    match (field.number, field.value) {
        (field::SAMPLE, Value::Bytes(record)) => Some(record),
        _ => None,
    }
}

fn read<const LOCATED: bool>(sample: &mut Sample, record: &[u8]) -> Result<(), &'static str> {
    if record.len() > LONGEST_RECORD || fill::<LOCATED>(sample, record).is_none() {
        // The rare kinds of fields, and the reason why a record cannot be used.
        *sample = decode(record)?;
    }
    Ok(())
}

/// Decodes a sample that has only known fields; `None` for another one.
fn fill<const LOCATED: bool>(sample: &mut Sample, record: &[u8]) -> Option<()> {
    sample.clear();
    let mut rest = Numbers(record);
    while !rest.0.is_empty() {
        match rest.next()? {
            tag if tag == LOCATIONS | PACKED => {
                let mut packed = rest.part()?;
                while LOCATED && !packed.0.is_empty() {
                    sample.location_id.push(packed.next()?);
                }
            }
            tag if tag == VALUES | PACKED => {
                let mut packed = rest.part()?;
                while !packed.0.is_empty() {
                    sample.value.push(packed.next()? as i64);
                }
            }
            tag if tag == LABELS | PACKED => {
                sample.label.push(Label::default());
                read_label(sample.label.last_mut()?, rest.part()?)?;
            }
            LOCATIONS => sample.location_id.push(rest.next()?),
            VALUES => sample.value.push(rest.next()? as i64),
            _ => return None,
        }
    }
    Some(())
}

/// Reads a label into its place. A label that was copied there would be read again before its
/// parts are in memory, and processors wait for that.
#[inline]
fn read_label(label: &mut Label, mut rest: Numbers<'_>) -> Option<()> {
    while !rest.0.is_empty() {
        match rest.next()? {
            0x08 => label.key = rest.next()? as i64,
            0x10 => label.str = rest.next()? as i64,
            0x18 => label.num = rest.next()? as i64,
            0x20 => label.num_unit = rest.next()? as i64,
            _ => return None,
        }
    }
    Some(())
}

/// The tags of a sample's fields when their numbers are not packed.
const LOCATIONS: u64 = 1 << 3;
const VALUES: u64 = 2 << 3;
const LABELS: u64 = 3 << 3;

/// The part of a tag for bytes: a message or packed numbers.
const PACKED: u64 = 2;

/// Bytes that begin with a number.
struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    /// Returns the first number; `None` when it is broken.
    #[inline(always)]
    fn next(&mut self) -> Option<u64> {
        let (number, rest) = match *self.0 {
            [one, ref rest @ ..] if one < 0x80 => (u64::from(one), rest),
            [one, two, ref rest @ ..] if two < 0x80 => {
                (u64::from(one & 0x7f) | u64::from(two) << 7, rest)
            }
            [one, two, three, ref rest @ ..] if three < 0x80 => {
                let low = u64::from(one & 0x7f) | u64::from(two & 0x7f) << 7;
                (low | u64::from(three) << 14, rest)
            }
            _ => return self.long(),
        };
        self.0 = rest;
        Some(number)
    }

    #[inline(never)]
    fn long(&mut self) -> Option<u64> {
        let mut number = 0;
        for (place, &byte) in self.0.iter().enumerate().take(10) {
            // The tenth byte has room for one bit.
            if place == 9 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                self.0 = self.0.get(place + 1..)?;
                return Some(number);
            }
        }
        None
    }

    /// Returns the bytes whose length is the first number.
    fn part(&mut self) -> Option<Self> {
        let length = usize::try_from(self.next()?).ok()?;
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(Self(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns the samples of a profile, decoded by prost alone.
    fn decoded(bytes: &[u8]) -> Vec<Result<Sample, &'static str>> {
        let records = Fields::new(bytes).map_while(Result::ok).filter_map(record);
        records.map(decode).collect()
    }

    fn read_all(bytes: &[u8]) -> Vec<Result<Sample, &'static str>> {
        let mut all = Vec::new();
        each(bytes, |_, sample| all.push(sample.cloned()));
        all
    }

    fn samples() -> impl Strategy<Value = Vec<Sample>> {
        let number = prop_oneof![0..300i64, Just(i64::MIN), Just(-1), Just(i64::MAX), any::<i64>()];
        let part = (number.clone(), number.clone(), number.clone(), 0..3i64);
        let label = part.prop_map(|(key, str, num, num_unit)| Label { key, str, num, num_unit });
        let ids = prop::collection::vec(prop_oneof![0..300u64, any::<u64>()], 0..9);
        let lists = (ids, prop::collection::vec(number, 0..4), prop::collection::vec(label, 0..3));
        let sample =
            lists.prop_map(|(location_id, value, label)| Sample { location_id, value, label });
        prop::collection::vec(sample, 0..6)
    }

    fn profile(samples: &[Sample]) -> Vec<u8> {
        let mut bytes = Vec::new();
        samples.iter().for_each(|one| prost::encoding::message::encode(2, one, &mut bytes));
        bytes
    }

    proptest! {
        #[test]
        fn samples_are_those_of_prost(samples in samples(), break_at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = profile(&samples);
            prop_assert_eq!(&read_all(&bytes), &decoded(&bytes));
            let has_label = samples.iter().any(|sample| !sample.label.is_empty());
            prop_assert_eq!(labelled(&bytes), has_label);
            if !bytes.is_empty() {
                let at = break_at.index(bytes.len());
                bytes[at] = byte;
                prop_assert_eq!(read_all(&bytes), decoded(&bytes));
            }
        }
    }

    #[test]
    fn numbers_that_are_not_packed_and_unknown_fields_are_read() {
        let plain = [0x08, 1, 0x08, 0x80, 1, 0x10, 7];
        let unknown = [0x0a, 1, 5, 0x12, 1, 9, 0x32, 2, 1, 2, 0x38, 1];
        let mut bytes = Vec::new();
        for one in [&plain[..], &unknown] {
            bytes.extend([0x12, one.len() as u8]);
            bytes.extend(one);
        }
        let all = read_all(&bytes);
        assert_eq!(all, decoded(&bytes));
        assert_eq!(all[0].as_ref().unwrap().location_id, [1, 128]);
        assert_eq!(all[1].as_ref().unwrap().value, [9]);
    }
}
