//! Handles Ctrl-C and SIGTERM while a run is recorded.

use crate::Error;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the signals that ask the recorder to end. The first one is passed on to the program;
/// after the second one the program is killed.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Starts to listen to the signals of this process.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Signals`] when the operating system refuses.
    pub fn listen() -> Result<Self, Error> {
        let stop = Self::default();
        let mut signals =
            signal_hook::iterator::Signals::new([SIGINT, SIGTERM]).map_err(Error::Signals)?;
        let count = Arc::clone(&stop.0);
        std::thread::spawn(move || {
            for _ in signals.forever() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Ok(stop)
    }

    /// Asks the recording to end, in the same way as a signal.
    pub fn ask(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// Number of times that the end was asked for.
    pub fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}
