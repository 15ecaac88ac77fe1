//! The outermost prefix of a line: that of a container, of a process manager, or of a program that
//! collects logs.

use super::level::{self, Level, bracketed, split_level};
use super::time::{self, Stamp};

/// Splits the prefix of docker, Kubernetes, journald, CloudWatch and process managers from
/// a line. Returns its time, the name of its stream, and the text after both.
pub(super) fn container(text: &str) -> Option<(Option<Stamp>, &str, &str)> {
    // `cf logs` indents each line.
    let text = text.strip_prefix("   ").filter(|text| text.starts_with('2')).unwrap_or(text);
    let (outer, text) = (text, priority(text).unwrap_or(text));
    // `2026-11-23T01:24:47.123456789Z stdout F text`, `... host node[42]: text`
    let time = time::take(text);
    // PM2 writes `2026-11-29T15:28:40: text`, and `2026-11-29 15:28:40 +09:00: text`.
    if let Some((stamp, rest)) = time
        && let Some(rest) = rest.strip_prefix(": ")
    {
        return Some((Some(stamp), "", rest));
    }
    if time.is_none()
        && let Some((stamp, rest)) = minute(text)
    {
        return Some((stamp, "", rest));
    }
    if let Some((stamp, rest)) = time.filter(|(stamp, _)| stamp.zoned) {
        // Fluentd writes time, tag and text between tabs, and AWS Lambda a level among them.
        if let Some((tag, rest)) = rest.strip_prefix('\t').and_then(|rest| rest.split_once('\t'))
            && !tag.contains(' ')
            && !level::is_name(tag)
            && lambda(text).is_none()
        {
            return Some((Some(stamp), tag, rest));
        }
        let rest = rest.strip_prefix(' ')?;
        if outer.len() > text.len()
            && let Some((stream, rest)) = logplex(rest).or_else(|| Some(("", syslog(rest)?)))
        {
            return Some((Some(stamp), stream, rest));
        }
        // Fluentd's output `stdout` writes a tag and JSON.
        if rest.ends_with('}')
            && let Some((tag, fields)) = rest.split_once(": {")
            && !tag.contains([' ', '{', '"'])
            && !tag.is_empty()
            && split_level(rest).is_none()
        {
            return Some((Some(stamp), tag, rest.get(rest.len() - fields.len() - 1..)?));
        }
        let named = || dyno(rest).or_else(|| labels(rest)).or_else(|| cloud_foundry(rest));
        if let Some((stream, rest)) = named() {
            return Some((Some(stamp), stream, rest));
        }
        let stream = ["stdout F ", "stderr F ", "stdout P ", "stderr P "];
        let cri = stream.iter().find_map(|stream| rest.strip_prefix(stream));
        if let Some((stream, rest)) = cri.map(|rest| ("", rest)).or_else(|| journal(rest)) {
            return Some((Some(stamp), stream, rest));
        }
        let (stream, rest) = log_stream(text, rest).unwrap_or(("", rest));
        return Some((Some(stamp), stream, rest));
    }
    if let Some((stamp, rest)) = journal_time(text) {
        return journal(rest).map(|(stream, rest)| (Some(stamp), stream, rest));
    }
    // `Nov 23 01:24:47 host node[42]: text` has no year, so it gives no time. With
    // `-o short-precise`, the second has a fraction.
    let months =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    if text.as_bytes().get(9) == Some(&b':')
        && text.get(..3).is_some_and(|month| months.contains(&month))
        && let Some(rest) = text.get(15..)
    {
        let is_fraction = |c: char| c == '.' || c.is_ascii_digit();
        let rest = rest.trim_start_matches(is_fraction).strip_prefix(' ')?;
        return journal(rest).map(|(stream, rest)| (None, stream, rest)).or_else(|| tagged(rest));
    }
    if let Some(found) = papertrail(text) {
        return Some(found);
    }
    // `kubectl logs --prefix` writes `[pod/web-1/app] text`.
    if text.starts_with("[pod/")
        && let Some((within, rest)) = bracketed(text)
    {
        return (!within.contains(' ')).then_some((None, within, rest.strip_prefix(' ')?));
    }
    if let Some((stream, rest)) = npmlog(text) {
        return Some((None, stream, rest));
    }
    // docker compose writes `web-1  | text`, PM2 `0|web  | text`.
    let (name, rest) = bar(text)?;
    let short = without_clock(name.trim_end());
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '|');
    // `ERROR | text` is a level.
    let is_level = || split_level(&format!("{}: ", short.to_ascii_lowercase())).is_some();
    let named = !short.is_empty() && short.len() <= 64 && short.chars().all(is_name) && !is_level();
    (named && name.ends_with(' ')).then_some((None, short, rest))
}

/// Returns the level of an error by the priority of syslog before a line: `<11>1 2026-11-27T11:00:01Z web-1 shop 4711 -
/// - text`, `<11>Nov 27 11:00:01 web-1 shop[4711]: text`. Its remainder by 8 is 3 or less for errors.
pub(super) fn level_of_priority(line: &str) -> Option<Level> {
    let (number, rest) = line.strip_prefix('<')?.split_once('>')?;
    let is_head = rest.starts_with("1 ") || rest.as_bytes().get(3) == Some(&b' ');
    let number: u8 = number.parse().ok().filter(|_| is_head)?;
    (number % 8 <= 3).then_some(Level::Error)
}

/// Splits the process and the stream of a line of `cf logs`: `[APP/PROC/WEB/0] ERR text`. The stream is no level.
fn cloud_foundry(text: &str) -> Option<(&str, &str)> {
    let (process, rest) = text.strip_prefix('[')?.split_once("] ")?;
    let rest = rest.strip_prefix("OUT").or_else(|| rest.strip_prefix("ERR"))?;
    let is_process = process.contains('/') && !process.contains(' ');
    let text = if rest.is_empty() { rest } else { rest.strip_prefix(' ')? };
    is_process.then_some((process, text))
}

/// Splits a time that PM2 writes by a `log_date_format` of one's own: without seconds (`2026-11-29 06:28: text`,
/// `2026-11-29 06:28 +00:00: text`), as Unix time (`1795933720123: text`), or in a form without a year or
/// a date (`11-29 06:28:40: text`, `Nov 29 6:28 AM: text`), which is no time of an event.
fn minute(text: &str) -> Option<(Option<Stamp>, &str)> {
    const LENGTH: usize = "2026-11-29 06:28".len();
    const LONGEST: usize = 48;
    // A number, or the name of a month or a day. Nearly every line begins with something else.
    if !matches!(text.as_bytes().first()?, b'0'..=b'9' | b'A' | b'D' | b'F' | b'J' | b'M'..=b'O' | b'S' | b'T' | b'W')
    {
        return None;
    }
    let head = text.as_bytes().get(..LONGEST).unwrap_or(text.as_bytes());
    let end = memchr::memmem::find(head, b": ")?;
    let (time, rest) = text.split_at_checked(end)?;
    let rest = rest.strip_prefix(": ")?;
    if let Some((minute, zone)) = time.split_at_checked(LENGTH)
        && minute.as_bytes().get(LENGTH - 3) == Some(&b':')
        && zone.len() <= " +00:00".len()
        && !zone.starts_with(':')
        && let Some((stamp, "")) = time::take(&format!("{minute}:00{zone}"))
    {
        return Some((Some(stamp), rest));
    }
    if time.bytes().all(|byte| byte.is_ascii_digit()) {
        let is_unix = matches!(time.len(), 10 | 13);
        return super::record::stamp(time).filter(|_| is_unix).map(|stamp| (Some(stamp), rest));
    }
    is_moment(time).then_some((None, rest))
}

/// Returns true for a text that holds a time of day, and otherwise only numbers and words of a date.
fn is_moment(text: &str) -> bool {
    const WORDS: [&str; 25] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon",
        "tue", "wed", "thu", "fri", "sat", "sun", "am", "pm", "utc", "gmt", "z", "t",
    ];
    let is_word = |part: &str| {
        let lower = part.to_ascii_lowercase();
        WORDS.iter().any(|word| lower == *word || word.len() == 3 && is_long(&lower, word))
    };
    let is_part = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()) || is_word(part);
    let mut has_clock = false;
    for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
        let clock = word.rsplit(['T', '-', '_']).next().unwrap_or(word);
        has_clock |= is_clock(clock);
        let mut parts = word.split(['-', '/', '.', ':', '+', '_']);
        // `29th`, and a time of day with its half behind it: `6:28AM`.
        if !parts.all(|part| {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let behind = part.get(digits..).unwrap_or_default();
            is_part(part)
                || digits > 0 && (is_part(behind) || ["st", "nd", "rd", "th"].contains(&behind))
                || behind.strip_prefix('T').is_some_and(is_part)
        }) {
            return false;
        }
    }
    has_clock
}

/// Returns true for the whole name of a month or a day of the week whose first three letters are known.
fn is_long(word: &str, short: &str) -> bool {
    const LONGEST: usize = "wednesday".len();
    let is_name =
        ["day", "ary", "ch", "il", "ne", "ly", "ust", "ber"].iter().any(|end| word.ends_with(end));
    word.len() > short.len() && word.len() <= LONGEST && word.starts_with(short) && is_name
}

/// Returns true for a time of day: `06:28`, `6:28:40.123`, `6:28AM`.
fn is_clock(text: &str) -> bool {
    let mut parts = text.split(':');
    let hour = parts.next().unwrap_or_default();
    let is_two =
        |part: &str| part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_digit());
    let is_hour = (1..=2).contains(&hour.len()) && hour.bytes().all(|byte| byte.is_ascii_digit());
    let mut count = 0;
    let fits = parts.inspect(|_| count += 1).all(is_two);
    is_hour && fits && (1..=2).contains(&count)
}

/// Removes the time of day that foreman writes before the name of a process: `05:53:10 web.1`.
fn without_clock(name: &str) -> &str {
    const LENGTH: usize = "05:53:10".len();
    match name.split_at_checked(LENGTH) {
        Some((clock, rest)) if rest.starts_with(' ') && is_clock(clock) => rest.trim_start(),
        _ => name,
    }
}

/// Splits a text at the bar after the name of a container. Names are short.
fn bar(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 160;
    let head = text.as_bytes().get(..LONGEST).unwrap_or(text.as_bytes());
    let bars = memchr::memchr_iter(b'|', head);
    let at =
        bars.into_iter().find(|at| matches!(text.as_bytes().get(at + 1), None | Some(b' ')))?;
    Some((text.get(..at)?, text.get(at + 2..).unwrap_or_default()))
}

/// Returns the log stream that `aws logs tail` writes after a time, such as
/// `ecs/web/0123abcd`, `2026/11/27/[$LATEST]0123abcd` or `i-0123abcd`. That command writes
/// UTC as `+00:00`.
fn log_stream<'a>(line: &str, rest: &'a str) -> Option<(&'a str, &'a str)> {
    let time = line.get(..line.len() - rest.len())?.trim_end();
    let (name, behind) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_part = |c: char| c.is_ascii_alphanumeric() || "/-_.$[]#".contains(c);
    let is_hex = |b: u8| b.is_ascii_hexdigit();
    let fits = name.contains('/') && !name.starts_with('/')
        || name.strip_prefix("i-").is_some_and(|id| id.len() >= 8 && id.bytes().all(is_hex))
        || name.len() >= 12 && name.bytes().all(|b| is_hex(b) || b == b'-');
    let is_aws = time.ends_with("+00:00") && name.len() <= 512 && name.chars().all(is_part);
    (is_aws && fits).then_some((name, behind))
}

/// Removes the priority of a syslog message: `<14>`, and the version after it. The length of the
/// message may stand before it: `83 <14>1 `. pino-syslog writes `<NaN>1 ` for a level that is a name.
fn priority(text: &str) -> Option<&str> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let framed = text.get(length..).and_then(|rest| rest.strip_prefix(' '));
    let text = framed.filter(|_| length > 0).unwrap_or(text);
    let (number, rest) = text.strip_prefix('<')?.split_once('>')?;
    let versioned = rest.strip_prefix("1 ");
    let is_none = || ["NaN", "undefined", "null"].contains(&number) && versioned.is_some();
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    (is_number || is_none()).then(|| versioned.unwrap_or(rest))
}

/// Returns the message of a syslog line (RFC 5424) after its time: host, program, process, id and
/// data stand before it.
fn syslog(text: &str) -> Option<&str> {
    let mut rest = text;
    for _ in 0..4 {
        rest = rest.split_once(' ')?.1;
    }
    match rest.strip_prefix('[') {
        Some(data) => data.split_once("] ").map(|(_, text)| text),
        None => rest.strip_prefix("- "),
    }
}

/// Splits a line of Heroku's drains after its time: `host app web.1 - text`. It has no field for data,
/// which other messages of syslog have before their text.
fn logplex(text: &str) -> Option<(&str, &str)> {
    let (stream, rest) = text.strip_prefix("host ")?.split_once(" - ")?;
    let is_heroku = stream.starts_with("app ") || stream.starts_with("heroku ");
    (is_heroku && stream.matches(' ').count() == 1).then_some((stream, rest))
}

/// Returns the level and the text of a line that Heroku itself wrote: its router, about a request that
/// failed (`at=error code=H12 desc="..."`), and its manager of processes (`Error R14 (...)`).
pub(super) fn heroku<'a>(stream: &str, text: &'a str) -> Option<(Level, &'a str)> {
    let process = stream.strip_prefix("heroku")?;
    if !process.starts_with(['[', ' ']) {
        return None;
    }
    if let Some(rest) = text.strip_prefix("at=error ") {
        // The code has one meaning, and the fields behind it differ from one request to the next.
        let code = rest.split_once(" desc=").map_or(rest, |(code, _)| code);
        return Some((Level::Error, code));
    }
    let is_error = text.starts_with("Error ");
    Some((if is_error { Level::Error } else { Level::Other }, text))
}

/// Splits the name of a process and the text as Heroku writes them, `app[web.1]: text`, and Fly.io:
/// `app[3d8d9a] nrt [info]text`.
fn dyno(text: &str) -> Option<(&str, &str)> {
    let word = text.bytes().take_while(|&b| b.is_ascii_lowercase() || b == b'-').count();
    let (_, behind) = bracketed(text.get(word..)?).filter(|_| word > 0)?;
    let name = text.get(..text.len() - behind.len())?;
    if let Some(rest) = behind.strip_prefix(": ") {
        return Some((name, rest));
    }
    let region = behind.strip_prefix(' ')?;
    let (region, level) = region.split_at_checked(3)?;
    let (_, rest) = bracketed(level.strip_prefix(' ')?)?;
    let is_region = region.bytes().all(|b| b.is_ascii_lowercase());
    is_region.then_some((name, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// Splits the prefix of a line of npmlog with level error: `ERR! web text`, or with a heading before it
/// (`shop ERR! web text`). Every line of a text has that prefix, lines of a stack too. The lines in
/// which npm reports that a command failed are no errors of the application.
fn npmlog(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 64;
    let head = text.as_bytes().get(..LONGEST).unwrap_or(text.as_bytes());
    let at = memchr::memchr(b'!', head)?;
    let heading = text.get(..at)?.strip_suffix("ERR")?;
    let is_word = heading.strip_suffix(' ').is_some_and(|word| !word.contains(char::is_whitespace));
    if !(heading.is_empty() || is_word && heading != "npm ") {
        return None;
    }
    let (_, rest) = text.get(at + 1..)?.strip_prefix(' ')?.split_once(' ')?;
    Some((text.get(..text.len() - rest.len())?.trim_end(), rest))
}

/// Returns the level in the name of a stream: among the labels that Loki's client writes before a
/// line, in the prefix of npmlog, or as Papertrail's severity. Papertrail has `Info` for every line that
/// a program on Heroku prints.
pub(super) fn level_of_labels(stream: &str) -> Option<Level> {
    if memchr::memchr(b'!', stream.as_bytes()).is_some() && stream.contains("ERR! ") {
        return Some(Level::Error);
    }
    if let Some((severity, _)) = stream.split_once('\t') {
        return level::of_word(severity).filter(|level| *level == Level::Error);
    }
    let labels = stream.strip_prefix('{')?;
    let mut parts = labels.split(['{', ',', ' ']).filter_map(|label| label.split_once("=\""));
    let (_, value) = parts.find(|(name, _)| matches!(*name, "level" | "severity"))?;
    level::of_word(value.split('"').next()?)
}

/// Splits the labels that Loki's client writes before a line: `{app="web", pod="web-1"} text`.
fn labels(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix("{} ") {
        return Some(("", rest));
    }
    let end = text.starts_with('{').then(|| text.find("\"} "))??;
    let (labels, rest) = text.split_at_checked(end + 2)?;
    labels.contains("=\"").then_some((labels, rest.get(1..)?))
}

/// Splits a time of journald's forms `short-unix` (`1795933739.984123 `) and `short-full`
/// (`Sun 2026-11-29 15:28:40 KST `) from the start of a line.
fn journal_time(text: &str) -> Option<(Stamp, &str)> {
    if text.as_bytes().get(10) == Some(&b'.') {
        let (time, rest) = text.split_once(' ')?;
        let (seconds, parts) = time.split_once('.')?;
        let us: i64 = format!("{seconds}{parts}").parse().ok().filter(|_| parts.len() == 6)?;
        return Some((Stamp { us, zoned: true }, rest));
    }
    let (day, rest) = text.split_at_checked(4)?;
    if !["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "].contains(&day) {
        return None;
    }
    let (stamp, rest) = time::take(rest)?;
    let rest = rest.strip_prefix(' ')?;
    // The name of a zone other than UTC has several meanings.
    let (zone, behind) = rest.split_once(' ')?;
    let is_zone = (2..=5).contains(&zone.len())
        && zone
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'+' || b == b'-');
    Some((stamp, if is_zone && !stamp.zoned { behind } else { rest }))
}

/// Splits `host node[42]: text` into host and process, and the text.
fn journal(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once(' ')?;
    let (process, rest) = rest.split_once(' ')?;
    let (_, pid) = process.strip_suffix("]:")?.split_once('[')?;
    let stream = text.get(..text.len() - rest.len() - ": ".len())?;
    (!pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit())).then_some((stream, rest))
}

/// Splits `host tag: text`, the form of syslog without the id of a process, as Papertrail prints the lines
/// of Heroku: `shop app/web.1: text`. Two words of a sentence may stand there too: `Request failed: x`.
fn tagged(text: &str) -> Option<(Option<Stamp>, &str, &str)> {
    let (host, rest) = text.split_once(' ')?;
    let (tag, rest) = rest.split_once(": ")?;
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/');
    let is_name = |name: &str| !name.is_empty() && name.chars().all(is_of_name);
    let is_sentence = host.starts_with(|c: char| c.is_ascii_uppercase())
        && host.chars().all(|c| c.is_ascii_alphabetic());
    (is_name(host) && is_name(tag) && !is_sentence).then_some((None, tag, rest))
}

/// Splits a line of Papertrail's archives, which have ten columns without a heading: id, two times, id
/// and name of the source, its address, facility, severity, program, and the text.
fn papertrail(text: &str) -> Option<(Option<Stamp>, &str, &str)> {
    const COLUMNS: usize = 10;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.get(digits..)?.strip_prefix('\t').filter(|_| digits > 0)?;
    let (stamp, rest) = time::take(rest).filter(|(stamp, _)| stamp.zoned)?;
    let columns: Vec<&str> = rest.strip_prefix('\t')?.splitn(COLUMNS - 2, '\t').collect();
    let [received, .., severity, program, message] = columns.as_slice() else { return None };
    let is_archive = columns.len() == COLUMNS - 2 && time::take(received).is_some();
    let start = rest.len() - message.len() - program.len() - severity.len() - 2;
    let stream = rest.get(start..rest.len() - message.len() - 1)?;
    is_archive.then_some((Some(stamp), stream, message))
}

/// Splits a line that AWS Lambda writes: time, request, level and text between tabs.
pub(super) fn lambda(text: &str) -> Option<(Stamp, Level, &str)> {
    // Few lines have a tab there, so that this test is cheap.
    if text.as_bytes().get(24) != Some(&b'\t') {
        return None;
    }
    let (stamp, rest) = time::take(text)?;
    let (request, rest) = rest.strip_prefix('\t')?.split_once('\t')?;
    let is_id = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    if request != "undefined" && !request.bytes().all(is_id) {
        return None;
    }
    let (level, rest) = split_level(rest)?;
    Some((stamp, level, rest.trim_start_matches('\t')))
}

/// Returns the text of a line in which AWS Lambda reports the end of the program, behind its time: `REQUEST Task timed out after
/// 3.00 seconds`, and `RequestId: REQUEST Error: Runtime exited with error: signal: killed`.
pub(super) fn lambda_end(text: &str) -> Option<&str> {
    let is_id =
        |request: &str| request.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if let Some((request, rest)) =
        text.strip_prefix("RequestId: ").and_then(|it| it.split_once(' '))
    {
        return (is_id(request) && rest.starts_with("Error: ")).then_some(rest);
    }
    let (request, rest) = text.split_once(' ')?;
    let is_timeout = rest.starts_with("Task timed out after ") && is_id(request);
    is_timeout.then_some(rest)
}
