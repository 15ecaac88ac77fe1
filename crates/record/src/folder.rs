//! The run folder while it is being filled.

use crate::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

const PRELOAD: &str = include_str!("preload.cjs");

const HEADER: &str = "time,pid,cpu_cores,main_thread_cores,event_loop_utilization,\
    event_loop_delay_p99_ms,gc_share,rss_mib,active_resources,sockets\n";

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
        let preload = folder.preload();
        fs::write(&preload, PRELOAD).map_err(Error::io(preload))?;
        let table = folder.file("process.csv");
        fs::write(&table, HEADER).map_err(Error::io(table))?;
        Ok(folder)
    }

    /// Removes the recorder's files from the folder of a program that did not start. A file that
    /// cannot be removed stays: the error of the start is more important.
    pub(crate) fn forget(&self) {
        let _ = fs::remove_dir_all(self.own(""));
        for name in ["process.csv", "run.json"] {
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
    /// a moment before the port is in it, and the load may read it.
    pub(crate) fn is_listening(&self) -> bool {
        let files = self.files(true, |name| name.starts_with("listening-"));
        files.iter().any(|path| path.metadata().is_ok_and(|file| file.len() > 0))
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
