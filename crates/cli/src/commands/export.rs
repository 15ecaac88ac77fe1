//! The command `spikeflame export` writes files for other programs.

use crate::args::{Cli, ExportArgs, ExportFormat};
use crate::failure::Failure;
use crate::input::{self, SelectedRun, SelectedTree};
use crate::inputs::Inputs;
use crate::{output, words};
use flate2::Compression;
use flate2::write::GzEncoder;
use spikeflame_profile::{GroupBy, Profile, Selection, folded};
use spikeflame_render::export::{self, Counter, ExportError, Format};
use spikeflame_render::{clean, count};
use spikeflame_run::Run;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

impl ExportFormat {
    /// Returns the file endings of the format. The first is used for new files; the others are
    /// recognised too.
    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pprof => &[".pb.gz", ".pb", ".pprof", ".prof"],
            Self::Speedscope => &[".speedscope.json"],
            Self::Firefox => &[".firefox.json"],
            Self::Cpuprofile => &[".cpuprofile"],
            Self::Otlp => &[".otlp", ".otlp.pb"],
            Self::OtlpJson => &[".otlp.json"],
            Self::Folded => &[".folded"],
        }
    }

    /// Returns the format of the library `render`; `None` for folded stacks, which are written as
    /// text here.
    pub(crate) const fn of_render(self) -> Option<Format> {
        match self {
            Self::Pprof => Some(Format::Pprof),
            Self::Speedscope => Some(Format::Speedscope),
            Self::Firefox => Some(Format::Firefox),
            Self::Cpuprofile => Some(Format::CpuProfile),
            Self::Otlp => Some(Format::Otlp),
            Self::OtlpJson => Some(Format::OtlpJson),
            Self::Folded => None,
        }
    }

    /// Returns the format that belongs to a file's ending, in upper or lower case, also before `.gz`.
    /// Returns `None` for any other ending.
    pub(crate) fn from_ending(path: &Path) -> Option<Self> {
        // OTLP comes before pprof, because `.otlp.pb` ends in `.pb` too.
        const ALL: [ExportFormat; 7] = [
            ExportFormat::Otlp,
            ExportFormat::OtlpJson,
            ExportFormat::Pprof,
            ExportFormat::Speedscope,
            ExportFormat::Firefox,
            ExportFormat::Cpuprofile,
            ExportFormat::Folded,
        ];
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        let ends = |format: &Self| format.endings().iter().any(|end| plain.ends_with(end));
        ALL.into_iter().find(ends)
    }
}

pub(crate) fn run(args: &ExportArgs, cli: &Cli) -> Result<(), Failure> {
    let selection = args.selection().map_err(Failure::Selection)?;
    let (format, path) = target(args).map_err(Failure::Selection)?;
    if selection.annotate && format != ExportFormat::Folded {
        let why = "--annotate marks folded stacks; other formats have fields for these marks";
        return Err(Failure::Selection(why.to_owned()));
    }
    if !args.monitors.with.is_empty() && format != ExportFormat::Firefox {
        let why = "--with draws what was measured beside the profile, which only --to firefox has \
                   room for";
        return Err(Failure::Selection(why.to_owned()));
    }
    let lines = selection.group_by == GroupBy::Line;
    let run = input::run_with(&args.input, &args.load, &args.monitors, lines, cli)?;
    let SelectedRun { run, selected, selection } =
        input::show_all(run, selection, &args.load, cli)?;
    let inputs = Inputs::from_run(&run);
    let view = match format.of_render() {
        None => {
            let too_deep = folded::check(&selected.tree);
            too_deep.map_err(|why| Failure::Selection(words::folding(&why)))?;
            View::Folded(&selected)
        }
        Some(format) => {
            let counters = match format {
                Format::Firefox => counters(&run, &selection, cli)?,
                _ => Vec::new(),
            };
            let (mut profile, _) = run.into_profile()?.select(&selection);
            profile.count_from_window(&selection);
            let files = PathBuf::from(&selected.about.recordings);
            let fail = |source| Failure::Export { path: files, source };
            export::check(&profile, format).map_err(fail)?;
            View::Profile(Box::new(profile), format, counters)
        }
    };
    output::write(Some(&path), &inputs, |out| {
        let packed = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
        // A pprof file is compressed anyway.
        if !packed || format == ExportFormat::Pprof {
            return view.write(out);
        }
        let mut out = GzEncoder::new(out, Compression::default());
        view.write(&mut out)?;
        out.finish().map(drop).map_err(ExportError::Io)
    })?;
    if output::is_stdout(&path) {
        return Ok(());
    }
    output::write(None, &inputs, |out| tell(&path, &selected, out))
}

/// Returns the values of the load test over the selected time.
fn counters(run: &Run, selection: &Selection, cli: &Cli) -> Result<Vec<Counter>, Failure> {
    let (from, to) = (selection.from_us.unwrap_or(0), selection.to_us.unwrap_or(u64::MAX));
    let within = |&(us, value): &(u64, f64)| (us < to).then_some((us.checked_sub(from)?, value));
    let counters = input::heard(run, run.counters(), cli)?.into_iter();
    let part = |points: Vec<_>| points.iter().filter_map(within).collect();
    Ok(counters.map(|one| Counter { name: one.name, points: part(one.points) }).collect())
}

/// The parts that the output format needs.
enum View<'a> {
    Folded(&'a SelectedTree),
    Profile(Box<Profile>, Format, Vec<Counter>),
}

impl View<'_> {
    fn write(&self, mut out: &mut dyn Write) -> Result<(), ExportError> {
        match self {
            Self::Folded(selected) => Ok(folded::write(&selected.tree, &mut out)?),
            Self::Profile(profile, Format::Firefox, counters) => {
                export::firefox(profile, counters, out)
            }
            Self::Profile(profile, format, _) => export::write(profile, *format, out),
        }
    }
}

/// Returns the format and the file to write.
fn target(args: &ExportArgs) -> Result<(ExportFormat, PathBuf), String> {
    let output = args.output.as_deref();
    let format = args.format()?.or_else(|| ExportFormat::from_ending(output?)).ok_or(
        "--to names the format: pprof, speedscope, firefox, cpuprofile, otlp, otlp-json or \
         folded; or an -o that ends as such files do, in .pb.gz, .speedscope.json, \
         .firefox.json, .cpuprofile, .otlp, .otlp.json or .folded",
    )?;
    let ending = format.endings().first().unwrap_or(&"");
    let default = || PathBuf::from(output::stem(&args.input.runs, "export") + ending);
    let path = output.map_or_else(default, Path::to_owned);
    Ok((format, path))
}

/// Writes the file's name and size, and a line about the recording.
fn tell(path: &Path, selected: &SelectedTree, out: &mut dyn Write) -> io::Result<()> {
    let size = path.metadata().map_or(0, |data| data.len());
    writeln!(out, "{}  {} bytes", path.display(), count(size))?;
    writeln!(out, "{}", clean::terminal(&selected.about.line()))
}
