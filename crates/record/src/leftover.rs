//! Ends processes of a run that left the program's process group. A child that was started
//! detached has its own group. Such processes are recognised by the run folder in their
//! environment.

use crate::folder::Folder;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

/// The variable that names the run folder in each process of a run.
pub(crate) const VARIABLE: &str = "SPIKEFLAME_RUN";
/// The variable that names the run folder in each process of the load. It differs from the one of
/// the program, because a load in Node is not recorded.
pub(crate) const LOAD: &str = "SPIKEFLAME_LOAD";

/// Asks all processes that are left of a run to end, and kills those that do not. Does nothing
/// where there is no `/proc`. Returns the number of processes that were found.
pub(crate) fn end(folder: &Folder) -> usize {
    let found = find(folder);
    for (signal, waits) in [(Signal::TERM, 20), (Signal::KILL, 20)] {
        let mut left = find(folder);
        for pid in &left {
            // An error means that the process has already ended.
            let _ = kill_process(*pid, signal);
        }
        for _ in 0..waits {
            if left.is_empty() {
                return found.len();
            }
            std::thread::sleep(Duration::from_millis(50));
            left = find(folder);
        }
    }
    found.len()
}

/// Returns the processes of a run. Zombies are not among them, because they have no environment.
fn find(folder: &Folder) -> Vec<Pid> {
    let wanted = [VARIABLE, LOAD]
        .map(|name| [name.as_bytes(), b"=", folder.path.as_os_str().as_bytes()].concat());
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw)?;
            let environment = fs::read(entry.path().join("environ")).ok()?;
            environment
                .split(|byte| *byte == 0)
                .any(|one| wanted.iter().any(|w| w == one))
                .then_some(pid)
        })
        .collect()
}
