//! Reading files, folders and streams into one profile.

use crate::beyond;
use crate::cut_stacks;
use crate::error::Error;
use crate::input;
use crate::intervals;
use crate::json::BYTE_ORDER_MARK;
use crate::line_ends;
use crate::options::Options;
use crate::sniff::format::{EMPTY, Format, InputFormat, LOG, OTHER_JSON, UNCLEAR, UNKNOWN};
use crate::sniff::{self, HEAD};
use crate::source_maps::{compiled_file, forget_deno_lines};
use crate::twins::{self, Recording};
use crate::waits;
use crate::{
    app_log, bpf, chrome_trace, cpuprofile, firefox, otlp, perf, pprof, preprocess, speedscope, v8,
    wasm,
};
use spikeflame_profile::folded::NoSuchCount;
use spikeflame_profile::warning::{Fact, Warning};
use spikeflame_profile::{Clock, ClockSource, Profile, Zero, folded};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Reads recordings (files, folders, and `-` for standard input) into one profile with the threads
/// of all of them. The format of each recording is recognised from its content, unless
/// [`Options::format`] names it.
///
/// In a folder, the recordings that are directly in it are read: logs of applications when
/// [`Options::app_log`] is true, and otherwise all others. Other files are skipped, and so are
/// recordings without samples. Recordings whose samples are also in others are left out, with a
/// warning. A damaged recording is read up to the damage, with a warning, unless nothing of it can
/// be used.
///
/// ```
/// let recording = "../../samples/json/wasm-node22.cpuprofile.zst";
/// let profile = spikeflame_parse::read(&[recording.into()], &Default::default())?;
/// assert_eq!(profile.sources[0].name, "wasm-node22.cpuprofile");
/// assert_eq!(profile.threads.len(), 1);
/// # Ok::<(), spikeflame_parse::Error>(())
/// ```
///
/// # Errors
///
/// Returns an error when a named file has no known format or contains no samples, when a folder has
/// no recording with samples, and when the units of two recordings differ as in [`join`] or
/// `inputs` is empty. It also returns an error when a folder, or a file that is named or in a
/// folder, cannot be opened, or is so damaged or large that nothing of it is used ([`Error`]).
pub fn read(inputs: &[PathBuf], options: &Options) -> Result<Profile, Error> {
    let mut groups = Vec::new();
    for path in inputs {
        groups.push(match path.is_dir() {
            true => (true, read_folder(path, options)?),
            false => (false, vec![read_file(path, true, options)?]),
        });
    }
    let all = groups.iter_mut().flat_map(|(_, recordings)| recordings);
    wasm::by_url(&mut all.map(|recording| &mut recording.profile.frames).collect::<Vec<_>>());
    let mut recordings = Vec::new();
    for (is_folder, group) in groups {
        recordings.extend(if is_folder { twins::pass_over(group) } else { group });
    }
    if inputs.len() > 1 {
        recordings = twins::pass_over_named(recordings);
    }
    if recordings.len() > 1 {
        recordings.iter_mut().for_each(find_start);
    }
    let several = recordings.iter().filter(|_| recordings.len() > 1);
    let intervals: Vec<_> = several.filter_map(|one| intervals::interval(&one.profile)).collect();
    let mut whole: Option<Profile> = None;
    for Recording { profile, .. } in recordings {
        match &mut whole {
            Some(whole) => join(whole, profile)?,
            None => whole = Some(profile),
        }
    }
    let missing = || Error::NoRecording { path: PathBuf::from("."), files: 0 };
    let mut whole = whole.ok_or_else(missing)?;
    whole.warnings.extend(intervals::warning(&intervals));
    v8::forget_few_ticks(&mut whole);
    Ok(mapped(whole, options))
}

fn counts_samples(unit: &str) -> bool {
    matches!(unit, "ticks" | "samples")
}

/// Adds the recordings of one profile to another ([`Profile::append`]), as [`read`] does with several inputs
/// after it has left out copies.
///
/// ```
/// use spikeflame_parse::join;
/// use spikeflame_profile::folded;
///
/// let mut one = folded::read(&mut &b"main;work 3\n"[..], "one", None)?;
/// let other = folded::read(&mut &b"main;rest 4\n"[..], "other", None)?;
/// join(&mut one, other)?;
/// assert_eq!((one.total(), one.sources.len()), (7, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns [`Error::Units`] when the weights of their first sources have different units; `ticks` and
/// `samples` are the same.
pub fn join(whole: &mut Profile, other: Profile) -> Result<(), Error> {
    same_unit(whole, &other)?;
    whole.append(other);
    Ok(())
}

/// Checks that the weights of two files can be added, because they have the same unit.
fn same_unit(one: &Profile, other: &Profile) -> Result<(), Error> {
    let (Some(one), Some(other)) = (one.sources.first(), other.sources.first()) else {
        return Ok(());
    };
    if one.unit == other.unit || counts_samples(&one.unit) && counts_samples(&other.unit) {
        return Ok(());
    }
    Err(Error::Units {
        first: one.name.clone(),
        first_unit: one.unit.clone(),
        second: other.name.clone(),
        second_unit: other.unit.clone(),
    })
}

fn read_folder(folder: &Path, options: &Options) -> Result<Vec<Recording>, Error> {
    let fail = |source| Error::Io { path: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(fail)?;
    let mut files: Vec<PathBuf> = entries
        .collect::<io::Result<Vec<_>>>()
        .map_err(fail)?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let mut recordings = Vec::new();
    let mut empty = None;
    for path in &files {
        match read_file(path, false, options) {
            Ok(recording) => recordings.push(recording),
            Err(Error::Unrecognised { .. }) => {}
            Err(error @ (Error::NoSamples { .. } | Error::NoSuchValues { .. })) => {
                empty = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    match (recordings.is_empty(), empty) {
        (false, _) => Ok(recordings),
        (true, Some(error)) => Err(error),
        (true, None) => Err(Error::NoRecording { path: folder.to_owned(), files: files.len() }),
    }
}

fn read_file(path: &Path, alone: bool, options: &Options) -> Result<Recording, Error> {
    let fail = |source| Error::Io { path: path.to_owned(), source };
    let mut file = input::open_with_damage_check(path, &options.progress)?;
    // In a folder, files that cannot even be unpacked are not recordings.
    let (found, stream) = match recognised(&mut file, alone) {
        Ok(found) => found,
        Err(_) if !alone => return Err(Error::Unrecognised { path: path.to_owned(), found: "" }),
        Err(error) => return Err(fail(error)),
    };
    let mut name = source_name(path);
    // In `before-1/isolate-v8.log`, the folder identifies the run, and the file the
    // isolate.
    if let Some(folder) = path.parent().and_then(Path::file_name).filter(|_| !alone) {
        name = format!("{}/{name}", folder.to_string_lossy());
    }
    let wanted = options.format.map(|InputFormat(format)| format);
    if wanted.is_some_and(|wanted| !alone && wanted != found) {
        return Err(Error::Unrecognised { path: path.to_owned(), found: "" });
    }
    let format = wanted.unwrap_or(found);
    // A log of errors in a run's folder is not part of the run's profile.
    let is_log = format == Format::AppLog || options.app_log && is_quiet_log(format, path);
    if !alone && options.app_log != is_log {
        return Err(Error::Unrecognised { path: path.to_owned(), found: "" });
    }
    let on_disk = !input::is_stdin(path);
    let mut profile = read_as(format, stream, path, on_disk, name.clone(), options)?;
    if file.ends_damaged() {
        profile.warnings.push(Warning::new(name, Fact::PackedData));
    }
    for source in &mut profile.sources {
        path.clone_into(&mut source.path);
        if !on_disk {
            continue;
        }
        source.modified_us = written_at(path, source.end_us);
        // A wall-clock time in the recording is better than one in its name.
        if !matches!(source.zero, Zero::Wall(_)) {
            source.clock = source.clock.or_else(|| cpuprofile::file_name::clock(&source.name));
        }
    }
    Ok(Recording::new(format, profile))
}

/// Recognises a stream from its beginning; returns its format and a stream of its whole
/// content.
fn recognised<'a>(
    stream: impl Read + Send + 'a,
    alone: bool,
) -> io::Result<(Format, Box<dyn Read + Send + 'a>)> {
    let (mut head, stream) = input::peek(stream, HEAD)?;
    let mut stream: Box<dyn Read + Send + 'a> = Box::new(stream);
    if line_ends::lacks_line_feeds(&head) {
        let (feeds, rest) = input::peek(line_ends::LineFeeds::new(stream), HEAD)?;
        (head, stream) = (feeds, Box::new(rest));
    }
    let mut found = sniff::sniff(&head, alone);
    while let Some(size) = sniff::more(found, &head) {
        let before = head.len();
        let (longer, rest) = input::peek(stream, size)?;
        (head, stream) = (longer, Box::new(rest));
        if head.len() <= before {
            break;
        }
        found = sniff::sniff(&head, alone);
    }
    Ok((found, stream))
}

/// Returns the time at which a file was last written, in microseconds since 1970. Returns
/// `None` for a copy that was made in less time than the recording lasts, because its time
/// is that of the copying.
fn written_at(path: &Path, end_us: u64) -> Option<i64> {
    let about = path.metadata().ok()?;
    let modified = about.modified().ok().and_then(micros)?;
    let created = about.created().ok().and_then(micros);
    let took = created.map_or(i64::MAX, |created| modified.saturating_sub(created));
    let is_copy = took >= 0 && took.unsigned_abs() < end_us.saturating_sub(1_000_000);
    (!is_copy).then_some(modified)
}

/// The largest time by which a file may be created after the log in it began, or by which its last write may be
/// stamped too early, in microseconds: file systems keep coarse times.
const STAMP_US: i64 = 100_000;

/// Sets the clock of a tick log that contains none from the time at which its file was created. A log begins with its
/// thread, so the logs of one program have different starts. Nothing is changed for a copy, which was created
/// when it was copied.
fn find_start(recording: &mut Recording) {
    if recording.format != Format::V8Log {
        return;
    }
    for source in recording.profile.sources.iter_mut().filter(|source| source.clock.is_none()) {
        let created = source.path.metadata().and_then(|about| about.created()).ok();
        let start = created.and_then(micros).zip(source.modified_us);
        let is_whole = |&(created, modified): &(i64, i64)| {
            created.saturating_add_unsigned(source.end_us) <= modified.saturating_add(STAMP_US)
        };
        source.clock = start.filter(is_whole).map(|(zero_us, _)| Clock {
            zero_us,
            known: ClockSource::FileTime,
            uncertainty_us: STAMP_US.unsigned_abs(),
        });
    }
}

/// Converts a time to microseconds since 1970.
fn micros(time: SystemTime) -> Option<i64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok()
}

/// Reads one recording, which is not packed, from a stream. `path` is its name in messages and, by its last
/// part, in the profile; no file is opened by it.
///
/// ```
/// let text = &b"main;parse 3\nmain;write 1\n"[..];
/// let options = spikeflame_parse::Options::default();
/// let profile = spikeflame_parse::read_stream(text, "stacks.txt".as_ref(), &options)?;
/// assert_eq!(profile.total(), 4);
/// # Ok::<(), spikeflame_parse::Error>(())
/// ```
///
/// # Errors
///
/// Returns the errors that [`read`] returns for one file.
pub fn read_stream(
    input: impl Read + Send,
    path: &Path,
    options: &Options,
) -> Result<Profile, Error> {
    let fail = |source| Error::Io { path: path.to_owned(), source };
    let (found, stream) = recognised(input, true).map_err(fail)?;
    let format = options.format.map_or(found, |InputFormat(format)| format);
    let mut profile = read_as(format, stream, path, false, source_name(path), options)?;
    wasm::by_url(&mut [&mut profile.frames]);
    Ok(mapped(profile, options))
}

/// Applies source maps once to everything that was read, because the recordings of a run have the
/// same files.
fn mapped(mut profile: Profile, options: &Options) -> Profile {
    // Maps bring functions to TypeScript files too, and those places are right.
    let compiled = compiled_file(&mut profile);
    beyond::forget_lines(&mut profile);
    if let Some(maps) = &options.source_maps {
        maps.apply(&mut profile);
    }
    // Tick logs without maps report the same on their own. One report is enough, and a sign in the
    // functions' places is the stronger one.
    let mut is_told = compiled.is_some();
    profile.warnings.retain(|warning| {
        !matches!(warning.fact, Fact::Compiled(_)) || !std::mem::replace(&mut is_told, true)
    });
    profile.warnings.extend(compiled.map(Warning::overall));
    profile
}

/// Reads a recording of a known format. `on_disk` is true when `path` is the file that
/// `stream` reads.
pub(crate) fn read_as(
    format: Format,
    stream: impl Read + Send,
    path: &Path,
    on_disk: bool,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let format = match format {
        Format::Folded | Format::Other(_) if options.raw_names => Format::PerfText,
        Format::Folded | Format::Other(UNKNOWN | OTHER_JSON | UNCLEAR | LOG | EMPTY)
            if options.app_log =>
        {
            Format::AppLog
        }
        format => format,
    };
    let ignores_raw_names = options.raw_names && format != Format::PerfText;
    let ignored = ignores_raw_names.then(|| Warning::new(name.as_str(), Fact::RawNames));
    let mut profile = match format {
        Format::V8Log => v8::read(without_mark(stream, path)?, path, name, on_disk, options)?,
        Format::PerfText => perf::text::read(stream, path, name, options)?,
        Format::Bpftrace => bpf::bpftrace(stream, path, name, options)?,
        Format::Bcc => bpf::bcc(stream, path, name)?,
        Format::PerfData => perf::data::read(stream, path, name, on_disk, options)?,
        Format::CpuProfile => cpuprofile::read(stream, path, name, options)?,
        Format::ChromeTrace => chrome_trace::read(stream, path, name, options)?,
        Format::Preprocessed => preprocess::read(stream, path, name, options)?,
        Format::Speedscope => speedscope::read(stream, path, name, options)?,
        Format::Otlp => otlp::read(stream, path, name, options)?,
        Format::OtlpJson => otlp::read_json(stream, path, name, options)?,
        Format::Firefox => firefox::read(stream, path, name, options)?,
        Format::Pprof => pprof::read(stream, path, name, options)?,
        Format::Folded => {
            let input = &mut BufReader::with_capacity(1 << 17, stream);
            folded::read(input, &name, options.sample_type.as_deref())
                .map_err(|source| unreadable(source, path))?
        }
        Format::AppLog => app_log::read(stream, path, name, options)?,
        Format::Other(found) => {
            return Err(Error::Unrecognised { path: path.to_owned(), found });
        }
    };
    // For a user who asked for errors, a log without an error is a good result, not a
    // failure.
    if profile.total() == 0 && !(format == Format::AppLog && options.app_log) {
        let lost = profile.losses.iter().max_by_key(|loss| loss.samples);
        let why = match lost.filter(|loss| loss.samples > 0) {
            Some(loss) => match loss.place() {
                Some(place) => format!("{place}: {}", loss.reason),
                None => loss.reason.to_owned(),
            },
            None => "the file names no stack with a count".to_owned(),
        };
        return Err(Error::NoSamples { path: path.to_owned(), why });
    }
    profile.warnings.extend(ignored);
    if let Some(name) = profile.sources.first().map(|source| source.name.clone()) {
        let cut = cut_stacks::of_format(&mut profile, format, &name);
        profile.warnings.extend(cut);
        let waits = waits::warning(&profile, format, &name);
        profile.warnings.extend(waits);
    }
    let left_out = forget_deno_lines(&mut profile);
    profile.warnings.extend(left_out.map(Warning::overall));
    Ok(profile)
}

/// Returns true for a path whose file name is that of a log, such as `app.log` or `app.log.1.gz`.
/// The file is not opened.
///
/// ```
/// assert!(spikeflame_parse::is_log_name("runs/before-1/app.log.gz".as_ref()));
/// assert!(!spikeflame_parse::is_log_name("runs/before-1/process.csv".as_ref()));
/// ```
pub fn is_log_name(path: &Path) -> bool {
    let name = source_name(path);
    name.ends_with(".log") || name.contains(".log.")
}

/// Returns true for a text with the name of a log that shows no logger at its beginning.
fn is_quiet_log(format: Format, path: &Path) -> bool {
    matches!(format, Format::Other(UNKNOWN | OTHER_JSON | UNCLEAR | LOG | EMPTY))
        && is_log_name(path)
}

/// Returns the stream without a byte order mark, with which programs on Windows begin a text.
fn without_mark<'a>(
    stream: impl Read + Send + 'a,
    path: &Path,
) -> Result<Box<dyn Read + Send + 'a>, Error> {
    let fail = |source| Error::Io { path: path.to_owned(), source };
    let (head, mut whole) = input::peek(stream, BYTE_ORDER_MARK.len()).map_err(fail)?;
    if head == BYTE_ORDER_MARK {
        input::fill(&mut whole, BYTE_ORDER_MARK.len()).map_err(fail)?;
    }
    Ok(Box::new(whole))
}

/// Returns the error for folded stacks that could not be read.
fn unreadable(source: io::Error, path: &Path) -> Error {
    let path = path.to_owned();
    match source.get_ref().and_then(|source| source.downcast_ref::<NoSuchCount>()) {
        Some(NoSuchCount(wanted)) => Error::NoSuchCount { path, wanted: wanted.clone() },
        None => Error::Io { path, source },
    }
}

/// Returns a source's name: its file name without the ending of the compression.
fn source_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst"));
    plain.unwrap_or(&name).to_owned()
}
