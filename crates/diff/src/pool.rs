//! Calls whose work is done in libuv's thread pool. The costs of a comparison are those of the
//! threads that run JavaScript, so work that moved to the pool is missing from the costs, and reads
//! as saved. Only recordings of perf, bpftrace and bcc have the samples of the pool.

use crate::comparison::{Badge, Row};
use crate::measure::{Doubt, Verdict};
use crate::run::RunCounts;
use crate::table::Side;
use crate::unit::Unit;
use crate::warning::Warning;
use crate::warnings::samples_all_threads;

/// A call that grew to this many times of its cost is new for the most part.
const NEW: f64 = 2.0;
/// The highest number of calls that are named.
const MOST_NAMED_CALLS: usize = 3;

/// The functions of Node's core that hand work to the pool, by their file. The synchronous calls
/// have other names. `*` stands for all functions of a file.
const CALLS: [(&str, &[&str]); 15] = [
    ("node:internal/crypto/pbkdf2", &["pbkdf2"]),
    ("node:internal/crypto/scrypt", &["scrypt"]),
    ("node:internal/crypto/argon2", &["argon2"]),
    ("node:internal/crypto/hkdf", &["hkdf"]),
    ("node:internal/crypto/random", &["randomFill", "generatePrime", "checkPrime"]),
    ("node:internal/crypto/keygen", &["generateKeyPair", "generateKey"]),
    ("node:internal/crypto/hash", &["asyncDigest"]),
    ("node:internal/crypto/webcrypto", &["*"]),
    ("node:zlib", &["zlibBuffer", "asyncBufferWrapper", "processChunk", "processCallback"]),
    ("node:fs", &FILES),
    ("node:internal/fs/promises", &["*"]),
    ("node:internal/fs/read/context", &["*"]),
    ("node:internal/fs/streams", &["_read", "_write", "ReadStream._read", "WriteStream._write"]),
    ("node:dns", &["lookup"]),
    ("node:internal/dns/promises", &["lookup", "createLookupPromise"]),
];
/// The calls of `node:fs` with a callback.
const FILES: [&str; 24] = [
    "access",
    "appendFile",
    "close",
    "copyFile",
    "exists",
    "fstat",
    "fsync",
    "lstat",
    "mkdir",
    "mkdtemp",
    "open",
    "opendir",
    "read",
    "readFile",
    "readdir",
    "readlink",
    "realpath",
    "rename",
    "rm",
    "stat",
    "truncate",
    "unlink",
    "write",
    "writeFile",
];

/// Returns a warning when calls that hand work to the pool are new on a side.
pub(crate) fn moved(rows: &[Row], runs: &[(Side, &RunCounts)], unit: Unit) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for to in Side::ALL {
        let calls = new_calls(rows, to);
        if !calls.is_empty() {
            let counted = runs.iter().all(|(_, run)| samples_all_threads(run));
            let others = others(runs, unit);
            warnings.push(Warning::ThreadPool { calls, to, others, unit, counted });
        }
    }
    warnings
}

/// Returns the names of the calls that are new on a side, the most expensive first.
fn new_calls(rows: &[Row], to: Side) -> Vec<String> {
    let calls = rows.iter().filter(|row| hands_over(row) && is_new(row, to));
    let mut calls: Vec<&Row> = calls.collect();
    calls.sort_by(|a, b| {
        let size = |row: &Row| row.total_cost.change.abs();
        size(b).total_cmp(&size(a)).then_with(|| a.label.cmp(&b.label))
    });
    calls.into_iter().map(|row| row.name.clone()).take(MOST_NAMED_CALLS).collect()
}

/// Returns true for a row that changed and is new on a side, or nearly so.
fn is_new(row: &Row, to: Side) -> bool {
    let cost = &row.total_cost;
    let (there, elsewhere, badge) = match to {
        Side::Before => (cost.before, cost.after, Badge::Gone),
        Side::After => (cost.after, cost.before, Badge::New),
    };
    // The native code below such a call may have had other callers before.
    let is_certain = cost.verdict == Verdict::Changed || cost.doubt == Some(Doubt::Moved);
    is_certain && (row.badges.contains(&badge) || there >= NEW * elsewhere)
}

fn hands_over(row: &Row) -> bool {
    let names = CALLS.iter().find(|(file, _)| *file == row.file).map(|(_, names)| *names);
    let is_call = |name: &str| row.name == name || name == "*" && is_named(&row.name);
    names.is_some_and(|names| names.iter().any(|name| is_call(name)))
}

/// Returns false for functions without a name: one of them is the file's top level.
fn is_named(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('<') && !name.starts_with('(')
}

/// Returns the CPU of the other threads
/// ([`Environment::other_threads`](crate::Environment::other_threads)) on both sides, in `unit`;
/// for shares, in cores. Returns `None` when it is not known for a run.
fn others(runs: &[(Side, &RunCounts)], unit: Unit) -> Option<[f64; 2]> {
    Some([others_of_side(runs, Side::Before, unit)?, others_of_side(runs, Side::After, unit)?])
}

fn others_of_side(runs: &[(Side, &RunCounts)], side: Side, unit: Unit) -> Option<f64> {
    let (mut used_ms, mut work) = (0.0, 0.0);
    for (_, run) in runs.iter().filter(|(of, _)| *of == side) {
        let seconds = run.seconds?;
        used_ms += run.environment.other_threads? * seconds * 1e3;
        work += match unit {
            Unit::CpuMsPerRequest => run.requests?,
            Unit::CpuMsPerRun => 1.0,
            Unit::CpuMsPerSecond => seconds,
            Unit::Share => seconds * 1e3,
        };
    }
    (work > 0.0).then_some(used_ms / work)
}

#[cfg(test)]
mod tests {
    use crate::compare::{Options, compare};
    use crate::environment::Environment;
    use crate::run::Run;
    use spikeflame_profile::{Selection, folded};

    /// Returns the warning of a comparison of one run a side, both with these calls of `work`.
    fn warning(before: &str, after: &str) -> Option<String> {
        warning_from("", before, after)
    }

    fn warning_from(producer: &str, before: &str, after: &str) -> Option<String> {
        let read = |calls: &str| {
            let text = format!("main /srv/app.js:1:1;other /srv/app.js:9:1 4000\n{calls}");
            let mut profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
            profile.sources[0].producer = producer.to_owned();
            profile
        };
        let (before, after, all) = (read(before), read(after), Selection::default());
        let run = |name, profile, others| {
            let environment = Environment { other_threads: Some(others), ..Environment::default() };
            let run = Run { requests: Some(100.0), environment, ..Run::new(name, profile, &all) };
            Run { interval_ms: Some(1.0), ..run }
        };
        let compared =
            compare(&[run("a", &before, 0.1)], &[run("b", &after, 0.6)], &Options::default());
        let warnings = compared.unwrap().warnings;
        let texts = warnings.iter().map(ToString::to_string);
        texts.into_iter().find(|text| text.contains("thread pool"))
    }

    /// The error was: costs from perf, which samples all threads, were said to be those of the main
    /// thread.
    #[test]
    fn costs_of_recorders_of_all_threads_contain_the_pool() {
        let before = call("pbkdf2Sync", "node:internal/crypto/pbkdf2", 2000);
        let after = call("pbkdf2", "node:internal/crypto/pbkdf2", 90);
        let text = |producer| warning_from(producer, &before, &after).unwrap();
        assert!(text("perf 6.1").contains("samples of all threads"), "{}", text("perf 6.1"));
        assert!(text("V8 11.3").contains("those of the main thread"), "{}", text("V8 11.3"));
    }

    fn call(name: &str, file: &str, count: u32) -> String {
        format!("main /srv/app.js:1:1;work /srv/app.js:5:1;{name} {file}:30:1 {count}\n")
    }

    #[test]
    fn work_of_crypto_zlib_fs_and_dns_that_moved_to_the_pool_is_named() {
        for (file, gone, new) in [
            ("node:internal/crypto/pbkdf2", "pbkdf2Sync", "pbkdf2"),
            ("node:internal/crypto/scrypt", "scryptSync", "scrypt"),
            ("node:internal/crypto/random", "randomFillSync", "randomFill"),
            ("node:internal/crypto/keygen", "generateKeyPairSync", "generateKeyPair"),
            ("node:zlib", "zlibBufferSync", "zlibBuffer"),
            ("node:fs", "readFileSync", "readFile"),
            ("node:fs", "statSync", "stat"),
            ("node:dns", "setServers", "lookup"),
        ] {
            let (before, after) = (call(gone, file, 2000), call(new, file, 90));
            let text = warning(&before, &after).expect(new);
            assert!(text.contains(&format!("`{new}` costs more on the side after")), "{text}");
            let back = warning(&after, &before).expect(new);
            assert!(back.contains(&format!("`{new}` costs more on the side before")), "{back}");
            assert_eq!(warning(&after, &call(new, file, 95)), None, "nothing moved");
            // The user's own function of the same name.
            let own = call(new, "/srv/lib/own.js", 90);
            assert_eq!(warning(&before, &own), None);
        }
        let promises = call("readFileHandle", "node:internal/fs/promises", 90);
        assert!(warning(&call("readFileSync", "node:fs", 2000), &promises).is_some());
    }
}
