//! The command `spikeflame attach` profiles processes that are already running.

use crate::args::{AttachArgs, Cli};
use crate::commands::summary;
use crate::failure::Failure;
use crate::{output, words};
use spikeflame_remote::{AttachEvent, attach};

pub(crate) fn run(args: &AttachArgs, cli: &Cli) -> Result<(), Failure> {
    output::can_be_folder(&args.output)?;
    let stop = summary::stop()?;
    let attached = attach(&args.options(), &*stop, &mut |event| tell(&event, cli))?;
    summary::write(&attached.folder, cli)
}

/// Prints an event of a target on standard error.
fn tell(event: &AttachEvent, cli: &Cli) {
    match event {
        AttachEvent::Started { .. } | AttachEvent::Waiting { .. } if cli.quiet => {}
        AttachEvent::Waiting { target } => output::complain(
            "attach",
            &format!(
                "{target} does not answer yet: its event loop may be blocked, or the machine busy; waiting (Ctrl-C \
                 ends the wait)"
            ),
        ),
        AttachEvent::Started { target, pid, opened: None } => {
            output::complain("attach", &format!("{target}: process {pid} is profiled"));
        }
        AttachEvent::Started { target, opened: Some(port), .. } => output::complain(
            "attach",
            &format!("{target} is profiled; SIGUSR1 opened its inspector at 127.0.0.1:{port}"),
        ),
        AttachEvent::OtherThreads { target, process, profile } => output::complain(
            "warning",
            &format!(
                "{target}: the process used {process:.2} of a core, and its main thread was busy for {profile:.2}: \
                 the rest is of other threads (worker threads, the thread pool, V8's helpers), which this profile \
                 does not have; `spikeflame record` records worker threads too, and with --profiler perf all threads"
            ),
        ),
        AttachEvent::Failed { error, .. } => {
            output::complain("warning", &format!("no profile of {}", words::remote(error)));
        }
    }
}
