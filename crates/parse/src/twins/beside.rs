//! Recordings of one process by two profilers (`node --prof --cpu-prof`): each has all of its time.

use super::{OTHER_TIME_US, Recording, file_names, idle};
use crate::cpuprofile::file_name;
use crate::sniff::format::Format;
use crate::v8;
use spikeflame_profile::warning::TwoProfilers;
use spikeflame_profile::{Clock, ClockSource, Source};
use std::collections::BTreeSet;

/// The interval of recordings that contain none, in microseconds.
const USUAL_INTERVAL_US: u64 = 1_000;

/// Local times differ from UTC by multiples of this, in microseconds.
const ZONES_US: u64 = 15 * 60 * 1_000_000;

/// Leaves out the recordings of one of the two profilers of each process, and returns those that stay, in
/// their order. The tick logs of V8 stay, because they have native code, unless they have less than half of
/// the time: `--cpu-prof` stops most ticks.
pub(super) fn leave_out(all: Vec<Recording>) -> (Vec<Recording>, Option<TwoProfilers>) {
    let mut found = TwoProfilers::default();
    let mut out: BTreeSet<usize> = BTreeSet::new();
    let pids: BTreeSet<String> = all.iter().filter_map(log_pid).collect();
    for pid in pids {
        let of = |is_it: fn(&Recording) -> Option<String>| -> Vec<usize> {
            let all = all.iter().enumerate();
            all.filter(|(_, one)| is_it(one).as_deref() == Some(&pid)).map(|(at, _)| at).collect()
        };
        let mut pick = |indices: &[usize]| {
            out.extend(indices);
            indices
                .iter()
                .filter_map(|&at| all.get(at))
                .flat_map(|one| file_names(&one.profile))
                .collect::<Vec<String>>()
        };
        let (logs, profiles) = (of(log_pid), of(profile_pid));
        let mut pairs = logs.iter().flat_map(|log| profiles.iter().map(move |one| (log, one)));
        let is_apart = |(log, one): (&usize, &usize)| match (all.get(*log), all.get(*one)) {
            (Some(log), Some(one)) => ran_one_after_another(log, one),
            _ => true,
        };
        if profiles.is_empty() || pairs.any(is_apart) {
            continue;
        }
        match time_us(&all, &logs).saturating_mul(2) < time_us(&all, &profiles) {
            true => found.logs.extend(pick(&logs)),
            false => found.profiles.extend(pick(&profiles)),
        }
    }
    let mut at = 0..;
    let kept = all.into_iter().filter(|_| at.next().is_none_or(|at| !out.contains(&at))).collect();
    (kept, Some(found).filter(|found| *found != TwoProfilers::default()))
}

/// Returns the number of the process from the name of a tick log.
fn log_pid(recording: &Recording) -> Option<String> {
    let source = source(recording).filter(|_| recording.format == Format::V8Log)?;
    v8::pid_of(&source.name).map(str::to_owned)
}

/// Returns the number of the process from the name that Node gives to a `.cpuprofile`.
fn profile_pid(recording: &Recording) -> Option<String> {
    let is_profile = recording.format == Format::CpuProfile && !recording.is_export();
    let source = source(recording).filter(|_| is_profile)?;
    file_name::pid(&source.name).map(str::to_owned)
}

/// Returns the one file of a recording.
fn source(recording: &Recording) -> Option<&Source> {
    match recording.profile.sources.as_slice() {
        [source] => Some(source),
        _ => None,
    }
}

/// Returns the CPU time that the samples of these recordings stand for, in microseconds.
fn time_us(all: &[Recording], indices: &[usize]) -> u64 {
    let time = |one: &Recording| {
        let busy = one.profile.total().saturating_sub(idle(&one.profile));
        busy.saturating_mul(one.profile.interval_us().unwrap_or(USUAL_INTERVAL_US))
    };
    indices.iter().filter_map(|&at| all.get(at)).map(time).fold(0, u64::saturating_add)
}

/// Returns true when the clocks of both show that one had ended when the other began. The numbers of
/// processes come again, above all in containers.
fn ran_one_after_another(one: &Recording, other: &Recording) -> bool {
    let span = |it: &Recording| -> Option<(Clock, u64)> {
        let source = source(it)?;
        Some((source.clocks().next()?, source.end_us))
    };
    let (Some((one, lasted)), Some((other, other_lasted))) = (span(one), span(other)) else {
        return false;
    };
    let unsure =
        OTHER_TIME_US.saturating_add(one.uncertainty_us).saturating_add(other.uncertainty_us);
    let (first, lasted) = match one.zero_us <= other.zero_us {
        true => (one.zero_us, lasted),
        false => (other.zero_us, other_lasted),
    };
    let later = one.zero_us.max(other.zero_us).abs_diff(first);
    let is_local = [one.known, other.known].contains(&ClockSource::FileName);
    // The name has local time: the nearest whole number of zones may lie between both.
    let later = match is_local {
        true => (later % ZONES_US).min(ZONES_US - later % ZONES_US),
        false => later,
    };
    later > lasted.saturating_add(unsure)
}
