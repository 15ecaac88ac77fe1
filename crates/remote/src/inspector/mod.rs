//! Finds the inspector of a Node process.

pub(crate) mod process;
pub(crate) mod session;

use crate::{Error, http};
use serde::Deserialize;
use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;
use std::time::Duration;

/// The port of Node's inspector, unless Node is started with another one.
pub(crate) const PORT: u16 = 9229;

/// The address of this machine at which Node opens its inspector.
pub(crate) const LOCALHOST: &str = "127.0.0.1";

/// A Node process to profile, by the address of its inspector or by its process id. It is read from
/// a text as an address; a process id is never read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// A process whose inspector is open at a host and port.
    Inspector {
        /// The name or IP address of the host, without brackets.
        host: String,
        /// The port of the inspector.
        port: u16,
    },
    /// A Node process of this machine, by its id. It is asked with the signal SIGUSR1 to open its
    /// inspector where that is not open.
    Process(u32),
}

impl Target {
    /// Returns the inspector at a port of this machine.
    pub(crate) fn here(port: u16) -> Self {
        Self::Inspector { host: LOCALHOST.to_owned(), port }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inspector { host, port } if host.contains(':') => write!(out, "[{host}]:{port}"),
            Self::Inspector { host, port } => write!(out, "{host}:{port}"),
            Self::Process(pid) => write!(out, "process {pid}"),
        }
    }
}

impl FromStr for Target {
    type Err = String;

    /// Reads `PORT` (of 127.0.0.1), `HOST:PORT`, or `HOST` with the port 9229. An IPv6 address with
    /// a port is in brackets. `ws://` or `http://` at the start, and a path at the end, are
    /// ignored. The error is a sentence for people.
    ///
    /// ```
    /// use spikeflame_remote::Target;
    ///
    /// assert_eq!("[::1]:9230".parse::<Target>()?.to_string(), "[::1]:9230");
    /// assert_eq!("app-1".parse::<Target>()?.to_string(), "app-1:9229");
    /// # Ok::<(), String>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix("ws://").or(text.strip_prefix("http://")).unwrap_or(text);
        let place = text.split('/').next().unwrap_or_default();
        if let Ok(port) = place.parse() {
            return Ok(Self::here(port));
        }
        let is_address = place.parse::<IpAddr>().is_ok();
        let (host, port) = match place.rsplit_once(':').filter(|_| !is_address) {
            Some((host, "")) => (host, PORT),
            // An IPv6 address in brackets, without a port.
            Some(_) if place.ends_with(']') => (place, PORT),
            Some((host, port)) => (host, port.parse().map_err(|_| format!("{port:?} is no port"))?),
            None => (place, PORT),
        };
        let host = host.trim_matches(['[', ']']);
        if host.is_empty() {
            return Err("expected HOST:PORT, like 127.0.0.1:9229".to_owned());
        }
        Ok(Self::Inspector { host: host.to_owned(), port })
    }
}

/// A page that the inspector lists.
#[derive(Deserialize)]
struct Page {
    #[serde(rename = "webSocketDebuggerUrl")]
    socket: Option<String>,
}

/// Finds the inspector at a host. Returns its address and the path of its WebSocket.
///
/// The host's name is resolved here, because the inspector accepts only IP addresses and the name
/// `localhost`.
pub(crate) fn find(
    host: &str,
    port: u16,
    patience: Duration,
) -> Result<(SocketAddr, String), Error> {
    let named = Target::Inspector { host: host.to_owned(), port }.to_string();
    let unreachable = |why: String| Error::NoConnection { address: named.clone(), why };
    let places = (host, port).to_socket_addrs().map_err(|why| unreachable(why.to_string()))?;
    let agent = http::client(patience, false);
    let mut last = unreachable("the name has no address".to_owned());
    for place in places {
        match http::get(&agent, &format!("http://{place}/json/list"), 1 << 20) {
            Ok(answer) => {
                let pages: Vec<Page> = serde_json::from_slice(&answer.body).unwrap_or_default();
                let socket = pages.into_iter().find_map(|page| page.socket);
                let path = socket.as_deref().and_then(|url| url.splitn(4, '/').nth(3));
                return match path {
                    Some(path) => Ok((place, format!("/{path}"))),
                    None => {
                        Err(Error::OtherAnswer { address: named, expected: "Node's inspector" })
                    }
                };
            }
            Err(Error::NoConnection { why, .. }) => last = unreachable(why),
            Err(other) => return Err(other),
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn targets_are_read() {
        for (text, shown) in [
            ("9230", "127.0.0.1:9230"),
            ("127.0.0.1:9229", "127.0.0.1:9229"),
            ("[::1]:9231", "[::1]:9231"),
            ("[::1]", "[::1]:9229"),
            ("::1", "[::1]:9229"),
            ("app-1", "app-1:9229"),
            ("ws://127.0.0.1:9229/0f2c936f", "127.0.0.1:9229"),
            ("http://127.0.0.1:9240/json", "127.0.0.1:9240"),
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), shown, "{text}");
        }
        for text in ["", ":9229", "host:port", "host:70000"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
