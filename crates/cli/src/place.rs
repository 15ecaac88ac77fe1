//! The place of a file while it is being written.

use crate::interrupt::UnfinishedFile;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// A file that is being written. Usually it is a temporary file in the same folder, which is
/// renamed when it is whole. A device or a pipe is written directly, and so is a file whose folder
/// cannot be written to.
pub(crate) enum Place {
    Beside { temporary: NamedTempFile, path: PathBuf, part: UnfinishedFile },
    Direct(File),
}

impl Place {
    /// Opens the place of `path`. For a symbolic link, the file that it points to is written.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let path = target(path)?;
        let old = match fs::metadata(&path) {
            Ok(about) if !about.is_file() => return File::create(&path).map(Self::Direct),
            Ok(about) => Some(about.permissions()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if old.as_ref().is_some_and(Permissions::readonly) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let made = UnfinishedFile::begin(|| {
            temporary(&path, old.clone()).map(|file| {
                let name = file.path().to_owned();
                (file, name)
            })
        });
        match made {
            Ok((temporary, part)) => Ok(Self::Beside { temporary, path, part }),
            Err(error) if old.is_some() && error.kind() == io::ErrorKind::PermissionDenied => {
                File::create(&path).map(Self::Direct)
            }
            Err(error) => Err(error),
        }
    }

    /// Renames the complete file to its final name.
    pub(crate) fn keep(self) -> io::Result<()> {
        match self {
            Self::Beside { temporary, path, part } => {
                let kept = temporary.persist(path).map(drop).map_err(|error| error.error);
                drop(part);
                kept
            }
            Self::Direct(_) => Ok(()),
        }
    }
}

impl Write for &Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Place::Beside { temporary, .. } => temporary.as_file().write(bytes),
            Place::Direct(file) => (&*file).write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Place::Beside { temporary, .. } => temporary.as_file().flush(),
            Place::Direct(file) => (&*file).flush(),
        }
    }
}

/// Returns the file to which a link points, whether it exists or not.
fn target(path: &Path) -> io::Result<PathBuf> {
    if let Ok(whole) = path.canonicalize() {
        return Ok(whole);
    }
    match fs::read_link(path) {
        Ok(to) => Ok(path.parent().unwrap_or(Path::new("")).join(to)),
        Err(_) => Ok(path.to_owned()),
    }
}

fn temporary(path: &Path, old: Option<Permissions>) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|up| *up != Path::new("")).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{}.", name.chars().take(40).collect::<String>());
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(".part");
    #[cfg(unix)]
    let builder = {
        use std::os::unix::fs::PermissionsExt;
        // New files usually get this mode; the system then applies the user's umask.
        builder.permissions(Permissions::from_mode(0o666))
    };
    let temporary = builder.tempfile_in(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            let text = format!("there is no folder {}; make it first", folder.display());
            io::Error::new(io::ErrorKind::NotFound, text)
        }
        _ => without_path(error),
    })?;
    if let Some(old) = old {
        temporary.as_file().set_permissions(old)?;
    }
    Ok(temporary)
}

/// Removes the temporary file's name from the error: the caller names the real file.
fn without_path(error: io::Error) -> io::Error {
    let system = error.get_ref().and_then(|inner| inner.source());
    let code = system.and_then(|inner| inner.downcast_ref::<io::Error>());
    match code.and_then(io::Error::raw_os_error) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}
