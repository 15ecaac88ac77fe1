//! Samples from events and the lines of their stacks: weights, threads, stacks, times.

use super::meaning::{Line, Meanings, plain};
use super::signs::Signs;
use crate::cut_stacks::Limit;
use crate::options::{Count, Options};
use crate::perf::event::Event;
use crate::perf::recorder::{Id, Recorder};
use crate::perf::unit::{Unit, plain_name, reason};
use crate::weight::{HEAVIEST, TOO_HEAVY};
use spikeflame_profile::warning::{PerfFact, Warning};
use spikeflame_profile::{Frame, FrameId, Function, Kind, Profile, Source, StackId, Zero};

const NO_STACK: &str = "a sample without a stack";

/// The sample whose stack is being read.
#[derive(Clone, Copy)]
pub(super) struct CurrentSample {
    pub(super) id: Id,
    pub(super) time_us: Option<u64>,
    /// The weight; `None` when it has no period, and others have one.
    pub(super) weight: Option<u64>,
    /// True when the sample is of another event than the chosen one.
    pub(super) skipped: bool,
}

/// The part of a stack that was read, from its outermost line.
#[derive(Clone, Copy)]
pub(super) struct PartialStack {
    pub(super) stack: StackId,
    /// True when the next frame ran inside this one.
    inside: bool,
    /// The position of the next frame, when the lines that ran are wanted.
    position: Option<u32>,
}

/// A sample that is not in the profile: the reason, and the weight that the ledger counts.
pub(super) type LostSample = (&'static str, u64);

/// The weighing of samples, except in raw mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weights {
    /// The first sample will decide.
    Unknown,
    /// The weights are the periods.
    Periods,
    /// Each sample weighs 1, because the first has no period, or because the user asked for
    /// it.
    Samples,
}

/// Builds the profile, a sample at a time.
pub(super) struct Builder {
    pub(super) recorder: Recorder,
    pub(super) meanings: Meanings,
    /// True when names are those of `stackcollapse-perf`.
    raw: bool,
    /// The last period of raw mode, until it is used.
    period: Option<u64>,
    /// The weight of all samples.
    total: u64,
    weighing: Weights,
    /// True when the first sample has no period.
    lacks_periods: bool,
    count: Count,
    comm: String,
    /// The start of the current stack; in raw mode this is the thread's name.
    pub(super) root: StackId,
    pub(super) signs: Signs,
    interval_us: Option<u64>,
    timed: bool,
    /// The earliest and the latest time.
    span_us: Option<(u64, u64)>,
}

impl Builder {
    pub(super) fn new(options: &Options) -> Self {
        let raw = options.raw_names;
        Self {
            recorder: Recorder::new(),
            meanings: Meanings::new(raw, options.lines && !raw),
            raw,
            period: None,
            total: 0,
            weighing: Self::undecided(options.count),
            lacks_periods: false,
            count: options.count,
            comm: String::new(),
            root: StackId::ROOT,
            signs: Signs::default(),
            interval_us: None,
            timed: true,
            span_us: None,
        }
    }

    /// Removes all samples, so that the next one decides on their weights. Returns their number.
    pub(super) fn forget_samples(&mut self) -> u64 {
        let weighing = Self::undecided(self.count);
        (self.total, self.weighing, self.interval_us) = (0, weighing, None);
        (self.timed, self.span_us, self.signs) = (true, None, Signs::default());
        self.recorder.forget_samples()
    }

    /// Returns the weighing before the first sample.
    fn undecided(count: Count) -> Weights {
        match count {
            Count::Weights => Weights::Unknown,
            Count::Samples => Weights::Samples,
        }
    }

    /// Returns true when the profile has no sample yet.
    pub(super) fn is_empty(&self) -> bool {
        self.span_us.is_none()
    }

    /// Returns the meaning of a line of a stack.
    pub(super) fn classify(&mut self, line: &[u8]) -> Line {
        self.meanings.look_up(line, &mut self.recorder)
    }

    /// Returns true when lines with this meaning have it at any address.
    pub(super) fn is_anywhere(&self, line: Line) -> bool {
        self.meanings.is_anywhere(line, &self.recorder)
    }

    /// Begins the sample of an event.
    pub(super) fn begin(&mut self, event: &Event<'_>, skipped: bool) -> CurrentSample {
        let weight = if self.raw {
            self.period = event.name.map_or(self.period, |_| event.period);
            match self.weighing {
                Weights::Samples => Some(1),
                _ => self.period.or(Some(1)),
            }
        } else {
            self.weigh(event, skipped)
        };
        if !skipped {
            let is_clock = || plain_name(event.name.unwrap_or_default()).ends_with("-clock");
            if self.interval_us.is_none() && is_clock() {
                self.interval_us = event.period.map(|nanos| nanos / 1000);
            }
            self.name_thread(event.comm);
        }
        let id = Id { pid: event.pid, tid: event.tid };
        CurrentSample { id, time_us: event.time_us, weight, skipped }
    }

    /// Returns the weight of an event's sample. The first sample decides whether weights
    /// are periods.
    fn weigh(&mut self, event: &Event<'_>, skipped: bool) -> Option<u64> {
        if self.weighing == Weights::Unknown && !skipped {
            self.weighing = match event.period {
                Some(_) => Weights::Periods,
                None => Weights::Samples,
            };
            self.lacks_periods |= event.period.is_none();
        }
        let is_asked = self.count == Count::Samples;
        if self.weighing == Weights::Samples && event.period.is_some() && !skipped && !is_asked {
            self.signs.has_period();
        }
        if self.weighing == Weights::Periods { event.period } else { Some(1) }
    }

    fn name_thread(&mut self, comm: &str) {
        let same = comm == self.comm;
        if !same {
            comm.clone_into(&mut self.comm);
        }
        if !self.raw || same && self.root != StackId::ROOT {
            return;
        }
        let shown = comm.replace(' ', "_");
        self.meanings.is_java = shown.starts_with("java");
        self.root = shown.split(';').fold(StackId::ROOT, |stack, name| {
            let frame = plain(&mut self.recorder, name);
            self.recorder.stacks.child(stack, frame)
        });
    }

    /// Returns true when the first sample has no period.
    pub(super) fn lacks_periods(&self) -> bool {
        self.lacks_periods
    }

    /// Returns the period of raw mode, to keep it over the end of a sample.
    pub(super) fn period(&self) -> Option<u64> {
        self.period
    }

    pub(super) fn set_period(&mut self, period: Option<u64>) {
        self.period = period;
    }

    /// Adds a sample, or returns the reason why it is lost.
    pub(super) fn sample(
        &mut self,
        current: CurrentSample,
        stack: StackId,
    ) -> Result<(), LostSample> {
        let weight = match current.weight {
            None => return Err((reason::NO_PERIOD, 1)),
            Some(0) if !self.raw => return Err((reason::ZERO, 1)),
            Some(weight) => weight,
        };
        let total = self.total.saturating_add(weight);
        if total > HEAVIEST {
            return Err((TOO_HEAVY, 1));
        }
        self.total = total;
        if stack == self.root && self.raw {
            return Err((NO_STACK, weight));
        }
        let stack = if stack == StackId::ROOT { self.recorder.unresolved_stack() } else { stack };
        self.timed &= current.time_us.is_some();
        let time_us = current.time_us.unwrap_or(0);
        let (first, last) = *self.span_us.get_or_insert((time_us, time_us));
        self.span_us = Some((first.min(time_us), last.max(time_us)));
        if self.raw {
            self.recorder.push(current.id, &self.comm, time_us, stack, weight);
        } else {
            self.recorder.sample(current.id, &self.comm, time_us, stack, weight);
        }
        Ok(())
    }

    /// Returns a stack without lines.
    pub(super) fn bottom(&self) -> PartialStack {
        PartialStack { stack: self.root, inside: false, position: None }
    }

    /// Adds the next line to a stack, towards the innermost.
    pub(super) fn grow(&mut self, above: PartialStack, line: Line) -> PartialStack {
        let PartialStack { stack, inside, position } = above;
        let line = match line {
            Line::Frame(frame) if position.is_some() => {
                Line::Frame(self.at_position(frame, position))
            }
            line => line,
        };
        let stacks = &mut self.recorder.stacks;
        let stack = match line {
            Line::Frame(frame) if self.raw => stacks.child(stack, frame),
            Line::Frame(frame) if inside => {
                let frames = &mut self.recorder.frames;
                let line = frames.line(frame);
                let frame = frames.frame(Frame { inlined: true, ..frames.get(frame) });
                let frame = frames.at_line(frame, line);
                self.recorder.child(stack, frame)
            }
            Line::Frame(frame) => self.recorder.child(stack, frame),
            Line::Frames(from, to) => {
                let run = self.meanings.run(from, to);
                run.iter().fold(stack, |stack, &frame| stacks.child(stack, frame))
            }
            Line::Inlined => return PartialStack { inside: true, ..above },
            Line::Position(at) => return PartialStack { position: Some(at), ..above },
            Line::Nothing => return above,
            Line::Blank | Line::Other => stack,
        };
        PartialStack { stack, inside: false, position: None }
    }

    /// Returns the frame at a position in its source, if it is machine code.
    fn at_position(&mut self, frame: FrameId, position: Option<u32>) -> FrameId {
        let frames = &mut self.recorder.frames;
        let position = position.and_then(|at| self.meanings.position_at(at));
        let Some((file, line)) = position.filter(|_| frames.kind(frame) == Kind::Native) else {
            return frame;
        };
        let frame = frames.get(frame);
        let function = Function { file, ..*frames.get_function(frame.function) };
        let function = frames.function(function);
        let frame = frames.frame(Frame { function, ..frame });
        frames.at_line(frame, line)
    }

    /// Returns the facts that names are missing, or may be those of several functions.
    pub(super) fn about_names(&self) -> impl Iterator<Item = PerfFact> + use<> {
        let nameless = self.recorder.nameless_interpreted().filter(|_| !self.raw);
        let several = self.recorder.wasm.several_modules(&self.recorder.frames);
        let none = (!self.raw && self.recorder.is_nameless()).then_some(PerfFact::NoNames);
        none.into_iter().chain(nameless).chain(several)
    }

    /// Puts the samples of the event into the profile.
    pub(super) fn finish(mut self, name: &str, event: &str, profile: &mut Profile) {
        self.timed &= !self.signs.are_differences();
        // Without times, all samples are at 0, in the order of the text.
        let span_us = self.span_us.filter(|_| self.timed);
        let (first_us, last_us) = span_us.unwrap_or((u64::MAX, u64::MAX));
        self.recorder.count_from(first_us);
        let unit = Unit::from_event(event);
        profile.sources.push(Source {
            name: name.to_owned(),
            producer: format!("perf {event}").trim_end().to_owned(),
            interval_us: self.interval_us.filter(|&us| us > 0),
            end_us: last_us - first_us,
            timed: self.timed,
            zero: if self.timed { Zero::Monotonic(first_us) } else { Zero::Unknown },
            time: unit.time().to_owned(),
            event: event.to_owned(),
            unit: match self.weighing {
                Weights::Samples => "samples".to_owned(),
                _ if self.raw => "periods".to_owned(),
                _ => unit.name,
            },
            ..Source::default()
        });
        // Programs that want stackcollapse's names want its stacks too.
        let limit = (!self.raw).then_some(Limit::Perf);
        let cut = self.recorder.finish(profile, limit);
        profile.warnings.extend(cut.map(|fact| Warning::new(name, fact)));
    }
}
