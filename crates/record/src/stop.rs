//! Ctrl-C and SIGTERM while a run is recorded.

use crate::Error;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the signals that ask the recorder to end. The first is passed on to the program;
/// after a second the program is killed.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Listens to the process's signals from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Signals`] where the system refuses.
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

    /// Asks for the end, as a signal does.
    pub fn ask(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// How often the end was asked for.
    pub fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}
