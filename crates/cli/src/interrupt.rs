//! Removes files that are not complete when a signal ends the program.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};

/// The files that are being written.
static PARTS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// True when the command itself ends in good order at the first signal.
static IS_HANDLED: AtomicBool = AtomicBool::new(false);

/// States that the command handles signals. They then end the program only while it writes a file.
pub(crate) fn is_handled() {
    IS_HANDLED.store(true, Ordering::SeqCst);
}

/// A file that is being written. It is removed when a signal ends the program.
pub(crate) struct UnfinishedFile(PathBuf);

impl UnfinishedFile {
    /// Calls `make`, which makes the file and returns it with its path. A signal takes effect before
    /// the file is there, or when its path is known.
    pub(crate) fn begin<T, E>(
        make: impl FnOnce() -> Result<(T, PathBuf), E>,
    ) -> Result<(T, Self), E> {
        static LISTENS: Once = Once::new();
        LISTENS.call_once(listen);
        let mut parts = PARTS.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, path) = make()?;
        parts.push(path.clone());
        Ok((file, Self(path)))
    }
}

impl Drop for UnfinishedFile {
    fn drop(&mut self) {
        PARTS.lock().unwrap_or_else(PoisonError::into_inner).retain(|part| *part != self.0);
    }
}

/// Starts to listen to the signals that users and service managers send.
#[cfg(unix)]
fn listen() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let ignored = ignored();
    let wanted =
        [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored & (1 << (signal - 1)) == 0);
    // Without a listener, a signal leaves the file, as it would without this module.
    let Ok(mut signals) = signal_hook::iterator::Signals::new(wanted) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            let parts = PARTS.lock().unwrap_or_else(PoisonError::into_inner);
            if parts.is_empty() && IS_HANDLED.load(Ordering::SeqCst) {
                continue;
            }
            // The lock is held to the end, so that no file is renamed or begun meanwhile.
            for part in parts.iter() {
                let _ = std::fs::remove_file(part);
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
}

/// Returns the signals that this program was started to ignore, such as SIGINT behind `&` in a
/// script, as a mask. A handler for one of them would end the program where it must go on.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Where the mask is not known, `nohup` must still work.
    mask.unwrap_or(1 << (signal_hook::consts::SIGHUP - 1))
}

#[cfg(not(unix))]
fn listen() {}
