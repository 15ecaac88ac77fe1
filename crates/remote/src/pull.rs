//! Brings a profile back from a Pyroscope server.

use crate::messages::SelectMergeProfile;
use crate::{Error, Server, http};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use prost::Message;
use serde_json::json;
use spikeflame_profile::wall;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest profile that is read.
const LARGEST_PROFILE_BYTES: u64 = 512 << 20;

/// The choice of the profiles that [`pull`] asks for. The server adds them together into one profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The type of the profiles, in Pyroscope's words:
    /// `process_cpu:cpu:nanoseconds:cpu:nanoseconds`.
    pub profile_type: String,
    /// The labels that the profiles must have, as a label selector of Pyroscope:
    /// `{service_name="shop"}`.
    pub labels: String,
    /// The start of the time whose profiles are added up, in milliseconds since 1970.
    pub from_ms: i64,
    /// The end of the time whose profiles are added up, in milliseconds since 1970.
    pub until_ms: i64,
}

/// Asks a Pyroscope server to add up the profiles of a query to one, and writes that profile into a
/// run folder, which has the files of one run: `pulled.pb.gz` (pprof, packed with gzip), and `run.json` with facts
/// about it. Returns the path of `pulled.pb.gz`.
///
/// ```no_run
/// use spikeflame_remote::{Protocol, Query, Server, pull};
///
/// let url = "http://127.0.0.1:4040".to_owned();
/// let server = Server { url, protocol: Protocol::Pyroscope, tenant: None, authorization: None };
/// let query = Query {
///     profile_type: "process_cpu:cpu:nanoseconds:cpu:nanoseconds".to_owned(),
///     labels: r#"{service_name="shop"}"#.to_owned(),
///     from_ms: 1_795_816_600_000,
///     until_ms: 1_795_816_660_000,
/// };
/// pull(&server, &query, "runs/before".as_ref())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns an error when the folder is not empty or cannot be written, when the server cannot be
/// reached or refuses the query, and when its answer is no profile with samples.
pub fn pull(server: &Server, query: &Query, folder: &Path) -> Result<PathBuf, Error> {
    let is_taken = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if is_taken {
        return Err(Error::NotEmpty(folder.to_owned()));
    }
    let profile = ask(server, query)?;
    fs::create_dir_all(folder).map_err(Error::io(folder))?;
    let path = folder.join("pulled.pb.gz");
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    let packed = packed.write_all(&profile).and_then(|()| packed.finish());
    packed.and_then(|packed| fs::write(&path, packed)).map_err(Error::io(&path))?;
    let time = |ms: i64| wall::rfc3339(u64::try_from(ms).unwrap_or(0).saturating_mul(1000));
    let facts = json!({
        "schema": "spikeflame.run/1",
        "recorder": env!("CARGO_PKG_VERSION"),
        "started": time(query.from_ms),
        "ended": time(query.until_ms),
        "profiler": query.profile_type,
        "way": "pull",
        "query": query.labels,
        "processes": [],
        "host": {},
    });
    let mut text = serde_json::to_vec_pretty(&facts).unwrap_or_default();
    text.push(b'\n');
    let facts = folder.join("run.json");
    fs::write(&facts, text).map_err(Error::io(&facts))?;
    Ok(path)
}

/// Returns the sum of the profiles of a query, as pprof without compression.
fn ask(server: &Server, query: &Query) -> Result<Vec<u8>, Error> {
    let base = server.url.trim_end_matches('/');
    let url = format!("{base}/querier.v1.QuerierService/SelectMergeProfile");
    let message = SelectMergeProfile {
        profile_type: query.profile_type.clone(),
        label_selector: query.labels.clone(),
        start: query.from_ms,
        end: query.until_ms,
    };
    let mut headers = vec![("content-type", "application/proto")];
    headers.extend(server.tenant.as_deref().map(|tenant| ("x-scope-orgid", tenant)));
    headers.extend(server.authorization.as_deref().map(|text| ("authorization", text)));
    let agent = http::client(Duration::from_secs(300), true);
    let answer =
        http::post(&agent, &url, &headers, &message.encode_to_vec(), LARGEST_PROFILE_BYTES);
    let answer = answer.map_err(|unanswered| unanswered.error)?;
    let shown = http::without_password(&url);
    if !answer.is_success() {
        return Err(answer.refused(&shown));
    }
    let profile = unpacked(answer.body);
    match profile.as_deref().and_then(has_samples) {
        Some(true) => Ok(profile.unwrap_or_default()),
        Some(false) => Err(Error::NoSamples(shown)),
        None => Err(Error::OtherAnswer { address: shown, expected: "a Pyroscope server" }),
    }
}

/// Unpacks a body that is packed with gzip: a proxy may pack an answer that nobody asked to be packed.
/// Returns `None` when it cannot be unpacked, or not to at most [`LARGEST_PROFILE_BYTES`] bytes.
fn unpacked(body: Vec<u8>) -> Option<Vec<u8>> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Some(body);
    }
    let mut plain = Vec::new();
    MultiGzDecoder::new(body.as_slice())
        .take(LARGEST_PROFILE_BYTES + 1)
        .read_to_end(&mut plain)
        .ok()?;
    (plain.len() as u64 <= LARGEST_PROFILE_BYTES).then_some(plain)
}

/// Walks the outermost fields of a profile to its end. Samples are in field 2; an empty profile may
/// have other fields. Returns `None` when the fields are not protobuf, or the last one is cut.
fn has_samples(mut bytes: &[u8]) -> Option<bool> {
    use prost::encoding::{DecodeContext, decode_key, skip_field};
    let mut found = false;
    while !bytes.is_empty() {
        let (number, wire) = decode_key(&mut bytes).ok()?;
        found |= number == 2;
        skip_field(wire, number, &mut bytes, DecodeContext::default()).ok()?;
    }
    Some(found)
}
