//! The files that a command must not overwrite: those that it has read, and those of a run.

use crate::failure::Failure;
use spikeflame_run::{Run, part_of_run};
use std::path::{Path, PathBuf};

/// The files that a command has read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inputs {
    files: Vec<PathBuf>,
    /// Folders with binaries and source maps. Any file in them may have been read.
    folders: Vec<PathBuf>,
}

impl Inputs {
    /// Returns an empty list, for commands that have read no file yet.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Returns the files of a run that have been read so far.
    pub(crate) fn from_run(run: &Run) -> Self {
        Self { files: run.files(), folders: run.searched() }
    }

    /// Adds files that were read beside a run.
    pub(crate) fn add(&mut self, files: &[PathBuf]) {
        self.files.extend(files.iter().cloned());
    }

    /// Adds the files of another run.
    pub(crate) fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
        for folder in other.folders {
            if !self.folders.contains(&folder) {
                self.folders.push(folder);
            }
        }
    }

    /// Returns an error when a path is one of the files, even under another name, or a file in one of the
    /// folders. An existing file that is a part of a run is spared too, whether it was read or not.
    pub(crate) fn spare(&self, path: &Path) -> Result<(), Failure> {
        let Some(id) = Id::read(path) else { return Ok(()) };
        self.spare_input(path, &id)?;
        match part_of_run(path) {
            Some(what) => Err(Failure::Selection(format!(
                "{}: this is {what} and would be overwritten; -o names another file, or remove this one \
                 before",
                path.display()
            ))),
            None => Ok(()),
        }
    }

    /// Returns an error when the file with this identity is an input.
    fn spare_input(&self, path: &Path, id: &Id) -> Result<(), Failure> {
        self.spare_id(id).map_err(|input| {
            let also =
                if input == path { String::new() } else { format!(" (it is {})", input.display()) };
            Failure::Selection(format!(
                "{}: this is an input{also} and would be overwritten; -o names another file",
                path.display()
            ))
        })
    }

    /// Returns an error when standard output goes to such a file.
    pub(crate) fn spare_stdout(&self) -> Result<(), Failure> {
        let Some(id) = Id::read(Path::new("/dev/stdout")) else { return Ok(()) };
        self.spare_id(&id).map_err(|input| {
            Failure::Selection(format!(
                "{}: standard output goes to this file, which is an input; send it to another",
                input.display()
            ))
        })
    }

    /// Returns an error with the path of the input that is the same file.
    fn spare_id(&self, id: &Id) -> Result<(), PathBuf> {
        if !id.is_file {
            return Ok(());
        }
        for input in &self.files {
            let there = if input.as_os_str() == "-" { Path::new("/dev/stdin") } else { input };
            if Id::read(there).is_some_and(|input| input == *id) {
                return Err(input.clone());
            }
        }
        let within =
            |folder: &&PathBuf| folder.canonicalize().is_ok_and(|up| id.path.starts_with(up));
        match self.folders.iter().find(within) {
            Some(_) => Err(id.path.clone()),
            None => Ok(()),
        }
    }
}

/// Identity of a file. A hard link is the same file under another path.
struct Id {
    path: PathBuf,
    is_file: bool,
    #[cfg(unix)]
    inode: (u64, u64),
}

impl Id {
    /// Returns the identity of a file that exists.
    fn read(path: &Path) -> Option<Self> {
        let about = path.metadata().ok()?;
        Some(Self {
            path: path.canonicalize().ok()?,
            is_file: about.is_file(),
            #[cfg(unix)]
            inode: {
                use std::os::unix::fs::MetadataExt;
                (about.dev(), about.ino())
            },
        })
    }
}

impl PartialEq for Id {
    #[cfg(unix)]
    fn eq(&self, other: &Self) -> bool {
        self.inode == other.inode
    }

    #[cfg(not(unix))]
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}
