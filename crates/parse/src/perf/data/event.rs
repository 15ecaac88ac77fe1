//! Events (`perf_event_attr`), and the layout of their records.

use super::fields::{Fields, WORD};
use crate::perf::unit::{Unit, are_twins, plain_name};

/// Bits of `sample_type`, in the order of their fields in a sample.
const IDENTIFIER: u64 = 1 << 16;
const IP: u64 = 1;
const TID: u64 = 1 << 1;
const TIME: u64 = 1 << 2;
const ADDR: u64 = 1 << 3;
const ID: u64 = 1 << 6;
const STREAM_ID: u64 = 1 << 9;
const CPU: u64 = 1 << 7;
const PERIOD: u64 = 1 << 8;
const READ: u64 = 1 << 4;
const CALLCHAIN: u64 = 1 << 5;
const BRANCH_STACK: u64 = 1 << 11;
const STACK_USER: u64 = 1 << 13;
const RAW: u64 = 1 << 10;
/// Fields behind the chain of one word each: weight, source of the data, transaction, physical
/// address, group of processes, sizes of pages, weight in parts.
const WORDS_BEHIND: u64 =
    1 << 14 | 1 << 15 | 1 << 17 | 1 << 19 | 1 << 21 | 1 << 22 | 1 << 23 | 1 << 24;
/// The fields whose sizes are known here.
const MEASURED: u64 = IDENTIFIER
    | IP
    | TID
    | TIME
    | ADDR
    | ID
    | STREAM_ID
    | CPU
    | PERIOD
    | READ
    | CALLCHAIN
    | RAW
    | WORDS_BEHIND;

/// Bits of `read_format`.
const TOTAL_TIMES: [u64; 2] = [1, 2];
const READ_ID: u64 = 4;
const GROUP: u64 = 8;
const READ_LOST: u64 = 16;

/// Bits of the attribute's flags.
const INHERIT: u64 = 1 << 1;
const FREQUENCY: u64 = 1 << 10;
const INHERIT_STAT: u64 = 1 << 11;
const SAMPLE_ID_ALL: u64 = 1 << 18;
const EXCLUDE_CALLCHAIN_USER: u64 = 1 << 22;
const USE_CLOCKID: u64 = 1 << 25;

const HARDWARE: u32 = 0;
const SOFTWARE: u32 = 1;
const DUMMY: u64 = 9;
/// Clocks that count nanoseconds.
const CPU_CLOCK: u64 = 0;
const TASK_CLOCK: u64 = 1;
const NS_OF_SECOND: u64 = 1_000_000_000;
/// More events of the kernel than happen in a second: two are more than 10 ns apart.
const FASTEST: u64 = 100_000_000;

/// `CLOCK_MONOTONIC`, `CLOCK_REALTIME`.
pub(super) const MONOTONIC: u32 = 1;
pub(super) const REALTIME: u32 = 0;

/// An event that was sampled.
#[derive(Clone, Debug, Default)]
pub(super) struct Event {
    /// The name that perf gives it (`cpu-clock:ppp`), when it is known.
    pub(super) name: String,
    kind: u32,
    config: u64,
    /// Nanoseconds or events between samples, or samples a second.
    pace: u64,
    flags: u64,
    clock: u32,
    pub(super) layout: Layout,
    /// The first id that its records carry.
    pub(super) first_id: Option<u64>,
    /// The number of samples seen.
    pub(super) samples: u64,
}

/// The positions of fields in records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    sample_type: u64,
    read_format: u64,
    /// True when records other than samples end with fields such as their time.
    id_all: bool,
    /// True when threads that the program starts are counted too.
    inherits: bool,
}

/// One sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RawSample<'a> {
    pub(super) ip: Option<u64>,
    pub(super) pid: i32,
    pub(super) tid: i32,
    pub(super) time: Option<u64>,
    /// The number of events that it stands for, when the sample contains it.
    pub(super) period: Option<u64>,
    /// The counters of its event, or of all events of a group.
    pub(super) counters: &'a [u8],
    /// Addresses of 8 bytes, innermost first, with marks between them.
    pub(super) chain: &'a [u8],
}

impl Event {
    /// Parses an attribute; also returns its size.
    pub(super) fn parse(attribute: &[u8]) -> Option<(Self, usize)> {
        let mut fields = Fields(attribute);
        let (kind, size) = (fields.u32()?, usize::try_from(fields.u32()?).ok()?);
        // Attributes of old kernels are shorter.
        let mut fields = Fields(attribute.get(8..size.max(48).min(attribute.len()))?);
        let config = fields.u64()?;
        let (pace, sample_type) = (fields.u64()?, fields.u64()?);
        let (read_format, flags) = (fields.u64()?, fields.u64()?);
        // The fields for wakeup, breakpoint, two configurations, branches and registers come
        // before the clock, and are not used.
        let clock = fields.bytes(24).and_then(|_| fields.bytes(16)).and_then(|_| {
            fields.bytes(4)?;
            fields.u32()
        });
        let id_all = flags & SAMPLE_ID_ALL != 0;
        let inherits = flags & INHERIT != 0;
        let layout = Layout { sample_type, read_format, id_all, inherits };
        let clock = clock.unwrap_or_default();
        let event = Self { kind, config, pace, flags, clock, layout, ..Self::default() };
        Some((event, size))
    }

    /// Returns perf's name of the event, or one made from its numbers.
    pub(super) fn label(&self) -> String {
        const HARDWARE_NAMES: [&str; 7] = [
            "cycles",
            "instructions",
            "cache-references",
            "cache-misses",
            "branches",
            "branch-misses",
            "bus-cycles",
        ];
        const SOFTWARE_NAMES: [&str; 7] = [
            "cpu-clock",
            "task-clock",
            "page-faults",
            "context-switches",
            "cpu-migrations",
            "minor-faults",
            "major-faults",
        ];
        let at = usize::try_from(self.config).unwrap_or(usize::MAX);
        let known = match self.kind {
            HARDWARE => HARDWARE_NAMES.get(at),
            SOFTWARE => SOFTWARE_NAMES.get(at),
            _ => None,
        };
        match known {
            _ if !self.name.is_empty() => self.name.clone(),
            Some(name) => (*name).to_owned(),
            None => format!("event-{}-{:#x}", self.kind, self.config),
        }
    }

    /// Returns [`Event::label`] without modifiers.
    pub(super) fn plain_label(&self) -> String {
        plain_name(&self.label()).into_owned()
    }

    /// Returns true when `asked` is the event's name, with or without its modifiers
    /// (`:ppp`).
    pub(super) fn is_called(&self, asked: &str) -> bool {
        let label = self.label();
        label == asked || plain_name(&label) == asked
    }

    /// Returns true when both count the same on different kinds of cores
    /// (`cpu_core/cycles/`, `cpu_atom/cycles/`).
    pub(super) fn is_twin(&self, other: &Self) -> bool {
        are_twins(&self.label(), &other.label())
    }

    /// Returns true for the event that perf only adds to get records about processes.
    pub(super) fn is_dummy(&self) -> bool {
        (self.kind, self.config) == (SOFTWARE, DUMMY) || self.name.starts_with("dummy")
    }

    /// Returns the period of samples that do not contain one; `None` when it varies.
    fn fixed_period(&self) -> Option<u64> {
        Some(self.pace).filter(|&pace| pace > 0 && self.flags & FREQUENCY == 0)
    }

    /// Returns true when the period of each sample is known.
    pub(super) fn has_periods(&self) -> bool {
        self.layout.has(PERIOD) || self.layout.has_counters() || self.fixed_period().is_some()
    }

    /// Returns the period that each sample of a software clock has: its timer has a fixed interval.
    pub(super) fn period_of_clock(&self) -> Option<u64> {
        let is_clock = self.kind == SOFTWARE
            && matches!(self.config, CPU_CLOCK | TASK_CLOCK)
            && !self.layout.has_counters();
        let pace = Some(self.pace).filter(|&pace| pace > 0 && is_clock)?;
        Some(if self.flags & FREQUENCY == 0 { pace } else { NS_OF_SECOND / pace })
    }

    /// Returns the period of a sample of this event.
    pub(super) fn period_of(&self, sample: &RawSample<'_>) -> Option<u64> {
        sample.period.or(self.fixed_period())
    }

    /// Returns the unit of a period.
    pub(super) fn unit(&self) -> Unit {
        Unit::from_event(&self.label())
    }

    /// Returns true when perf tried to reach a number of samples a second (`-F`) for an
    /// event that is not time.
    pub(super) fn keeps_pace(&self) -> bool {
        self.flags & FREQUENCY != 0 && !self.unit().is_time
    }

    /// Returns true for a period to which perf raises that of an event of the kernel, such as page
    /// faults. Their first samples have a period of 1. Perf then fits it to how often the event happens,
    /// and a single later sample can weigh more than all others. The growth of a counter is no period.
    pub(super) fn may_rise_to(&self, period: u64) -> bool {
        let highest = FASTEST.checked_div(self.pace).unwrap_or(0);
        self.layout.has_counters()
            || self.kind == SOFTWARE && self.keeps_pace() && period <= highest
    }

    /// Returns the microseconds of CPU time between samples, when the event is time and
    /// this is known.
    pub(super) fn interval_us(&self) -> Option<u64> {
        if !self.unit().is_time {
            return None;
        }
        let us = match (self.flags & FREQUENCY != 0, self.kind, self.config) {
            (true, ..) => 1_000_000u64.checked_div(self.pace)?,
            (false, SOFTWARE, CPU_CLOCK | TASK_CLOCK) => self.pace / 1000,
            _ => 0,
        };
        Some(us).filter(|&us| us > 0)
    }

    /// Returns the clock of the times; `None` for perf's own.
    pub(super) fn clock(&self) -> Option<u32> {
        (self.flags & USE_CLOCKID != 0).then_some(self.clock)
    }

    /// Returns true when the counts of each thread are recorded too (`perf record -s`).
    pub(super) fn counts_threads(&self) -> bool {
        self.flags & INHERIT_STAT != 0
    }

    /// Returns true when the user's part of stacks has a form that is not read here: copies
    /// of the stack (`--call-graph dwarf`) or of branches (`lbr`).
    pub(super) fn hides_user_stacks(&self) -> bool {
        self.flags & EXCLUDE_CALLCHAIN_USER != 0
            && self.layout.sample_type & (STACK_USER | BRANCH_STACK) != 0
    }
}

impl Layout {
    fn has(self, bits: u64) -> bool {
        self.sample_type & bits != 0
    }

    pub(super) fn is_timed(self) -> bool {
        self.has(TIME)
    }

    /// Returns true when samples contain counters with the ids of their events: with those of the
    /// other events of a group (`{a,b}:S`), too.
    pub(super) fn has_counters(self) -> bool {
        self.has(READ) && self.reads(READ_ID)
    }

    /// Returns true when each thread has a counter of its own under the same id.
    pub(super) fn is_inherited(self) -> bool {
        self.inherits && self.has(TID)
    }

    fn reads(self, bit: u64) -> bool {
        self.read_format & bit != 0
    }

    /// Returns the size in bytes of the fields of `bits` that are recorded, 8 each.
    fn size_of(self, bits: u64) -> usize {
        (self.sample_type & bits).count_ones() as usize * 8
    }

    /// Returns the position of the id in a sample.
    pub(super) fn sample_id_at(self) -> Option<usize> {
        match (self.has(IDENTIFIER), self.has(ID)) {
            (true, _) => Some(0),
            (false, true) => Some(self.size_of(IP | TID | TIME | ADDR)),
            (false, false) => None,
        }
    }

    /// Returns the id of a sample.
    pub(super) fn sample_id(self, body: &[u8]) -> Option<u64> {
        Fields(body.get(self.sample_id_at()?..)?).u64()
    }

    /// Returns the time of a sample.
    pub(super) fn sample_time(self, body: &[u8]) -> Option<u64> {
        let at = self.size_of(IDENTIFIER | IP | TID);
        self.is_timed().then(|| Fields(body.get(at..)?).u64())?
    }

    /// Returns the time at the end of a record that is not a sample.
    pub(super) fn trailer_time(self, body: &[u8]) -> Option<u64> {
        let behind = self.size_of(TIME | ID | STREAM_ID | CPU | IDENTIFIER);
        let at = body.len().checked_sub(behind)?;
        (self.id_all && self.is_timed()).then(|| Fields(body.get(at..)?).u64())?
    }

    /// Returns the id of the event at the end of a record that is not a sample.
    pub(super) fn trailer_id(self, body: &[u8]) -> Option<u64> {
        let behind = match (self.has(IDENTIFIER), self.has(ID)) {
            (true, _) => IDENTIFIER,
            (false, true) => ID | STREAM_ID | CPU,
            (false, false) => return None,
        };
        let at = body.len().checked_sub(self.size_of(behind))?;
        self.id_all.then(|| Fields(body.get(at..)?).u64())?
    }

    /// Returns a record that is not a sample, without the fields at its end.
    pub(super) fn without_trailer(self, body: &[u8]) -> &[u8] {
        let bits = TID | TIME | ID | STREAM_ID | CPU | IDENTIFIER;
        let trailer = if self.id_all { self.size_of(bits) } else { 0 };
        body.get(..body.len().saturating_sub(trailer)).unwrap_or_default()
    }

    /// Parses a sample.
    pub(super) fn sample(self, body: &[u8]) -> Option<RawSample<'_>> {
        let mut fields = Fields(body);
        let mut sample = RawSample { pid: -1, tid: -1, ..RawSample::default() };
        if self.has(IDENTIFIER) {
            fields.u64()?;
        }
        if self.has(IP) {
            sample.ip = Some(fields.u64()?);
        }
        if self.has(TID) {
            (sample.pid, sample.tid) = (fields.i32()?, fields.i32()?);
        }
        if self.has(TIME) {
            sample.time = Some(fields.u64()?);
        }
        fields.bytes(self.size_of(ADDR | ID | STREAM_ID | CPU) as u64)?;
        if self.has(PERIOD) {
            sample.period = Some(fields.u64()?);
        }
        if self.has(READ) {
            let counters = self.skip_counters(&mut fields)?;
            sample.counters = if self.has_counters() { counters } else { &[] };
        }
        if self.has(CALLCHAIN) {
            let size = fields.u64()?.checked_mul(8)?;
            sample.chain = fields.bytes(size)?;
        }
        self.ends_with(fields).then_some(sample)
    }

    /// Returns true when a sample ends with the fields behind its chain, or when the sizes of these
    /// are not known. A flipped bit in the length of the chain is seen here.
    fn ends_with(self, mut fields: Fields<'_>) -> bool {
        if self.has(!MEASURED) {
            return true;
        }
        if self.has(RAW) {
            let size = fields.u32().unwrap_or(u32::MAX);
            if fields.bytes(u64::from(size)).is_none() {
                return false;
            }
        }
        fields.0.len() == self.size_of(WORDS_BEHIND)
    }

    /// Passes over the counters of a sample, and returns them: a value, an id and a number of losses
    /// for each event. An event without a group has its times between value and id, and a group has
    /// them at the beginning.
    fn skip_counters<'a>(self, fields: &mut Fields<'a>) -> Option<&'a [u8]> {
        let times = u64::from(self.times());
        let each = self.words_of_counter() as u64;
        if !self.reads(GROUP) {
            return fields.bytes((times + each) * 8);
        }
        let count = fields.u64()?;
        fields.bytes(times * 8)?;
        fields.bytes(count.checked_mul(each)?.checked_mul(8)?)
    }

    /// Returns the number of times that stand beside counters.
    fn times(self) -> u8 {
        TOTAL_TIMES.iter().map(|&bit| u8::from(self.reads(bit))).sum()
    }

    fn words_of_counter(self) -> usize {
        1 + usize::from(self.reads(READ_ID)) + usize::from(self.reads(READ_LOST))
    }

    /// Returns the ids and the values of a sample's counters.
    pub(super) fn counters(self, sample: &RawSample<'_>) -> impl Iterator<Item = (u64, u64)> {
        let between = if self.reads(GROUP) { 0 } else { usize::from(self.times()) };
        let size = (self.words_of_counter() + between) * WORD;
        sample.counters.chunks_exact(size).filter_map(move |counter| {
            let value = Fields(counter).u64()?;
            Some((Fields(counter.get((1 + between) * WORD..)?).u64()?, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[u64]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn a_sample_of_every_field_before_the_chain_is_read() {
        let all =
            IDENTIFIER | IP | TID | TIME | ADDR | ID | STREAM_ID | CPU | PERIOD | READ | CALLCHAIN;
        let head = [7, 0x1000, 5 << 32 | 4, 99, 0, 7, 0, 1, 1000];
        let chain = [2, 0x1000, 0x2000];
        // One event: value, times, id, lost. A group of two: the count, times, then each
        // event.
        let alone = [1, 2, 3, 4, 5];
        let group = [2, 2, 3, 1, 4, 5, 1, 4, 5];
        for (read_format, counts) in [(0b10111, &alone[..]), (0b11111, &group[..])] {
            let layout = Layout { sample_type: all, read_format, ..Layout::default() };
            let body = words(&[&head[..], counts, &chain[..]].concat());
            let sample = layout.sample(&body).unwrap();
            assert_eq!((sample.ip, sample.pid, sample.tid), (Some(0x1000), 4, 5));
            assert_eq!((sample.time, sample.period), (Some(99), Some(1000)));
            assert_eq!(Fields(sample.chain).numbers().collect::<Vec<_>>(), [0x1000, 0x2000]);
            let counters: Vec<(u64, u64)> = layout.counters(&sample).collect();
            assert_eq!(counters, if counts == alone { vec![(4, 1)] } else { vec![(4, 1); 2] });
            assert_eq!((layout.sample_id(&body), layout.sample_time(&body)), (Some(7), Some(99)));
            for cut in 0..body.len() {
                assert_eq!(layout.sample(&body[..cut]), None, "{cut}");
            }
        }
        let layout = Layout { sample_type: CALLCHAIN, ..Layout::default() };
        for claim in [u64::MAX, 1 << 61, 1 << 60, 2] {
            assert_eq!(layout.sample(&words(&[claim, 1])), None);
        }
    }

    #[test]
    fn names_are_matched_without_modifiers() {
        let event = |name: &str| Event { name: name.to_owned(), ..Event::default() };
        assert!(event("cpu-clock:ppp").is_called("cpu-clock"));
        assert!(event("cpu-clock:ppp").is_called("cpu-clock:ppp"));
        assert!(!event("sched:sched_switch").is_called("sched"));
        assert!(event("cpu_core/cycles/P").is_twin(&event("cpu_atom/cycles/P")));
        assert!(!event("cycles").is_twin(&event("instructions")));
        let unnamed = Event { kind: SOFTWARE, config: 1, ..Event::default() };
        assert_eq!(unnamed.label(), "task-clock");
    }
}
