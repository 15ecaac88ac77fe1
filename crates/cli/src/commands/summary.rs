//! Prints the end of `record`, `attach` and `pull`: the plateau of the load test, the hottest functions
//! of the new run, and the commands for the next step.

use crate::args::Cli;
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{input, output, words};
use spikeflame_profile::Selection;
use spikeflame_render::{self as render, clean, plateau as view};
use spikeflame_run::{Options, Run, Window};
use std::path::Path;

/// Rows of the table.
const ROWS: usize = 5;

/// Prints the plateau of the load test, the hottest functions, and the commands for the next step.
/// The functions are those of the plateau, or else those under load, so that the modules that the
/// program loads at its start are not the hottest. Without a load, they are those from the time at which
/// the program was ready ([`Run::answered_us`]), if that is known.
pub(crate) fn write(folder: &Path, cli: &Cli) -> Result<(), Failure> {
    let options = Options { look_beside: true, ..Options::default() };
    let run = Run::read(&[folder.to_owned()], options);
    let has_test = matches!(run.timeline(), Ok(Some(_)));
    let has_plateau = has_test && matches!(run.found(), Ok(Ok(_)));
    let part = if has_plateau { Part::Plateau } else { part(&run) };
    // The table of a run whose load test is of another time is of all of it.
    if has_test
        && run.profile().is_ok()
        && let Err(why) = run.alignment()
    {
        output::complain("warning", &words::error(&why));
    }
    let shown = input::show(run, Selection::default(), part.window(), cli).and_then(input::filled);
    let window = part.option();
    let folder = clean::terminal(&output::quoted(folder));
    output::write(None, &Inputs::none(), |mut out| {
        if let Ok(shown) = &shown {
            let (tree, about) = (&shown.selected.tree, &shown.selected.about);
            let top = render::TopOptions {
                rows: ROWS,
                all_rows_hint: words::ALL_ROWS,
                ..render::TopOptions::default()
            };
            for line in load_test(&shown.run).into_iter().chain(part.note()) {
                writeln!(out, "{line}\n")?;
            }
            render::text(tree, about, &top, &mut out)?;
            writeln!(out)?;
            if let Some(core) = words::core(&shown.run, &shown.selection) {
                writeln!(out, "{core}")?;
            }
            if let Ok(profile) = shown.run.profile()
                && let Some(answer) = words::answer(profile, &shown.selection)
            {
                render::own_code(profile, tree, &answer, false, &mut out)?;
                words::dependencies(&answer, &mut out)?;
                if let Some(text) = words::compiled(&answer, &shown.run) {
                    writeln!(out, "{text}")?;
                }
                writeln!(out)?;
            }
        }
        if has_test {
            writeln!(out, "  spikeflame plateau {folder}")?;
        }
        // A run without a recording that can be shown has no picture.
        if shown.is_err() {
            return Ok(());
        }
        writeln!(out, "  spikeflame flame {folder}{window}")?;
        writeln!(out, "  spikeflame report {folder} --open")
    })?;
    shown.map(drop)
}

/// The part of a run that the summary shows.
#[derive(Clone, Copy)]
enum Part {
    Plateau,
    /// The time under load; false when only the recorder knows it, because no load test is in the folder.
    Load(bool),
    /// The time since the program was ready ([`Run::answered_us`]). The value is the beginning, in
    /// microseconds since the recording's zero.
    Answering(u64),
    All,
}

impl Part {
    fn window(self) -> Window {
        match self {
            Self::Plateau => Window::Plateau,
            Self::Load(_) => Window::Load,
            Self::Answering(from_us) => Window::Times { from_us, to_us: u64::MAX },
            Self::All => Window::All,
        }
    }

    /// Returns the option with which other commands show this part.
    fn option(self) -> String {
        match self {
            Self::Plateau => " --window plateau".to_owned(),
            Self::Load(_) => " --window load".to_owned(),
            Self::Answering(from_us) => format!(" --from {}s", tenths(from_us)),
            Self::All => String::new(),
        }
    }

    /// Returns the sentence that states which part is shown, and why.
    fn note(self) -> Option<String> {
        match self {
            Self::Load(false) => Some(
                "The table is of the time in which the load command ran: no load test with times was found in \
                 the folder."
                    .to_owned(),
            ),
            Self::Answering(from_us) => Some(format!(
                "The table begins when the program was ready (it listened on a port, or --wait was met), \
                 {} s after its start: the time before loads modules.",
                tenths(from_us)
            )),
            _ => None,
        }
    }
}

/// Returns a time in seconds, with the digit that `--from` in the proposed command has.
fn tenths(us: u64) -> String {
    format!("{:.1}", us as f64 / 1e6)
}

/// Returns the part of a run without a plateau.
fn part(run: &Run) -> Part {
    let has_timeline = matches!(run.timeline(), Ok(Some(_)));
    if has_samples(run, Window::Load) {
        return Part::Load(has_timeline);
    }
    let answered = run.answered_us().ok().flatten().filter(|_| !has_timeline);
    match answered.map(Part::Answering).filter(|part| has_samples(run, part.window())) {
        Some(part) => part,
        None => Part::All,
    }
}

/// Returns true for a window in which the program did something. Another one would be an empty table.
fn has_samples(run: &Run, window: Window) -> bool {
    let (Ok(profile), Ok((selection, _))) =
        (run.profile(), run.select(Selection::default(), window))
    else {
        return false;
    };
    let mut kept = 0_u64;
    profile.visit(&selection, |_, _, weight| kept = kept.saturating_add(weight));
    kept > 0
}

/// Returns the answer of the load test: the plateau and its limit, or the reason why there is none.
/// Returns nothing for a run without a load test.
fn load_test(run: &Run) -> Vec<String> {
    let (Ok(Some(timeline)), Ok(found)) = (run.timeline(), run.found()) else { return Vec::new() };
    match found {
        Ok(all) => {
            let found = all.chosen();
            let usage = run.usage(found.window).ok().flatten();
            let verdict = usage.map(|usage| view::verdict(&usage, words::LIMITS));
            let is_told = usage.is_some_and(|usage| view::is_of_machine(&usage));
            let starved = view::starvation(&run.starved(), Some(found), is_told);
            let machine = Some(starved).filter(|text| !text.is_empty());
            let all = [Some(view::sentence(found, timeline)), verdict, machine];
            all.into_iter().flatten().chain(words::busy_machine(run)).collect()
        }
        Err(none) => vec![format!("No plateau: {}. {}", none.why, words::way_out(none, timeline))],
    }
}

/// Returns a function that returns true after Ctrl-C or SIGTERM. Where signals cannot be handled,
/// it always returns false, and Ctrl-C ends this program.
pub(crate) fn stop() -> Result<Box<dyn Fn() -> bool + Sync>, Failure> {
    #[cfg(unix)]
    {
        let stop = spikeflame_record::Stop::listen()?;
        crate::interrupt::is_handled();
        Ok(Box::new(move || stop.times() > 0))
    }
    #[cfg(not(unix))]
    Ok(Box::new(|| false))
}
