//! What the targets of one `attach` share: turns at the port of the inspector, and the processes that are profiled.

use crate::Error;
use crate::inspector::process::InspectorPort;
use crate::inspector::session::Session;
use crate::inspector::{self, LOCALHOST, Target, process};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The state that the targets share.
pub(crate) struct Together {
    /// The number of targets whose inspectors a signal opens. Every process opens it at one port, so
    /// they take turns.
    signals: usize,
    /// The processes whose turn has come.
    turns: Mutex<HashSet<u32>>,
    /// The processes that are profiled: name of the host, number, and start.
    known: Mutex<HashSet<(String, u32, String)>>,
}

impl Together {
    pub(crate) fn new(targets: &[Target]) -> Self {
        let signals = targets.iter().filter(|target| matches!(target, Target::Process(_))).count();
        Self { signals, turns: Mutex::default(), known: Mutex::default() }
    }

    /// Opens the inspector of a process. With several processes, it is moved from the port at which
    /// the next one opens its own.
    pub(crate) fn open(&self, pid: u32, stop: &dyn Fn() -> bool) -> Result<InspectorPort, Error> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if !turns.insert(pid) {
            return Err(Error::SameProcess { target: format!("process {pid}"), pid });
        }
        let found = process::open(pid, stop)?;
        if !found.opened || self.signals < 2 {
            return Ok(found);
        }
        make_room(pid, found.port).inspect_err(|_| close_opened(pid, found.port))
    }

    /// Notes a process. Returns false when it is there already.
    pub(crate) fn add(&self, host: &str, pid: u32, began: &str) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((host.to_owned(), pid, began.to_owned()))
    }
}

/// Moves the inspector of a process to another port, and returns that.
fn make_room(pid: u32, port: u16) -> Result<InspectorPort, Error> {
    let mut session = connected(LOCALHOST, port, &format!("process {pid}"))?;
    let moved = session.evaluate(MOVE);
    session.close();
    moved?;
    process::moved(pid, port)
}

/// Connects to the inspector at a port.
pub(crate) fn connected(host: &str, port: u16, target: &str) -> Result<Session, Error> {
    let (address, path) = inspector::find(host, port, Duration::from_secs(5))?;
    Session::open(address, &path, target)
}

/// Asks a process to close its inspector, in a session of its own. Failures are passed over, because the caller
/// has an error to return.
pub(crate) fn close_opened(pid: u32, port: u16) {
    if let Ok(mut session) = connected(LOCALHOST, port, &format!("process {pid}")) {
        let _ = session.evaluate(&close_of(pid));
        session.close();
    }
}

/// Returns an expression that closes the inspector of a process after this session has ended. Closing it at once
/// would wait for the session. The expression does nothing in another process, whose inspector nobody asked to
/// open. It has `require` only while it is evaluated: a timer that called it would end the process with a
/// `ReferenceError`.
pub(crate) fn close_of(pid: u32) -> String {
    let numbers = process::numbers(pid);
    format!(
        "{numbers:?}.includes(process.pid) && (inspector => {{
  setTimeout(() => {{ try {{ inspector.close(); }} catch {{}} }}, 200).unref();
}})(require('inspector'))"
    )
}

/// An expression that opens the inspector at a free port after this session has ended.
const MOVE: &str = "(inspector => {
  setTimeout(() => { try { inspector.close(); inspector.open(0, '127.0.0.1'); } catch {} }, 200).unref();
})(require('inspector'))";
