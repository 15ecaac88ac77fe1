//! The answer about a folder with several runs, such as `ab` or `record --repeat` makes one: its sides, whether
//! their runs fit together, and the commands that compare them.

use super::checks::{check, with_way, without_core};
use super::steps::{Need, step};
use crate::args::DoctorArgs;
use crate::inputs::Inputs;
use crate::words::paths::{is_run, runs_under};
use crate::{output, words};
use spikeflame_render::count;
use spikeflame_render::doctor::{Check, Diagnosis, FileView, State, Step};
use spikeflame_run::{AbSettings, Facts, Folder, Options, Run};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Largest number of runs that are read.
const MOST_RUNS: usize = 50;

/// A folder that has the folders of runs in it, and no recording of its own.
pub(super) struct RunsFolder {
    path: PathBuf,
    /// The settings of `ab`, when it made the folder.
    settings: Option<AbSettings>,
    /// The sides: the name of their runs without the number, and the runs. The side before is the first one.
    sides: Vec<Side>,
    /// Folders of failed recordings and of warm-ups, which are not compared.
    others: Vec<PathBuf>,
}

/// The runs of one side.
struct Side {
    name: String,
    runs: Vec<PathBuf>,
}

/// A run, read.
struct Known {
    name: String,
    facts: Option<Facts>,
    /// The load test in words; the reason for a run without one.
    load: Result<String, String>,
    /// The plateau in words; the reason for a run without one.
    plateau: Result<String, String>,
    /// The seconds of the load test in which the busiest thread had work, but got little of a core.
    starved_s: usize,
}

impl RunsFolder {
    /// Returns the runs in a folder. Returns `None` for another path, and for a folder that is a run itself.
    pub(super) fn look(path: &Path) -> Option<Self> {
        // A folder with a load test of its own may be a run whose recordings lie below.
        if !path.is_dir() || is_run(path) || !Folder::look(path).loads.is_empty() {
            return None;
        }
        let entries = std::fs::read_dir(path).ok()?.flatten().map(|entry| entry.path());
        let mut runs: Vec<PathBuf> =
            entries.filter(|entry| entry.is_dir() && is_run(entry)).collect();
        runs.sort_by_key(|run| numbered(run));
        let (others, runs): (Vec<_>, Vec<_>) = runs.into_iter().partition(|run| {
            let name = name(run);
            name.starts_with("failed-") || name.starts_with("warmup-")
        });
        if runs.is_empty() {
            return None;
        }
        let mut sides: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for run in runs {
            sides.entry(numbered(&run).0).or_default().push(run);
        }
        let mut sides: Vec<Side> =
            sides.into_iter().map(|(name, runs)| Side { name, runs }).collect();
        sides.sort_by_key(|side| (!is_before(&side.name), started(side.runs.first())));
        let settings = AbSettings::read(path);
        Some(Self { path: path.to_owned(), settings, sides, others })
    }

    /// Reads the runs, and describes them.
    pub(super) fn diagnose(
        &self,
        args: &DoctorArgs,
        reading: &spikeflame_parse::Options,
        inputs: &mut Inputs,
    ) -> Diagnosis {
        let all: Vec<&PathBuf> = self.sides.iter().flat_map(|side| &side.runs).collect();
        let read: Vec<Known> = all
            .iter()
            .take(MOST_RUNS)
            .map(|path| {
                let options = Options {
                    recording: reading.clone(),
                    look_beside: true,
                    reading: args.test.reading(),
                    plateau: args.test.options(None),
                    ..Options::default()
                };
                let run = Run::read(std::slice::from_ref(*path), options);
                let known = Known::read(path, &run);
                inputs.extend(Inputs::from_run(&run));
                known
            })
            .collect();
        let mut files: Vec<FileView> = read.iter().map(Known::view).collect();
        files.extend(self.others.iter().map(|path| other(path)));
        if let Some(settings) = &self.settings {
            files.push(view("ab.json".to_owned(), "settings", described(settings)));
        }
        Diagnosis {
            run: self.path.display().to_string(),
            files,
            more_files: all.len().saturating_sub(MOST_RUNS),
            checks: self.checks(&read),
            commands: self.commands(&read),
            warnings: Vec::new(),
        }
    }

    fn checks(&self, read: &[Known]) -> Vec<Check> {
        let mut checks = vec![self.of_sides()];
        checks.extend(self.order());
        checks.extend(ended(read));
        checks.push(each("load", "a load test with times", read, |run| run.load.as_ref().err()));
        checks.extend(starved(read));
        checks.push(with_plateaus(read));
        checks.extend(settings(read));
        checks
    }

    /// Checks whether there are two sides with several runs each.
    fn of_sides(&self) -> Check {
        let places = self.settings.as_ref().map(|known| [known.before.as_str(), &known.after]);
        let words = ["before", "after"];
        let mut parts = Vec::new();
        for (at, side) in self.sides.iter().enumerate() {
            let word = words.get(at).filter(|_| self.sides.len() == 2).copied().unwrap_or_default();
            let place = places.and_then(|places| places.get(at).copied()).unwrap_or_default();
            let about =
                [word, place].into_iter().filter(|text| !text.is_empty() && *text != side.name);
            let about = about.collect::<Vec<_>>().join(", ");
            let about = if about.is_empty() { about } else { format!(" ({about})") };
            parts.push(format!("{}{about}: {}", side.name, of_runs(side.runs.len())));
        }
        let text = parts.join("; ");
        let numbers: BTreeSet<usize> = self.sides.iter().map(|side| side.runs.len()).collect();
        let least = numbers.first().copied().unwrap_or(0);
        match self.sides.len() {
            2 if numbers.len() == 1 && least > 1 => check("sides", State::Good, text),
            2 if self.settings.is_some() && numbers.len() > 1 => {
                let way = "start the same `ab` command again: it records the runs that are missing";
                with_way(check("sides", State::Partly, text), way)
            }
            2 if least > 1 => check("sides", State::Good, text),
            2 => {
                let way = "record two or more runs for each side, in turn: one run does not show what chance does";
                with_way(check("sides", State::Partly, text), way)
            }
            1 if self.settings.is_some() => {
                let way = "start the same `ab` command again: it records the runs that are missing";
                with_way(check("sides", State::Missing, text), way)
            }
            1 => {
                let way = "record runs of the other side too; `ab` records both in turn";
                with_way(check("sides", State::Missing, text), way)
            }
            _ => {
                let way = "name the two sides to compare: --before and --after of `diff` take patterns such as 'runs/before-*'";
                with_way(check("sides", State::Partly, text), way)
            }
        }
    }

    /// Checks whether the runs of two sides were recorded in turn.
    fn order(&self) -> Option<Check> {
        let [before, after] = self.sides.as_slice() else { return None };
        if before.runs.len() < 2 || after.runs.len() < 2 {
            return None;
        }
        let times = |side: &Side| -> Option<Vec<i64>> {
            side.runs.iter().map(|run| started(Some(run))).collect()
        };
        let (first, second) = (times(before)?, times(after)?);
        let is_earlier = |one: &[i64], other: &[i64]| one.iter().max() < other.iter().min();
        if is_earlier(&first, &second) || is_earlier(&second, &first) {
            let text = "one side was recorded after the other";
            let way = "`ab` records both sides in turn, so that changes of the machine are in both";
            return Some(with_way(check("order", State::Partly, text), way));
        }
        Some(check("order", State::Good, "the runs of both sides were recorded in turn"))
    }

    fn commands(&self, read: &[Known]) -> Vec<Step> {
        let pattern = |side: &Side| match side.runs.as_slice() {
            [one] => output::quoted(one),
            _ => output::quoted(&self.path.join(format!("{}-*", side.name))),
        };
        let (before, after) = match self.sides.as_slice() {
            [before, after] => (pattern(before), pattern(after)),
            [one, ..] => (pattern(one), "OTHER_RUNS".to_owned()),
            [] => Default::default(),
        };
        let has_two: Need<'_> = (self.sides.len() == 2, "two sides");
        let first = self.sides.first().and_then(|side| side.runs.first());
        let first = first.map(|run| output::quoted(run)).unwrap_or_default();
        let has_plateau = read.first().is_some_and(|run| run.plateau.is_ok());
        let has_load = read.first().is_some_and(|run| run.load.is_ok());
        let window = match (has_plateau, has_load) {
            (true, _) => " --window plateau",
            (false, true) => " --window load",
            (false, false) => "",
        };
        // Other runs than those that were read are not known to have one.
        let all = self.sides.iter().map(|side| side.runs.len()).sum::<usize>();
        let have = read.iter().filter(|run| run.plateau.is_ok()).count();
        let compared = if have == all { " --window plateau" } else { "" };
        let diff = format!("diff --before {before} --after {after}{compared}");
        let report = format!("report {after} --before {before} --open");
        let doctor = |of: &str| step("doctor", &[], &format!("doctor {of}"), "");
        let mut steps = vec![
            step("diff", &[has_two], &diff, &format!("spikeflame {diff}")),
            step("report", &[has_two], &report, &format!("spikeflame report {first} --open")),
            step("top", &[], &format!("top {first}{window}"), ""),
            doctor(&first),
        ];
        // `runs` may have `runs/ab` beside its own runs.
        let below: BTreeSet<PathBuf> = runs_under(&self.path)
            .iter()
            .filter_map(|run| run.parent().map(Path::to_owned))
            .filter(|folder| *folder != self.path)
            .collect();
        steps.extend(below.iter().map(|folder| doctor(&output::quoted(folder))));
        steps
    }
}

impl Known {
    fn read(path: &Path, run: &Run) -> Self {
        let load = run.need_timeline();
        let plateau = match (&load, run.found()) {
            (Err(_), _) => Err("no load test with times".to_owned()),
            (_, Ok(Ok(found))) => {
                let window = found.chosen().window;
                Ok(format!("plateau from {} s to {} s", window.from, window.to))
            }
            (_, Ok(Err(none))) => Err(none.why.to_string()),
            (_, Err(why)) => Err(words::error(&why)),
        };
        Self {
            name: name(path),
            facts: Facts::read(path).ok().flatten(),
            load: match load {
                Ok(test) => Ok(format!("{}, {} s", test.format, test.seconds.len())),
                Err(why) => Err(words::error(&why)),
            },
            plateau,
            starved_s: run.starved().iter().map(|one| one.window.seconds()).sum(),
        }
    }

    fn view(&self) -> FileView {
        let node = self.facts.as_ref().and_then(|facts| {
            let node = facts.settings().iter().find(|setting| setting.name == "Node")?;
            Some(format!("Node {}", node.value.trim_start_matches('v')))
        });
        let load = Some(self.load.clone().unwrap_or_else(|_| "no load test with times".to_owned()));
        let plateau = self.load.as_ref().ok().map(|_| match &self.plateau {
            Ok(text) => text.clone(),
            Err(_) => "no plateau".to_owned(),
        });
        let parts = [node, load, plateau].into_iter().flatten().collect::<Vec<_>>();
        view(self.name.clone(), "run", parts.join(", "))
    }

    /// Returns the sentence about a program or a load command that failed.
    fn failed(&self) -> Option<String> {
        let facts = self.facts.as_ref()?;
        let load = facts.load_exit.as_ref().filter(|exit| *exit != "exit code 0");
        let load = load.map(|exit| format!("the load command ended with {exit}"));
        facts.failed.clone().or(load)
    }
}

fn view(name: String, content: &'static str, about: String) -> FileView {
    FileView { name, content, about }
}

/// Describes a folder that is not compared.
fn other(path: &Path) -> FileView {
    let about = match name(path).starts_with("warmup-") {
        true => "a run to warm up, which is not compared",
        false => "a recording that failed, which is not compared",
    };
    view(name(path), "run", about.to_owned())
}

fn described(settings: &AbSettings) -> String {
    let AbSettings { before, after, command, load, .. } = settings;
    let load = if load.is_empty() { String::new() } else { format!(", load `{load}`") };
    format!("of `ab`: a is {before}, b is {after}; program `{}`{load}", command.join(" "))
}

/// Checks how the recorded programs and the load commands ended. Returns `None` when all ended well.
fn ended(read: &[Known]) -> Option<Check> {
    let failed: Vec<String> =
        read.iter().filter_map(|run| Some(format!("{}: {}", run.name, run.failed()?))).collect();
    (!failed.is_empty()).then(|| {
        let way = "app.log of the run has the program's output; mend the cause and record again";
        with_way(check("end", State::Partly, failed.join("; ")), way)
    })
}

/// Checks whether the busiest threads got a core. Returns `None` when no run shows that they did not.
fn starved(read: &[Known]) -> Option<Check> {
    let some = read.iter().filter(|run| run.starved_s > 0);
    let some: Vec<String> = some.map(|run| format!("{} ({} s)", run.name, run.starved_s)).collect();
    (!some.is_empty()).then(|| {
        without_core(format!(
            "{}: in these seconds of the load test the busiest thread had work, but got little of a core",
            some.join(", ")
        ))
    })
}

/// Checks that all runs have a part: `why` returns the reason of a run without it.
fn each(
    subject: &'static str,
    part: &str,
    read: &[Known],
    why: impl Fn(&Known) -> Option<&String>,
) -> Check {
    let without: Vec<(&Known, &String)> =
        read.iter().filter_map(|run| Some((run, why(run)?))).collect();
    let Some((_, reason)) = without.first() else {
        let text = match read.len() {
            1 => format!("the run has {part}"),
            many => format!("all {many} runs have {part}"),
        };
        return check(subject, State::Good, text);
    };
    let names: Vec<&str> = without.iter().map(|(run, _)| run.name.as_str()).collect();
    let state = if without.len() == read.len() { State::Missing } else { State::Partly };
    check(subject, state, format!("{} without {part}: {reason}", names.join(", ")))
}

/// Checks the plateaus of the runs.
fn with_plateaus(read: &[Known]) -> Check {
    let found = each("plateau", "a plateau", read, |run| run.plateau.as_ref().err());
    match found.state {
        State::Good => found,
        _ => with_way(found, "`diff` compares the time under load of all runs then"),
    }
}

/// Checks that all runs are of one version of Node, one machine and one profiler. Returns `None` when no run has
/// these facts.
fn settings(read: &[Known]) -> Option<Check> {
    let mut values: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for run in read {
        for setting in run.facts.iter().flat_map(Facts::settings) {
            let of_name = values.entry(setting.name).or_default();
            of_name.entry(&setting.value).or_default().push(&run.name);
        }
    }
    let differing: Vec<String> = values
        .iter()
        .filter(|(_, values)| values.len() > 1)
        .map(|(name, values)| {
            let parts: Vec<String> = values
                .iter()
                .map(|(value, runs)| format!("{value} in {}", runs.join(", ")))
                .collect();
            format!("{name}: {}", parts.join("; "))
        })
        .collect();
    if !differing.is_empty() {
        let text = format!("the runs differ in {}", differing.join(". "));
        let way = "record both sides with one Node on one machine";
        return Some(with_way(check("settings", State::Partly, text), way));
    }
    // The order is that of the facts, and not of the alphabet.
    let facts = read.iter().find_map(|run| run.facts.as_ref());
    let same = facts.into_iter().flat_map(Facts::settings);
    let same: Vec<String> =
        same.map(|setting| format!("{} {}", setting.name, setting.value)).collect();
    (!same.is_empty()).then(|| {
        check("settings", State::Good, format!("the same in all runs: {}", same.join(", ")))
    })
}

fn of_runs(number: usize) -> String {
    format!("{} run{}", count(number as u64), if number == 1 { "" } else { "s" })
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Returns the name of a run without the number at its end, and the number; 0 for a name without one.
fn numbered(path: &Path) -> (String, u32) {
    let name = name(path);
    let parts = name.rsplit_once('-').and_then(|(side, at)| Some((side, at.parse().ok()?)));
    parts.map_or((name.clone(), 0), |(side, at)| (side.to_owned(), at))
}

/// Returns true for names that people give to the side before.
fn is_before(name: &str) -> bool {
    ["a", "before", "base", "main", "old"].contains(&name)
}

fn started(run: Option<&PathBuf>) -> Option<i64> {
    Facts::read(run?).ok().flatten()?.started_us
}
