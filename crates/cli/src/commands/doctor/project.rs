//! The answer about a folder with runs further down, such as the root of a project.

use super::program::{Place, load};
use super::steps::step;
use super::{checks, file};
use crate::output;
use crate::words::paths::runs_under;
use spikeflame_render::doctor::{Diagnosis, FileView, Step};
use spikeflame_run::{Checkup, Content, Facts, FileCheck};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Largest number of runs that get a line each, and that are named of one folder.
const NAMED: usize = 6;

/// Returns the answer about a folder that is no run and has runs below it. Returns `None` for others, and for a
/// folder with a load test, which may be that of a recording.
pub(super) fn diagnose(checkup: &Checkup, has_load: bool) -> Option<Diagnosis> {
    if !checkup.path.is_dir() || has_load || checks::has(checkup, checks::is_recording) {
        return None;
    }
    let runs: Vec<PathBuf> = runs_under(&checkup.path).iter().map(|run| without_dot(run)).collect();
    let newest = runs.iter().max_by_key(|run| started(run))?;
    let mut folders: BTreeMap<&Path, Vec<&PathBuf>> = BTreeMap::new();
    for run in &runs {
        folders.entry(run.parent()?).or_default().push(run);
    }
    let mut files: Vec<FileView> =
        folders.iter().map(|(folder, runs)| view(&checkup.path, folder, runs)).collect();
    let is_known = |file: &&FileCheck| !matches!(file.content, Content::Other(_));
    files.extend(checkup.files.iter().filter(is_known).map(file));
    Some(Diagnosis {
        run: checkup.path.display().to_string(),
        files,
        more_files: checkup.more,
        checks: Vec::new(),
        commands: commands(checkup, &folders, &runs, newest),
        warnings: Vec::new(),
    })
}

fn commands(
    checkup: &Checkup,
    folders: &BTreeMap<&Path, Vec<&PathBuf>>,
    runs: &[PathBuf],
    newest: &Path,
) -> Vec<Step> {
    let doctor = |path: &Path| step("doctor", &[], &format!("doctor {}", output::quoted(path)), "");
    // `doctor` of the folder itself gave this answer.
    let is_other = |folder: &Path| folder != checkup.path && folder != Path::new("");
    let of_several = folders.iter().filter(|(folder, runs)| runs.len() > 1 && is_other(folder));
    let mut steps: Vec<Step> = of_several.take(NAMED).map(|(folder, _)| doctor(folder)).collect();
    steps.extend(runs.iter().take(NAMED).map(|run| doctor(run)));
    let facts = Facts::read(newest).ok().flatten();
    let place = Place::of(&checkup.path);
    steps.push(Step {
        command: "record",
        ready: true,
        line: place.line(&place.new_run(), &load(facts.as_ref()), None),
        missing: String::new(),
    });
    steps
}

/// Describes the runs in a folder.
fn view(root: &Path, folder: &Path, runs: &[&PathBuf]) -> FileView {
    let mut names: Vec<String> = runs.iter().take(NAMED).map(|run| name(run)).collect();
    let more = runs.len().saturating_sub(NAMED);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    let within = folder.strip_prefix(root).unwrap_or(folder);
    let within = if within == Path::new("") { Path::new(".") } else { within };
    FileView { name: within.display().to_string(), content: "runs", about: names.join(", ") }
}

/// Returns a path without `./` at its beginning.
fn without_dot(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_owned()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn started(run: &Path) -> Option<i64> {
    Facts::read(run).ok().flatten()?.started_us
}
