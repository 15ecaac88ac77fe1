//! Reads the folder of a comparison that the recorder made: its settings, and the files of a side.

use serde::Deserialize;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest size in bytes. A longer file is not the `ab.json` of a recorder.
const LARGEST_SETTINGS_BYTES: u64 = 1 << 20;

/// The settings of a comparison, which the recorder wrote to `ab.json` in its folder.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// let text = r#"{ "schema": "spikeflame.ab/1", "a": "git:5f0c", "b": "/srv/shop",
///     "command": ["node", "main.js"], "load": "./load.sh" }"#;
/// std::fs::write(folder.path().join("ab.json"), text)?;
/// let settings = spikeflame_run::AbSettings::read(folder.path()).ok_or("no ab.json")?;
/// assert_eq!(settings.before, "git:5f0c");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AbSettings {
    /// The sources of the side before (`a`): `git:` and a commit, or the path of a folder.
    pub before: String,
    /// The sources of the side after (`b`).
    pub after: String,
    /// The program that ran and its arguments. Values that look like secrets are `***`.
    pub command: Vec<String>,
    /// The shell command of the load, with `***` in place of secrets; empty for a comparison without one.
    pub load: String,
}

#[derive(Deserialize)]
struct Document {
    schema: String,
    a: String,
    b: String,
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    load: String,
}

impl AbSettings {
    /// Reads `ab.json` in `folder`. Returns `None` when there is no such file, and when it cannot
    /// be read or has another schema than `spikeflame.ab/1`.
    pub fn read(folder: &Path) -> Option<Self> {
        let mut text = Vec::new();
        let file = File::open(folder.join("ab.json")).ok()?;
        file.take(LARGEST_SETTINGS_BYTES).read_to_end(&mut text).ok()?;
        let Document { schema, a, b, command, load } = serde_json::from_slice(&text).ok()?;
        (schema == "spikeflame.ab/1").then_some(Self { before: a, after: b, command, load })
    }
}

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
