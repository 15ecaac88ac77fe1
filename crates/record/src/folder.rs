//! The run folder while it is being filled.

use crate::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const PRELOAD: &str = include_str!("preload.cjs");

const HEADER: &str = "time,pid,cpu_cores,main_thread_cores,event_loop_utilization,\
    event_loop_delay_p99_ms,gc_share,rss_mib,active_resources,sockets\n";

/// The beginning of the names of the files in which processes note the ports that they listen on.
pub(crate) const LISTENING: &str = "listening-";
/// The name of the file that keeps room on the disk. Without it, a disk that became full leaves a `run.json`
/// without an end.
const RESERVE: &str = "reserve";
/// Size of that file in bytes. `run.json` has a few kilobytes.
const RESERVE_BYTES: usize = 64 * 1024;
/// The beginning of the names of the files in which processes note the ports that they could not listen on.
const REFUSED: &str = "refused-";
/// Time after which a note of a port that is still empty got no room.
const EMPTY_FOR: Duration = Duration::from_secs(1);

/// A run folder with the files that the recorder itself writes.
pub(crate) struct Folder {
    /// The absolute path, because the program may change its working directory.
    pub(crate) path: PathBuf,
}

impl Folder {
    /// Makes the folder. Two recorders that start at the same time cannot share one, because only
    /// one of them can make the folder of the recorder's own files.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        fs::create_dir_all(path).map_err(Error::io(path))?;
        let path = path.canonicalize().map_err(Error::io(path))?;
        let mut entries = fs::read_dir(&path).map_err(Error::io(&path))?;
        if entries.next().is_some() {
            return Err(Error::NotEmpty { folder: path });
        }
        let folder = Self { path };
        let own = folder.own("");
        fs::create_dir(&own).map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => Error::NotEmpty { folder: folder.path.clone() },
            _ => Error::Io { path: own.clone(), source },
        })?;
        // A folder without room must be free for the next recording.
        folder.fill().inspect_err(|_| folder.forget())?;
        Ok(folder)
    }

    /// Writes the files that are there before the program starts.
    fn fill(&self) -> Result<(), Error> {
        for (path, text) in
            [(self.preload(), PRELOAD), (self.file("process.csv"), HEADER), (self.log(), "")]
        {
            fs::write(&path, text).map_err(Error::io(path))?;
        }
        fs::write(self.own(RESERVE), [b'\n'; RESERVE_BYTES]).map_err(Error::io(&self.path))
    }

    /// Gives the room that was kept on the disk back, for the last `run.json`.
    pub(crate) fn release(&self) {
        // Without the file there is nothing to give back.
        let _ = fs::remove_file(self.own(RESERVE));
    }

    /// Removes the recorder's files from the folder of a program that did not start. A file that
    /// cannot be removed stays: the error of the start is more important.
    pub(crate) fn forget(&self) {
        let _ = fs::remove_dir_all(self.own(""));
        for name in ["process.csv", "run.json", "app.log"] {
            let _ = fs::remove_file(self.file(name));
        }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Returns the path of a file that the recorder keeps for itself, in `.spikeflame`.
    pub(crate) fn own(&self, name: &str) -> PathBuf {
        self.path.join(".spikeflame").join(name)
    }

    pub(crate) fn preload(&self) -> PathBuf {
        self.own("preload.cjs")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.file("app.log")
    }

    /// Returns the files whose names pass `fits`, in order: directly in the run folder, or in the
    /// recorder's own folder when `own` is true.
    pub(crate) fn files(&self, own: bool, fits: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let folder = if own { self.own("") } else { self.path.clone() };
        files(&folder, fits)
    }

    /// Returns true when a process of the run has noted a port on which it listens. A file is empty for
    /// a moment before the port is in it, and the load may read it. On a full disk, it stays empty.
    pub(crate) fn is_listening(&self) -> bool {
        let is_old = |file: &fs::Metadata| {
            file.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age > EMPTY_FOR))
        };
        let files = self.files(true, |name| name.starts_with(LISTENING));
        files.iter().any(|path| path.metadata().is_ok_and(|file| file.len() > 0 || is_old(&file)))
    }

    /// Returns the ports on which processes of the run listened, and those on which they could not listen,
    /// as a part of a sentence. The text is empty without any.
    pub(crate) fn ports(&self) -> String {
        let noted = |beginning: &str| -> Vec<String> {
            let files = self.files(true, |name| name.starts_with(beginning));
            let texts = files.iter().filter_map(|path| fs::read_to_string(path).ok());
            texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
        };
        let mut text = String::new();
        for (words, ports) in
            [("listens on", noted(LISTENING)), ("could not listen on", noted(REFUSED))]
        {
            if !ports.is_empty() {
                text += &format!("; the program {words} port {}", ports.join(", "));
            }
        }
        text
    }

    /// Returns the time at which a process of the run first listened on a port.
    pub(crate) fn first_listening(&self) -> Option<SystemTime> {
        let files = self.files(true, |name| name.starts_with(LISTENING));
        // Not every file system keeps the time at which a file was made.
        let made = |file: fs::Metadata| file.created().or_else(|_| file.modified()).ok();
        files.iter().filter_map(|path| path.metadata().ok().and_then(made)).min()
    }

    /// Replaces a file of the run folder: writes a temporary file first and renames it.
    pub(crate) fn replace(&self, name: &str, text: &[u8]) -> Result<(), Error> {
        let (path, beside) = (self.file(name), self.own(name));
        let mut file = fs::File::create(&beside).map_err(Error::io(&beside))?;
        file.write_all(text).and_then(|()| file.sync_all()).map_err(Error::io(&beside))?;
        fs::rename(&beside, &path).map_err(Error::io(path))
    }
}

/// Returns the files of a folder whose names pass `fits`, in order.
pub(crate) fn files(folder: &Path, fits: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(&fits))
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}
