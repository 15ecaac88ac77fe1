//! Sends requests over HTTP.

use crate::Error;
use std::io::ErrorKind;
use std::time::Duration;
use ureq::Agent;

/// An answer to a request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Seconds that the server asks to wait before the next try.
    pub(crate) retry_after: Option<u64>,
    /// The media type of the body, without parameters.
    pub(crate) kind: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns true for a body of another kind than protobuf: that of a web page, for example.
    pub(crate) fn is_of_another_kind(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or_default();
        !self.body.is_empty() && !kind.is_empty() && !PROTOBUF.contains(&kind)
    }

    /// Returns the error for an answer that is not a success, with the first line of its text.
    pub(crate) fn refused(&self, address: &str) -> Error {
        let text = String::from_utf8_lossy(self.body.get(..LONGEST_TEXT).unwrap_or(&self.body));
        let line = text.lines().next().unwrap_or_default();
        let text = line.chars().filter(|c| !c.is_control()).collect();
        Error::Refused { address: address.to_owned(), status: self.status, text }
    }
}

/// The media types of protobuf.
const PROTOBUF: [&str; 4] = [
    "application/proto",
    "application/protobuf",
    "application/x-protobuf",
    "application/octet-stream",
];
/// Largest number of bytes of an answer that a message shows.
const LONGEST_TEXT: usize = 300;

/// Returns a client. It follows no redirection. It uses the proxy of the environment only when
/// `proxy` is true.
pub(crate) fn client(patience: Duration, proxy: bool) -> Agent {
    let mut config = Agent::config_builder()
        .timeout_connect(Some(patience.min(Duration::from_secs(10))))
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("spikeflame/", env!("CARGO_PKG_VERSION")));
    if !proxy {
        config = config.proxy(None);
    }
    config.build().into()
}

/// Asks for a page of at most `longest` bytes.
pub(crate) fn get(agent: &Agent, url: &str, longest: u64) -> Result<Answer, Error> {
    let failed = |error| worded(url, &error);
    let response = agent.get(url).call().map_err(failed)?;
    answer(response, url, longest)
}

/// A request without an answer.
pub(crate) struct RequestFailure {
    pub(crate) error: Error,
    /// True when the server may have got the whole request.
    pub(crate) may_have_arrived: bool,
}

/// Sends a body with headers, and reads an answer of at most `longest` bytes.
pub(crate) fn post(
    agent: &Agent,
    url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    longest: u64,
) -> Result<Answer, RequestFailure> {
    let request =
        headers.iter().fold(agent.post(url), |to, (name, value)| to.header(*name, *value));
    let response = request.send(body).map_err(|error| RequestFailure {
        error: worded(url, &error),
        may_have_arrived: !is_of_connecting(&error),
    })?;
    answer(response, url, longest).map_err(|error| RequestFailure { error, may_have_arrived: true })
}

/// Returns true for an error that comes before anything of a request was sent.
fn is_of_connecting(error: &ureq::Error) -> bool {
    use ureq::{Error as Ureq, Timeout};
    match error {
        Ureq::HostNotFound
        | Ureq::ConnectionFailed
        | Ureq::TlsRequired
        | Ureq::BadUri(_)
        | Ureq::InvalidProxyUrl
        | Ureq::ConnectProxyFailed(_)
        | Ureq::Timeout(Timeout::Resolve | Timeout::Connect) => true,
        Ureq::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
        ),
        _ => false,
    }
}

fn answer(
    mut response: ureq::http::Response<ureq::Body>,
    url: &str,
    longest: u64,
) -> Result<Answer, Error> {
    let status = response.status().as_u16();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = header("retry-after").and_then(|text| text.trim().parse().ok());
    let kind = header("content-type").and_then(|text| text.split(';').next());
    let kind = kind.map(|kind| kind.trim().to_ascii_lowercase());
    let body = response.body_mut().with_config().limit(longest).read_to_vec();
    let body = body.map_err(|error| worded(url, &error))?;
    Ok(Answer { status, retry_after, kind, body })
}

fn worded(url: &str, error: &ureq::Error) -> Error {
    let address = without_password(url);
    match error {
        ureq::Error::TlsRequired => Error::NoTls(address),
        other => Error::NoConnection { address, why: other.to_string() },
    }
}

/// Returns an address without the user and the password in it.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (place, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    match place.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}{path}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        for (plain, shown) in [
            ("http://user:pw@host:4040/x", "http://***@host:4040/x"),
            ("https://host/p@th", "https://host/p@th"),
            ("http://a:b@c@host", "http://***@host"),
        ] {
            assert_eq!(without_password(plain), shown);
        }
    }
}
