//! Tests of `spikeflame push` and `spikeflame pull` with a server that records its requests.
//! `samples/pyroscope` contains the requests that real clients sent to such a server.

use crate::common;

use common::{root, run, stderr};
use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::sync::mpsc::{Receiver, channel};

/// A request as the server got it; the body is unpacked.
struct Request {
    path: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// Returns the server's answer to a request, by the request's number.
type Answers = fn(usize) -> (u16, Vec<u8>);

/// Starts a server that ends with the test. Returns its address and its requests.
fn serve(answers: Answers) -> (String, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = channel();
    std::thread::spawn(move || {
        let mut number = 0;
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            while let Some(request) = read_request(&mut stream) {
                let (status, body) = answers(number);
                number += 1;
                if status == 0 || sender.send(request).is_err() {
                    // The server ends the connection without an answer.
                    break;
                }
                // Pages of other web servers name their kind.
                let kind =
                    if body.starts_with(b"<html") { "content-type: text/html\r\n" } else { "" };
                let length = body.len();
                let head = format!("HTTP/1.1 {status} x\r\n{kind}content-length: {length}\r\n\r\n");
                let out = stream.get_mut();
                if out.write_all(head.as_bytes()).and_then(|()| out.write_all(&body)).is_err() {
                    break;
                }
            }
        }
    });
    (address, requests)
}

fn read_request(stream: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|&length| length > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    if headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        let mut plain = Vec::new();
        GzDecoder::new(body.as_slice()).read_to_end(&mut plain).ok()?;
        body = plain;
    }
    Some(Request { path, headers, body })
}

/// A field of a protobuf message that holds bytes, with its number.
type Part<'a> = (u64, &'a [u8]);

/// Returns the fields of a protobuf message that hold bytes, and those that hold numbers.
fn fields(mut bytes: &[u8]) -> (Vec<Part<'_>>, Vec<(u64, u64)>) {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }
    let (mut parts, mut numbers) = (Vec::new(), Vec::new());
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        match key & 7 {
            0 => numbers.push((key >> 3, varint(&mut bytes))),
            2 => {
                let length = varint(&mut bytes) as usize;
                let (part, rest) = bytes.split_at(length);
                parts.push((key >> 3, part));
                bytes = rest;
            }
            other => unreachable!("wire type {other}"),
        }
    }
    (parts, numbers)
}

fn all(message: &[u8], number: u64) -> Vec<&[u8]> {
    let (parts, _) = fields(message);
    parts.into_iter().filter(|(at, _)| *at == number).map(|(_, part)| part).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Returns the labels, the profile and the identity of a push.
fn pushed(body: &[u8]) -> (BTreeMap<String, String>, Vec<u8>, String) {
    let series = all(body, 1);
    assert_eq!(series.len(), 1);
    let labels = all(series[0], 1);
    let labels = labels.iter().map(|pair| (text(all(pair, 1)[0]), text(all(pair, 2)[0])));
    let samples = all(series[0], 2);
    assert_eq!(samples.len(), 1);
    (labels.collect(), all(samples[0], 1)[0].to_vec(), text(all(samples[0], 2)[0]))
}

/// Returns the types of a profile's values, and the type of its period.
fn types(profile: &[u8]) -> (Vec<(String, String)>, (String, String)) {
    let strings: Vec<String> = all(profile, 6).into_iter().map(text).collect();
    let named = |kind: &[u8]| {
        let (_, numbers) = fields(kind);
        let of = |at| numbers.iter().find(|(number, _)| *number == at).unwrap().1 as usize;
        (strings[of(1)].clone(), strings[of(2)].clone())
    };
    (all(profile, 1).into_iter().map(named).collect(), named(all(profile, 11)[0]))
}

/// Makes a run folder with a spike. Its files do not contain the start of the recording.
fn spike() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = root("samples/spike/before-1/isolate-v8.log.zst");
    std::fs::copy(from, folder.path().join("isolate-v8.log.zst")).unwrap();
    let facts = r#"{ "schema": "spikeflame.run/1", "host": { "name": "app-1" } }"#;
    std::fs::write(folder.path().join("run.json"), facts).unwrap();
    folder
}

fn push(folder: &Path, to: &str, more: &[&str]) -> Output {
    let folder = folder.display().to_string();
    let words = ["push", &folder, "--to", to, "--service", "shop"];
    let start = ["--profile-start", "2026-11-23T01:24:45Z"];
    run(&[&words[..], &start, more].concat())
}

/// The weights of a recording's stacks.
fn folded(path: &str) -> BTreeMap<String, u64> {
    let text = common::stdout(&["fold", path]);
    let lines = text.lines().map(|line| line.rsplit_once(' ').unwrap());
    lines.map(|(stack, weight)| (stack.to_owned(), weight.parse().unwrap())).collect()
}

fn ok(_: usize) -> (u16, Vec<u8>) {
    (200, Vec::new())
}

#[test]
fn a_run_goes_to_a_server_as_other_clients_send_it() {
    let folder = spike();
    let (server, requests) = serve(ok);
    let output = push(folder.path(), &server, &["--label", "version=1.2"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let requests: Vec<Request> = requests.try_iter().collect();
    assert!((7..=9).contains(&requests.len()), "{} pieces of 74 s", requests.len());
    // The Python client's request.
    let sample = root("samples/pyroscope/python.push.gz");
    let mut theirs = Vec::new();
    GzDecoder::new(std::fs::File::open(sample).unwrap()).read_to_end(&mut theirs).unwrap();
    let (their_labels, their_profile, their_id) = pushed(&theirs);
    let (mut sum, mut ids) = (BTreeMap::new(), Vec::new());
    for request in &requests {
        assert_eq!(request.path, "/push.v1.PusherService/Push");
        assert_eq!(request.headers["content-type"], "application/proto");
        assert_eq!(request.headers["content-encoding"], "gzip");
        let (labels, profile, id) = pushed(&request.body);
        for name in ["__name__", "service_name", "version"] {
            assert_eq!(labels[name], their_labels[name], "{name}");
        }
        assert_eq!(labels["host"], "app-1");
        assert_eq!(types(&profile), types(&their_profile));
        assert_eq!(id.len(), their_id.len());
        ids.push(id);
        // Pieces lie on multiples of 10 s.
        let (_, numbers) = fields(&profile);
        let of = |at| numbers.iter().find(|(number, _)| *number == at).unwrap().1;
        assert_eq!((of(9) % 10_000_000_000, of(10)), (0, 10_000_000_000));
        let piece = folder.path().join("piece.pb");
        std::fs::write(&piece, &profile).unwrap();
        for (stack, weight) in folded(&piece.display().to_string()) {
            *sum.entry(stack).or_insert(0u64) += weight;
        }
        std::fs::remove_file(piece).unwrap();
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), requests.len());
    // Nothing is lost: the pieces add up to the run.
    let other = tempfile::tempdir().unwrap();
    let merged = other.path().join("merged.pb.gz").display().to_string();
    common::stdout(&["merge", &folder.path().display().to_string(), "-o", &merged]);
    assert_eq!(sum, folded(&merged));
}

#[test]
fn a_push_that_was_interrupted_goes_on() {
    let folder = spike();
    // Two failures that are tried again, then success; the fourth piece is refused at first.
    let answers: Answers = |number| match number {
        0 => (503, b"overloaded".to_vec()),
        1 => (0, Vec::new()),
        5 => (400, b"label is not allowed\nsecond line".to_vec()),
        _ => (200, Vec::new()),
    };
    let (server, requests) = serve(answers);
    let output = push(folder.path(), &server, &[]);
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    assert!(message.contains("400: label is not allowed;"), "{message}");
    assert!(message.contains("3 of 8 pieces are at the server"), "{message}");
    let first: Vec<String> = requests.try_iter().map(|request| pushed(&request.body).2).collect();
    let journal = folder.path().join(".spikeflame/push.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    assert_eq!(text.matches("\"sent\"").count(), 3, "{text}");
    assert!(first.iter().all(|id| text.contains(id)), "{text}");
    let output = push(folder.path(), &server, &[]);
    assert!(common_text(&output).contains("5 sent now, 3 earlier"), "{}", common_text(&output));
    // The server may have kept the request that it did not answer.
    assert!(common_text(&output).contains("\n1 of them may be"), "{}", common_text(&output));
    assert_eq!(requests.try_iter().count(), 5);
    // Another server has none of them, and takes each once.
    let (other, requests) = serve(ok);
    push(folder.path(), &other, &[]);
    assert_eq!(requests.try_iter().count(), 8);
    let output = push(folder.path(), &other, &[]);
    assert!(common_text(&output).contains("0 sent now, 8 earlier"), "{}", common_text(&output));
    assert_eq!(requests.try_iter().count(), 0);
    push(folder.path(), &other, &["--label", "version=2", "--chunk", "1m"]);
    assert!(requests.try_iter().count() <= 3);
    // The journal in the folder is no recording.
    assert!(run(&["top", &folder.path().display().to_string()]).status.success());
}

/// Server that keeps each piece, and ends the connection to the third one without an answer.
fn keeps_without_an_answer(number: usize) -> (u16, Vec<u8>) {
    (if number == 2 { 0 } else { 200 }, Vec::new())
}

/// The error was: a try without an answer, after which the next one succeeded, was not counted among
/// the pieces that may be there twice. After a push that was killed, the count of the next push left
/// out those of earlier ones, and a server that could not be reached counted as one without an answer.
#[test]
fn pieces_that_may_be_there_twice_are_counted() {
    let folder = spike();
    let (server, _requests) = serve(keeps_without_an_answer);
    let twice = "\n1 of them may be there twice";
    let text = common_text(&push(folder.path(), &server, &[]));
    assert!(text.contains("8 sent now") && text.contains(twice), "{text}");
    let text = common_text(&push(folder.path(), &server, &[]));
    assert!(text.contains("8 earlier") && text.contains(twice), "{text}");
    // Nothing listens at this address at first, so nothing can be there twice.
    let folder = spike();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let output = push(folder.path(), &address, &["--retries", "0"]);
    assert!(stderr(&output).contains("0 of 8 pieces"), "{}", stderr(&output));
    let journal = folder.path().join(".spikeflame/push.jsonl");
    let journal = std::fs::read_to_string(journal).unwrap();
    assert!(journal.trim_end().ends_with("\"refused\"}"), "{journal}");
}

/// The errors were: Ctrl-C waited a minute for a server that did not answer, and two pushes of one run
/// sent each piece twice.
#[cfg(unix)]
#[test]
fn a_server_that_does_not_answer_holds_nothing_up() {
    let folder = spike();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let path = folder.path().display().to_string();
    let words = ["push", &path, "--to", &address, "--service", "shop"];
    let mut command = common::command(&words);
    command.args(["--profile-start", "2026-11-23T01:24:45Z"]);
    let silent = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let mut start = [0; 1];
    stream.read_exact(&mut start).unwrap();
    let second = push(folder.path(), &address, &[]);
    assert!(stderr(&second).contains("another push"), "{}", stderr(&second));
    let began = std::time::Instant::now();
    let pid = silent.id().to_string();
    std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
    let output = silent.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("interrupted"), "{}", stderr(&output));
    // The request itself would wait for 60 s.
    assert!(began.elapsed() < std::time::Duration::from_secs(50), "{:?}", began.elapsed());
    drop(stream);
}

fn common_text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn secrets_are_sent_and_shown_nowhere() {
    let folder = spike();
    let (server, requests) = serve(|_| (401, b"no".to_vec()));
    let mut command = common::command(&["push", &folder.path().display().to_string()]);
    let with_user = server.replace("http://", "http://user:planted@");
    command.args(["--to", &with_user, "--service", "shop", "--auth-env", "TOKEN"]);
    command.args(["--tenant", "team", "--profile-start", "2026-11-23T01:24:45Z"]);
    let output = command.env("TOKEN", "Bearer planted").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    assert!(message.contains("401") && !message.contains("planted"), "{message}");
    let request = requests.recv().unwrap();
    assert_eq!(request.headers["authorization"], "Bearer planted");
    assert_eq!(request.headers["x-scope-orgid"], "team");
    let journal = std::fs::read_to_string(folder.path().join(".spikeflame/push.jsonl")).unwrap();
    assert!(!journal.contains("planted"), "{journal}");
}

/// A web server that answers every request with a page keeps nothing of it.
#[test]
fn a_web_page_is_no_receipt() {
    for protocol in ["pyroscope", "otlp"] {
        let folder = spike();
        let (server, _requests) = serve(|_| (200, b"<html>Log in</html>".to_vec()));
        let output = push(folder.path(), &server, &["--protocol", protocol]);
        assert_eq!(output.status.code(), Some(2), "{protocol}");
        assert!(stderr(&output).contains("is not that of a"), "{}", stderr(&output));
        // A second call of this command sends all of it to the right server.
        let (server, requests) = serve(ok);
        assert!(push(folder.path(), &server, &["--protocol", protocol]).status.success());
        assert!(requests.try_iter().count() > 1, "{protocol}");
    }
}

#[test]
fn a_run_without_a_clock_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    // This log has no marks of the clock.
    let log = folder.path().join("isolate-v8.log.zst");
    std::fs::copy(root("samples/v8/mix-node20.log.zst"), log).unwrap();
    let path = folder.path().display().to_string();
    let words = ["push", &path, "--to", "http://127.0.0.1:9", "--service", "shop"];
    let message = common::failure(&words);
    assert!(message.contains("--profile-start"), "{message}");
    let message = common::failure(&["push", &path, "--to", "127.0.0.1", "--service", "shop"]);
    assert!(message.contains("http://"), "{message}");
    let stacks = folder.path().join("stacks.folded").display().to_string();
    std::fs::write(&stacks, "main;work 3\n").unwrap();
    let message =
        common::failure(&["push", &stacks, "--to", "http://127.0.0.1:9", "--service", "shop"]);
    assert!(message.contains("no times"), "{message}");
}

#[test]
fn a_run_goes_to_a_collector_as_otlp() {
    let folder = spike();
    let (collector, requests) = serve(ok);
    let output = push(folder.path(), &collector, &["--protocol", "otlp", "--chunk", "10m"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let requests: Vec<Request> = requests.try_iter().collect();
    assert!((1..=2).contains(&requests.len()));
    assert_eq!(requests[0].path, "/v1development/profiles");
    assert_eq!(requests[0].headers["content-type"], "application/x-protobuf");
    let resource = all(all(&requests[0].body, 1)[0], 1)[0];
    let attributes: BTreeMap<String, String> = all(resource, 1)
        .iter()
        .map(|pair| (text(all(pair, 1)[0]), text(all(all(pair, 2)[0], 1)[0])))
        .collect();
    assert_eq!(attributes["service.name"], "shop");
    assert_eq!(attributes["host.name"], "app-1");
    let mut sum = 0;
    for request in &requests {
        let file = folder.path().join("sent.otlp").display().to_string();
        std::fs::write(&file, &request.body).unwrap();
        sum += folded(&file).values().sum::<u64>();
        std::fs::remove_file(file).unwrap();
    }
    let other = tempfile::tempdir().unwrap();
    let merged = other.path().join("merged.pb.gz").display().to_string();
    common::stdout(&["merge", &folder.path().display().to_string(), "-o", &merged]);
    assert_eq!(sum, folded(&merged).values().sum::<u64>());
    // A collector that takes the request and rejects the profile has not taken it.
    let rejected: Answers = |_| (200, b"\x0a\x09\x08\x01\x12\x05tired".to_vec());
    let (collector, _requests) = serve(rejected);
    let output = push(folder.path(), &collector, &["--protocol", "otlp"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("rejected 1 profiles: tired"), "{}", stderr(&output));
}

/// Answers with a profile, without compression.
fn pulled_sample(_: usize) -> (u16, Vec<u8>) {
    let path = root("samples/pprof/pyroscope.pb.gz");
    let mut profile = Vec::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut profile).unwrap();
    (200, profile)
}

#[test]
fn a_profile_comes_back_as_a_run() {
    let (server, requests) = serve(pulled_sample);
    let folder = tempfile::tempdir().unwrap();
    let pulled = folder.path().join("pulled").display().to_string();
    let words = |server: &str, to: &str| -> Vec<String> {
        let query = "{service_name=\"shop\"}";
        let times = ["2026-11-23T01:24:45Z", "2026-11-23T01:26:45Z"];
        let words = ["pull", "--from", server, "--query", query, "--from-time", times[0]];
        let rest = ["--until", times[1], "-o", to];
        words.iter().chain(&rest).map(|word| (*word).to_owned()).collect()
    };
    let go = |server: &str, to: &str| {
        let words = words(server, to);
        run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let output = go(&server, &pulled);
    assert!(output.status.success(), "{}", stderr(&output));
    let request = requests.recv().unwrap();
    assert_eq!(request.path, "/querier.v1.QuerierService/SelectMergeProfile");
    assert_eq!(text(all(&request.body, 1)[0]), "process_cpu:cpu:nanoseconds:cpu:nanoseconds");
    assert_eq!(text(all(&request.body, 2)[0]), "{service_name=\"shop\"}");
    let (_, numbers) = fields(&request.body);
    assert_eq!(numbers, [(3, 1_795_397_085_000), (4, 1_795_397_205_000)]);
    let sample = root("samples/pprof/pyroscope.pb.gz").display().to_string();
    assert_eq!(folded(&pulled), folded(&sample));
    let output = go(&server, &pulled);
    assert!(stderr(&output).contains("name a new folder"), "{}", stderr(&output));
    // A proxy may pack the answer.
    let packed: Answers = |_| (200, std::fs::read(root("samples/pprof/pyroscope.pb.gz")).unwrap());
    let (server, _requests) = serve(packed);
    let unpacked = folder.path().join("unpacked").display().to_string();
    assert!(go(&server, &unpacked).status.success());
    assert_eq!(folded(&unpacked), folded(&sample));
    // No samples, and an answer of another program.
    let cut: Answers = |_| {
        let (_, whole) = pulled_sample(0);
        (200, whole[..whole.len() - 10].to_vec())
    };
    for (answer, words) in [
        (ok as Answers, "no samples"),
        (|_| (200, b"<html>".to_vec()), "not that"),
        (|_| (200, vec![0x1f, 0x8b, 8, 0]), "not that"),
        (cut, "not that"),
    ] {
        let (server, _requests) = serve(answer);
        let other = folder.path().join("other").display().to_string();
        let output = go(&server, &other);
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
        assert!(!Path::new(&other).exists());
    }
}
