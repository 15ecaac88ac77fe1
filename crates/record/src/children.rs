//! The CPU of child processes that were not recorded, such as a program that is no Node, or a Node that was started
//! without its parent's variables.

use crate::folder::Folder;
use std::fs;

/// The least CPU that is named, in milliseconds. The kernel counts in steps of 10 ms, and shells use little.
const LEAST_MS: u64 = 200;
/// The least part of the recorded processes' CPU that is named, as its divisor.
const LEAST_PART: u64 = 10;

/// Returns the CPU of children without a recording, in milliseconds, when it is much beside that of the processes
/// `pids`, which were recorded. Returns `None` also when a recorded process has left no account of its CPU, as after
/// a kill: its CPU is then part of its parent's children.
pub(crate) fn unrecorded_ms(folder: &Folder, pids: &[u64]) -> Option<u64> {
    let account = |text: &str| {
        let (own, children) = text.split_once(' ')?;
        Some((own.parse::<u64>().ok()?, children.parse::<u64>().ok()?))
    };
    let read = |path| account(&fs::read_to_string(path).ok()?);
    if pids.iter().any(|pid| read(folder.own(&format!("cpu-{pid}"))).is_none()) {
        return None;
    }
    // The processes that only start others have an account too, and no recording.
    let files = folder.files(true, |name| name.starts_with("cpu-"));
    let all: Vec<(u64, u64)> = files.into_iter().filter_map(read).collect();
    let own_ms: u64 = all.iter().map(|(own, _)| own).sum();
    // All other processes may be children of this one, so the rest is a lower bound.
    let rest = |&(own, children): &(u64, u64)| children.saturating_sub(own_ms - own);
    let most = all.iter().map(rest).max()?;
    (most >= LEAST_MS && most >= own_ms / LEAST_PART).then_some(most)
}
