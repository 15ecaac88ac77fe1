//! The text of `perf script`, as far as the comparison needs it.

use spikeflame_profile::Profile;
use std::collections::BTreeSet;

/// A sample of the text.
pub(crate) struct Sample {
    pub(crate) tid: i32,
    pub(crate) time_us: u64,
    pub(crate) event: String,
    /// Symbol and module of each frame, innermost first.
    pub(crate) frames: Vec<(String, String)>,
}

pub(crate) fn parse(text: &str) -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if line.starts_with('\t') {
            let (_, rest) = line.trim().split_once(' ').unwrap();
            let (symbol, module) = rest.rsplit_once(" (").unwrap();
            let symbol = symbol.rsplit_once("+0x").map_or(symbol, |(symbol, _)| symbol);
            let module = module.trim_end_matches(')');
            samples.last_mut().unwrap().frames.push((symbol.to_owned(), module.to_owned()));
        } else {
            // `comm tid  seconds.micros:  period event: `
            let (head, rest) = line.split_once(": ").unwrap();
            let mut words = head.split_whitespace().rev();
            let (seconds, micros) = words.next().unwrap().split_once('.').unwrap();
            let time_us =
                seconds.parse::<u64>().unwrap() * 1_000_000 + micros.parse::<u64>().unwrap();
            let tid = words.next().unwrap().parse().unwrap();
            let event = rest.split_whitespace().nth(1).unwrap().trim_end_matches(':').to_owned();
            samples.push(Sample { tid, time_us, event, frames: Vec::new() });
        }
    }
    samples
}

const SCRIPT: [&str; 5] = ["JS", "LazyCompile", "Function", "Eval", "Script"];
const OWN: [&str; 3] = ["Builtin", "BytecodeHandler", "RegExp"];

/// Converts a frame of the text: returns our label when it identifies the function, and
/// whether it is JavaScript or V8's own code.
pub(crate) fn label(symbol: &str, module: &str) -> (String, bool) {
    if let Some((tag, name)) = symbol.split_once(':')
        && (SCRIPT.contains(&tag) || OWN.contains(&tag))
    {
        let kind = if OWN.contains(&tag) { format!("{tag}: ") } else { String::new() };
        // The mark after the tier means: specialised to a context.
        let name = &name.replacen("*'", "*", 1).replacen("+'", "+", 1);
        let nameless = name.strip_prefix(['~', '^', '+', '*']).filter(|rest| rest.starts_with(' '));
        let name = match nameless {
            Some(rest) => format!("{}<anonymous>{rest}", &name[..1]),
            None => name.to_owned(),
        };
        // Code of eval has no file.
        let name = if kind.is_empty() { name.replace(" :", " <eval>:") } else { name };
        // One handler serves sixteen bytecodes; the first of them names its copy.
        let name = if symbol == "BytecodeHandler:Star0" { "ShortStar".to_owned() } else { name };
        return (kind + &name, true);
    }
    if let Some(name) = symbol.strip_prefix("Builtins_") {
        let label = match name.strip_suffix("Handler") {
            Some(bytecode) => format!("BytecodeHandler: {bytecode}"),
            None => format!("Builtin: {name}"),
        };
        return (label, true);
    }
    let file = module.rsplit('/').next().unwrap();
    let jit = module.starts_with("/tmp/perf-") || module == "[unknown]" || module == "//anon";
    let label = match symbol {
        "[unknown]" if jit => "(unresolved)",
        "[unknown]" => file,
        symbol => symbol.split('@').next().unwrap(),
    };
    (label.to_owned(), false)
}

/// Returns true for code that a perf map or a jitdump names.
fn is_code(symbol: &str) -> bool {
    symbol.split_once(':').is_some_and(|(tag, _)| SCRIPT.contains(&tag) || OWN.contains(&tag))
}

/// Returns the binaries of a profile whose names are available: at their path, or in perf's
/// cache.
pub(crate) fn named(profile: &Profile) -> BTreeSet<&str> {
    let text = |id| profile.frames.strings().get(id);
    let functions = profile.frames.functions().map(|(_, function)| function);
    let named = functions.filter(|function| !text(function.name).is_empty());
    named.map(|function| text(function.module)).collect()
}

/// Returns the labels of a sample, outermost first, with the interpreter's entry merged
/// into its function. Names of binaries are only used for those in `named`.
pub(crate) fn labels(sample: &Sample, named: &BTreeSet<&str>) -> Vec<(String, bool)> {
    let entry = "Builtin: InterpreterEntryTrampoline";
    let mut labels: Vec<(String, bool)> = Vec::new();
    for (symbol, module) in sample.frames.iter().rev() {
        let missing =
            module.starts_with('/') && !named.contains(module.as_str()) && !is_code(symbol);
        let symbol = if missing { "[unknown]" } else { symbol };
        let (label, script) = label(symbol, module);
        let caller = labels.last().map(|(label, _)| label.clone()).unwrap_or_default();
        if label == entry && caller.starts_with('~') {
            continue;
        }
        if caller == entry && label.starts_with('~') {
            labels.pop();
        }
        labels.push((label, script));
    }
    labels
}
