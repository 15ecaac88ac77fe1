//! Functions that the tests with Node programs share.

use spikeflame_record::{Error, Event, Options, Outcome, Stop, record};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

pub(crate) fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        eprintln!("SKIPPED: no {program}");
    }
    there
}

/// Records `script` as `main.js` in a folder of its own. The run goes to `run` beside it.
pub(crate) fn recorded(
    script: &str,
    change: impl FnOnce(&mut Options),
) -> (tempfile::TempDir, Result<Outcome, Error>, Vec<Event>) {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("main.js");
    std::fs::write(&main, script).unwrap();
    let command = vec!["node".into(), main.into_os_string()];
    let mut options = Options::new(folder.path().join("run"), command);
    // A busy machine can be very slow.
    options.patience = Duration::from_secs(120);
    options.grace = Duration::from_secs(120);
    change(&mut options);
    let mut events = Vec::new();
    let outcome = record(&options, &Stop::default(), &mut |event| events.push(event));
    (folder, outcome, events)
}

pub(crate) fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join("run").join(name)).unwrap()
}

pub(crate) const SERVER: &str = "require('http').createServer((q, r) => r.end('ok'))
    .listen(0, '127.0.0.1', () => console.log('ready'));";
