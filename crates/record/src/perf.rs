//! Records with Linux perf, which runs around the program.

use crate::folder::Folder;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

/// The name of the recording in the run folder.
pub(crate) const RECORDING: &str = "perf.data";

/// Samples a second. An odd number does not keep step with timers.
const FREQUENCY: &str = "999";

/// Returns the flags with which Node writes the names of its functions for perf. The last one keeps the
/// log of V8 that comes with them out of the working directory.
pub(crate) fn node_flags(folder: &Folder) -> Vec<String> {
    let log = folder.own("v8.log").display().to_string().replace('%', "%%");
    vec![
        "--perf-basic-prof".to_owned(),
        "--interpreted-frames-native-stack".to_owned(),
        format!("--logfile={log}"),
    ]
}

/// Returns perf's own arguments, which stand before the program. Stacks come from frame pointers, which
/// JavaScript has. perf must note its clock beside the time of day, so that samples have wall-clock
/// times, and must not copy the binaries into a cache of its own.
pub(crate) fn arguments(folder: &Folder) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = [
        "record",
        "-q",
        "-N",
        "-F",
        FREQUENCY,
        "--call-graph",
        "fp",
        "-k",
        "CLOCK_MONOTONIC",
        "-o",
    ]
    .map(OsString::from)
    .to_vec();
    arguments.extend([folder.file(RECORDING).into_os_string(), "--".into()]);
    arguments
}

/// Moves the maps that V8 wrote from `/tmp` into the run folder, so that the recording keeps its names.
pub(crate) fn collect_maps(folder: &Folder, pids: &[u64]) {
    for pid in pids {
        let name = format!("perf-{pid}.map");
        let map = PathBuf::from("/tmp").join(&name);
        // A process that ran no JavaScript has no map. Without a copy, the map stays where it is, and is
        // still found there.
        if fs::copy(&map, folder.file(&name)).is_ok() {
            let _ = fs::remove_file(map);
        }
    }
}
