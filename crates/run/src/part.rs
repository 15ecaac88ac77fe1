//! Recognises the files of a run, so that an output does not replace one.

use crate::checkup::{PROCESS_USE, is_memory_map, is_perf_map};
use crate::facts::Facts;
use spikeflame_load::monitor::{self, MonitorOptions};
use spikeflame_parse::Progress;
use std::io::Read;
use std::path::Path;

/// Number of bytes at the start of a file by which it is recognised.
const HEAD: usize = 1 << 16;
/// Number of bytes in which the mark of an export is looked for at once.
const BLOCK: usize = 1 << 16;
/// Texts of which every export of a profile contains one, except folded stacks. Most are categories in the
/// Firefox Profiler's JSON, which lists those that occur.
const MARKS: [&[u8]; 15] = [
    b"\"spikeflame\":{",
    b"spikeflame@",
    b"written by spikeflame",
    b"{\"name\":\"app\",\"color\":\"",
    b"{\"name\":\"dependency\",\"color\":\"",
    b"{\"name\":\"node core\",\"color\":\"",
    b"{\"name\":\"wasm\",\"color\":\"",
    b"{\"name\":\"builtin\",\"color\":\"",
    b"{\"name\":\"native\",\"color\":\"",
    b"{\"name\":\"kernel\",\"color\":\"",
    b"{\"name\":\"gc\",\"color\":\"",
    b"{\"name\":\"compiler\",\"color\":\"",
    b"{\"name\":\"idle\",\"color\":\"",
    b"{\"name\":\"unresolved\",\"color\":\"",
    b"{\"name\":\"error\",\"color\":\"",
];

/// Returns the kind of a file that is a part of a run, in words for a message: a recording, a load test, a log, the
/// recorder's facts and tables, maps of addresses, the data of a monitor. Returns `None` for other files, for a
/// missing or empty file, and for exports of a profile by Spikeflame. Folded stacks have no room for a mark: they
/// are such an export, except in a folder with the recorder's `run.json`.
///
/// ```
/// use spikeflame_run::part_of_run;
///
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/spike/before-1");
/// # let folder = std::path::Path::new(folder);
/// assert_eq!(part_of_run(&folder.join("k6.csv.gz")), Some("a load test"));
/// assert_eq!(part_of_run(&folder.join("flame.svg")), None);
/// ```
pub fn part_of_run(path: &Path) -> Option<&'static str> {
    // A pipe can be read only once, and nothing is lost with an empty file.
    if !path.metadata().is_ok_and(|about| about.is_file() && about.len() > 0) {
        return None;
    }
    let head = spikeflame_parse::head(path, HEAD).ok()?;
    if is_facts(path) {
        return Some("the recorder's facts about a run");
    }
    if spikeflame_load::recognise(&head).is_some() {
        return Some("a load test");
    }
    if head.starts_with(PROCESS_USE) {
        return Some("the recorder's table of the resources that a run used");
    }
    if is_memory_map(&head) || is_perf_map(path, &head) {
        return Some("a map of addresses, by which native code gets its names");
    }
    match spikeflame_parse::recognise(&head).map(|format| format.name()) {
        Some("folded") if !has_facts(path) => None,
        Some("folded") => Some("a recording of this run"),
        Some("app-log") => Some(LOG),
        Some(_) if is_export(path) => None,
        Some(_) => Some("a recording"),
        None if has(&head, b"# Query_time:") || spikeflame_parse::is_log_name(path) => Some(LOG),
        None if !is_picture(&head) && is_monitor(path) => Some("the data of a monitor"),
        None => None,
    }
}

const LOG: &str = "a log";

/// Returns true for the recorder's `run.json`, also when it is damaged.
fn is_facts(path: &Path) -> bool {
    let is_named = path.file_name().is_some_and(|name| name == "run.json");
    is_named && has_facts(path)
}

/// Returns true for a file in a folder with the recorder's `run.json`, also when that is damaged.
fn has_facts(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    !matches!(Facts::read(folder.unwrap_or(Path::new("."))), Ok(None))
}

/// Returns true for SVG, HTML and PNG. To read one of them as a table takes longer than to draw it.
fn is_picture(head: &[u8]) -> bool {
    [&b"<"[..], b"\x89PNG"].iter().any(|start| head.trim_ascii_start().starts_with(start))
}

fn is_monitor(path: &Path) -> bool {
    let stream = spikeflame_parse::open(path, &Progress::default());
    stream.is_ok_and(|stream| monitor::read(stream, path, &MonitorOptions::default()).is_ok())
}

/// Returns true when a file, unpacked, has the mark of an export. The mark of pprof stands near its end.
fn is_export(path: &Path) -> bool {
    let Ok(mut stream) = spikeflame_parse::open(path, &Progress::default()) else { return false };
    let longest = MARKS.iter().map(|mark| mark.len()).max().unwrap_or(0);
    let mut text = Vec::with_capacity(2 * BLOCK);
    loop {
        // A mark may begin in one block and end in the next.
        text.drain(..text.len().saturating_sub(longest));
        match stream.by_ref().take(BLOCK as u64).read_to_end(&mut text) {
            Ok(0) | Err(_) => return false,
            Ok(_) if MARKS.iter().any(|mark| has(&text, mark)) => return true,
            Ok(_) => {}
        }
    }
}

fn has(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}
