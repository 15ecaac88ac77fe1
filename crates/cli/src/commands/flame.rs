//! The command `spikeflame flame` draws the SVG flame graph.

use crate::args::{Cli, Colors, FlameArgs};
use crate::failure::Failure;
use crate::input::{self, SelectedRun, SelectedTree};
use crate::inputs::Inputs;
use crate::output;
use crate::words;
use spikeflame_profile::{Hotspots, wall};
use spikeflame_render::{
    Direction, FlameOptions, Names, Palette, clean, count, flame, own_code, percent,
};
use spikeflame_run::Window;
use std::io::{self, Write};
use std::path::PathBuf;

/// Number of functions that are printed after the picture is written.
const NAMED: usize = 5;

pub(crate) fn run(args: &FlameArgs, cli: &Cli) -> Result<(), Failure> {
    let picture = &args.picture;
    let path = picture.output.clone();
    let path = path.unwrap_or_else(|| default_name(args).into());
    let only_png = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"))
        || picture.png && output::is_stdout(&path);
    if only_png || picture.png {
        output::can_write_png()?;
    }
    if args.open && output::is_stdout(&path) {
        return Err(Failure::Selection("--open shows a file: name one with -o".to_owned()));
    }
    let SelectedRun { run, mut selected, selection } =
        input::load(&args.input, &args.selection, cli)?;
    let inputs = Inputs::from_run(&run);
    let options = FlameOptions {
        title: picture.title.clone(),
        width: picture.width,
        min_width: picture.min_width,
        palette: match picture.colors {
            Colors::Kind => Palette::Kind,
            Colors::Tier => Palette::Tier,
            Colors::Package => Palette::Package,
            Colors::Classic => Palette::Classic,
        },
        direction: if picture.inverted { Direction::Icicles } else { Direction::Flames },
        full_paths: picture.paths.full_paths,
        fixed: picture.fixed,
    };
    let hottest = hottest(&selected, picture.paths.full_paths);
    if picture.reverse {
        selected.tree = selected.tree.reversed();
    }
    let svg = |options: &FlameOptions, out: &mut dyn Write| {
        flame(&selected.tree, &selected.about, options, out)
    };
    let mut written = Vec::new();
    if !only_png {
        output::write(Some(&path), &inputs, |out| svg(&options, out))?;
        written.push(path.clone());
    }
    if only_png || picture.png {
        let path = if only_png { path.clone() } else { path.with_extension("png") };
        let mut fixed = Vec::new();
        svg(&FlameOptions { fixed: true, ..options.clone() }, &mut fixed)?;
        output::write_png(&path, &inputs, &fixed)?;
        written.push(path);
    }
    if output::is_stdout(&path) {
        return Ok(());
    }
    let profile = run.profile()?;
    let answer = words::answer(profile, &selection);
    output::write(None, &inputs, |out| {
        tell(&written, &selected, out)?;
        if let Some(core) = words::core(&run, &selection) {
            writeln!(out, "{core}")?;
        }
        if let Some(answer) = &answer {
            own_code(profile, &selected.tree, answer, picture.paths.full_paths, out)?;
        }
        table(&selected, &hottest, out)?;
        let Some(answer) = &answer else { return Ok(()) };
        words::dependencies(answer, out)?;
        words::compiled(answer, &run).map_or(Ok(()), |text| writeln!(out, "{text}"))
    })?;
    match written.first().filter(|_| args.open) {
        Some(path) => output::open(path),
        None => Ok(()),
    }
}

/// Returns a file name from the names of input and window, so that pictures of several windows do
/// not replace each other.
fn default_name(args: &FlameArgs) -> String {
    let stem = output::stem(&args.input.runs, "flame");
    let part = match args.selection.load.window() {
        Window::All => String::new(),
        Window::Load => "-load".to_owned(),
        Window::Plateau => "-plateau".to_owned(),
        Window::Before => "-before".to_owned(),
        Window::Times { from_us, to_us } => {
            format!("-{}s-{}s", wall::seconds_of(from_us), wall::seconds_of(to_us))
        }
    };
    format!("{stem}{part}.svg")
}

/// Returns the names and weights of the functions with the most self weight.
fn hottest(selected: &SelectedTree, full_paths: bool) -> Vec<(String, u64)> {
    let names = Names::new(&selected.tree, full_paths);
    let rows = Hotspots::from_tree(&selected.tree).rows;
    let rows = rows.iter().filter(|row| row.self_weight > 0).take(NAMED);
    rows.map(|row| (names.joined(row.entry), row.self_weight)).collect()
}

fn tell(written: &[PathBuf], selected: &SelectedTree, out: &mut dyn Write) -> io::Result<()> {
    for path in written {
        writeln!(out, "{}", path.display())?;
    }
    writeln!(out, "{}", clean::terminal(&selected.about.line()))
}

fn table(
    selected: &SelectedTree,
    hottest: &[(String, u64)],
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "hottest by self {}:", selected.about.unit)?;
    for (name, weight) in hottest {
        let share = percent(*weight, selected.about.kept);
        writeln!(out, "  {share:>7} {:>9}  {}", count(*weight), clean::terminal(name))?;
    }
    Ok(())
}
