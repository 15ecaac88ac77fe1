//! The line with which a sample begins.

/// The fields of an event's line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Event<'a> {
    /// The thread's name.
    pub(super) comm: &'a str,
    /// The process id, -1 when only the thread is given.
    pub(super) pid: i32,
    /// The thread id.
    pub(super) tid: i32,
    /// Microseconds of the clock that perf used.
    pub(super) time_us: Option<u64>,
    /// The event, with its modifiers.
    pub(super) name: Option<&'a str>,
    /// The number of events that the sample stands for.
    pub(super) period: Option<u64>,
    /// The rest of the line: the frame of a sample without callers.
    pub(super) rest: &'a str,
}

impl<'a> Event<'a> {
    /// Reads `comm pid/tid [cpu] time: period event: rest`, in which all fields may be
    /// missing except one of pid and tid.
    ///
    /// A thread may have any name, also one with numbers and colons. So the process is the
    /// last number before the time. Without a time, the words before the event must be a
    /// process, a processor and a period.
    pub(super) fn parse(line: &'a str) -> Option<Self> {
        Self::parse_with(line, true)
    }

    /// Reads a line like [`Event::parse`]. When `periods` is false, a line without a time has no period either,
    /// and a number in front of the process belongs to the thread's name.
    pub(super) fn parse_with(line: &'a str, periods: bool) -> Option<Self> {
        // This is a note without its thread, whose numbers are no process.
        if line.trim_start().starts_with(RECORD) {
            return None;
        }
        Self::timed(line)
            .or_else(|| Self::loosely_timed(line))
            .or_else(|| Self::timeless(line, periods))
    }

    /// Reads a line whose time has fewer decimals than perf writes, because another program
    /// rounded it. The time is the first word with a colon that follows a number.
    pub(super) fn loosely_timed(line: &'a str) -> Option<Self> {
        let mut ids = None;
        for (at, word) in words(line) {
            if let (Some((start, (pid, tid))), Some(time)) = (ids, word.strip_suffix(':')) {
                let whole = !time.contains('.') && !time.is_empty();
                let us = if whole { micros(&format!("{time}.0")) } else { micros(time) };
                let comm = line.get(..start)?.trim();
                let event = Self { comm, pid, tid, time_us: Some(us?), ..Self::default() };
                let event = event.with_rest(line.get(at + word.len()..)?);
                return Some(event).filter(|event| event.name.is_some());
            }
            ids = ids_of(word).map(|found| (at, found)).or(ids);
        }
        None
    }

    /// Reads a line that contains the time.
    pub(super) fn timed(line: &'a str) -> Option<Self> {
        let mut ids = None;
        for (at, word) in words(line) {
            let us = word.strip_suffix(':').filter(|time| decimals(time) >= 6).and_then(micros);
            if let (Some((start, (pid, tid))), Some(us)) = (ids, us) {
                let comm = line.get(..start)?.trim();
                let event = Self { comm, pid, tid, time_us: Some(us), ..Self::default() };
                return Some(event.with_rest(line.get(at + word.len()..)?));
            }
            ids = ids_of(word).map(|found| (at, found)).or(ids);
        }
        None
    }

    fn timeless(line: &'a str, periods: bool) -> Option<Self> {
        // The last three words.
        let mut before = [(0, ""); 3];
        let found = words(line).chain([(line.len(), "")]).find_map(|(at, word)| {
            let named = word.ends_with(':') && word.bytes().any(|b| b.is_ascii_alphanumeric());
            let is_event = named || word.starts_with(RECORD);
            if (is_event || word.is_empty())
                // The number behind a time is a period and no process.
                && !before.iter().any(|(_, word)| is_time(word))
                && let Some((start, ids, period)) = chain(before, periods)
            {
                return Some((start, ids, period, at));
            }
            before.rotate_left(1);
            before[2] = (at, word);
            None
        });
        let (start, (pid, tid), period, at) = found?;
        let comm = line.get(..start)?.trim();
        Some(Self { comm, pid, tid, period, ..Self::default() }.with_rest(line.get(at..)?))
    }

    fn with_rest(mut self, rest: &'a str) -> Self {
        let mut rest = rest.trim();
        // Without the field `event`, the period may be all that follows the time.
        if self.time_us.is_some()
            && let Some((period, after)) = period_alone(rest)
        {
            (self.period, self.rest) = (Some(period), after);
            return self;
        }
        if let Some((number, after)) = split_at_byte(rest, b' ')
            && let Ok(period) = number.parse()
            && after.trim_start().split(' ').next().is_some_and(|word| word.ends_with(':'))
        {
            self.period = Some(period);
            rest = after.trim_start();
        }
        let (word, after) = split_at_byte(rest, b' ').unwrap_or((rest, ""));
        let name = word.strip_suffix(':').filter(|name| !name.is_empty());
        if let Some(name) = name.or(word.starts_with(RECORD).then_some(word)) {
            self.name = Some(name);
            rest = after.trim();
        }
        self.rest = rest;
        self
    }

    /// Returns true for a note of perf about the program, which is not a sample.
    pub(super) fn is_record(&self) -> bool {
        self.name.is_some_and(|name| name.starts_with(RECORD))
    }

    /// Returns the number of lost records from a note.
    pub(super) fn lost(&self) -> Option<u64> {
        let lost = self.name.is_some_and(|name| name.starts_with("PERF_RECORD_LOST"));
        self.rest.strip_prefix("lost ").filter(|_| lost)?.trim().parse().ok()
    }
}

/// Reads a period without an event, and what follows it: nothing, or a frame, which begins with an
/// address.
fn period_alone(rest: &str) -> Option<(u64, &str)> {
    let (period, frame) = split_at_byte(rest, b' ').unwrap_or((rest, ""));
    let digits = period.bytes().all(|byte| byte.is_ascii_digit());
    let frame = frame.trim_start();
    let address = split_at_byte(frame, b' ').map_or(frame, |(address, _)| address);
    let is_address = address.len() > 3
        && address.bytes().all(|byte| byte.is_ascii_hexdigit())
        && address.bytes().any(|byte| byte.is_ascii_digit());
    if !digits || !(frame.is_empty() || is_address) {
        return None;
    }
    Some((period.parse().ok()?, frame))
}

/// The start of the notes of `perf script --show-task-events` and similar options.
pub(super) const RECORD: &str = "PERF_RECORD_";

/// Reads process, processor and, when there are `periods`, the period before an event. Returns their position,
/// the ids, and the period.
fn chain(before: [(usize, &str); 3], periods: bool) -> Option<(usize, (i32, i32), Option<u64>)> {
    let is_cpu = |word: &str| {
        let number = word.strip_prefix('[').and_then(|word| word.strip_suffix(']'));
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    let ids = |(at, word): (usize, &str)| Some((at, ids_of(word)?));
    let [far, middle, near] = before;
    if is_cpu(near.1) {
        return ids(middle).map(|(at, ids)| (at, ids, None));
    }
    let period = near.1.parse().ok().filter(|_| periods);
    let found = match period {
        Some(_) if is_cpu(middle.1) => ids(far),
        Some(_) => ids(middle),
        None => None,
    };
    match found {
        Some((at, ids)) => Some((at, ids, period)),
        None => ids(near).map(|(at, ids)| (at, ids, None)),
    }
}

/// Returns the words between spaces, with their positions.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = line.as_ptr() as usize;
    line.split_ascii_whitespace().map(move |word| (word.as_ptr() as usize - start, word))
}

/// Reads `tid` or `pid/tid`.
fn ids_of(word: &str) -> Option<(i32, i32)> {
    if !word.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-')) {
        return None;
    }
    match split_at_byte(word, b'/') {
        Some((pid, tid)) => Some((pid.parse().ok()?, tid.parse().ok()?)),
        None => Some((-1, word.parse().ok()?)),
    }
}

/// Splits a text at the first of an ASCII character. For texts of a few bytes, this is faster than
/// `split_once`.
fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|other| other == byte)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Reads seconds with decimals, as microseconds.
pub(super) fn micros(word: &str) -> Option<u64> {
    let (seconds, decimals) = split_at_byte(word, b'.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(seconds) || !digits(decimals) {
        return None;
    }
    let first_six = decimals.bytes().chain([b'0'; 6]).take(6);
    let micros = first_six.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    seconds.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(micros)
}

/// Returns true for a time as perf writes it, with its colon.
fn is_time(word: &str) -> bool {
    word.strip_suffix(':').is_some_and(|time| decimals(time) >= 6 && micros(time).is_some())
}

fn decimals(time: &str) -> usize {
    split_at_byte(time, b'.').map_or(0, |(_, decimals)| decimals.len())
}

/// Removes modifiers: `cpu-clock:ppp` becomes `cpu-clock`, `sched:sched_switch` does not
/// change.
pub(super) fn without_modifiers(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((event, modifiers)) if modifiers.bytes().all(|b| b"ukhHGpPSDIWeb".contains(&b)) => {
            event
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_with_any_of_their_fields() {
        let full = Event {
            comm: "node",
            pid: -1,
            tid: 6387,
            time_us: Some(3_616_682_726),
            name: Some("cpu-clock:ppp"),
            period: Some(10_101_010),
            rest: "",
        };
        let cases = [
            ("node  6387  3616.682726:   10101010 cpu-clock:ppp: ", full),
            (
                "            node  6387/6390 [001]  3616.682726000:   10101010 cpu-clock:ppp:",
                Event { pid: 6387, tid: 6390, ..full },
            ),
            ("V8 Worker 12 6387 3616.682726: cycles:", {
                Event { comm: "V8 Worker 12", name: Some("cycles"), period: None, ..full }
            }),
            ("java 12688 [002] 6544038.708352: cpu-clock: ", {
                let (time_us, name) = (Some(6_544_038_708_352), Some("cpu-clock"));
                Event { comm: "java", tid: 12688, time_us, name, period: None, ..full }
            }),
            (
                "swapper 0 [000] 1.000001: sched:sched_switch: prev_comm=node prev_pid=1",
                Event {
                    comm: "swapper",
                    tid: 0,
                    time_us: Some(1_000_001),
                    name: Some("sched:sched_switch"),
                    period: None,
                    rest: "prev_comm=node prev_pid=1",
                    ..full
                },
            ),
            ("node 6387 34467 cycles:u:  ffff9aa3c8de [unknown] ([unknown])", {
                let rest = "ffff9aa3c8de [unknown] ([unknown])";
                Event { time_us: None, name: Some("cycles:u"), period: Some(34467), rest, ..full }
            }),
            ("node 6387 3616.682726: ", Event { name: None, period: None, ..full }),
            // These times have fewer decimals than perf writes.
            ("node  6387  3616.68:   10101010 cpu-clock:ppp: ", {
                Event { time_us: Some(3_616_680_000), ..full }
            }),
            ("node 6387/6390 [001] 1.0: cycles: ", {
                let (pid, tid, time_us) = (6387, 6390, Some(1_000_000));
                Event { pid, tid, time_us, name: Some("cycles"), period: None, ..full }
            }),
            ("node  6387  3616: 10101010 cpu-clock:ppp:", {
                Event { time_us: Some(3_616_000_000), ..full }
            }),
            // The thread's name may contain numbers and colons.
            ("my app: 3 6387 3616.682726: 10101010 cpu-clock:ppp:", {
                Event { comm: "my app: 3", ..full }
            }),
            ("# rel 2.5: 6387 [1] 3616.682726: 10101010 cpu-clock:ppp:", {
                Event { comm: "# rel 2.5:", ..full }
            }),
            ("api v1.5: x 6387 10101010 cpu-clock:ppp:", {
                Event { comm: "api v1.5: x", time_us: None, ..full }
            }),
            ("x 1234 6387 [000] 10101010 cpu-clock:ppp:", {
                Event { comm: "x 1234", time_us: None, ..full }
            }),
            // Fields are missing.
            ("  6387 3616.682726: 10101010 cpu-clock:ppp:", Event { comm: "", ..full }),
            ("node 6387 10101010 ", Event { time_us: None, name: None, ..full }),
            ("node 6387 [001] ", Event { time_us: None, name: None, period: None, ..full }),
            ("node 6387 3616.682726: PERF_RECORD_COMM exec: node:6387/6387", {
                let name = Some("PERF_RECORD_COMM");
                Event { name, period: None, rest: "exec: node:6387/6387", ..full }
            }),
        ];
        for (line, event) in cases {
            assert_eq!(Event::parse(line), Some(event), "{line}");
        }
        for line in [
            "",
            "node",
            "\t401000 main+0x1 (/bin/x)",
            "[ perf record: Woken up 1 times ]",
            // The error was: a period was taken for a thread, and weighed 1.
            "node 3616.682726:   10101010 cpu-clock:ppp: ",
            "node [000] 3616.682726:   10101010 cpu-clock:ppp: ",
            // The error was: the numbers of a file were taken for a thread.
            "PERF_RECORD_MMAP2 12/12: [0x301000(0x1000) @ 0 00:1d 2245 1044]: r-xp /srv/a",
        ] {
            assert_eq!(Event::parse(line), None, "{line}");
        }
    }
}
