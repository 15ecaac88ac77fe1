//! Handles Ctrl-C and SIGTERM while a run is recorded.

use crate::Error;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Counts the requests to end the recording: signals to the recorder, and calls of [`Stop::ask`].
/// After the first, a load is ended, and the program is asked to end by a signal. After the second,
/// the program is killed. What was recorded until then is kept. Clones share one count.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    times: Arc<AtomicUsize>,
    /// True when a supervisor sent SIGTERM. A supervisor kills the recorder some seconds later.
    by_supervisor: Arc<AtomicBool>,
}

impl Stop {
    /// Starts to count SIGINT and SIGTERM of this process, in a thread that lasts as long as the
    /// process. These signals no longer end the process by themselves.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Signals`] when the operating system refuses.
    pub fn listen() -> Result<Self, Error> {
        let stop = Self::default();
        let mut signals =
            signal_hook::iterator::Signals::new([SIGINT, SIGTERM]).map_err(Error::Signals)?;
        let told = stop.clone();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                told.by_supervisor.fetch_or(signal == SIGTERM, Ordering::SeqCst);
                told.ask();
            }
        });
        Ok(stop)
    }

    /// Adds one request to end, as a signal does.
    pub fn ask(&self) {
        self.times.fetch_add(1, Ordering::SeqCst);
    }

    /// Returns the number of requests to end so far: signals and calls of [`Stop::ask`].
    pub fn times(&self) -> usize {
        self.times.load(Ordering::SeqCst)
    }

    /// Returns true when SIGTERM came: a container or a service manager wants the program to end,
    /// and will not wait long.
    pub(crate) fn is_by_supervisor(&self) -> bool {
        self.by_supervisor.load(Ordering::SeqCst)
    }
}
