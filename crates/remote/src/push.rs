//! Sends profiles to a Pyroscope server or to an OTLP collector.

use crate::Error;
use crate::http::{self, Answer, RequestFailure};
use crate::journal::{Journal, State};
use crate::messages::{ExportAnswer, LabelPair, PushRequest, RawSample, Series};
use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;
use std::fmt;
use std::io::Write;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use ureq::Agent;

/// Largest number of bytes of an answer that are read.
const LARGEST_ANSWER_BYTES: u64 = 1 << 20;
/// Time between two looks at a request to end.
const PAUSE: Duration = Duration::from_millis(20);

/// The protocol by which a server receives profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The protocol `push.v1` of Pyroscope servers: pprof with labels.
    Pyroscope,
    /// OTLP profiles over HTTP (`v1development`), of OpenTelemetry collectors.
    Otlp,
}

/// A server to which profiles are sent, or from which they are fetched. Errors, the journal and the output of
/// `Debug` contain neither the password in its address nor the value of `authorization`.
#[derive(Clone)]
pub struct Server {
    /// The address with `http://` or `https://`, and without the path of the protocol:
    /// `http://127.0.0.1:4040`. The functions that use it add the path.
    pub url: String,
    /// The protocol by which the server receives profiles. [`pull`](fn@crate::pull) does not use it.
    pub protocol: Protocol,
    /// The tenant, sent in the header `X-Scope-OrgID`; `None` sends no such header.
    pub tenant: Option<String>,
    /// The value of the header `Authorization`; `None` sends no such header.
    pub authorization: Option<String>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("url", &http::without_password(&self.url))
            .field("protocol", &self.protocol)
            .field("tenant", &self.tenant)
            .field("authorization", &self.authorization.as_ref().map(|_| "***"))
            .finish()
    }
}

/// A profile, or a part of one, that is sent in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The profile without compression: pprof for Pyroscope, and an OTLP request for OTLP. It is
    /// packed with gzip when it is sent.
    pub body: Vec<u8>,
    /// The labels, as pairs of name and value. They are sent to Pyroscope only; for OTLP, `body`
    /// must contain them.
    pub labels: Vec<(String, String)>,
}

/// The most times that a request is sent again, and the waits before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The most tries after the first one; 0 means a single try.
    pub times: u32,
    /// The wait before the second try. It doubles with each further try, up to 30 s. A wait that
    /// the server asks for (`Retry-After`) is used instead, up to 30 s too.
    pub pause: Duration,
}

/// The way in which the server came to have a chunk after [`Pusher::send`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// True when the journal shows that the server accepted the chunk before this call. It was not
    /// sent again.
    pub is_earlier: bool,
    /// True when the server may have the chunk more than once, because a request with it got no
    /// clear answer.
    pub may_be_twice: bool,
}

/// A sender of chunks to one server. It keeps a journal of the chunks that the server accepted, and does
/// not send these again. A chunk whose request got no clear answer is sent again, so the server may have
/// it twice ([`Delivery::may_be_twice`]).
///
/// ```no_run
/// use spikeflame_remote::{Chunk, Journal, Protocol, Pusher, Retry, Server};
/// use std::time::Duration;
///
/// let url = "http://127.0.0.1:4040".to_owned();
/// let server = Server { url, protocol: Protocol::Pyroscope, tenant: None, authorization: None };
/// let retry = Retry { times: 5, pause: Duration::from_secs(1) };
/// let journal = Journal::open("runs/before-1/.spikeflame/push.jsonl".as_ref())?;
/// let mut pusher = Pusher::new(server, journal, retry);
/// let labels = vec![("service_name".to_owned(), "shop".to_owned())];
/// pusher.send(&Chunk { body: std::fs::read("profile.pb")?, labels }, &|| false)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Pusher {
    server: Server,
    journal: Journal,
    retry: Retry,
    agent: Agent,
    url: String,
}

impl fmt::Debug for Pusher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pusher")
            .field("server", &self.server)
            .field("journal", &self.journal)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

impl Pusher {
    /// Makes a pusher that sends chunks to `server`. No connection is made before the first
    /// [`Pusher::send`].
    pub fn new(server: Server, journal: Journal, retry: Retry) -> Self {
        let path = match server.protocol {
            Protocol::Pyroscope => "push.v1.PusherService/Push",
            Protocol::Otlp => "v1development/profiles",
        };
        let url = format!("{}/{path}", server.url.trim_end_matches('/'));
        let agent = http::client(Duration::from_secs(60), true);
        Self { server, journal, retry, agent, url }
    }

    /// Sends a chunk, unless the [`Journal`] shows that this server accepted it before, for this
    /// tenant ([`Server::tenant`]). Two chunks are the same when they have the same body, and the same labels in
    /// the same order. A chunk that was refused before is sent again.
    ///
    /// A request that a later try may deliver is tried again ([`Retry`]). `stop` is called before
    /// the first try, while an answer is waited for, and during each pause.
    ///
    /// # Errors
    ///
    /// Returns an error when the server did not accept the chunk, when the journal cannot be
    /// written, and when `stop` returns true ([`Error::Interrupted`]).
    pub fn send(&mut self, chunk: &Chunk, stop: &dyn Fn() -> bool) -> Result<Delivery, Error> {
        if stop() {
            return Err(Error::Interrupted);
        }
        let id = self.id(chunk);
        let known = self.journal.known(&id);
        if known.is_sent {
            return Ok(Delivery { is_earlier: true, may_be_twice: known.may_be_twice() });
        }
        let packed = Arc::new(self.packed(chunk, &id)?);
        let mut pause = self.retry.pause;
        self.journal.note(&id, State::Sending)?;
        let mut tries_left = self.retry.times;
        loop {
            let (error, wait, is_untaken) = match self.post(&packed, stop)? {
                Ok(answer) if answer.is_success() => {
                    let checked = self.check(&answer);
                    let state = if checked.is_ok() { State::Sent } else { State::Refused };
                    self.journal.note(&id, state)?;
                    let may_be_twice = self.journal.known(&id).may_be_twice();
                    return checked.map(|()| Delivery { is_earlier: false, may_be_twice });
                }
                Ok(answer) => {
                    let again = matches!(answer.status, 408 | 429 | 500..);
                    let wait = answer.retry_after.map(Duration::from_secs).unwrap_or(pause);
                    // A proxy can give up on a server that takes the request nevertheless.
                    let is_untaken = !matches!(answer.status, 408 | 500 | 502 | 504..);
                    let error = answer.refused(&http::without_password(&self.url));
                    (error, again.then_some(wait), is_untaken)
                }
                Err(RequestFailure { error, may_have_arrived }) => {
                    let again = matches!(error, Error::NoConnection { .. });
                    (error, again.then_some(pause), !may_have_arrived)
                }
            };
            let slept = match wait.filter(|_| tries_left > 0) {
                Some(wait) => sleep(wait.min(Duration::from_secs(30)), stop),
                None => Err(error),
            };
            match (slept.is_err(), is_untaken) {
                (true, true) => self.journal.note(&id, State::Refused)?,
                (false, false) => self.journal.note(&id, State::Sending)?,
                _ => {}
            }
            slept?;
            tries_left = tries_left.saturating_sub(1);
            pause = pause.saturating_mul(2);
        }
    }

    /// Sends a request, and waits for its answer.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Interrupted`] when `stop` returns true before the answer comes.
    fn post(
        &self,
        packed: &Arc<Vec<u8>>,
        stop: &dyn Fn() -> bool,
    ) -> Result<Result<Answer, RequestFailure>, Error> {
        let (running, ended) = mpsc::channel::<()>();
        let (server, agent, url) = (self.server.clone(), self.agent.clone(), self.url.clone());
        let packed = Arc::clone(packed);
        // A server that does not answer must not hold up the end, so a thread waits for it.
        let waiting = std::thread::spawn(move || {
            // The other end of the channel notices when the thread ends, in whatever way.
            let _running = running;
            let kind = match server.protocol {
                Protocol::Pyroscope => "application/proto",
                Protocol::Otlp => "application/x-protobuf",
            };
            let mut headers = vec![("content-type", kind), ("content-encoding", "gzip")];
            headers.extend(server.tenant.as_deref().map(|tenant| ("x-scope-orgid", tenant)));
            headers.extend(server.authorization.as_deref().map(|text| ("authorization", text)));
            http::post(&agent, &url, &headers, &packed, LARGEST_ANSWER_BYTES)
        });
        while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
            if stop() {
                return Err(Error::Interrupted);
            }
        }
        // A fault of this program is no interruption by the user.
        Ok(waiting.join().unwrap_or_else(|fault| resume_unwind(fault)))
    }

    /// Checks an answer. A collector may answer with a success although it rejects profiles, and
    /// another web server may answer every request with a page.
    fn check(&self, answer: &Answer) -> Result<(), Error> {
        let is_collector = self.server.protocol == Protocol::Otlp;
        if answer.is_of_another_kind() {
            let expected =
                if is_collector { "an OpenTelemetry collector" } else { "a Pyroscope server" };
            let address = http::without_password(&self.url);
            return Err(Error::OtherAnswer { address, expected });
        }
        if !is_collector {
            return Ok(());
        }
        let partial = ExportAnswer::decode(answer.body.as_slice()).ok().and_then(|all| all.partial);
        match partial {
            Some(partial) if partial.rejected > 0 => Err(Error::Rejected {
                address: http::without_password(&self.url),
                count: partial.rejected,
                text: partial.text,
            }),
            _ => Ok(()),
        }
    }

    /// Returns the compressed body of a chunk's request.
    fn packed(&self, chunk: &Chunk, id: &str) -> Result<Vec<u8>, Error> {
        let message = match self.server.protocol {
            Protocol::Otlp => None,
            Protocol::Pyroscope => {
                let labels = chunk.labels.iter().cloned();
                let labels = labels.map(|(name, value)| LabelPair { name, value }).collect();
                let sample = RawSample { raw_profile: chunk.body.clone(), id: id.to_owned() };
                let series = vec![Series { labels, samples: vec![sample] }];
                Some(PushRequest { series }.encode_to_vec())
            }
        };
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        let body = message.as_ref().unwrap_or(&chunk.body);
        let packed = packed.write_all(body).and_then(|()| packed.finish());
        packed.map_err(Error::io("memory"))
    }

    /// Returns the identity of a chunk at this server, as a UUID. It depends only on the content
    /// of the chunk, so that a chunk that is sent again has the same identity.
    fn id(&self, chunk: &Chunk) -> String {
        let tenant = self.server.tenant.as_deref().unwrap_or_default();
        let labels = chunk.labels.iter().flat_map(|(name, value)| [name, value]);
        let texts = [self.url.as_str(), tenant].into_iter().chain(labels.map(String::as_str));
        let mut halves: [u64; 2] = [0xcbf2_9ce4_8422_2325, 0x6c62_272e_07bb_0142];
        for part in texts.map(str::as_bytes).chain([chunk.body.as_slice()]) {
            halves = halves.map(|hash| fnv(fnv(hash, part), &[0xff]));
        }
        let [high, low] = halves.map(u128::from);
        uuid(high << 64 | low)
    }
}

/// Continues an FNV-1a hash with more bytes.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Returns a UUID of version 8, in which most bits can be chosen freely.
fn uuid(bits: u128) -> String {
    let bits = bits & !(0xf << 76) | 8 << 76;
    let bits = bits & !(0x3 << 62) | 2 << 62;
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

fn sleep(time: Duration, stop: &dyn Fn() -> bool) -> Result<(), Error> {
    let until = Instant::now() + time;
    while Instant::now() < until {
        if stop() {
            return Err(Error::Interrupted);
        }
        std::thread::sleep(PAUSE.min(time));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Protocol, Pusher, Retry, Server};
    use crate::Journal;
    use std::time::Duration;

    /// The error was: `Debug` printed the token and the password.
    #[test]
    fn no_secret_is_printed() {
        let server = Server {
            url: "https://ann:secret@push.example".to_owned(),
            protocol: Protocol::Pyroscope,
            tenant: None,
            authorization: Some("Bearer secret".to_owned()),
        };
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("push.jsonl")).unwrap();
        let retry = Retry { times: 0, pause: Duration::ZERO };
        let text = format!("{server:?} {:?}", Pusher::new(server.clone(), journal, retry));
        assert!(text.contains("push.example") && !text.contains("secret"), "{text}");
    }
}
