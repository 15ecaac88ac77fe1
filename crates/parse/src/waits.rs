//! Calls in which a thread waits, in recordings whose samples are taken by the clock.
//!
//! V8 takes a sample of a thread that waits as of one that runs. The name of the innermost function shows it
//! for a few calls only: a read of a file, for instance, may wait for the disk or copy from memory.

use crate::sniff::format::Format;
use crate::v8::waits;
use hashbrown::HashMap;
use spikeflame_profile::warning::{Fact, Warning};
use spikeflame_profile::{Function, FunctionId, Kind, Profile};

/// The share of the samples that are not idle above which a warning is printed, in percent.
const WORTH_TELLING: u64 = 10;

/// Scripts of Node in which `spawnSync` waits for another process. `execSync` and `execFileSync` call it.
const SPAWNS: [&str; 2] = ["node:internal/child_process", "internal/child_process.js"];

/// Native functions of Node, Bun and Deno that do the same.
const SPAWN_NAMES: [&str; 3] = ["spawnSync", "op_spawn_sync", "op_node_spawn_sync"];

/// The call in which a stack waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    None,
    /// A function that waits for another process.
    Spawn(FunctionId),
    /// A native function in which an event loop waits, but V8 was not idle.
    Native(FunctionId),
}

/// Returns a warning when a large share of the samples is in calls that are known to wait.
pub(crate) fn warning(profile: &Profile, format: Format, name: &str) -> Option<Warning> {
    let has_native = match format {
        Format::V8Log | Format::Preprocessed => true,
        Format::CpuProfile | Format::ChromeTrace | Format::Pprof => false,
        _ => return None,
    };
    let of_function = |(id, function): (FunctionId, &Function)| {
        let wait = of_function(id, function, profile);
        (wait != Wait::None && (has_native || matches!(wait, Wait::Spawn(_)))).then_some((id, wait))
    };
    let functions: HashMap<FunctionId, Wait> =
        profile.frames.functions().filter_map(of_function).collect();
    if functions.is_empty() {
        return None;
    }
    let mut found = vec![(Wait::None, false); profile.stacks.len()];
    for (stack, parent, frame) in profile.stacks.nodes() {
        let (above, _) = found.get(parent.index()).copied().unwrap_or((Wait::None, false));
        let own = functions.get(&profile.frames.get(frame).function);
        let wait = match above {
            Wait::Spawn(_) => above,
            _ => own.copied().unwrap_or(Wait::None),
        };
        if let Some(slot) = found.get_mut(stack.index()) {
            *slot = (wait, profile.frames.kind(frame) == Kind::Idle);
        }
    }
    let (mut waiting, mut busy) = (0u64, 0u64);
    let mut calls: Vec<String> = Vec::new();
    for (sample, weight) in profile.threads.iter().flat_map(|thread| thread.samples.iter()) {
        let Some(&(wait, idle)) = found.get(sample.stack.index()) else { continue };
        busy += if idle { 0 } else { weight };
        let call = match wait {
            _ if idle => continue,
            Wait::None => continue,
            Wait::Spawn(id) | Wait::Native(id) => {
                profile.frames.strings().get(profile.frames.get_function(id).name)
            }
        };
        waiting += weight;
        if !calls.iter().any(|known| known == call) {
            calls.push(call.to_owned());
        }
    }
    calls.sort_unstable();
    (waiting > 0 && waiting * 100 >= busy.saturating_mul(WORTH_TELLING))
        .then(|| Warning::new(name, Fact::Waits { calls, waiting, busy }))
}

fn of_function(id: FunctionId, function: &Function, profile: &Profile) -> Wait {
    let strings = profile.frames.strings();
    let name = strings.get(function.name);
    match function.kind {
        Kind::Js if name == "spawnSync" && SPAWNS.contains(&strings.get(function.file)) => {
            Wait::Spawn(id)
        }
        Kind::Native if SPAWN_NAMES.contains(&name) => Wait::Spawn(id),
        Kind::Native if waits(name) => Wait::Native(id),
        _ => Wait::None,
    }
}
