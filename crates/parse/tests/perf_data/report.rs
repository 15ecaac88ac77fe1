//! Weights compared with those of `perf report`, when perf is installed.

use crate::{root, unpack};
use spikeflame_parse::{Error, Options, read};
use spikeflame_profile::{Profile, display_name};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Periods and numbers of samples, by perf's sort key.
type Rows = BTreeMap<String, (u64, u64)>;

/// Returns the counts of `perf report` for the first event; `None` without perf.
fn report(file: &Path, by: &str) -> Option<Rows> {
    let mut perf = Command::new("perf");
    perf.args(["report", "--stdio", "-q", "-g", "none", "--no-children", "-t", "\u{1}"]);
    perf.args(["-F", &format!("period,sample,{by}"), "-i"]).arg(file);
    let output = perf.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut rows = Rows::new();
    let lines = text.lines().skip_while(|line| line.trim().is_empty());
    for line in lines.take_while(|line| !line.trim().is_empty()) {
        let mut fields = line.split('\u{1}').map(str::trim);
        let mut number = || fields.next().and_then(|field| field.parse::<u64>().ok());
        let (Some(period), Some(samples)) = (number(), number()) else { continue };
        let row = rows.entry(fields.next().unwrap_or_default().to_owned()).or_default();
        *row = (row.0 + period, row.1 + samples);
    }
    Some(rows)
}

/// Returns the counts by thread.
fn by_thread(profile: &Profile) -> BTreeMap<i32, (u64, u64)> {
    let mut rows = BTreeMap::new();
    for thread in &profile.threads {
        let id = thread.name.rsplit([' ', '/']).next().unwrap().parse().unwrap();
        let row: &mut (u64, u64) = rows.entry(id).or_default();
        *row = (row.0 + thread.samples.total(), row.1 + thread.samples.len() as u64);
    }
    rows
}

/// Returns the counts by the innermost function's name.
fn by_symbol(profile: &Profile) -> Rows {
    let mut rows = Rows::new();
    for (sample, weight) in profile.threads.iter().flat_map(|thread| thread.samples.iter()) {
        let mut frames = profile.stacks.frames(sample.stack);
        let leaf = frames.next().map(|frame| profile.frames.get(frame).function).unwrap();
        let function = profile.frames.get_function(leaf);
        let row = rows.entry(display_name(profile.frames.strings(), function)).or_default();
        *row = (row.0 + weight, row.1 + 1);
    }
    rows
}

/// Compares a recording; returns the number of names for which spikeflame has more than twice the
/// weight or samples of perf.
fn check(file: &Path) -> Option<usize> {
    let name = file.display();
    let theirs = report(file, "pid")?;
    let profile = match read(&[file.to_owned()], &Options::default()) {
        Err(Error::NoSamples { .. }) if theirs.is_empty() => return Some(0),
        profile => profile.unwrap(),
    };
    let id = |row: &str| row.split_once(':').unwrap().0.trim().parse::<i32>().unwrap();
    let theirs: BTreeMap<i32, (u64, u64)> =
        theirs.iter().map(|(row, counts)| (id(row), *counts)).collect();
    assert_eq!(by_thread(&profile), theirs, "{name}");
    let (ours, theirs) = (by_symbol(&profile), report(file, "sym")?);
    let (mut same, mut named, mut doubled, total) = (0, 0, 0, profile.total());
    for (row, &(period, samples)) in &theirs {
        let symbol = row.split_once(']').map_or(row.as_str(), |(_, symbol)| symbol.trim());
        // Generated code has other names; code that perf cannot name has none.
        if symbol.starts_with("0x") || symbol.contains(':') && !symbol.contains("::") {
            continue;
        }
        named += period;
        if let Some(&(weight, count)) = ours.get(symbol) {
            doubled += usize::from(count > samples * 2 || weight > period * 2);
            same += if (weight, count) == (period, samples) { period } else { 0 };
        }
    }
    println!("{name}: {total} {}; named by perf {named}, the same {same}", profile.sources[0].unit);
    Some(doubled)
}

#[test]
fn shares_are_those_of_perf_report() {
    let folder = tempfile::tempdir().unwrap();
    if Command::new("perf").arg("--version").output().is_err() {
        println!("SKIPPED: perf is not here");
        return;
    }
    let shared = ["perf-periods/pfault", "perf-no-interpreted-frames/a"];
    let shared = shared.map(|file| format!("../shared/data/cases/{file}.data.zst"));
    let ours =
        ["plain", "packed", "pipe", "moved"].map(|file| format!("samples/perf/{file}.data.zst"));
    for packed in ours.into_iter().chain(shared).map(|file| root(&file)) {
        if !packed.exists() {
            println!("SKIPPED: no recording at {}", packed.display());
            continue;
        }
        let file = folder.path().join(packed.file_stem().unwrap());
        std::fs::write(&file, unpack(&packed)).unwrap();
        assert_eq!(check(&file).unwrap(), 0, "{}", file.display());
    }
    for (name, how) in [
        ("faults", "-e page-faults -F 999"),
        ("every-seventh", "-e page-faults -c 7"),
        ("clock", "-e cpu-clock -F 999"),
        ("task", "-e task-clock -c 250000"),
        ("switches", "-e context-switches,page-faults -c 1"),
    ] {
        let file = folder.path().join(name);
        let mut perf = Command::new("perf");
        perf.arg("record").args(how.split(' ')).args(["-q", "-g", "-o"]).arg(&file);
        perf.args([
            "--",
            "sh",
            "-c",
            "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; ls -R /usr/bin",
        ]);
        if perf.output().is_ok_and(|output| output.status.success()) {
            // A name can be doubled here by chance: perf calls a linker stub `strcmp@plt`, which
            // spikeflame calls `strcmp`, and the function itself has few samples.
            check(&file).unwrap();
        } else {
            println!("SKIPPED: perf may not record {name} here");
        }
    }
}

/// Returns the sums of the periods and the numbers of samples that `perf script` writes of each event.
fn script(file: &Path) -> Option<BTreeMap<String, (u64, u64)>> {
    let mut perf = Command::new("perf");
    let output = perf.args(["script", "-F", "event,period", "-i"]).arg(file).output().ok()?;
    let mut events = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Some((period, event)) = line.trim().split_once(char::is_whitespace) else { continue };
        let event = event.trim().trim_end_matches(':').to_owned();
        let row: &mut (u64, u64) = events.entry(event).or_default();
        *row = (row.0 + period.parse::<u64>().unwrap(), row.1 + 1);
    }
    Some(events)
}

/// The error was: of `perf record -e '{a,b}:S'` only the first event was read, with the periods of its
/// samples, which perf does not use.
#[test]
fn events_of_a_group_have_the_sums_of_perf_script() {
    let folder = tempfile::tempdir().unwrap();
    for how in [&["-F", "999"][..], &["-c", "250000"]] {
        let file = folder.path().join("group.data");
        let mut perf = Command::new("perf");
        perf.args(["record", "-q", "-g", "-e", "{cpu-clock,page-faults,context-switches}:S"]);
        perf.args(how).arg("-o").arg(&file);
        perf.args(["--", "sh", "-c", "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; ls /"]);
        if !perf.output().is_ok_and(|output| output.status.success() && file.exists()) {
            return println!("SKIPPED: perf cannot record here");
        }
        let theirs = script(&file).unwrap();
        assert!(theirs.contains_key("page-faults"), "{theirs:?}");
        for (event, counts) in theirs {
            let options = Options { sample_type: Some(event.clone()), ..Options::default() };
            let profile = read(std::slice::from_ref(&file), &options).unwrap();
            assert_eq!((profile.total(), profile.samples()), counts, "{event}");
        }
    }
}
