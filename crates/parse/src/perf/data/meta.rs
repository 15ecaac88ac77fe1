//! The facts that a recording contains about itself: events, build ids, the machine.

use super::event::Event;
use super::fields::Fields;
use hashbrown::HashMap;

/// Features, by their numbers in the header.
pub(super) const BUILD_ID: u32 = 2;
pub(super) const HOSTNAME: u32 = 3;
pub(super) const RELEASE: u32 = 4;
pub(super) const VERSION: u32 = 5;
pub(super) const EVENT_DESC: u32 = 12;
pub(super) const CLOCK_DATA: u32 = 29;
/// The feature of a folder with further files, which contain the samples.
pub(super) const DIR_FORMAT: u32 = 24;

/// The features that are read, with their names for messages.
pub(super) const FEATURES: [(u32, &str); 7] = [
    (BUILD_ID, "build ids"),
    (HOSTNAME, "the machine's name"),
    (RELEASE, "the kernel's release"),
    (VERSION, "perf's version"),
    (EVENT_DESC, "the events' names"),
    (CLOCK_DATA, "the time of day"),
    (DIR_FORMAT, "whether there are further files"),
];

/// The most events, more than any recording has.
const MOST_EVENTS: usize = 1 << 14;
/// The most ids of events, 32 MiB in all. An event has an id for each processor and thread.
const MOST_IDS: usize = 1 << 22;
/// The most binaries, more than any recording has.
const MOST_BUILD_IDS: usize = 1 << 16;
/// The longest path of a binary: PATH_MAX of Linux.
const LONGEST_PATH: usize = 4096;
/// The longest name of an event, machine or version.
const LONGEST_NAME: usize = 1024;

/// The flag of a build id with a recorded length.
const BUILD_ID_SIZE: u16 = 1 << 15;
/// The longest build id in bytes: that of SHA-1.
const LONGEST_BUILD_ID: usize = 20;

/// The facts that a recording contains about itself.
#[derive(Debug, Default)]
pub(super) struct Meta {
    pub(super) events: Vec<Event>,
    by_id: HashMap<u64, usize>,
    /// Build ids by path, as in the recording.
    build_ids: HashMap<Vec<u8>, Vec<u8>>,
    pub(super) hostname: String,
    /// The kernel's version.
    pub(super) release: String,
    /// perf's version.
    pub(super) version: String,
    /// A moment as a time of the events' clock and of the wall clock.
    pub(super) moment: Option<Moment>,
    /// True when samples are in further files.
    pub(super) scattered: bool,
}

/// A moment as two clocks show it, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) clock: u32,
    pub(super) told: u64,
    pub(super) wall: u64,
}

impl Meta {
    /// Adds an event with the ids that its records carry.
    pub(super) fn add_event(&mut self, mut event: Event, ids: impl IntoIterator<Item = u64>) {
        if self.events.len() >= MOST_EVENTS {
            return;
        }
        let number = self.events.len();
        for id in ids {
            if self.by_id.len() >= MOST_IDS {
                break;
            }
            event.first_id.get_or_insert(id);
            self.by_id.insert(id, number);
        }
        self.events.push(event);
    }

    /// Handles the record that describes an event in a pipe.
    pub(super) fn take_attribute(&mut self, body: &[u8]) -> Option<()> {
        let (event, size) = Event::parse(body)?;
        self.add_event(event, Fields(body.get(size..).unwrap_or_default()).numbers());
        Some(())
    }

    /// Handles a feature's section.
    pub(super) fn take_feature(&mut self, feature: u32, section: &[u8]) -> Option<()> {
        let mut fields = Fields(section);
        let mut string = || fields.sized_text().map(short);
        match feature {
            HOSTNAME => self.hostname = string()?,
            RELEASE => self.release = string()?,
            VERSION => self.version = string()?,
            EVENT_DESC => return self.take_names(fields),
            DIR_FORMAT => self.scattered = true,
            BUILD_ID => {
                while !fields.0.is_empty() {
                    let (_, misc, size) = (fields.u32()?, fields.u16()?, fields.u16()?);
                    let body = fields.bytes(u64::from(size).checked_sub(8)?)?;
                    self.take_build_id(body, misc)?;
                }
            }
            CLOCK_DATA => {
                let (_version, clock) = (fields.u32()?, fields.u32()?);
                let (wall, told) = (fields.u64()?, fields.u64()?);
                self.moment = Some(Moment { clock, told, wall });
            }
            _ => {}
        }
        Some(())
    }

    /// Sets the names of events: of the event with the same id, or else at the same index.
    fn take_names(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let (count, size) = (fields.u32()?, fields.u32()?);
        for number in 0..count as usize {
            fields.bytes(u64::from(size))?;
            let ids = fields.u32()?;
            let name = fields.sized_text()?;
            let first = Fields(fields.bytes(u64::from(ids) * 8)?).u64();
            let same = first.and_then(|id| self.by_id.get(&id)).copied();
            if let Some(event) = self.events.get_mut(same.unwrap_or(number)) {
                event.name = short(name);
            }
        }
        Some(())
    }

    /// Handles the build id of a binary.
    pub(super) fn take_build_id(&mut self, body: &[u8], misc: u16) -> Option<()> {
        let mut fields = Fields(body);
        let _pid = fields.i32()?;
        let id = fields.bytes(LONGEST_BUILD_ID as u64)?;
        let size = usize::from(fields.u8()?);
        fields.bytes(3)?;
        // Before lengths were recorded, shorter ids were extended with zeros.
        let id = match misc & BUILD_ID_SIZE {
            0 => id,
            _ => id.get(..size)?,
        };
        let path = fields.text();
        if self.build_ids.len() < MOST_BUILD_IDS && path.len() <= LONGEST_PATH {
            self.build_ids.insert(path.to_owned(), id.to_owned());
        }
        Some(())
    }

    /// Returns the build id of the binary at `path`.
    pub(super) fn build_id(&self, path: &[u8]) -> Option<&[u8]> {
        self.build_ids.get(path).map(Vec::as_slice)
    }

    /// Returns true when samples contain the id of their event.
    pub(super) fn tells_events(&self) -> bool {
        let mut places = self.events.iter().map(|event| event.layout.sample_id_at());
        let first = places.next().flatten();
        self.events.len() == 1 || first.is_some() && places.all(|place| place == first)
    }

    /// Returns true when an event has this id, or when no ids are known.
    pub(super) fn names(&self, id: u64) -> bool {
        self.by_id.is_empty() || self.by_id.contains_key(&id)
    }

    /// Returns the event with this id, and its number.
    pub(super) fn event_with(&self, id: u64) -> Option<(usize, &Event)> {
        let number = match self.by_id.get(&id) {
            Some(&number) => number,
            None if self.by_id.is_empty() && self.events.len() == 1 => 0,
            None => return None,
        };
        Some((number, self.events.get(number)?))
    }

    /// Returns the event of a sample.
    pub(super) fn event_of(&self, body: &[u8]) -> Option<usize> {
        let first = self.events.first()?;
        if self.events.len() == 1 {
            let named = first.layout.sample_id(body).is_none_or(|id| self.names(id));
            return named.then_some(0);
        }
        self.by_id.get(&first.layout.sample_id(body)?).copied()
    }
}

fn short(name: &[u8]) -> String {
    String::from_utf8_lossy(name.get(..LONGEST_NAME).unwrap_or(name)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_ids_have_the_length_that_is_told() {
        let mut body = vec![0xff; 4];
        body.extend((1..=20).collect::<Vec<u8>>());
        body.extend([16, 0, 0, 0]);
        body.extend(b"/bin/x\0\0");
        let mut meta = Meta::default();
        meta.take_build_id(&body, BUILD_ID_SIZE).unwrap();
        assert_eq!(meta.build_id(b"/bin/x").unwrap().len(), 16);
        meta.take_build_id(&body, 0).unwrap();
        assert_eq!(meta.build_id(b"/bin/x").unwrap().len(), 20);
        body[24] = 21;
        assert_eq!(meta.take_build_id(&body, BUILD_ID_SIZE), None);
    }
}
