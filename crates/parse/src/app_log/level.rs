//! The level of an event: one rule for all loggers, and for the services that collect their lines.

/// The level of a line or an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// `ERROR`, `FATAL` and similar levels.
    Error,
    /// Any other level.
    Other,
}

/// Words for levels of errors. A word with other letters around it counts too (`Severe_Error`).
const ERRORS: [&str; 8] =
    ["error", "fatal", "crit", "emerg", "alert", "severe", "panic", "failure"];
/// Short words for levels of errors, which are whole words only.
const SHORT_ERRORS: [&str; 7] = ["err", "err!", "eror", "ftl", "e", "f", "c"];
/// Words by which a service says that a line has no level.
const NO_LEVELS: [&str; 8] =
    ["default", "unknown", "none", "null", "undefined", "unspecified", "notset", "(empty)"];

/// The field that a level stands in, which decides the meaning of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// pino, bunyan and roarr count 10, 20, ..., 60; Google Cloud 100, 200, ..., 800.
    Logger,
    /// A field called `severity` counts as syslog below 8, where it counts down, and as the others above.
    Severity,
    /// OpenTelemetry counts from 1 to 24.
    Telemetry,
    /// Azure counts from 0 (verbose) to 4 (critical).
    Azure,
    /// tslog counts from 0 to 6, and 5 is an error.
    Tslog,
    /// Syslog and journald count down: 0 is an emergency, 3 an error, 7 a message for debugging.
    Syslog,
}

/// Returns the scale of a field, when a level stands in it. Loggers write the name of the field in
/// many ways: `level`, `log.level`, `severity_text`, `LevelName`, `@l`.
pub(super) fn scale(key: &str) -> Option<Scale> {
    // Nearly every key of a line is passed over here.
    if !key.bytes().any(|byte| matches!(byte, b'l' | b'L' | b'v' | b'V' | b'R')) {
        return None;
    }
    const LONGEST: usize = 24;
    let mut plain = [0; LONGEST];
    let mut length = 0;
    for byte in key.bytes().filter(|byte| !matches!(byte, b'_' | b'.' | b'-' | b' ')) {
        *plain.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    match plain.get(..length)? {
        b"severity" | b"logseverity" => Some(Scale::Severity),
        b"level" | b"loglevel" | b"severitytext" | b"levelname" | b"loglevelname"
        | b"leveltext" | b"levelstr" | b"levellabel" | b"lvl" | b"@l" | b"@level"
        | b"severityname" | b"errorseverity" => Some(Scale::Logger),
        b"severitynumber" => Some(Scale::Telemetry),
        b"severitylevel" => Some(Scale::Azure),
        b"loglevelid" | b"levelid" => Some(Scale::Tslog),
        b"priority" | b"syslogseverity" | b"logsyslogseverityname" | b"syslogseveritycode"
            if key.len() > 8 || key == "PRIORITY" =>
        {
            Some(Scale::Syslog)
        }
        _ => None,
    }
}

/// Returns the rank of a field with a level among those of one object. Beside the `level` that a
/// logger writes, a program may log a field such as `severity` that has another meaning.
pub(super) fn rank(key: &str) -> u8 {
    let key = key.trim_start_matches('_').to_ascii_lowercase();
    match key.as_str() {
        // Serilog and hclog mark their own fields, and leave other names to the program.
        "@l" | "@level" => 6,
        "level" => 5,
        _ if key.starts_with("lev") || key.contains('.') && !key.contains("sever") => 4,
        _ if key.starts_with("log") => 3,
        // OpenTelemetry writes a word beside the number.
        _ if key.ends_with("number") => 0,
        _ if key.contains("sever") => 1,
        _ => 2,
    }
}

/// Returns the level that a word names; `None` for a text that names none.
pub(super) fn of_word(word: &str) -> Option<Level> {
    let word = word.trim().to_ascii_lowercase();
    let is_in = |words: &[&str]| words.contains(&word.as_str());
    if !word.bytes().any(|byte| byte.is_ascii_alphabetic()) || is_in(&NO_LEVELS) {
        return None;
    }
    let is_error = ERRORS.iter().any(|error| word.contains(error)) || is_in(&SHORT_ERRORS);
    Some(if is_error { Level::Error } else { Level::Other })
}

/// Words for levels below errors, of the loggers that are known.
const OTHERS: [&str; 59] = [
    "info",
    "warn",
    "debug",
    "trace",
    "verbose",
    "notice",
    "log",
    "http",
    "silly",
    "fine",
    "finer",
    "finest",
    "config",
    "inf",
    "wrn",
    "dbg",
    "trc",
    "vrb",
    "i",
    "w",
    "d",
    "t",
    "v",
    "n",
    "information",
    "informational",
    "warning",
    "success",
    "ready",
    "start",
    "box",
    "fail",
    "mark",
    "all",
    "off",
    "audit",
    "metric",
    "metrics",
    "access",
    "request",
    "http_request",
    "query",
    "sql",
    "timing",
    "ok",
    "debug1",
    "statement",
    "data",
    "help",
    "prompt",
    "input",
    "note",
    "any",
    "normal",
    "system",
    "sill",
    "verb",
    "minor",
    "low",
];

/// Returns true for a word that a known logger has for a level below errors. A word with one of the longer of these
/// in it counts too (`Level.INFO`).
pub(super) fn is_known(word: &str) -> bool {
    const LONG: [&str; 5] = ["info", "warn", "debug", "trace", "verbose"];
    let is_other = |word: &str| OTHERS.iter().any(|known| known.eq_ignore_ascii_case(word));
    let word = word.trim();
    is_other(word) || {
        let word = word.to_ascii_lowercase();
        LONG.iter().any(|known| word.contains(known))
    }
}

/// Returns true for the name of a level and nothing else: `ERROR`, `warning`, `Critical`.
pub(super) fn is_name(word: &str) -> bool {
    const NAMES: [&str; 11] = [
        "error", "fatal", "critical", "crit", "panic", "warn", "warning", "info", "notice",
        "debug", "trace",
    ];
    NAMES.iter().any(|name| name.eq_ignore_ascii_case(word))
}

/// Returns the level of a number on a scale; `None` for a number that has no meaning there.
pub(super) fn of_number(scale: Scale, number: f64) -> Option<Level> {
    let is_error = match scale {
        Scale::Severity if (0.0..8.0).contains(&number) => number <= 3.0,
        Scale::Logger | Scale::Severity => match number {
            // Numbers below 10 have another meaning in each logger: 3 is information in consola
            // and an error in syslog.
            ..10.0 => return None,
            10.0..100.0 => number >= 50.0,
            _ => number >= 500.0,
        },
        Scale::Telemetry if number < 1.0 => return None,
        Scale::Telemetry => number >= 17.0,
        Scale::Azure => number >= 3.0,
        Scale::Tslog => number >= 5.0,
        // journald gives 6 to every line that a program prints.
        Scale::Syslog if number > 3.0 => return None,
        Scale::Syslog => true,
    };
    Some(if is_error { Level::Error } else { Level::Other })
}

/// The length of `emergency`, the longest word for a level.
pub(super) const LONGEST_LEVEL: usize = 9;

/// Splits a level from the start of a text: `ERROR `, `[error] `, `error: `.
pub(super) fn split_level(text: &str) -> Option<(Level, &str)> {
    const ERRORS: [&str; 9] =
        ["error", "fatal", "critical", "crit", "severe", "emerg", "emergency", "alert", "panic"];
    const OTHERS: [&str; 11] = [
        "warn", "warning", "info", "log", "debug", "verbose", "trace", "notice", "http", "silly",
        "dbg",
    ];
    let (word, rest, in_brackets) = match bracketed(text) {
        Some((word, rest)) => (word.trim(), rest, true),
        None => {
            let end = text.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (word, rest) = text.split_at_checked(end)?;
            (word, rest, false)
        }
    };
    if word.is_empty() || word.len() > LONGEST_LEVEL {
        return None;
    }
    let is_upper = word.bytes().all(|b| b.is_ascii_uppercase());
    let is_lower = word.bytes().all(|b| b.is_ascii_lowercase());
    let ends = match in_brackets {
        true => true,
        false if is_upper => rest.is_empty() || rest.starts_with([' ', ':', '\t', '|']),
        // winston's printf is often `${timestamp} ${level} [${label}]: ${message}`.
        false => {
            is_lower
                && ([": ", " [", " - "].iter().any(|end| rest.starts_with(end))
                    || is_package(rest.trim_start())
                    // A word may be padded to the longest one.
                    || rest.starts_with(' ')
                        && [": ", "| "].iter().any(|end| rest.trim_start().starts_with(end)))
        }
    };
    if !ends {
        return None;
    }
    let is_in = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    let level = match () {
        () if is_in(&ERRORS) => Level::Error,
        () if is_in(&OTHERS) => Level::Other,
        () => return None,
    };
    // V8 writes `FATAL ERROR: `.
    let behind = rest.trim_start_matches([' ', ':', '\t', '|']);
    let rest = match behind.strip_prefix("ERROR: ") {
        Some(more) if level == Level::Error => more,
        _ => rest,
    };
    Some((level, rest))
}

/// Splits the prefix and the level of a line of PostgreSQL, which has two blanks behind the level, from the start of a text:
/// `10.0.3.7(52003):shop@shop:[4003]:ERROR:  text`, `db=shop,user=shop ERROR:  text`. The server's owner chooses the
/// prefix.
pub(super) fn level_of_postgres(text: &str) -> Option<(Level, &str)> {
    /// The longest prefix, in bytes.
    const LONGEST: usize = 250;
    let head = text.as_bytes().get(..LONGEST).unwrap_or(text.as_bytes());
    let end = memchr::memmem::find(head, b":  ")?;
    let before = text.get(..end)?;
    let prefix = before.trim_end_matches(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit());
    let level = match before.get(prefix.len()..)? {
        "ERROR" | "FATAL" | "PANIC" => Level::Error,
        "LOG" | "WARNING" | "NOTICE" | "INFO" | "DEBUG1" | "DEBUG2" | "DEBUG3" | "DEBUG4"
        | "DEBUG5" => Level::Other,
        _ => return None,
    };
    // A sentence has none of these marks.
    let is_prefix = prefix.ends_with([' ', ':', '-', ']', '@', '|', '>', ')'])
        && (prefix.contains(['[', '=', '@', '(', ':']) || !prefix.trim().contains(' '));
    is_prefix.then_some((level, text.get(end + 3..)?))
}

/// Returns true for the package that roarr's command writes behind a level: `@web: text`.
fn is_package(text: &str) -> bool {
    let name = text.strip_prefix('@').and_then(|rest| rest.split_once(' ')).map(|(name, _)| name);
    name.is_some_and(|name| name.len() > 1 && name.ends_with(':'))
}

/// Splits a level of three letters in capitals from the start of a text: `ERR text`, as LogTape
/// writes it behind a time, and `[ERR] text`, as Serilog does.
pub(super) fn split_short_level(text: &str) -> Option<(Level, &str)> {
    let (word, rest) = match text.strip_prefix('[') {
        Some(within) => within.split_once(']')?,
        None => text.split_at_checked(3)?,
    };
    let level = match word {
        "ERR" | "FTL" | "FAT" | "CRT" => Level::Error,
        "WRN" | "INF" | "DBG" | "TRC" | "VRB" | "NTC" => Level::Other,
        _ => return None,
    };
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    rest.strip_prefix([' ', '\t']).map(|rest| (level, rest))
}

/// Splits a label in a column of its own from the start of a line without a time: `error   text`, as
/// rslog writes it, and ` Error      text`, as adze does.
pub(super) fn split_label(line: &str) -> Option<(Level, &str)> {
    const RSLOG: [&str; 8] = ["error", "warn", "info", "log", "debug", "ready", "start", "trace"];
    const ADZE: [&str; 9] =
        ["Error", "Alert", "Warn", "Info", "Fail", "Success", "Log", "Debug", "Verbose"];
    let (labels, start, width) = match line.as_bytes().first()? {
        b' ' => (ADZE.as_slice(), 1, 11),
        b'a'..=b'z' => (RSLOG.as_slice(), 0, 8),
        _ => return None,
    };
    let (label, text) = line.get(start..)?.split_at_checked(width)?;
    let word = label.trim_end_matches(' ');
    let fits = word.len() + 2 <= width && labels.contains(&word) && !text.starts_with(' ');
    (fits && !text.is_empty()).then(|| (of_word(word), text)).and_then(|(level, text)| {
        // A failure of adze is its level below information.
        level.map(|level| (if word == "Fail" { Level::Other } else { level }, text))
    })
}

/// Splits a level from the start of a text behind a time, in two further forms: `app.ERROR: text`, as
/// intel and Monolog write it, and `<error> app.js:7 (f) text`, as tracer does.
pub(super) fn split_other_level(text: &str) -> Option<(Level, &str)> {
    /// The longest name of a logger before its level.
    const LONGEST: usize = 80;
    let known = |word: &str| {
        let is_word = word.len() <= LONGEST_LEVEL && word.bytes().all(|b| b.is_ascii_alphabetic());
        let text = is_word.then(|| format!("{}: ", word.to_ascii_lowercase()))?;
        split_level(&text).map(|(level, _)| level)
    };
    if let Some(rest) = text.strip_prefix('<') {
        let (word, rest) = rest.split_once("> ")?;
        return Some((known(word)?, behind_line(rest)));
    }
    let head = text.as_bytes().get(..LONGEST).unwrap_or(text.as_bytes());
    let at = memchr::memchr2(b':', b' ', head)?;
    let rest = text.get(at..)?.strip_prefix(": ")?;
    let (name, word) = text.get(..at)?.rsplit_once('.')?;
    let is_upper = word.bytes().all(|b| b.is_ascii_uppercase());
    (is_upper && !name.is_empty()).then_some((known(word)?, rest))
}

/// Removes the place of the call before a text: `app.js:7 (Object.f) text`.
fn behind_line(text: &str) -> &str {
    let found = text.split_once(" (").and_then(|(place, rest)| {
        let (path, line) = place.rsplit_once(':')?;
        let is_line = !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit());
        let fits = is_line && !path.is_empty() && !path.contains(' ');
        rest.split_once(") ").map(|(_, rest)| rest).filter(|_| fits)
    });
    found.unwrap_or(text)
}

/// Splits a text into the part in brackets at its start, and the rest.
pub(super) fn bracketed(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 80;
    let text = text.strip_prefix('[')?;
    let head = text.as_bytes().get(..=LONGEST).unwrap_or(text.as_bytes());
    let end = memchr::memchr(b']', head)?;
    let (within, rest) = (text.get(..end)?, text.get(end + 1..)?);
    memchr::memchr2(b'"', b'{', within.as_bytes()).is_none().then_some((within, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_known_by_its_field_and_its_value() {
        let level = |key: &str, value: &str| {
            let scale = scale(key)?;
            match value.parse() {
                Ok(number) => of_number(scale, number),
                Err(_) => of_word(value),
            }
        };
        for (key, value) in [
            ("level", "error"),
            ("level", "ERROR"),
            ("level", "50"),
            ("level", "60"),
            ("log.level", "Fatal"),
            ("severity", "500"),
            ("severity", "3"),
            ("severity", "CRITICAL"),
            ("severity_text", "ERROR"),
            ("SeverityText", "Error"),
            ("severityNumber", "17"),
            ("severity_number", "21"),
            ("levelname", "CRITICAL"),
            ("level_name", "ALERT"),
            ("SeverityLevel", "3"),
            ("PRIORITY", "3"),
            ("logLevelId", "5"),
            ("_logLevel", "error"),
            ("@l", "Error"),
            ("lvl", "eror"),
            ("LogLevel", "E"),
            ("Level", "Error"),
        ] {
            assert_eq!(level(key, value), Some(Level::Error), "{key} {value}");
        }
        for (key, value) in [
            ("level", "info"),
            ("level", "30"),
            ("severity", "200"),
            ("severity", "400"),
            ("severity", "6"),
            ("severity", "Informational"),
            ("log_level", "W"),
            ("severityNumber", "9"),
            ("SeverityLevel", "1"),
            ("levelId", "3"),
        ] {
            assert_eq!(level(key, value), Some(Level::Other), "{key} {value}");
        }
        for (key, value) in [
            ("severity", "DEFAULT"),
            ("level", "unknown"),
            ("level", "-"),
            ("level", "3"),
            ("PRIORITY", "6"),
            ("priority", "1"),
            ("severityNumber", "0"),
            ("value", "error"),
            ("url", "error"),
            ("detected_level", "error"),
        ] {
            assert_eq!(level(key, value), None, "{key} {value}");
        }
    }
}
