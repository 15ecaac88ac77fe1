//! The errors of a log as samples, and the log's clock.

use super::header;
use super::json_line;
use super::limit::Names;
use super::memo::Memo;
use super::open::OpenError;
use super::time::{self, Stamp};
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::Ledger;
use spikeflame_profile::wall::behind_short_year;
use spikeflame_profile::warning::{Fact, Warning};
use spikeflame_profile::{
    Clock, ClockSource, ErrorDetail, FrameId, Profile, Sample, Samples, Source, StackId, Thread,
    VmState, Zero,
};

/// The most errors whose code or message is kept, and the most characters of a message.
const MOST_DETAILS: usize = 10_000;
const LONGEST_MESSAGE: usize = 1_000;

/// The most words for levels that no logger is known to have, of which a warning names the first.
const MOST_LEVELS: usize = 20;

const HOUR_US: i64 = 3_600_000_000;

pub(super) struct Recorder {
    pub(super) profile: Profile,
    pub(super) ledger: Ledger,
    /// The time of each error, when one is known, and its stack.
    errors: Vec<(Option<i64>, StackId)>,
    /// Codes and first messages, for errors that have a code or whose name is a shortened
    /// message.
    details: HashMap<FrameId, ErrorDetail>,
    /// Errors that were logged without a code at least once.
    without_code: HashSet<FrameId>,
    /// Frames of errors by their texts, for errors without a mark.
    known: Memo,
    /// The names of errors, as far as they are kept.
    names: Names,
    /// Seconds that clocks without a zone are ahead of UTC.
    zone_s: Option<i32>,
    /// A moment near the times of the log, which gives a date to times without one.
    near_us: Option<i64>,
    /// True when a time without a date or without a year was found, and the log had none with a date before it.
    is_undated: bool,
    /// True after a time without a zone, when the user gave no zone.
    is_guessed: bool,
    /// True when the current line has given a time with its zone.
    is_zoned_line: bool,
    /// The last time without a zone, as it is written.
    local: Option<i64>,
    /// True after such a time of 1 o'clock behind one of 12 o'clock.
    has_no_halves: bool,
    /// True after such a time of 0 or 13 o'clock or later.
    has_all_hours: bool,
    /// True after a line that begins with a date whose year has two digits.
    has_short_years: bool,
    /// The number of lines with a level.
    pub(super) levels: u64,
    /// Words for levels that no logger is known to have, and the number of records with such a level.
    unknown_levels: (Vec<String>, u64),
    now: Option<i64>,
    first: i64,
    last: i64,
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new(None, None)
    }
}

impl Recorder {
    pub(super) fn new(zone_s: Option<i32>, near_us: Option<i64>) -> Self {
        Self {
            profile: Profile::default(),
            ledger: Ledger::new("line"),
            errors: Vec::new(),
            details: HashMap::new(),
            without_code: HashSet::new(),
            known: Memo::default(),
            names: Names::default(),
            zone_s,
            near_us,
            is_undated: false,
            is_guessed: false,
            is_zoned_line: false,
            local: None,
            has_no_halves: false,
            has_all_hours: false,
            has_short_years: false,
            levels: 0,
            unknown_levels: (Vec::new(), 0),
            now: None,
            first: i64::MAX,
            last: 0,
        }
    }

    /// Forgets the times of the line before.
    pub(super) fn begin_line(&mut self) {
        self.is_zoned_line = false;
    }

    /// Sets the clock to the time of a line. A time without a zone behind one that has it is left out, because
    /// it may be of any zone: a program with local times behind the time of `record`, docker or PM2.
    pub(super) fn tick(&mut self, stamp: Stamp) {
        if self.is_zoned_line && !stamp.zoned {
            return;
        }
        self.is_zoned_line = stamp.zoned;
        let zone_s = if stamp.zoned { 0 } else { self.zone_s.unwrap_or(0) };
        self.is_guessed |= !stamp.zoned && self.zone_s.is_none();
        if !stamp.zoned {
            let before = self.local.replace(stamp.us);
            self.has_no_halves |= before.is_some_and(|before| falls_to_one(before, stamp.us));
            self.has_all_hours |= !(1..=12).contains(&(stamp.us / HOUR_US % 24));
        }
        let us = stamp.us.saturating_sub(i64::from(zone_s) * 1_000_000).max(0);
        self.now = Some(us);
        self.first = self.first.min(us);
        self.last = self.last.max(us);
    }

    /// Reads a time without a date or a year at the start of a line, in a log whose other lines have no date either.
    /// Without a moment near it, the time is only noted.
    pub(super) fn tick_undated(&mut self, line: &str) {
        let is_dated = self.first != i64::MAX && !self.is_undated;
        if is_dated || self.is_undated && self.near_us.is_none() {
            return;
        }
        let Some(found) = time::undated(line) else { return };
        self.is_undated = true;
        let stamp = self.near_us.and_then(|us| found.near(self.now.unwrap_or(us), self.zone_s));
        if let Some(stamp) = stamp {
            self.tick(stamp);
        }
    }

    /// Looks for a date with a year of two digits at the start of a line, while no line has a time.
    pub(super) fn look_for_short_year(&mut self, line: &str) {
        if self.has_short_years || self.first != i64::MAX {
            return;
        }
        let behind = behind_short_year(line.strip_prefix('[').unwrap_or(line));
        let clock = behind.map(|rest| rest.trim_start_matches([' ', ',', 'T']));
        self.has_short_years = clock.is_some_and(|clock| {
            let rest = clock.trim_start_matches(|c: char| c.is_ascii_digit());
            (1..=2).contains(&(clock.len() - rest.len())) && rest.starts_with(':')
        });
    }

    /// Counts a record whose level no logger is known to have.
    pub(super) fn see_unknown_level(&mut self, word: &str) {
        let (words, records) = &mut self.unknown_levels;
        *records += 1;
        if words.len() < MOST_LEVELS && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }

    /// Returns the last time that a line had, in microseconds since 1970.
    pub(super) fn now(&self) -> Option<i64> {
        self.now
    }

    /// Sets the clock; returns its former time.
    pub(super) fn set_now(&mut self, now: Option<i64>) -> Option<i64> {
        std::mem::replace(&mut self.now, now)
    }

    /// Returns the frame of an error.
    pub(super) fn error(&mut self, mark: &str, text: &str) -> FrameId {
        if mark.is_empty()
            && let Some(known) = self.known.get(text)
        {
            return known;
        }
        let name = header::label(mark, &json_line::without_object(text));
        let frame = self.names.frame(&name, &mut self.profile.frames);
        let is_own = !self.names.is_remainder(frame);
        if is_own && name.contains('…') {
            let message: String = text.chars().take(LONGEST_MESSAGE).collect();
            self.detail(frame, ErrorDetail { message, ..ErrorDetail::default() });
        }
        if mark.is_empty() {
            self.known.keep(text, frame);
        }
        frame
    }

    /// Keeps the codes of an error and its causes, and those that have no code.
    fn keep_codes(&mut self, open: &OpenError) {
        for (error, code) in open.codes().filter(|(_, code)| !code.is_empty()) {
            self.code(error, code);
        }
        // A cause may be printed twice, once with its code.
        let has_code = |error| open.codes().any(|(of, code)| of == error && !code.is_empty());
        let without = open.codes().map(|(error, _)| error).filter(|error| !has_code(*error));
        self.without_code.extend(without);
    }

    /// Keeps the code of an error.
    fn code(&mut self, error: FrameId, code: &str) {
        if !self.names.is_remainder(error) {
            self.detail(error, ErrorDetail { code: code.to_owned(), ..ErrorDetail::default() });
        }
    }

    /// Joins a detail with those of its error, unless details are kept of other errors only.
    fn detail(&mut self, error: FrameId, detail: ErrorDetail) {
        if self.details.len() < MOST_DETAILS || self.details.contains_key(&error) {
            self.details.entry(error).or_default().join(detail);
        }
    }

    /// Adds an error as a sample.
    pub(super) fn sample(&mut self, mut open: OpenError) {
        let time = open.time;
        self.keep_codes(&open);
        self.names.count(open.names(), &mut self.profile.frames);
        let repeats = open.repeats as usize;
        let stack = open.into_stack(&mut self.profile.stacks);
        self.errors.extend(std::iter::repeat_n((time, stack), repeats));
    }

    pub(super) fn finish(self, name: &str, lines: u64) -> Profile {
        let Self { mut profile, ledger, errors, details, without_code, names, .. } = self;
        let (is_guessed, first, last) = (self.is_guessed, self.first, self.last);
        for (error, mut detail) in details {
            if !detail.code.is_empty() && without_code.contains(&error) {
                "…".clone_into(&mut detail.code);
            }
            let function = profile.frames.get_function(profile.frames.get(error).function);
            let label = profile.frames.strings().get(function.name).to_owned();
            profile.error_details.insert(label, detail);
        }
        let timed = first <= last;
        let zero = if timed { first } else { 0 };
        let whole = errors.iter().filter_map(|(time, _)| *time).all(|time| time % 1_000_000 == 0);
        let mut samples = Samples::default();
        for (time, stack) in errors {
            // An error that was logged before the first time cannot be later than that
            // time.
            let time_us = time.unwrap_or(zero).saturating_sub(zero).unsigned_abs();
            let state = if time.is_none() { VmState::NO_TIME } else { VmState::UNKNOWN };
            samples.push(Sample { time_us, stack, state });
        }
        samples.sort();
        profile.sources.push(Source {
            name: name.to_owned(),
            producer: "application log".to_owned(),
            // The last error lies within the recorded time.
            end_us: if timed { last.abs_diff(zero) + 1 } else { 0 },
            timed,
            undated: self.is_undated && !timed,
            zero: if timed { Zero::Wall(zero.unsigned_abs()) } else { Zero::Unknown },
            unit: "errors".to_owned(),
            lines,
            levels: self.levels,
            // Loggers that write whole seconds cut off the fraction.
            clock: (timed && whole).then_some(Clock {
                zero_us: zero,
                known: ClockSource::Recorded,
                uncertainty_us: 1_000_000,
            }),
            ..Source::default()
        });
        profile.threads.push(Thread { name: name.to_owned(), samples, source: 0 });
        profile.losses = ledger.close(name);
        if is_guessed {
            profile.warnings.push(Warning::new(name, Fact::NoZone));
        }
        if self.has_no_halves && !self.has_all_hours {
            profile.warnings.push(Warning::new(name, Fact::NoHalves));
        }
        if self.has_short_years && !timed {
            profile.warnings.push(Warning::new(name, Fact::ShortYears));
        }
        let (levels, records) = self.unknown_levels;
        if records > 0 {
            profile.warnings.push(Warning::new(name, Fact::UnknownLevels { levels, records }));
        }
        profile.warnings.extend(names.warning().map(|fact| Warning::new(name, fact)));
        profile
    }
}

/// Returns true for a time of 1 o'clock behind one of 12 o'clock on the same day, a short time later on a clock
/// of 12 hours.
fn falls_to_one(before_us: i64, us: i64) -> bool {
    // This comes first, because it is false for nearly every line.
    let fallen = before_us - us;
    (10 * HOUR_US..12 * HOUR_US).contains(&fallen)
        && before_us / HOUR_US % 24 == 12
        && us / HOUR_US % 24 == 1
        && before_us / (24 * HOUR_US) == us / (24 * HOUR_US)
}

#[cfg(test)]
mod tests {
    use super::{MOST_DETAILS, Recorder};

    /// The error was: once details of 10,000 errors were kept, those of these errors were not joined
    /// either.
    #[test]
    fn details_of_known_errors_are_joined_after_the_limit() {
        let mut recorder = Recorder::new(None, None);
        let letters = |number: usize| -> String {
            let letter = |digit: char| char::from(b'a' + digit.to_digit(10).unwrap_or(0) as u8);
            number.to_string().chars().map(letter).collect()
        };
        let first = recorder.error("", "Error: a");
        for number in 0..MOST_DETAILS {
            let error = recorder.error("", &format!("Error: {}", letters(number)));
            recorder.code(error, "errno 1040");
        }
        let new = recorder.error("", "Error: new");
        recorder.code(first, "ER_CON_COUNT_ERROR");
        recorder.code(new, "ER_CON_COUNT_ERROR");
        assert_eq!(recorder.details.len(), MOST_DETAILS);
        assert_eq!(recorder.details[&first].code, "ER_CON_COUNT_ERROR");
    }
}
