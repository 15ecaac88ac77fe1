//! Passes what the user types in a terminal on to the program.
//!
//! The program has a process group of its own. The system stops a process that reads the terminal
//! from another group than that in the foreground, so the recorder reads the terminal, and the
//! program reads a pipe.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;
use std::io::Write;
use std::process::ChildStdin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Time between two looks whether the run has ended.
const PAUSE: Duration = Duration::from_millis(100);

/// The reader of the terminal. It stops when this value is dropped, so that the input that comes
/// later goes to the next run or to the shell.
pub(crate) struct TerminalReader(Arc<AtomicBool>);

impl TerminalReader {
    /// Starts to pass the terminal's input on to the program, in a thread.
    pub(crate) fn pass_on(to: ChildStdin) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let seen = ended.clone();
        std::thread::spawn(move || copy(to, &seen));
        Self(ended)
    }
}

impl Drop for TerminalReader {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Copies the input until the run ends, the input ends, or the program closes its side.
fn copy(mut to: ChildStdin, ended: &AtomicBool) {
    let terminal = std::io::stdin();
    let pause = Timespec { tv_sec: 0, tv_nsec: PAUSE.subsec_nanos().into() };
    // Without the job control of a terminal, nothing stops a reader.
    let is_ours = || tcgetpgrp(&terminal).map_or(true, |group| group == getpgrp());
    let mut typed = [0; 4096];
    while !ended.load(Ordering::Relaxed) {
        // A recorder in the background would be stopped too, so it waits until it is in front.
        if !is_ours() {
            std::thread::sleep(PAUSE);
            continue;
        }
        match poll(&mut [PollFd::new(&terminal, PollFlags::IN)], Some(&pause)) {
            Ok(0) | Err(Errno::INTR) => continue,
            Ok(_) if !is_ours() => continue,
            Ok(_) => {}
            Err(_) => return,
        }
        match read(&terminal, &mut typed) {
            Err(Errno::INTR | Errno::AGAIN) => {}
            Ok(0) | Err(_) => return,
            Ok(length) => {
                if to.write_all(typed.get(..length).unwrap_or_default()).is_err() {
                    return;
                }
            }
        }
    }
}
