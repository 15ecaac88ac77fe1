//! The command `spikeflame merge` adds up recordings in one file.

use crate::args::{Cli, ExportFormat, MergeArgs};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{input, output};
use spikeflame_parse::Count;
use spikeflame_render::export::{self, ExportError};
use spikeflame_render::{clean, count};
use spikeflame_run::{Merge, Options, Run};

pub(crate) fn run(args: &MergeArgs, cli: &Cli) -> Result<(), Failure> {
    let format = ExportFormat::of(&args.output).and_then(ExportFormat::of_render);
    let Some(format) = format else {
        return Err(Failure::Selection(format!(
            "{}: the ending of -o names the format: .pb.gz, .otlp or .speedscope.json",
            args.output.display()
        )));
    };
    let selection = args.selection();
    let (mut merge, mut inputs) = (Merge::default(), Inputs::none());
    for path in &args.runs {
        let options = Options {
            recording: args.reading.options(Count::Weights, cli.threads),
            ..Options::default()
        };
        let run = Run::read(std::slice::from_ref(path), options);
        input::read(&run, cli)?;
        inputs.extend(Inputs::of(&run));
        let (profile, _) = run.into_profile()?.select(&selection);
        merge.add(&profile).map_err(|why| {
            Failure::Selection(format!("{why}; merge recordings of one kind, or name fewer"))
        })?;
    }
    let profile = merge.finish();
    let fail = |source| Failure::Export { path: args.output.clone(), source };
    export::check(&profile, format).map_err(fail)?;
    output::write(Some(&args.output), &inputs, |out| -> Result<(), ExportError> {
        export::write(&profile, format, out)
    })?;
    if output::is_stdout(&args.output) {
        return Ok(());
    }
    let size = args.output.metadata().map_or(0, |data| data.len());
    let (stacks, runs) = (count(profile.samples()), count(args.runs.len() as u64));
    let path = clean::terminal(&args.output.display().to_string());
    output::write(None, &inputs, |out| {
        writeln!(out, "{path}  {} bytes, {runs} runs, {stacks} distinct stacks", count(size))
    })
}
