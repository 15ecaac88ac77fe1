//! The command `spikeflame queries` lists the statements of a database by the time that they take.

use crate::args::{Cli, QueriesArgs, QueriesFormat};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{input, output, words};
use spikeflame_load::TimeSpan;
use spikeflame_load::Timeline;
use spikeflame_load::plateau::Window as Seconds;
use spikeflame_load::queries::{self, Parts, Queries, read};
use spikeflame_parse::Progress;
use spikeflame_profile::warning::some_of;
use spikeflame_render::queries::{self as view, QueryView};
use spikeflame_render::{clean, count};
use spikeflame_run::{Error, Options, Run, Window, length_us, seconds_us};
use std::io::Read;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &QueriesArgs, cli: &Cli) -> Result<(), Failure> {
    let (run, parts, test) = parts_of(args, cli)?;
    let parts = Parts { zone_s: args.zone.seconds(), ..parts };
    let (paths, copies) = without_copies(logs_of(&args.logs)?);
    warn_of_copies(&copies, cli);
    let logs = paths.iter().map(|path| open(path)).collect::<Result<Vec<_>, _>>()?;
    let queries = read(logs, &parts).map_err(|why| Failure::Selection(refused(&why)))?;
    warn(&queries, test.is_some(), cli);
    if let Some(test) = test {
        meets(&queries, test)?;
    }
    let files: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let shown = QueryView {
        queries: &queries,
        files: files.join(", "),
        has_parts: parts.within.is_some(),
        window: Some(args.part.window).filter(|it| *it != Window::All).map(Window::name),
        order: args.sort.into(),
        rows: args.rows.number(args.format.format == QueriesFormat::Json),
        all_rows_hint: words::ALL_ROWS,
    };
    let mut inputs = Inputs::from_run(&run);
    inputs.add(&paths);
    inputs.add(&copies);
    output::write(args.output.path(), &inputs, |mut out| match args.format.format {
        QueriesFormat::Text => view::text(&shown, &mut out),
        QueriesFormat::Markdown => view::markdown(&shown, &mut out),
        QueriesFormat::Json => view::json(&shown, &mut out),
    })
}

/// Opens a log, and returns it with its path.
fn open(path: &Path) -> Result<(impl Read + use<>, PathBuf), Failure> {
    let log = spikeflame_parse::open(path, &Progress::default());
    Ok((log.map_err(Error::from)?, path.to_owned()))
}

/// Returns the message for logs that cannot be used.
fn refused(why: &queries::Error) -> String {
    let queries::Error::NoStatements { path, found } = why else { return why.to_string() };
    let known = if why.is_unknown() { words::content::name(path) } else { None };
    let text = why.to_string();
    match known {
        Some(known) => text.replacen(found, &known, 1),
        None => text,
    }
}

/// Returns the logs that the user named. A folder stands for the logs in it that hold statements.
fn logs_of(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for path in named {
        if !path.is_dir() {
            paths.push(path.clone());
            continue;
        }
        let before = paths.len();
        paths.extend(logs_in(path).into_iter().filter(|log| has_statements(log)));
        if paths.len() == before {
            return Err(Failure::Selection(format!(
                "{}: no log in it holds statements; expected MySQL's slow query log (`SET GLOBAL \
                 slow_query_log = 1, long_query_time = 0.1`), its table mysql.slow_log, or an app.log with the lines `query is \
                 slow` and `query failed` of TypeORM (`maxQueryExecutionTime`){}",
                path.display(),
                words::paths::runs_below(path)
            )));
        }
    }
    Ok(paths)
}

/// Returns the files of a folder that have the name of a log, ordered by path. V8's logs of ticks
/// are not among them.
fn logs_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_ticks = |path: &Path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("isolate"))
    };
    let mut logs: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && spikeflame_parse::is_log_name(path) && !is_ticks(path))
        .collect();
    logs.sort();
    logs
}

/// Returns true for a log in which `queries` finds statements.
pub(super) fn has_statements(log: &Path) -> bool {
    let open = spikeflame_parse::open(log, &Progress::default());
    open.is_ok_and(|stream| read([(stream, log.to_owned())], &Parts::default()).is_ok())
}

/// Divides logs into those to read, and those that are left out because another one begins with all
/// their bytes: a copy, perhaps packed, or an earlier copy of a log that grew.
fn without_copies(logs: Vec<PathBuf>) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut kept, mut copies): (Vec<PathBuf>, Vec<PathBuf>) = (Vec::new(), Vec::new());
    for log in logs {
        if kept.iter().any(|other| begins_with(other, &log)) {
            copies.push(log);
            continue;
        }
        let (earlier, other) = kept.into_iter().partition(|other| begins_with(&log, other));
        kept = other;
        copies.extend::<Vec<PathBuf>>(earlier);
        kept.push(log);
    }
    copies.sort();
    (kept, copies)
}

/// Returns true when a log begins with all bytes of `part`, and `part` holds statements.
fn begins_with(log: &Path, part: &Path) -> bool {
    spikeflame_parse::begins_with(log, part).is_some() && has_statements(part)
}

fn warn_of_copies(copies: &[PathBuf], cli: &Cli) {
    if copies.is_empty() || cli.quiet {
        return;
    }
    let names: Vec<String> = copies.iter().map(|path| path.display().to_string()).collect();
    let text = format!(
        "{}: another log that is read begins with the same bytes, so its statements would count twice: \
         passed over",
        some_of(&names)
    );
    output::complain("warning", &clean::terminal(&text));
}

/// Returns the load test that the user named. A window of a folder takes the one in it.
fn load_of(args: &QueriesArgs) -> Option<PathBuf> {
    let beside = || args.logs.iter().find(|path| path.is_dir()).cloned();
    args.load.clone().or_else(|| beside().filter(|_| args.part.window != Window::All))
}

/// Returns the wall-clock time of the window that the user chose; `None` for all of the log.
fn selected(run: &Run, window: Window) -> Result<Option<TimeSpan>, Error> {
    let timeline = run.need_timeline()?;
    let start_us = seconds_us(timeline.start_s);
    Ok(match window {
        Window::All => None,
        Window::Times { from_us, to_us } => {
            run.seconds(window)?;
            let at = |us: u64| start_us.saturating_add_unsigned(us);
            Some(TimeSpan { from_us: at(from_us), to_us: at(to_us) })
        }
        _ => Some(span(run.seconds(window)?, timeline)),
    })
}

/// Returns the wall-clock time of some seconds of a load test.
fn span(seconds: Seconds, timeline: &Timeline) -> TimeSpan {
    let us =
        |second: usize| seconds_us(timeline.start_s).saturating_add_unsigned(length_us(second));
    TimeSpan { from_us: us(seconds.from), to_us: us(seconds.to) }
}

/// Returns the load test, the time of its parts, and its whole time.
fn parts_of(args: &QueriesArgs, cli: &Cli) -> Result<(Run, Parts, Option<TimeSpan>), Failure> {
    let load = load_of(args);
    let options = Options {
        load: load.clone(),
        reading: args.test.reading(),
        plateau: args.test.options(None),
        ..Options::default()
    };
    let run = Run::read(&[], options);
    if load.is_none() {
        if args.part.window != Window::All {
            let why = "--window needs the load test that ran meanwhile: name it with --load";
            return Err(Failure::Selection(why.to_owned()));
        }
        return Ok((run, Parts::default(), None));
    }
    input::heard(&run, run.load(), cli)?;
    let timeline = run.need_timeline()?;
    if !timeline.has_clock() {
        return Err(Failure::Selection(format!(
            "{}: its times have no date, so that no statement can be laid beside the load test; give a load \
             test whose times have a date, as `k6 run --out json=FILE` writes them; without --load the whole \
             log is shown",
            timeline.source
        )));
    }
    let whole = span(Seconds { from: 0, to: timeline.seconds.len() }, timeline);
    let parts = match run.plateau() {
        Ok(found) => Parts {
            before: found.before.as_ref().map(|before| span(before.window, timeline)),
            within: Some(span(found.window, timeline)),
            ..Parts::default()
        },
        Err(Error::NoPlateau { .. })
            if !matches!(args.part.window, Window::Plateau | Window::Before) =>
        {
            output::complain(
                "warning",
                "the load test has no plateau (`spikeflame plateau` shows the reason): statements \
                 are not divided by it",
            );
            Parts::default()
        }
        Err(Error::NoPlateau { .. }) => {
            return Err(Failure::Selection(
                "the load test has no plateau: `spikeflame plateau` shows the reason; without \
                 --window the whole log is shown"
                    .to_owned(),
            ));
        }
        Err(why) => return Err(why.into()),
    };
    let parts = Parts { selected: selected(&run, args.part.window)?, ..parts };
    Ok((run, parts, Some(whole)))
}

/// Refuses a log whose time does not overlap with the test.
fn meets(queries: &Queries, test: TimeSpan) -> Result<(), Failure> {
    let why = match queries.span {
        Some(log) if log.from_us < test.to_us && log.to_us >= test.from_us => return Ok(()),
        Some(log) if queries.zoneless > 0 => format!(
            "the statements ended from {log}, taken as UTC because their times name no zone, and the load \
             test ran from {test}: --log-zone +09:00 states the zone; without --load the whole log is shown"
        ),
        Some(log) => format!(
            "the statements ended from {log}, and the load test ran from {test}: they are not of one \
             run; without --load the whole log is shown"
        ),
        None => {
            "the log has no times, so that no statement can be laid beside the load test; without \
                 --load all of it is shown"
                .to_owned()
        }
    };
    Err(Failure::Selection(why))
}

fn warn(queries: &Queries, has_test: bool, cli: &Cli) {
    if cli.quiet {
        return;
    }
    if queries.incomplete > 0 {
        let text = match queries.incomplete {
            1 => "1 statement is incomplete and left out".to_owned(),
            several => format!("{} statements are incomplete and left out", count(several)),
        };
        output::complain("warning", &clean::terminal(&text));
    }
    for log in &queries.damaged {
        let text = format!(
            "{}: its packed data is damaged; the statements before the damage are counted, and the last \
             of them may be wrong",
            log.display()
        );
        output::complain("warning", &clean::terminal(&text));
    }
    if let (Some(server), Some(program)) =
        (queries.of_databases.first(), queries.of_programs.first())
    {
        let text = format!(
            "{} has statements that a database logged, and {} those that a program logged: a statement in both counts \
             twice; name the logs of one kind",
            server.display(),
            program.display()
        );
        output::complain("warning", &clean::terminal(&text));
    }
    if queries.one_of > 1 {
        let text = format!(
            "the server logged one in {} statements (log_slow_rate_limit): counts and sums are of those \
             in the log, not of all",
            count(queries.one_of)
        );
        output::complain("warning", &text);
    }
    if has_test && queries.zoneless > 0 {
        let text = format!(
            "the times of {} statements name no zone and are taken as UTC; --log-zone +09:00 states \
             another one",
            count(queries.zoneless)
        );
        output::complain("warning", &text);
    }
    if has_test && queries.untimed > 0 {
        let text = format!(
            "{} statements have no time of the clock, and count neither before nor within the plateau",
            count(queries.untimed)
        );
        output::complain("warning", &text);
    }
}
