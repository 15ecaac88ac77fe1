//! Finds writes into the run folder that failed.

use crate::Error;
use crate::folder::Folder;
use std::fs;

/// Size in bytes of a write that finds out whether there is room: a block of most file systems.
const ATTEMPT_BYTES: usize = 4096;

/// Returns the reason of a write that failed in a process of the run, as the process noted it.
pub(crate) fn noted(folder: &Folder) -> Option<String> {
    let path = folder.files(true, |name| name.starts_with("lost-")).into_iter().next()?;
    // The note itself may have got no room.
    let text = fs::read_to_string(path).unwrap_or_default();
    Some(text).filter(|text| !text.is_empty()).or_else(|| {
        Some(attempt(folder).err().map_or_else(|| "no room".to_owned(), |why| why.to_string()))
    })
}

/// Returns an error of a recording with the failed write before it, when there was one. A sign that
/// the program answers is a file of the run folder, so a full disk looks like a port that never came.
pub(crate) fn explained(error: Error, folder: &Folder) -> Error {
    let now = || attempt(folder).err().map(|why| why.to_string());
    match noted(folder).or_else(now).filter(|_| folder.path.is_dir()) {
        Some(why) => Error::NotWritten { folder: folder.path.clone(), why, then: Box::new(error) },
        None => error,
    }
}

/// Writes a block into the folder and removes it.
fn attempt(folder: &Folder) -> std::io::Result<()> {
    let path = folder.own("attempt");
    let written = fs::write(&path, [b'\n'; ATTEMPT_BYTES]);
    let _ = fs::remove_file(path);
    written
}
