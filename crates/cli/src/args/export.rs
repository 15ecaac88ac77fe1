//! Arguments of `spikeflame export`.

use super::{FromArgs, InputArgs, KeepArgs, LoadArgs, MonitorArgs, time};
use clap::{Args, ValueEnum};
use spikeflame_profile::Selection;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame export isolate-*-v8.log --to pprof          writes isolate-....pb.gz here
  spikeflame export app.log -o app.speedscope.json       the ending names the format
  spikeflame export app.log --to cpuprofile --from 20s --to 45s --thread main
  spikeflame export app.log --to pprof --tiers split     one frame for each tier
  spikeflame export app.log --to folded -o - | other-tool

pprof goes to `go tool pprof`, speedscope to speedscope.app, firefox to
profiler.firefox.com, cpuprofile to the DevTools of Chrome and VS Code, otlp to collectors
of OpenTelemetry.")]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Format: pprof, speedscope, firefox, cpuprofile, otlp, otlp-json or folded [default: from the
    /// ending of -o]; a time here is the end of the window
    #[arg(long, value_name = "FORMAT|TIME", action = clap::ArgAction::Append, help_heading = "Output")]
    to: Vec<FormatOrTime>,
    /// File to write; `-` for standard output [default: the input's name with the format's ending,
    /// in the current folder]; the ending .gz compresses it
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    start: FromArgs,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) monitors: MonitorArgs,
    #[command(flatten)]
    keep: KeepArgs,
}

/// On every command, `--to` is the end of the window. On `export` it is also the format. No time
/// looks like the name of a format, so both can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FormatOrTime {
    Format(ExportFormat),
    Time(u64),
}

impl std::str::FromStr for FormatOrTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let format = ExportFormat::from_str(text, true).map(Self::Format);
        format.or_else(|_| time(text).map(Self::Time)).map_err(|_| {
            "expected pprof, speedscope, firefox, cpuprofile, otlp, otlp-json or folded; or, for \
             the end of the window, a time like 20s"
                .to_owned()
        })
    }
}

/// Formats that `export` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Pprof,
    Speedscope,
    Firefox,
    Cpuprofile,
    Otlp,
    OtlpJson,
    Folded,
}

impl ExportArgs {
    pub(crate) fn selection(&self) -> Result<Selection, String> {
        let times = self.to.iter().filter_map(|to| match to {
            FormatOrTime::Time(us) => Some(*us),
            FormatOrTime::Format(_) => None,
        });
        let to_us = one(times).map_err(|()| "--to is given two ends of the window".to_owned())?;
        Ok(Selection { to_us, ..self.start.window(self.keep.selection()) })
    }

    /// Returns the format that the user named, if any.
    pub(crate) fn format(&self) -> Result<Option<ExportFormat>, String> {
        let formats = self.to.iter().filter_map(|to| match to {
            FormatOrTime::Format(format) => Some(*format),
            FormatOrTime::Time(_) => None,
        });
        one(formats).map_err(|()| "--to is given two formats".to_owned())
    }
}

/// Returns the only item, `None` without an item, or an error for two or more.
fn one<T>(mut each: impl Iterator<Item = T>) -> Result<Option<T>, ()> {
    let first = each.next();
    if each.next().is_some() { Err(()) } else { Ok(first) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_times_are_told_apart() {
        assert_eq!("Pprof".parse(), Ok(FormatOrTime::Format(ExportFormat::Pprof)));
        assert_eq!("45s".parse(), Ok(FormatOrTime::Time(45_000_000)));
        assert!("pdf".parse::<FormatOrTime>().is_err_and(|why| why.contains("speedscope")));
    }
}
