//! Handles Ctrl-C, SIGTERM and SIGHUP while a run is recorded.

use crate::Error;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Counts the requests to end the recording: calls of [`Stop::ask`] and, after [`Stop::listen`], the
/// signals SIGINT, SIGTERM and SIGHUP to the recorder. Clones share one count.
///
/// After the first request, load and program are asked to end, and soon after the second, they are
/// killed. [`record`](crate::record()) keeps the recording until then; in a series or a comparison,
/// a run that was ended so does not count.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    times: Arc<AtomicUsize>,
    /// True when a supervisor sent SIGTERM, or the terminal was closed. A supervisor kills the
    /// recorder some seconds later.
    by_supervisor: Arc<AtomicBool>,
}

impl Stop {
    /// Starts to count SIGINT, SIGTERM and SIGHUP of this process, in a thread that lasts as long
    /// as the process. These signals no longer end the process by themselves. SIGHUP stays ignored when the
    /// process was started to ignore it (`nohup`) and `/proc/self/status` shows that.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Signals`] when the operating system refuses.
    pub fn listen() -> Result<Self, Error> {
        let stop = Self::default();
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let hangup = (!ignores(&status, SIGHUP)).then_some(SIGHUP);
        let wanted = [SIGINT, SIGTERM].into_iter().chain(hangup);
        let mut signals = signal_hook::iterator::Signals::new(wanted).map_err(Error::Signals)?;
        let told = stop.clone();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                told.by_supervisor.fetch_or(signal != SIGINT, Ordering::SeqCst);
                told.ask();
            }
        });
        Ok(stop)
    }

    /// Asks for the end of the recording once, as a signal does.
    pub fn ask(&self) {
        self.times.fetch_add(1, Ordering::SeqCst);
    }

    /// Returns the number of requests to end the recording so far: signals plus calls of
    /// [`Stop::ask`].
    pub fn times(&self) -> usize {
        self.times.load(Ordering::SeqCst)
    }

    /// Returns true when SIGTERM or SIGHUP came: a container or a service manager wants the program
    /// to end and will not wait long, or the terminal was closed.
    pub(crate) fn is_by_supervisor(&self) -> bool {
        self.by_supervisor.load(Ordering::SeqCst)
    }
}

/// Returns true when a process ignores a signal, as its `/proc/self/status` shows. The text is empty where the
/// system has no such file (macOS): the signal is then taken as not ignored, as is usual.
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: without `/proc`, a closed terminal ended the recorder and not the recording.
    #[test]
    fn a_signal_is_ignored_only_when_the_system_shows_it() {
        for (status, is_ignored) in [
            ("", false),
            ("Name:\tspikeflame\nSigIgn:\t0000000000001000\n", false),
            ("Name:\tspikeflame\nSigIgn:\t0000000000001001\n", true),
        ] {
            assert_eq!(ignores(status, SIGHUP), is_ignored, "{status}");
        }
    }
}
