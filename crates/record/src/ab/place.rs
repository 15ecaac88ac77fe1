//! The sources of both sides, and the one folder in which both run.

use super::git::{self, git};
use super::submodules;
use crate::{Error, Stop, program};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The place of a side's sources: a commit or a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A commit, branch or tag of the repository around the working directory. It is looked up when
    /// [`ab`](crate::ab()) begins.
    Git(String),
    /// A folder, whose content is copied. It must not contain the folder of the comparison.
    Folder(PathBuf),
}

impl FromStr for Place {
    type Err = String;

    /// Reads `git:REF`, or the path of a folder. It does not check that they exist. The error, for
    /// an empty text and for an empty `REF`, is a sentence for people.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("git:") {
            Some("") => Err("git: needs a branch, tag or commit, as in git:main".to_owned()),
            Some(reference) => Ok(Self::Git(reference.to_owned())),
            None if text.is_empty() => Err("expected git:REF or a folder".to_owned()),
            None => Ok(Self::Folder(text.into())),
        }
    }
}

/// The sources of a side, after they were found.
#[derive(Clone, Debug)]
pub(super) enum SideSource {
    Git { top: PathBuf, prefix: PathBuf, commit: String },
    Folder(PathBuf),
}

impl SideSource {
    /// Returns the commit of a side from git; `None` for a folder.
    pub(super) fn commit(&self) -> Option<&str> {
        match self {
            Self::Git { commit, .. } => Some(commit),
            Self::Folder(_) => None,
        }
    }
}

impl fmt::Display for SideSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git { commit, .. } => write!(f, "git:{commit}"),
            Self::Folder(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Place {
    /// Finds the commit or the folder.
    pub(super) fn resolve(&self, output: &Path) -> Result<SideSource, Error> {
        let failed = |why: String| Error::NoPlace { place: self.to_string(), why };
        match self {
            Self::Git(reference) => {
                let ask = |arguments: &[&str]| git(None, arguments).map_err(failed);
                let top = PathBuf::from(ask(&["rev-parse", "--show-toplevel"])?);
                let prefix = PathBuf::from(ask(&["rev-parse", "--show-prefix"])?);
                let wanted = format!("{reference}^{{commit}}");
                let commit =
                    ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])?;
                Ok(SideSource::Git { top, prefix, commit })
            }
            Self::Folder(path) => {
                let path = path.canonicalize().map_err(|why| failed(why.to_string()))?;
                if !path.is_dir() {
                    return Err(failed("is no folder".to_owned()));
                }
                if output.starts_with(&path) {
                    return Err(failed(format!(
                        "the output folder {} lies in it, and it is copied there; name one outside",
                        output.display()
                    )));
                }
                Ok(SideSource::Folder(path))
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(reference) => write!(f, "git:{reference}"),
            Self::Folder(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A side of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    A,
    B,
}

impl Side {
    pub(super) const BOTH: [Self; 2] = [Self::A, Self::B];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }
}

/// The folder in which both sides run, one at a time: the folder of a side is renamed to it. A link
/// would not work, because Node takes the real path of a script.
pub(super) struct Mount {
    own: PathBuf,
}

/// A side at the common path. It goes back to its own path when this value is dropped.
pub(super) struct MountedSide<'a> {
    mount: &'a Mount,
    side: Side,
}

impl Mount {
    pub(super) fn new(own: &Path) -> Self {
        Self { own: own.to_owned() }
    }

    fn common(&self) -> PathBuf {
        self.own.join("app")
    }

    fn path(&self, side: Side) -> PathBuf {
        self.own.join(side.name())
    }

    /// Brings back a side that an interrupted comparison left at the common path.
    pub(super) fn leave(&self) -> Result<(), Error> {
        let common = self.common();
        let missing = Side::BOTH.into_iter().find(|side| !self.path(*side).exists());
        match missing {
            Some(side) if common.exists() => {
                let place = self.path(side);
                fs::rename(&common, &place).map_err(Error::io(&place))
            }
            _ => Ok(()),
        }
    }

    /// Makes the folder of a side, unless it exists.
    pub(super) fn prepare(&self, side: Side, from: &SideSource, stop: &Stop) -> Result<(), Error> {
        let place = self.path(side);
        if place.exists() {
            return Ok(());
        }
        let beside = self.own.join(format!("{}-new", side.name()));
        if beside.exists() {
            fs::remove_dir_all(&beside).map_err(Error::io(&beside))?;
        }
        match from {
            SideSource::Git { top, commit, .. } => {
                let failed = |why: String| Error::NoPlace { place: from.to_string(), why };
                git::clone(top, commit, &beside).map_err(failed)?;
                submodules::check_out(top, &beside).map_err(failed)?;
            }
            SideSource::Folder(path) => {
                let copy = format!("cp -RPp {} {}", quoted(path), quoted(&beside));
                program::shell(&copy, None, stop)?;
            }
        }
        fs::rename(&beside, &place).map_err(Error::io(&place))
    }

    fn built(&self, side: Side) -> PathBuf {
        self.own.join(format!("built-{}", side.name()))
    }

    pub(super) fn is_built(&self, side: Side) -> bool {
        self.built(side).exists()
    }

    pub(super) fn enter(&self, side: Side) -> Result<MountedSide<'_>, Error> {
        let common = self.common();
        fs::rename(self.path(side), &common).map_err(Error::io(&common))?;
        Ok(MountedSide { mount: self, side })
    }
}

impl MountedSide<'_> {
    /// Returns the folder in which the program runs. When the user is in a folder within the
    /// repository, it is the same folder within the side.
    pub(super) fn program_folder(&self, sides: &[SideSource; 2]) -> PathBuf {
        let [a, b] = sides;
        let own = if self.side == Side::A { a } else { b };
        match own {
            SideSource::Git { prefix, .. } => self.mount.common().join(prefix),
            SideSource::Folder(_) => self.mount.common(),
        }
    }

    pub(super) fn note_built(&self) -> Result<(), Error> {
        let path = self.mount.built(self.side);
        fs::write(&path, "").map_err(Error::io(path))
    }
}

impl Drop for MountedSide<'_> {
    fn drop(&mut self) {
        // When this fails, the next start brings the side back.
        let _ = fs::rename(self.mount.common(), self.mount.path(self.side));
    }
}

/// Returns a path, quoted for a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}
