//! Makes small recordings, as files and as pipes.

/// `IP | TID | TIME | CALLCHAIN | IDENTIFIER`.
pub(crate) const SAMPLE_TYPE: u64 = 1 | 2 | 4 | 0x20 | 1 << 16;
pub(crate) const USER_MODE: u16 = 2;
pub(crate) const KERNEL_MODE: u16 = 1;
/// Marks in chains.
pub(crate) const IN_USER: u64 = 512u64.wrapping_neg();
pub(crate) const IN_KERNEL: u64 = 128u64.wrapping_neg();

const FREQUENCY: u64 = 1 << 10;
const SAMPLE_ID_ALL: u64 = 1 << 18;
const USE_CLOCKID: u64 = 1 << 25;

/// The process and the thread, as `(process, thread)`.
pub(crate) type Who = (i32, i32);

/// An event; its records carry its number as their id.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) name: &'static str,
    pub(crate) kind: u32,
    pub(crate) config: u64,
    pub(crate) pace: u64,
    pub(crate) flags: u64,
    pub(crate) sample_type: u64,
    pub(crate) read_format: u64,
    pub(crate) clock: Option<u32>,
}

/// Returns `cpu-clock` at 1000 Hz with the monotonic clock.
pub(crate) fn clock() -> Event {
    let (kind, config, pace) = (1, 0, 1000);
    let (flags, sample_type) = (FREQUENCY | SAMPLE_ID_ALL, SAMPLE_TYPE);
    let (read_format, clock) = (0, Some(1));
    Event { name: "cpu-clock", kind, config, pace, flags, sample_type, read_format, clock }
}

/// A recording that is being made.
#[derive(Clone)]
pub(crate) struct Recording {
    pub(crate) events: Vec<Event>,
    /// Pairs of a number in the header, and a section.
    pub(crate) features: Vec<(u32, Vec<u8>)>,
    pub(crate) records: Vec<Vec<u8>>,
}

/// Returns a record with its header.
pub(crate) fn record(kind: u32, misc: u16, body: &[u8]) -> Vec<u8> {
    let size = u16::try_from(body.len() + 8).unwrap();
    [&kind.to_le_bytes()[..], &misc.to_le_bytes(), &size.to_le_bytes(), body].concat()
}

pub(crate) fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn pair((a, b): Who) -> u64 {
    u64::from(a as u32) | u64::from(b as u32) << 32
}

/// Returns a NUL-terminated text, padded to a multiple of 8 bytes.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize((bytes.len() + 1).next_multiple_of(8), 0);
    bytes
}

/// Returns a text with its length in front.
pub(crate) fn sized(name: &str) -> Vec<u8> {
    let text = text(name);
    [&(text.len() as u32).to_le_bytes()[..], &text].concat()
}

impl Recording {
    pub(crate) fn new() -> Self {
        Self { events: vec![clock()], features: Vec::new(), records: Vec::new() }
    }

    fn push(mut self, kind: u32, misc: u16, parts: &[Vec<u8>]) -> Self {
        self.records.push(record(kind, misc, &parts.concat()));
        self
    }

    /// Returns the end of each record that is not a sample: ids, time, identifier.
    fn trailer(who: Who, time: u64) -> Vec<u8> {
        words(&[pair(who), time, 0])
    }

    pub(crate) fn sample_of(
        self,
        event: u64,
        misc: u16,
        who: Who,
        time: u64,
        chain: &[u64],
    ) -> Self {
        let first = chain.iter().find(|&&at| at < IN_USER - 4000).copied().unwrap_or_default();
        let head = words(&[event, first, pair(who), time, chain.len() as u64]);
        self.push(9, misc, &[head, words(chain)])
    }

    pub(crate) fn sample(self, who: Who, time: u64, chain: &[u64]) -> Self {
        self.sample_of(0, USER_MODE, who, time, chain)
    }

    pub(crate) fn map(self, who: Who, time: u64, at: u64, size: u64, path: &str) -> Self {
        self.map_file((at, size, 0), who, time, path, None)
    }

    /// Adds a mapping at `(start, size, offset in the file)`, with a build id if given.
    pub(crate) fn map_file(
        self,
        (at, size, offset): (u64, u64, u64),
        who: Who,
        time: u64,
        path: &str,
        id: Option<&[u8; 20]>,
    ) -> Self {
        let head = words(&[pair(who), at, size, offset]);
        let file = match id {
            Some(id) => [&[20, 0, 0, 0][..], id].concat(),
            None => vec![0; 24],
        };
        let misc = USER_MODE | if id.is_some() { 1 << 14 } else { 0 };
        self.push(10, misc, &[head, file, words(&[5]), text(path), Self::trailer(who, time)])
    }

    pub(crate) fn kernel_map(self, at: u64, size: u64, offset: u64, name: &str) -> Self {
        let head = words(&[pair((-1, 0)), at, size, offset]);
        self.push(1, KERNEL_MODE, &[head, text(name), Self::trailer((-1, 0), 0)])
    }

    pub(crate) fn comm(self, who: Who, time: u64, name: &str, executed: bool) -> Self {
        let misc = if executed { 1 << 13 } else { 0 };
        self.push(3, misc, &[words(&[pair(who)]), text(name), Self::trailer(who, time)])
    }

    pub(crate) fn fork(self, who: Who, parent: Who, time: u64) -> Self {
        let body = words(&[pair((who.0, parent.0)), pair((who.1, parent.1)), time]);
        self.push(7, 0, &[body, Self::trailer(parent, time)])
    }

    pub(crate) fn lost(self, count: u64) -> Self {
        self.push(2, 0, &[words(&[0, count]), Self::trailer((0, 0), 1)])
    }

    pub(crate) fn round(self) -> Self {
        self.push(68, 0, &[])
    }

    fn attribute(event: &Event) -> Vec<u8> {
        let clock = event.clock.map_or(0, |_| USE_CLOCKID);
        let mut bytes = words(&[
            u64::from(event.kind) | 136 << 32,
            event.config,
            event.pace,
            event.sample_type,
            event.read_format,
            event.flags | clock,
            0,
            0,
            0,
            0,
            0,
            u64::from(event.clock.unwrap_or_default()) << 32,
        ]);
        bytes.resize(136, 0);
        bytes
    }

    fn all_features(&self) -> Vec<(u32, Vec<u8>)> {
        let mut names = [(self.events.len() as u32).to_le_bytes(), 136u32.to_le_bytes()].concat();
        for (number, event) in self.events.iter().enumerate() {
            names.extend(Self::attribute(event));
            names.extend(1u32.to_le_bytes());
            names.extend(sized(event.name));
            names.extend(words(&[number as u64]));
        }
        let mut features = self.features.clone();
        features.push((12, names));
        features.sort_by_key(|(number, _)| *number);
        features
    }

    /// Returns the file that `perf record -o FILE` would write.
    pub(crate) fn file(&self) -> Vec<u8> {
        let ids_at = 104;
        let attributes_at = ids_at + 8 * self.events.len();
        let records_at = attributes_at + (136 + 16) * self.events.len();
        let records = self.records.concat();
        let features = self.all_features();
        let bits = features.iter().fold(0, |bits, (number, _)| bits | 1u64 << number);
        let mut bytes = b"PERFILE2".to_vec();
        bytes.extend(words(&[104, 152]));
        bytes.extend(words(&[attributes_at as u64, 152 * self.events.len() as u64]));
        bytes.extend(words(&[records_at as u64, records.len() as u64, 0, 0, bits, 0, 0, 0]));
        bytes.extend((0..self.events.len() as u64).flat_map(u64::to_le_bytes));
        for (number, event) in self.events.iter().enumerate() {
            bytes.extend(Self::attribute(event));
            bytes.extend(words(&[(ids_at + 8 * number) as u64, 8]));
        }
        bytes.extend(records);
        let mut at = bytes.len() + 16 * features.len();
        for (_, section) in &features {
            bytes.extend(words(&[at as u64, section.len() as u64]));
            at += section.len();
        }
        bytes.extend(features.into_iter().flat_map(|(_, section)| section));
        bytes
    }

    /// Returns the stream that `perf record -o -` would write.
    pub(crate) fn pipe(&self) -> Vec<u8> {
        let mut bytes = b"PERFILE2".to_vec();
        bytes.extend(words(&[16]));
        for (number, event) in self.events.iter().enumerate() {
            let body = [Self::attribute(event), words(&[number as u64])].concat();
            bytes.extend(record(64, 0, &body));
        }
        for (number, section) in self.all_features() {
            bytes.extend(record(80, 0, &[words(&[u64::from(number)]), section].concat()));
        }
        bytes.extend(self.records.concat());
        bytes
    }

    /// Compresses the records, in pieces of `size` bytes.
    pub(crate) fn packed(&self, size: usize) -> Self {
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let stream = ruzstd::encoding::compress_to_vec(self.records.concat().as_slice(), level);
        // perf has two kinds of such records; the newer one repeats the size.
        let pieces = stream.chunks(size).enumerate();
        let records = pieces.map(|(number, piece)| match number % 2 {
            0 => record(81, 0, piece),
            _ => {
                let filled = vec![0; piece.len().next_multiple_of(8) - piece.len()];
                record(83, 0, &[&words(&[piece.len() as u64])[..], piece, &filled].concat())
            }
        });
        let records = records.collect();
        Self { records, ..self.clone() }
    }
}
