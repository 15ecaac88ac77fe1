//! Copies the program's output to the terminal unchanged, and to a log with times.

use spikeflame_profile::wall;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Bytes after which a longer line is cut, so that memory stays bounded.
const LONGEST_LINE_BYTES: u64 = 64 * 1024;

/// The log to which both output streams of a program are written.
pub(crate) type Log = Arc<Mutex<File>>;

/// Returns microseconds since 1970.
pub(crate) fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Longest wait for output after all processes of a run have ended.
const QUIET: Duration = Duration::from_secs(2);

/// The error for an output stream that a process holds open without writing.
pub(crate) struct OpenStream;

/// The thread that copies one output stream.
pub(crate) struct Copy {
    thread: JoinHandle<Option<std::io::Error>>,
    progress: Arc<Progress>,
}

/// The state of a copy, for the thread that waits for its end.
#[derive(Default)]
struct Progress {
    lines: AtomicUsize,
    /// True while the next line is waited for.
    is_reading: AtomicBool,
}

impl Copy {
    /// Waits for the end of the stream, and returns the first error of the log. The wait also ends
    /// when nothing came for some time.
    ///
    /// # Errors
    ///
    /// Returns [`OpenStream`] when the stream is still open.
    pub(crate) fn end(self) -> Result<Option<std::io::Error>, OpenStream> {
        let (mut seen, mut since) = (0, Instant::now());
        while !self.thread.is_finished() {
            let lines = self.progress.lines.load(Ordering::Relaxed);
            // A terminal that takes its time is waited for.
            if lines != seen || !self.progress.is_reading.load(Ordering::Relaxed) {
                (seen, since) = (lines, Instant::now());
            }
            if since.elapsed() > QUIET {
                return Err(OpenStream);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(self.thread.join().unwrap_or_default())
    }
}

/// Copies one output stream of the program to the recorder's own stream, and to the log with a time
/// before each line. Each line also goes to `watcher` while someone receives from it. When the log
/// cannot be written (a full disk), the program goes on, and the error is returned at the end.
pub(crate) fn copy(
    from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    log: Log,
    watcher: Sender<Vec<u8>>,
) -> Copy {
    let progress = Arc::new(Progress::default());
    let own = progress.clone();
    let thread = std::thread::spawn(move || {
        let mut lines = BufReader::with_capacity(64 * 1024, from);
        let (mut line, mut failure, mut begins) = (Vec::new(), None, true);
        let mut is_watched = true;
        loop {
            line.clear();
            own.is_reading.store(true, Ordering::Relaxed);
            match lines.by_ref().take(LONGEST_LINE_BYTES).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return failure,
                Ok(_) => {}
            }
            own.lines.fetch_add(1, Ordering::Relaxed);
            own.is_reading.store(false, Ordering::Relaxed);
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
    });
    Copy { thread, progress }
}
