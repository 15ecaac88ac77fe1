//! The line with which a sample begins.

/// What an event's line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Event<'a> {
    /// The thread's name.
    pub(super) comm: &'a str,
    /// Process, -1 where only the thread is told.
    pub(super) pid: i32,
    /// Thread.
    pub(super) tid: i32,
    /// Microseconds of the clock that perf was told to use.
    pub(super) time_us: Option<u64>,
    /// The event, without its modifiers.
    pub(super) name: Option<&'a str>,
    /// How many of the event the sample stands for.
    pub(super) period: Option<u64>,
    /// What follows: for a sample without callers its one frame.
    pub(super) rest: &'a str,
}

impl<'a> Event<'a> {
    /// Reads `comm pid/tid [cpu] time: period event: rest`, of which all but
    /// the name and one of pid and tid may be missing.
    ///
    /// A name may hold spaces and numbers, so the process is the last number
    /// before the time where there is one, else the first behind the name.
    pub(super) fn parse(line: &'a str) -> Option<Self> {
        let mut ids = None;
        let mut time = None;
        for (at, word) in words(line).skip(1) {
            if let Some(found) = ids_of(word).filter(|_| at > 0) {
                ids = Some((at, found));
            } else if let Some(us) = word.strip_suffix(':').and_then(micros) {
                time = Some((at + word.len(), us));
                break;
            } else if word.ends_with(':') {
                break;
            }
        }
        let (start, (pid, tid), mut rest) = match (time, ids) {
            (Some((end, _)), Some((at, ids))) => (at, ids, line.get(end..)?),
            (None, _) => {
                let (at, word) = words(line).skip(1).find(|(_, word)| ids_of(word).is_some())?;
                (at, ids_of(word)?, line.get(at + word.len()..)?)
            }
            _ => return None,
        };
        let comm = line.get(..start)?.trim();
        let mut event = Self { comm, pid, tid, time_us: time.map(|(_, us)| us), ..Self::default() };
        rest = rest.trim_start();
        // Without a time, the processor follows.
        if rest.starts_with('[') {
            rest = rest.split_once(']')?.1.trim_start();
        }
        if let Some((number, after)) = rest.split_once(' ')
            && let Ok(period) = number.parse()
        {
            event.period = Some(period);
            rest = after.trim_start();
        }
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        if let Some(name) = word.strip_suffix(':').filter(|name| !name.is_empty()) {
            event.name = Some(without_modifiers(name));
            rest = after.trim();
        } else if event.time_us.is_none() {
            return None;
        }
        event.rest = rest;
        Some(event)
    }
}

/// Words between spaces, with where they start.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = line.as_ptr() as usize;
    line.split_ascii_whitespace().map(move |word| (word.as_ptr() as usize - start, word))
}

/// `tid` or `pid/tid`.
fn ids_of(word: &str) -> Option<(i32, i32)> {
    match word.split_once('/') {
        Some((pid, tid)) => Some((pid.parse().ok()?, tid.parse().ok()?)),
        None => Some((-1, word.parse().ok()?)),
    }
}

/// Seconds with six or nine decimals, as microseconds.
pub(super) fn micros(word: &str) -> Option<u64> {
    let (seconds, decimals) = word.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(seconds) || !digits(decimals) {
        return None;
    }
    let micros = format!("{decimals:0<6}");
    let micros: u64 = micros.get(..6)?.parse().ok()?;
    seconds.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(micros)
}

/// `cpu-clock:ppp` is `cpu-clock`; `sched:sched_switch` is itself.
fn without_modifiers(name: &str) -> &str {
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
            name: Some("cpu-clock"),
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
                let time_us = Some(6_544_038_708_352);
                Event { comm: "java", tid: 12688, time_us, period: None, ..full }
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
                Event { time_us: None, name: Some("cycles"), period: Some(34467), rest, ..full }
            }),
            ("node 6387 3616.682726: ", Event { name: None, period: None, ..full }),
        ];
        for (line, event) in cases {
            assert_eq!(Event::parse(line), Some(event), "{line}");
        }
        for line in ["", "node", "\t401000 main+0x1 (/bin/x)", "[ perf record: Woken up 1 times ]"]
        {
            assert_eq!(Event::parse(line), None, "{line}");
        }
    }
}
