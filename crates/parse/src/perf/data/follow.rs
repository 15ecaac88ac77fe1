//! Samples from records that are in the order of their times.

use super::counters::Counters;
use super::event::{Event, RawSample};
use super::fields::Fields;
use super::images::Images;
use super::jit::{Jit, is_dump};
use super::kernel::{self, Identity, Kernel, SymbolSearch};
use super::meta::Meta;
use super::order::QueuedRecord;
use super::processes::Processes;
use super::reason;
use super::records::kind;
use super::space::Mapping;
use crate::options::Options;
use crate::perf::recorder::{Id, Recorder};
use crate::perf::unit;
use crate::weight::{HEAVIEST, TOO_HEAVY};
use hashbrown::HashSet;
use spikeflame_profile::Ledger;
use spikeflame_profile::{FrameId, StackId};
use std::path::PathBuf;

/// The most samples that are kept: 2 GiB.
const MOST_SAMPLES: u64 = 1 << 27;
/// The most threads that are kept: 0.3 GiB.
const MOST_THREADS: usize = 1 << 18;
/// The most distinct stacks that are kept: 2 GiB.
const MOST_STACKS: usize = 1 << 26;

/// A time without samples of an hour, in nanoseconds, and the number of times by which it is longer
/// than all the rest of the recording. A damaged time makes such a gap.
const LONG_GAP: u64 = 3_600_000_000_000;
const MUCH_LONGER: u64 = 100;

/// One sample in so many may have another period than the clock's timer.
const EXCEPTIONS: u64 = 20;
/// The number of samples among which none should weigh more than all others.
const MANY_SAMPLES: u64 = 20;

/// The most addresses whose frames are cached.
const MOST_REMEMBERED: usize = 1 << 24;

/// Entries of a chain from this value on are marks, not addresses.
const FIRST_MARK: u64 = u64::MAX - 4094;
/// After this mark comes a number that identifies a stack of a later record.
const DEFERRED: u64 = 640u64.wrapping_neg();

/// Bits of `misc`: the mode of the processor, and flags of COMM, FORK and MMAP records.
const MODE: u16 = 7;
const EXEC: u16 = 1 << 13;
const FORK_EXEC: u16 = 1 << 13;
const DATA: u16 = 1 << 13;
const WITH_BUILD_ID: u16 = 1 << 14;
const EXECUTABLE: u32 = 4;

/// The owner of the running code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    User,
    Kernel,
    Hypervisor,
    GuestKernel,
    GuestUser,
}

impl Mode {
    fn of_misc(misc: u16) -> Self {
        match misc & MODE {
            1 => Self::Kernel,
            3 => Self::Hypervisor,
            4 => Self::GuestKernel,
            5 => Self::GuestUser,
            _ => Self::User,
        }
    }

    fn of_mark(mark: u64) -> Option<Self> {
        Some(match mark.wrapping_neg() {
            32 => Self::Hypervisor,
            128 => Self::Kernel,
            512 | 640 => Self::User,
            2048 | 2176 => Self::GuestKernel,
            2560 => Self::GuestUser,
            _ => return None,
        })
    }
}

/// The state while a recording is followed.
pub(super) struct Follower<'a> {
    pub(super) options: &'a Options,
    pub(super) recorder: Recorder,
    pub(super) processes: Processes,
    pub(super) kernel: Kernel,
    pub(super) images: Images,
    pub(super) jit: Jit,
    pub(super) ledger: Ledger,
    /// The counters that samples contain.
    pub(super) counters: Counters,
    chosen: Vec<bool>,
    folders: Vec<PathBuf>,
    monotonic: bool,
    /// Times of the first and the last sample, in nanoseconds.
    pub(super) span: Option<(u64, u64)>,
    /// The longest time between two samples that follow each other, in nanoseconds.
    widest: u64,
    /// The number of records that are older than those of the rounds before.
    pub(super) late: u64,
    pub(super) samples: u64,
    /// True when a sample's weight is its period; otherwise each weighs 1.
    pub(super) weighs: bool,
    /// The weight of all samples.
    total: u64,
    /// The weight of the heaviest sample, without those that perf made heavy.
    heaviest: u64,
    /// The number of samples of a clock with another period than its timer has.
    odd_periods: u64,
    threads: HashSet<Id>,
    pub(super) crowded: bool,
    /// The number of records that perf lost, counted by each of the two kinds of records
    /// that report it.
    lost: (u64, u64),
    /// The number of samples in compiled code whose name had to be inferred from the time,
    /// because several lines of a perf map have that address; and whether the current
    /// sample is one.
    pub(super) inferred: u64,
    infers: bool,
    /// Processes in which code without a name ran.
    pub(super) nameless: HashSet<i32>,
    /// The number of addresses that processes may still cache.
    room: usize,
    frames: Vec<FrameId>,
}

impl<'a> Follower<'a> {
    /// Makes a follower; `chosen` marks the events to read, and `jit` finds perf maps.
    pub(super) fn new(
        options: &'a Options,
        chosen: Vec<bool>,
        monotonic: bool,
        jit: Jit,
        folders: Vec<PathBuf>,
    ) -> Self {
        Self {
            options,
            recorder: Recorder::new(),
            processes: Processes::new(),
            kernel: Kernel::default(),
            images: Images::new(folders.clone()),
            jit,
            ledger: Ledger::new("record"),
            counters: Counters::default(),
            chosen,
            folders,
            monotonic,
            span: None,
            widest: 0,
            late: 0,
            samples: 0,
            weighs: false,
            total: 0,
            heaviest: 0,
            odd_periods: 0,
            threads: HashSet::new(),
            crowded: false,
            lost: (0, 0),
            inferred: 0,
            infers: false,
            nameless: HashSet::new(),
            room: MOST_REMEMBERED,
            frames: Vec::new(),
        }
    }

    /// Returns whether each event is read, by its number.
    pub(super) fn chosen(&self) -> &[bool] {
        &self.chosen
    }

    /// Returns true when the samples of an event are read.
    pub(super) fn reads(&self, event: usize) -> bool {
        self.chosen.get(event) == Some(&true)
    }

    /// Returns the number of records that perf lost. Since 6.1 perf reports each loss in
    /// two ways.
    pub(super) fn lost(&self) -> u64 {
        self.lost.0.max(self.lost.1)
    }

    /// Returns the number of samples with a period that the clock's timer does not have, when they are
    /// exceptions.
    pub(super) fn odd_periods(&self) -> Option<u64> {
        let odd = self.odd_periods;
        (odd > 0 && odd.saturating_mul(EXCEPTIONS) < self.samples).then_some(odd)
    }

    /// Returns the percentage of the weight that one sample has, when it has more than all others.
    pub(super) fn dominant(&self) -> Option<u64> {
        let others = self.total.saturating_sub(self.heaviest);
        let is_dominant = self.samples >= MANY_SAMPLES && self.heaviest > others;
        is_dominant
            .then(|| (u128::from(self.heaviest) * 100 / u128::from(self.total.max(1))) as u64)
    }

    /// Returns the longest time without a sample in nanoseconds, when nearly all samples are close
    /// together at one side of it or at both.
    pub(super) fn lone_gap(&self) -> Option<u64> {
        let (first, last) = self.span?;
        let rest = (last - first).saturating_sub(self.widest);
        (self.widest > LONG_GAP && self.widest / MUCH_LONGER > rest).then_some(self.widest)
    }

    /// Handles the next record.
    pub(super) fn take(&mut self, held: &QueuedRecord, body: &[u8], meta: &Meta) {
        let Some(event) = meta.events.get(held.event as usize) else { return };
        let layout = event.layout;
        if held.kind == kind::SAMPLE {
            match layout.sample(body) {
                Some(sample) if !sample.counters.is_empty() => {
                    self.counted(held, layout, &sample, meta);
                }
                Some(sample) => match self.weigh(event, &sample) {
                    Ok(weight) => self.sample(held, &sample, weight, meta),
                    Err(reason) => self.ledger.lose(reason, held.number, 1),
                },
                None => self.ledger.lose(reason::SAMPLE, held.number, 1),
            }
            return;
        }
        let fields = Fields(layout.without_trailer(body));
        if self.event(held, fields, meta).is_none() {
            self.ledger.lose(reason::RECORD, held.number, 0);
        }
    }

    fn event(&mut self, held: &QueuedRecord, mut fields: Fields<'_>, meta: &Meta) -> Option<()> {
        match held.kind {
            kind::COMM => {
                let ids = (fields.i32()?, fields.i32()?);
                self.processes.rename(ids, fields.text(), held.misc & EXEC != 0);
            }
            kind::FORK => {
                let (pid, parent) = (fields.i32()?, fields.i32()?);
                let (tid, parent_tid) = (fields.i32()?, fields.i32()?);
                let copies = held.misc & FORK_EXEC == 0;
                self.processes.fork((pid, tid), (parent, parent_tid), copies);
            }
            kind::MMAP => {
                let (pid, _tid) = (fields.i32()?, fields.i32()?);
                let place = (fields.u64()?, fields.u64()?, fields.u64()?);
                if held.misc & DATA == 0 {
                    self.map(held, pid, place, None, fields.text(), meta);
                }
            }
            kind::MMAP2 => {
                let (pid, _tid) = (fields.i32()?, fields.i32()?);
                let place = (fields.u64()?, fields.u64()?, fields.u64()?);
                let mut file = Fields(fields.bytes(24)?);
                let id = match held.misc & WITH_BUILD_ID {
                    0 => None,
                    _ => {
                        let size = u64::from(file.u8()?);
                        file.bytes(3)?;
                        Some(file.bytes(size)?)
                    }
                };
                let (protection, _flags) = (fields.u32()?, fields.u32()?);
                if protection & EXECUTABLE != 0 {
                    self.map(held, pid, place, id, fields.text(), meta);
                }
            }
            kind::KSYMBOL => {
                let (start, size) = (fields.u64()?, fields.u32()?);
                let (_type, flags) = (fields.u16()?, fields.u16()?);
                // The flag means that the code was removed.
                if flags & 1 == 0 {
                    self.kernel.add(start, u64::from(size), fields.text());
                }
            }
            kind::LOST => {
                fields.u64()?;
                self.lost.0 = self.lost.0.saturating_add(fields.u64()?);
            }
            kind::LOST_SAMPLES => self.lost.1 = self.lost.1.saturating_add(fields.u64()?),
            _ => {}
        }
        Some(())
    }

    /// Handles a mapping at `(start, length, offset in the file)`.
    fn map(
        &mut self,
        held: &QueuedRecord,
        pid: i32,
        (start, length, offset): (u64, u64, u64),
        id: Option<&[u8]>,
        path: &[u8],
        meta: &Meta,
    ) {
        let end = start.saturating_add(length);
        match Mode::of_misc(held.misc) {
            Mode::Kernel => return self.kernel.map(start, end, offset, path),
            Mode::User => {}
            _ => return,
        }
        if is_dump(path) {
            let dump = self.jit.dump(path, self.monotonic);
            if let Some(process) = self.processes.get(pid) {
                process.dump = dump.or(process.dump);
            }
        }
        let id = id.or_else(|| meta.build_id(path));
        if let Some(image) = self.images.image(path, id, offset.saturating_add(length)) {
            let anonymous = self.images.is_anonymous(image);
            let shift = if anonymous { 0 } else { offset.wrapping_sub(start) };
            self.processes.map(pid, start, Mapping { end, shift, image });
        }
    }

    /// Returns the weight of a sample, or the reason why it has none.
    pub(super) fn weigh(
        &mut self,
        event: &Event,
        sample: &RawSample<'_>,
    ) -> Result<u64, &'static str> {
        if !self.weighs {
            return Ok(1);
        }
        let period = event.period_of(sample).ok_or(unit::reason::NO_PERIOD)?;
        let total = self.total.saturating_add(period);
        match period {
            0 => Err(unit::reason::ZERO),
            _ if total > HEAVIEST => Err(TOO_HEAVY),
            _ => {
                self.total = total;
                if !event.may_rise_to(period) {
                    self.heaviest = self.heaviest.max(period);
                }
                let usual = event.period_of_clock();
                self.odd_periods += u64::from(usual.is_some_and(|usual| usual != period));
                Ok(period)
            }
        }
    }

    /// Adds a sample of this weight.
    pub(super) fn sample(
        &mut self,
        held: &QueuedRecord,
        sample: &RawSample<'_>,
        weight: u64,
        meta: &Meta,
    ) {
        if self.samples >= MOST_SAMPLES || self.recorder.stacks.len() >= MOST_STACKS {
            return self.ledger.lose(reason::MANY, held.number, 1);
        }
        self.samples += 1;
        self.infers = false;
        self.recorder.process = sample.pid;
        let stack = self.stack(held, sample, meta);
        self.inferred += u64::from(self.infers);
        let time = sample.time.unwrap_or_default();
        let (first, last) = *self.span.get_or_insert((time, time));
        self.widest = self.widest.max(time.saturating_sub(last));
        self.span = Some((first, last.max(time)));
        let mut id = Id { pid: sample.pid, tid: sample.tid };
        if !self.threads.contains(&id) {
            if self.threads.len() < MOST_THREADS {
                self.threads.insert(id);
            } else {
                (id, self.crowded) = (Id { pid: -1, tid: -1 }, true);
            }
        }
        let unnamed;
        let name = match self.processes.name(id.pid, id.tid) {
            Some(name) => name,
            None if id.pid < 0 => "(unknown thread)",
            None => {
                unnamed = format!(":{}", id.tid);
                &unnamed
            }
        };
        self.recorder.sample(id, name, time.saturating_sub(first) / 1000, stack, weight);
    }

    /// Returns the stack of a sample, from its chain or from its only address.
    fn stack(&mut self, held: &QueuedRecord, sample: &RawSample<'_>, meta: &Meta) -> StackId {
        let mut frames = std::mem::take(&mut self.frames);
        frames.clear();
        let mut mode = Mode::of_misc(held.misc);
        let (mut innermost, mut deferred) = (true, false);
        for address in Fields(sample.chain).numbers() {
            if deferred {
                deferred = false;
            } else if address >= FIRST_MARK {
                mode = Mode::of_mark(address).unwrap_or(mode);
                (innermost, deferred) = (true, address == DEFERRED);
            } else {
                // A caller's address is the return address, which is after the call.
                // Addresses that V8 and signals make up are exact.
                let at = if innermost { address } else { address.saturating_sub(1) };
                frames.push(self.frame(at, address, mode, sample, meta));
                innermost = false;
            }
        }
        if let Some(address) = sample.ip.filter(|_| frames.is_empty()) {
            frames.push(self.frame(address, address, Mode::of_misc(held.misc), sample, meta));
        }
        let id = Id { pid: sample.pid, tid: sample.tid };
        let stack = self.recorder.stack(id, &frames);
        self.frames = frames;
        stack
    }

    /// Returns the frame at `at`, or if nothing is known there, the frame at the second
    /// address.
    fn frame(
        &mut self,
        at: u64,
        or: u64,
        mode: Mode,
        sample: &RawSample<'_>,
        meta: &Meta,
    ) -> FrameId {
        match mode {
            Mode::User => self.user_frame(at, or, sample),
            Mode::Kernel => {
                let (folders, options) = (&self.folders, self.options);
                let sought = || {
                    let build_id = meta.build_id(kernel::NAME.as_bytes());
                    let identity = Identity { build_id, release: &meta.release };
                    SymbolSearch::new(&identity, folders, options)
                };
                self.kernel.frame(at, sought, &mut self.recorder)
            }
            Mode::Hypervisor => self.recorder.frame("", "[hypervisor]", false),
            Mode::GuestKernel => self.recorder.frame("", "[guest.kernel.kallsyms]", false),
            Mode::GuestUser => self.recorder.frame("", "", false),
        }
    }

    fn user_frame(&mut self, at: u64, or: u64, sample: &RawSample<'_>) -> FrameId {
        let Self { processes, images, jit, recorder, nameless, room, infers, .. } = self;
        let unresolved = |recorder: &mut Recorder| recorder.frame("", "", false);
        let Some(process) = processes.get(sample.pid) else { return unresolved(recorder) };
        if let Some(&frame) = process.known.get(&at) {
            return frame;
        }
        let mapping = process.find(at, room);
        let dump = process.dump;
        let of_file = mapping.filter(|mapping| !images.is_anonymous(mapping.image));
        let frame = if let Some(mapping) = of_file {
            let offset = |address: u64| address.wrapping_add(mapping.shift);
            images.frame(mapping.image, (offset(at), offset(or)), recorder)
        } else {
            let time = sample.time.unwrap_or_default();
            let pids = process.pids.clone();
            // Without a time, the last code at the address is taken.
            let until = sample.time.unwrap_or(u64::MAX);
            let dumped = dump.and_then(|dump| jit.find_dumped(dump, (at, or), until, recorder));
            let found = dumped.map(|frame| (frame, false)).or_else(|| {
                let found = jit.find(&pids, (at, or), time, recorder)?;
                *infers |= !found.1;
                Some(found)
            });
            if found.is_none() && mapping.is_some() && dump.is_none() && !jit.knows(&pids) {
                nameless.insert(sample.pid);
            }
            let (frame, settled) = found.unwrap_or_else(|| (unresolved(recorder), dump.is_none()));
            if !settled {
                // Other code may be placed there later, so the frame is not cached.
                return frame;
            }
            frame
        };
        if let Some(rest) = room.checked_sub(1)
            && let Some(process) = processes.get(sample.pid)
        {
            *room = rest;
            process.known.insert(at, frame);
        }
        frame
    }
}
