//! Linux perf: the text of `perf script`, and `perf.data` itself.

mod choice;
pub(crate) mod data;
mod event;
mod lines;
pub(crate) mod looks;
mod raw;
pub(crate) mod recorder;
mod stack_line;
mod suffix;
pub(crate) mod text;
mod unit;

/// Returns the warning about interpreted functions without names.
fn nameless_interpreted((nameless, all): (u64, u64)) -> String {
    format!(
        "in {nameless} of {all} samples `Builtin: InterpreterEntryTrampoline` stands for functions \
         that the interpreter ran, which have no names here; record with node \
         --interpreted-frames-native-stack beside --perf-basic-prof or --perf-prof",
    )
}

/// Returns the warning about records that perf could not write.
fn lost_records(count: u64) -> String {
    format!("perf lost {count} records, its buffer being full; record with -m 8M, or a lower -F")
}
