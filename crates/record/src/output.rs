//! Copies the program's output to the terminal unchanged, and to a log with times.

use spikeflame_profile::wall;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes after which a longer line is cut, so that memory stays bounded.
const LONGEST: u64 = 64 * 1024;

/// The log to which both output streams of a program are written.
pub(crate) type Log = Arc<Mutex<File>>;

/// Returns microseconds since 1970.
pub(crate) fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Copies one output stream of the program to the recorder's own stream, and to the log with a time
/// before each line. Each line also goes to `watcher` while someone receives from it. When the log
/// cannot be written (a full disk), the program goes on, and the error is returned at the end.
pub(crate) fn copy(
    from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    log: Log,
    watcher: Sender<Vec<u8>>,
) -> JoinHandle<Option<std::io::Error>> {
    std::thread::spawn(move || {
        let mut lines = BufReader::with_capacity(64 * 1024, from);
        let (mut line, mut failure, mut begins) = (Vec::new(), None, true);
        let mut is_watched = true;
        loop {
            line.clear();
            match lines.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return failure,
                Ok(_) => {}
            }
            // The reader of the output may be gone; the program must not notice it.
            let _ = to.write_all(&line).and_then(|()| to.flush());
            is_watched = is_watched && watcher.send(line.clone()).is_ok();
            if failure.is_none() {
                let time = if begins { wall::rfc3339(now_us()) + " " } else { String::new() };
                let mut whole = time.into_bytes();
                whole.extend_from_slice(&line);
                begins = line.ends_with(b"\n");
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                failure = log.write_all(&whole).err();
            }
        }
    })
}
