//! Finds the files of a side in the folder of a comparison that the recorder made.

use std::path::{Path, PathBuf};

/// Returns the path at which a side's program ran, as a prefix of recorded paths, and the folder in
/// which its files are now, for the folder of a run of a comparison (`DIR/a-1`, `DIR/warmup-b-1`).
/// Returns `None` when the folder of those files is not known.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// for name in ["a-1", ".ab/a"] {
///     std::fs::create_dir_all(folder.path().join(name))?;
/// }
/// std::fs::write(folder.path().join("ab.json"), "{}")?;
/// let (ran, is) = spikeflame_run::ab_side(&folder.path().join("a-1")).ok_or("no side")?;
/// assert!(ran.ends_with("/.ab/app") && is.ends_with(".ab/a"));
/// assert!(spikeflame_run::ab_side(folder.path()).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn ab_side(run: &Path) -> Option<(String, PathBuf)> {
    let run = run.canonicalize().ok()?;
    let name = run.file_name()?.to_str()?;
    let (side, _) = name.strip_prefix("warmup-").unwrap_or(name).split_once('-')?;
    let of_all = run.parent().filter(|folder| folder.join("ab.json").is_file())?;
    let own = of_all.join(".ab");
    let is = own.join(side);
    let ran = own.join("app").to_str()?.to_owned();
    (matches!(side, "a" | "b") && is.is_dir()).then_some((ran, is))
}
