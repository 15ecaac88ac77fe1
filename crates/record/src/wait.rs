//! Signs that a program answers: an address, a port, or a line of output.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::str::FromStr;
use std::time::Duration;

/// A sign that the program answers, so that the load can begin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wait {
    /// A GET of `http://HOST:PORT/PATH` gets an answer whose status is not from 500 to 599.
    Url {
        /// The name or address of the host.
        host: String,
        /// The port.
        port: u16,
        /// The path, which begins with a slash.
        path: String,
    },
    /// This port accepts connections at `localhost`.
    Port(u16),
    /// The program writes a line that contains this text to standard output or standard error.
    Line(String),
}

impl FromStr for Wait {
    type Err = String;

    /// Reads `http://HOST:PORT/PATH`, a port number, or a text that the output will contain. In an
    /// address without a port, the port is 80, and without a path, the path is `/`. The error is a
    /// sentence for people. It is returned for an address with `https://`, and for one whose port is
    /// no number up to 65535. A number above 65535 alone is a text.
    ///
    /// ```
    /// use spikeflame_record::Wait;
    ///
    /// assert_eq!("3000".parse(), Ok(Wait::Port(3000)));
    /// assert_eq!("listening".parse(), Ok(Wait::Line("listening".into())));
    /// ```
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(port) = text.parse() {
            return Ok(Self::Port(port));
        }
        if text.starts_with("https://") {
            return Err("only http:// can be waited for; name the port or a line instead".into());
        }
        let Some(rest) = text.strip_prefix("http://") else {
            return Ok(Self::Line(text.to_owned()));
        };
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (place, path) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let (host, port) = host_and_port(place);
        let port = port.map(|port| port.parse().map_err(|_| format!("{port:?} is no port")));
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self::Url { host: host.to_owned(), port: port.transpose()?.unwrap_or(80), path })
    }
}

/// Splits the place of an address. An IPv6 address has colons of its own, so that a port follows it only
/// behind brackets.
fn host_and_port(place: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = place.strip_prefix('[').and_then(|place| place.split_once(']')) {
        let port = rest.strip_prefix(':').or_else(|| place.get(host.len() + 1..));
        return (host, port.filter(|_| !rest.is_empty()));
    }
    match place.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port)),
        _ => (place, None),
    }
}

/// Returns true for a text that looks like an address or a part of one: `/health`, `localhost:3000/health`.
fn is_like_address(text: &str) -> bool {
    let place = text.split('/').next().unwrap_or_default();
    let port = place.rsplit_once(':').map(|(_, port)| port);
    !text.contains(' ')
        && (text.starts_with('/') || port.is_some_and(|port| port.parse::<u16>().is_ok()))
}

/// Returns a host and a port as they stand in an address: an IPv6 address is in brackets.
fn joined(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

impl Wait {
    /// Returns the sign in words, for messages.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Url { host, port, path } => {
                format!("an answer of http://{}{path}", joined(host, *port))
            }
            Self::Port(port) => format!("a connection to port {port}"),
            Self::Line(text) => format!("a line of output with {text:?}"),
        }
    }

    /// Returns the words of the sign with the condition that an answer has to meet, and the answer that it gets
    /// now.
    pub(crate) fn condition(&self) -> String {
        match self {
            Self::Url { host, port, path } => {
                let status =
                    status(host, *port, path).map(|status| format!(" (it answers {status})"));
                let status = status.unwrap_or_default();
                format!("{} with a status below 500{status}", self.words())
            }
            Self::Line(text) if is_like_address(text) => {
                format!("{} (an address begins with http://)", self.words())
            }
            _ => self.words(),
        }
    }

    /// Checks once whether the sign is there. `line` is a line of the program's output, if one
    /// came.
    pub(crate) fn is_there(&self, line: Option<&[u8]>) -> bool {
        match self {
            Self::Line(text) => {
                line.is_some_and(|line| String::from_utf8_lossy(line).contains(text.as_str()))
            }
            Self::Port(port) => connected("localhost", *port).is_some(),
            Self::Url { host, port, path } => {
                status(host, *port, path).is_some_and(|status| !(500..600).contains(&status))
            }
        }
    }

    /// Returns true when something answers at the address or the port, even if it is not ready.
    pub(crate) fn is_answered(&self) -> bool {
        match self {
            Self::Url { host, port, path } => status(host, *port, path).is_some(),
            _ => self.is_there(None),
        }
    }
}

/// Returns the HTTP status that a GET gets; `None` without an answer. It is 0 for a status that is no
/// number.
fn status(host: &str, port: u16, path: &str) -> Option<u16> {
    const PATIENCE: Duration = Duration::from_secs(5);
    let mut stream = connected(host, port)?;
    let ask = format!("GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", joined(host, port));
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(ask.as_bytes()).ok()?;
    // The answer begins like `HTTP/1.1 503`.
    let mut start = [0; 12];
    stream.read_exact(&mut start).ok()?;
    let digits = start.strip_prefix(b"HTTP/")?.get(4..)?;
    Some(std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0))
}

/// Returns a connection to a port, when something listens there.
fn connected(host: &str, port: u16) -> Option<TcpStream> {
    // A program of this machine accepts a connection at once, or it does not listen yet.
    const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);
    let mut places = (host, port).to_socket_addrs().into_iter().flatten();
    places.find_map(|place| TcpStream::connect_timeout(&place, CONNECT_TIMEOUT).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_told_apart() {
        let url =
            |host: &str, port, path: &str| Wait::Url { host: host.into(), port, path: path.into() };
        for (text, wait) in [
            ("3000", Wait::Port(3000)),
            ("http://127.0.0.1:3000/health", url("127.0.0.1", 3000, "/health")),
            ("http://localhost", url("localhost", 80, "/")),
            ("http://[::1]:8080/", url("::1", 8080, "/")),
            // The error was: `"2]" is no port`.
            ("http://[fe80::1:2]/", url("fe80::1:2", 80, "/")),
            ("http://[fe80::1:2]", url("fe80::1:2", 80, "/")),
            ("http://[fe80::1:2]:3000/a:1", url("fe80::1:2", 3000, "/a:1")),
            ("http://fe80::1:2/", url("fe80::1:2", 80, "/")),
            ("http://localhost:3000?deep=1", url("localhost", 3000, "/?deep=1")),
            ("successfully started", Wait::Line("successfully started".into())),
        ] {
            assert_eq!(text.parse(), Ok(wait), "{text}");
        }
        for text in ["https://x", "http://x:y/", "http://[::1]3000/", "http://[::1]:70000/"] {
            assert!(text.parse::<Wait>().is_err(), "{text}");
        }
        let address = "http://[fe80::1:2]/".parse::<Wait>().unwrap();
        assert_eq!(address.words(), "an answer of http://[fe80::1:2]:80/");
    }

    /// The error was: an address without `http://` was a text of the output, and the message did not say so.
    #[test]
    fn a_text_like_an_address_gets_a_hint() {
        let has_hint =
            |text: &str| text.parse::<Wait>().unwrap().condition().contains("begins with http://");
        for text in ["/health", "localhost:3000/health", "127.0.0.1:3000", "[::1]:80/"] {
            assert!(has_hint(text), "{text}");
        }
        for text in ["listening on :3000", "ready", "level:info", "3000"] {
            assert!(!has_hint(text), "{text}");
        }
    }

    /// The error was: a 503 of a program that still connects to its database began the load.
    #[test]
    fn a_status_of_500_to_599_is_not_ready_yet() {
        for (answer, is_ready) in [
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n", false),
            ("HTTP/1.1 500 Oops\r\n\r\n", false),
            ("HTTP/1.1 200 OK\r\n\r\n", true),
            ("HTTP/1.0 404 Not Found\r\n\r\n", true),
            ("HTTP/1.1 401\r\n\r\n", true),
        ] {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let server = std::thread::spawn(move || {
                for _ in 0..2 {
                    let mut place = listener.accept().unwrap().0;
                    let _ = place.read(&mut [0; 256]).unwrap();
                    place.write_all(answer.as_bytes()).unwrap();
                }
            });
            let wait: Wait = format!("http://127.0.0.1:{port}/health").parse().unwrap();
            assert_eq!(wait.is_there(None), is_ready, "{answer}");
            // The error was: the message on a status of 500 did not name it.
            let status = answer.get(9..12).unwrap_or_default();
            assert!(wait.condition().ends_with(&format!("(it answers {status})")), "{answer}");
            server.join().unwrap();
        }
    }
}
