//! The command `spikeflame push` sends runs to a server of profiles, in pieces of time.

use crate::args::{Cli, PushArgs};
use crate::commands::summary;
use crate::failure::Failure;
use crate::input::{self, SelectedRun};
use crate::inputs::Inputs;
use crate::output;
use flate2::read::GzDecoder;
use spikeflame_profile::{Clock, ClockSource, Profile};
use spikeflame_remote::{Chunk, Delivery, Error, Journal, Protocol, Pusher};
use spikeflame_render::count;
use spikeflame_render::export::{self, Format};
use spikeflame_run::{NoClock, Piece, Pieces, Window, clock_of, length_us};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The name under which a Pyroscope server keeps CPU profiles.
const CPU: &str = "process_cpu";

pub(crate) fn run(args: &PushArgs, cli: &Cli) -> Result<(), Failure> {
    let server = args.server().map_err(Failure::Selection)?;
    let stop = summary::stop()?;
    let (window, selection) = (args.load.window(), args.selection());
    let run = input::run(&args.input, &args.load, &Default::default(), cli);
    let host = run.facts().and_then(|facts| facts.host.clone());
    let SelectedRun { run, selection, .. } =
        input::show(run, selection, window, cli).and_then(input::filled)?;
    let told = args.load.start.profile_start;
    let journal = Journal::open(&journal_of(run.inputs()))?;
    let (profile, left_out) = run.into_profile()?.select(&selection);
    let clock = known(&profile, told)?;
    let mut pusher = Pusher::new(server, journal, args.retry());
    let pieces = Pieces::new(&profile, clock.zero_us, args.chunk).map_err(|why| no_clock(&why))?;
    let mut sums = Sums { pieces: pieces.left(), left_out: left_out.total(), ..Sums::default() };
    for piece in pieces {
        let labels = labels(args, window, host.as_deref(), &piece.profile);
        let chunk = chunk(&piece, labels, args.protocol())?;
        match pusher.send(&chunk, &*stop) {
            Ok(Delivery { is_earlier, may_be_twice }) => {
                let sum = if is_earlier { &mut sums.before } else { &mut sums.sent };
                *sum += 1;
                sums.twice += usize::from(may_be_twice);
            }
            Err(error) => return Err(Failure::Selection(sums.stopped(&error))),
        }
        sums.samples += piece.samples;
    }
    output::write(None, &Inputs::none(), |out| writeln!(out, "{}", sums.line(&clock)))
}

/// Numbers of a push, for its last line.
#[derive(Default)]
struct Sums {
    pieces: usize,
    sent: usize,
    twice: usize,
    before: usize,
    samples: u64,
    left_out: u64,
}

impl Sums {
    fn line(&self, by: &Clock) -> String {
        let mut line = format!(
            "{} samples in {} piece{}: {} sent now, {} earlier",
            count(self.samples),
            self.pieces,
            if self.pieces == 1 { "" } else { "s" },
            self.sent,
            self.before
        );
        if self.left_out > 0 {
            line += &format!(" · {} samples left out", count(self.left_out));
        }
        line += &format!(" · times by {}", crate::words::clock(by));
        if self.twice > 0 {
            line += &format!(
                "\n{} of them may be there twice: an earlier request got no answer",
                self.twice
            );
        }
        line
    }

    fn stopped(&self, error: &Error) -> String {
        format!(
            "{}; {} of {} pieces are at the server, and the same command goes on with the others",
            crate::words::remote(error),
            self.sent + self.before,
            self.pieces
        )
    }
}

/// Returns the path of the journal. It is in the run folder, or beside a recording that was named
/// without a folder.
fn journal_of(inputs: &[PathBuf]) -> PathBuf {
    let first = inputs.first().map_or(Path::new("."), PathBuf::as_path);
    if first.is_dir() {
        return first.join(".spikeflame").join("push.jsonl");
    }
    let mut name = first.file_name().unwrap_or_default().to_owned();
    name.push(".push.jsonl");
    first.with_file_name(name)
}

/// Returns the wall clock of a profile. The time of the file is not used, because it changes when
/// a file is copied.
fn known(profile: &Profile, told: Option<i64>) -> Result<Clock, Failure> {
    if let Some(zero_us) = told {
        return Ok(Clock { zero_us, known: ClockSource::Given, uncertainty_us: length_us(1) });
    }
    let clock = clock_of(profile).map_err(|why| no_clock(&why))?;
    if clock.known == ClockSource::FileTime {
        let name = profile.sources.first().map(|source| source.name.clone());
        return Err(no_clock(&NoClock::Unknown(name.unwrap_or_default())));
    }
    Ok(clock)
}

fn no_clock(why: &NoClock) -> Failure {
    let next = match why {
        NoClock::Untimed(_) => "a server needs them; push the recording it was made from",
        NoClock::Unknown(_) => {
            "give --profile-start, the time at which it began, like 2026-11-23T01:24:45Z"
        }
        _ => "push the recordings one after the other",
    };
    Failure::Selection(format!("{why}; {next}"))
}

fn labels(
    args: &PushArgs,
    window: Window,
    host: Option<&str>,
    profile: &Profile,
) -> Vec<(String, String)> {
    let otlp = args.protocol() == Protocol::Otlp;
    let (service, host_name) =
        if otlp { ("service.name", "host.name") } else { ("service_name", "host") };
    let mut labels = vec![(service.to_owned(), args.service.clone())];
    if !otlp {
        let time = profile.sources.first().map(|source| source.time.as_str());
        let name = if time == Some("wall") { "wall" } else { CPU };
        labels.push(("__name__".to_owned(), name.to_owned()));
    }
    labels.extend(args.label.iter().cloned());
    let window = match window {
        Window::All => None,
        Window::Load => Some("load"),
        Window::Plateau => Some("plateau"),
        Window::Before => Some("before"),
        Window::Times { .. } => Some("times"),
    };
    // The user's labels take precedence.
    for (name, value) in [(host_name, host), ("window", window)] {
        if let Some(value) = value
            && !labels.iter().any(|(known, _)| known == name)
        {
            labels.push((name.to_owned(), value.to_owned()));
        }
    }
    labels.sort();
    labels
}

/// Returns the message for a piece. When the recording does not name its kind of time, it counts
/// as CPU time, because samples of waiting are left out.
fn chunk(
    piece: &Piece,
    labels: Vec<(String, String)>,
    protocol: Protocol,
) -> Result<Chunk, Failure> {
    let mut profile = piece.profile.clone();
    for source in profile.sources.iter_mut().filter(|source| source.time.is_empty()) {
        if source.unit == "nanoseconds" {
            "cpu".clone_into(&mut source.time);
        }
    }
    let fail = |source| Failure::Export { path: PathBuf::from("the profile"), source };
    let mut body = Vec::new();
    match protocol {
        Protocol::Otlp => export::otlp_of(&profile, &labels, &mut body).map_err(fail)?,
        Protocol::Pyroscope => {
            let mut packed = Vec::new();
            export::write(&profile, Format::Pprof, &mut packed).map_err(fail)?;
            // Other clients compress the whole request, so the profile in it is unpacked first.
            let unpacked = GzDecoder::new(packed.as_slice()).read_to_end(&mut body);
            unpacked.map_err(|error| fail(error.into()))?;
        }
    }
    Ok(Chunk { body, labels })
}
