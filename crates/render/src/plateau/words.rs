//! Plateaus and reasons in sentences.

use super::{millis, time_of_day, within};
use crate::number::{self, decimals};
use spikeflame_load::plateau::{
    Basis, Evidence, FailureCount, Grade, Spread, Stretch, Window, show_rate,
};
use spikeflame_load::{Axis, FailureKind, Plateau, Plateaus, Timeline};
use std::io::{self, Write};

/// Largest distance of most seconds from the mean of goodput, as a share, at which goodput "stayed".
const STEADY_SPREAD: f64 = 0.1;
/// Share of the greatest load from which all of a load is high.
const HIGH: f64 = 0.5;
/// Words before such a mean.
const STAYED: &str = "stayed at";
/// Most seconds are at least four of five: of this many seconds, the lowest and the highest one are
/// left out.
const TRIMMED_OF: usize = 10;
/// Share of failed requests from which the rest shows no level.
const NEARLY_ALL: f64 = 0.9;
/// Kinds of failures shown one by one.
const KINDS: usize = 6;

/// Returns the words for a grade in text and JSON: `knee seen`, `saturated`, `held` or `offered`.
pub fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Knee => "knee seen",
        Grade::Saturated => "saturated",
        Grade::Held => "held",
        Grade::Offered => "offered",
    }
}

/// Returns the meaning of a grade's word, or `None` for other words.
pub(crate) fn grade_meaning(word: &str) -> Option<&'static str> {
    let all = [Grade::Knee, Grade::Saturated, Grade::Held, Grade::Offered];
    Some(match all.into_iter().find(|one| grade(*one) == word)? {
        Grade::Knee => "the load rose past the point from which throughput no longer grew",
        Grade::Saturated => {
            "throughput did not grow with the load; the point from which it did not is only known \
             within bounds"
        }
        Grade::Held => "the load stood still, and answers took longer than at rest",
        Grade::Offered => "the load generator wanted to send more than was served",
    })
}

/// Returns a share in per cent; `-` when the input has no value.
pub(super) fn percent(share: f64) -> String {
    if share.is_finite() { decimals(100.0 * share, 1) + " %" } else { "-".to_owned() }
}

/// Returns a few sentences about a plateau of `timeline`: its grade, load, throughput and time, p95
/// and errors, and further evidence.
pub fn sentence(found: &Plateau, timeline: &Timeline) -> String {
    match (&found.basis, &timeline.whole) {
        (Basis::WholeTest(all), Some(whole)) => {
            let test = Plateau {
                window: all.window,
                within: *all,
                before: None,
                dropped: all.dropped,
                ..found.clone()
            };
            format!(
                "This is the plateau of all requests of the test. {} The figures below are of the requests that \
                 were chosen: {} a second from {} s to {} s{}.",
                of_requests(&test, whole),
                show_rate(found.within.rps),
                found.within.window.from,
                found.within.window.to,
                went(found)
            )
        }
        (Basis::PartOfTest, _) => format!(
            "All requests of the test together show no plateau, and those that were chosen do. {}",
            of_requests(found, timeline)
        ),
        _ => of_requests(found, timeline),
    }
}

/// Returns the sentences about a plateau of the requests of `timeline`.
fn of_requests(found: &Plateau, timeline: &Timeline) -> String {
    let Window { from, to } = found.window;
    let unit = found.axis.unit();
    let throughput = throughput(found, timeline);
    let (throughput, falls) = falling(throughput, found.retrograde && !nearly_all_fail(found));
    let times = time_of_day(timeline, from).zip(time_of_day(timeline, to));
    let times = times.map(|(from, to)| format!(" ({from} to {to})")).unwrap_or_default();
    let span = format!("from {from} s to {to} s of the load test{times}");
    let between = found.knee.map(|knee| {
        let (low, high) = (knee.low.floor().max(1.0), knee.high.ceil());
        match found.rest_seen {
            true => {
                format!(" The limit was passed somewhere between {low:.0} and {high:.0} {unit}.")
            }
            false => format!(" The limit lies at {high:.0} {unit} at most."),
        }
    });
    let between = between.unwrap_or_default();
    let begin = match found.grade {
        Grade::Knee => format!(
            "Throughput stops growing at {:.0} {unit}{falls}: it {throughput}, {span}",
            found.knee_load().unwrap_or(f64::NAN)
        ),
        Grade::Saturated => {
            let went = if only_falls(found, timeline) { "fell" } else { "grew" };
            format!("Saturated: the load {went} and throughput {throughput}{falls}, {span}")
        }
        Grade::Held => {
            let load = held_load(found.load, unit);
            format!("Held at the limit: the load {load} and throughput {throughput}, {span}")
        }
        Grade::Offered => {
            format!("Offered more than was served: throughput {throughput}{falls}, {span}")
        }
    };
    let between = if found.grade == Grade::Knee { String::new() } else { between };
    let rate = of_rate(found);
    let (dip, refused) = (within::dip(found, timeline), within::refused(found));
    format!("{begin}{}.{dip}{between}{rate}{}{refused}", went(found), shown(found))
}

/// Returns the load of a plateau that no greater load shows, in words.
fn held_load(Spread { low, high }: Spread, unit: &str) -> String {
    match low / high {
        0.8.. => "stood still".to_owned(),
        HIGH.. => format!("was high from the start ({low:.0} to {high:.0} {unit})"),
        _ => format!("was {low:.0} to {high:.0} {unit}"),
    }
}

/// Returns a sentence with the knee in requests a second, when the VUs may be those of an arrival rate.
fn of_rate(found: &Plateau) -> String {
    let Some(knee) = found.knee_of_rate else { return String::new() };
    let (low, high) = (show_rate(knee.low), show_rate(knee.high));
    format!(
        " As many requests as VUs were under way: if the test was an arrival rate, they are no load, and the limit \
         lies between {low} and {high} requests wanted a second."
    )
}

/// Returns words for throughput, and words that follow when it falls. A level that falls by a little does not
/// "stay" in the same sentence.
fn falling(throughput: String, falls: bool) -> (String, &'static str) {
    match throughput.strip_prefix(STAYED) {
        _ if !falls => (throughput, ""),
        Some(rate) => {
            (format!("was{rate} on average"), ", and falls a little as load grows further")
        }
        None => (throughput, ", and falls as load grows further"),
    }
}

/// Returns true when nearly all requests of the plateau failed. The rest shows no level.
fn nearly_all_fail(found: &Plateau) -> bool {
    found.within.error_rate >= NEARLY_ALL
}

/// Returns the level of goodput in words, or its mean with its range when it has no one level.
fn throughput(found: &Plateau, timeline: &Timeline) -> String {
    let rps = found.within.rps;
    let mean = show_rate(rps);
    if nearly_all_fail(found) {
        let share = percent(1.0 - found.within.error_rate);
        return format!("was {mean} successful requests a second on average ({share} of all)");
    }
    let Spread { low, high } = most_seconds(found.window, timeline).unwrap_or(found.goodput);
    match low >= (1.0 - STEADY_SPREAD) * rps && high <= (1.0 + STEADY_SPREAD) * rps {
        true => format!("{STAYED} {mean} requests a second"),
        false => average(rps, (low, high), &mean, &(show_rate(low), show_rate(high))),
    }
}

/// Returns a range of goodput in which at least four of five seconds of the window lie. It is of
/// the seconds themselves: [`Plateau::goodput`] is of running medians, which vary less.
fn most_seconds(window: Window, timeline: &Timeline) -> Option<Spread> {
    let seconds = timeline.seconds.get(window.from..window.to.min(timeline.seconds.len()))?;
    let known = seconds.iter().filter(|second| !second.missing);
    let mut rates: Vec<f64> = known.map(|second| second.ok).collect();
    rates.sort_by(f64::total_cmp);
    let trimmed = rates.len() / TRIMMED_OF;
    let most = rates.get(trimmed..rates.len() - trimmed)?;
    Some(Spread { low: *most.first()?, high: *most.last()? })
}

/// Returns the mean of goodput with the range of most seconds. A few seconds with far more requests
/// lift the mean out of that range, and then the range comes first.
fn average(rps: f64, (low, high): (f64, f64), mean: &str, (from, to): &(String, String)) -> String {
    let few = match rps {
        rps if rps > high && mean != to => "more",
        rps if rps < low && mean != from => "fewer",
        _ => return format!("was {mean} requests a second on average (mostly {from} to {to})"),
    };
    format!(
        "was mostly {from} to {to} requests a second ({mean} on average: a few seconds had far {few})"
    )
}

/// Describes how p95 and errors changed.
fn went(found: &Plateau) -> String {
    let within = &found.within;
    let Some(before) = &found.before else {
        let (p95, errors) = (millis(within.p95_ms), percent(within.error_rate));
        return match (within.p95_ms.is_nan(), within.error_rate.is_nan()) {
            (true, true) => String::new(),
            (false, true) => format!(", with a p95 of {p95}"),
            (true, false) => format!(", with {errors} errors"),
            (false, false) => format!(", with a p95 of {p95} and {errors} errors"),
        };
    };
    let both = |of: fn(&Stretch) -> f64| !of(before).is_nan() && !of(within).is_nan();
    let mut went = Vec::new();
    if both(|one| one.p95_ms) {
        went.push(format!("p95 went from {} to {}", millis(before.p95_ms), millis(within.p95_ms)));
    }
    if both(|one| one.error_rate) {
        let (from, to) = (percent(before.error_rate), percent(within.error_rate));
        went.push(match from == to {
            true if before.error_rate + within.error_rate == 0.0 => "no request failed".to_owned(),
            true => format!("errors stayed at {to}"),
            false => format!("errors went from {from} to {to}"),
        });
    }
    if went.is_empty() { String::new() } else { format!(", {}", went.join(" and ")) }
}

/// Lists the evidence that the sentence does not yet name.
fn shown(found: &Plateau) -> String {
    let mut text = String::new();
    // Without a second at rest, the fastest answers may be late, too.
    let (least, most) = match found.rest_seen {
        true => ("", ""),
        false => ("at least ", "at most "),
    };
    let unseen = match found.rest_seen {
        true => "",
        false => ": no second of the test shows the system at rest",
    };
    for one in &found.evidence {
        let more = match *one {
            Evidence::Slower { rest_ms, within_ms } if found.grade != Grade::Knee => format!(
                " An answer took {} {}, {least}{:.1} times as long as at rest ({most}{}{unseen}).",
                millis(within_ms),
                found.statistic.words(),
                within_ms / rest_ms,
                millis(rest_ms)
            ),
            Evidence::Stretched { times } if found.grade != Grade::Knee && times < 100.0 => {
                format!(
                    " If answers came as fast as at rest, the same load would get {least}{times:.1} times as many."
                )
            }
            Evidence::Unserved { wanted_rps, served_rps, dropped } => {
                let dropped = match dropped {
                    0.0 => String::new(),
                    dropped => format!("; {dropped:.0} iterations were dropped"),
                };
                let mut rates = [wanted_rps, served_rps].map(show_rate);
                if rates[0] == rates[1] {
                    rates = [wanted_rps, served_rps].map(|rps| decimals(rps, 1));
                }
                let [wanted, served] = rates;
                match found.axis {
                    Axis::Rate => {
                        format!(
                            " {wanted} requests a second were wanted and {served} served{dropped}."
                        )
                    }
                    _ => format!(" Some of what was wanted was not sent{dropped}."),
                }
            }
            Evidence::FirstBurst { requests, rps } => format!(
                " The first {requests} requests began together, and their answers came one after \
                 another, {} a second.",
                show_rate(rps)
            ),
            Evidence::OtherLimit { earlier_rps } => format!(
                " Directly before, the limit was {} requests a second: it changed during the test.",
                show_rate(earlier_rps)
            ),
            Evidence::Busy { share } => {
                format!(" The event loop was busy {:.0} % of that time.", 100.0 * share)
            }
            _ => continue,
        };
        text += &more;
    }
    text
}

/// Writes failed requests by kind, dropped iterations and bytes, before and within the plateau.
pub(super) fn failures(found: &Plateau, out: &mut impl Write) -> io::Result<()> {
    let number = |count: f64| number::count(count.round() as u64);
    for one in found.failing.iter().take(KINDS) {
        let (before, within) = (number(one.before), number(one.within));
        writeln!(out, "failed: {}: {before} before, {within} within", failure(one.kind))?;
    }
    if let Some(rest) = found.failing.get(KINDS..).filter(|rest| !rest.is_empty()) {
        let sum = |of: fn(&FailureCount) -> f64| number(rest.iter().map(of).sum());
        let (before, within) = (sum(|one| one.before), sum(|one| one.within));
        writeln!(out, "failed: in {} other ways: {before} before, {within} within", rest.len())?;
    }
    let dropped = found.before.map_or(0.0, |before| before.dropped);
    if dropped + found.dropped > 0.0 {
        let (before, within) = (number(dropped), number(found.dropped));
        writeln!(out, "dropped iterations: {before} before, {within} within")?;
    }
    let within = &found.within;
    if within.received_rate.is_finite() {
        let (received, sent) = within.bytes_per_request();
        let received = traffic(within.received_rate, received);
        let sent = traffic(within.sent_rate, sent);
        writeln!(out, "received {received}, sent {sent} within")?;
    }
    Ok(())
}

/// Share of the greatest load of a plateau that no second before it fell short of, when the load only fell.
const AS_HIGH: f64 = 0.8;

/// Returns true when the users were about as many from the beginning of the test on as in the second of the plateau
/// with most of them, and far fewer later in the plateau.
fn only_falls(found: &Plateau, timeline: &Timeline) -> bool {
    let Window { from, to } = found.window;
    // Load generators write 0 users before the first ones begin.
    let users = timeline.seconds.iter().map(|second| second.vus);
    let begun = users.take(to).skip_while(|users| users.is_none_or(|users| users <= 0.0));
    let users: Vec<f64> = begun.flatten().collect();
    let within = users.get(users.len().saturating_sub(to - from)..).unwrap_or_default();
    let most = within.iter().copied().fold(0.0, f64::max);
    let Some(peak) = users.iter().position(|users| *users >= most) else { return false };
    let earlier = users.get(..peak).unwrap_or_default().iter().copied().fold(most, f64::min);
    let later = within.iter().copied().fold(most, f64::min);
    found.axis == Axis::Vus && earlier >= AS_HIGH * most && later < AS_HIGH * most
}

/// Returns bytes a second with the bytes of a request: `1.2 MB/s (3.4 kB a request)`.
fn traffic(rate: f64, each: f64) -> String {
    let each = if each.is_finite() { bytes(each) } else { "-".to_owned() };
    format!("{}/s ({each} a request)", bytes(rate))
}

/// Returns bytes with a decimal unit.
fn bytes(bytes: f64) -> String {
    let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    match units.into_iter().find(|(_, size)| bytes >= *size) {
        Some((unit, size)) => format!("{:.1} {unit}", bytes / size),
        None => decimals(bytes, 0) + " B",
    }
}

/// Returns a kind of failure: `no answer (1050: timed out)`, `status 503`.
pub(crate) fn failure(kind: FailureKind) -> String {
    let status = match kind.status {
        Some(0) => "no answer".to_owned(),
        Some(status @ ..100) => match grpc(status) {
            Some(name) => format!("gRPC status {status} ({name})"),
            None => format!("status {status}"),
        },
        Some(status) => format!("status {status}"),
        None if kind.error_code.is_none() => return "neither status nor error_code".to_owned(),
        None => "no status".to_owned(),
    };
    match kind.error_code {
        // k6's code for a failed status is the status plus 1000.
        Some(code) if kind.status.is_some_and(|status| code == status.saturating_add(1000)) => {
            status
        }
        Some(code) => match meaning(code) {
            Some(meaning) => format!("{status} (error_code {code}: {meaning})"),
            None => format!("{status} (error_code {code})"),
        },
        None => status,
    }
}

/// Returns the name of a status of gRPC. Statuses of HTTP have three digits.
fn grpc(status: u16) -> Option<&'static str> {
    Some(match status {
        1 => "cancelled",
        2 => "unknown",
        3 => "invalid argument",
        4 => "deadline exceeded",
        5 => "not found",
        6 => "already exists",
        7 => "permission denied",
        8 => "resource exhausted",
        9 => "failed precondition",
        10 => "aborted",
        11 => "out of range",
        12 => "unimplemented",
        13 => "internal",
        14 => "unavailable",
        15 => "data loss",
        16 => "unauthenticated",
        _ => return None,
    })
}

/// Returns the meaning of k6's frequent codes.
fn meaning(code: u16) -> Option<&'static str> {
    Some(match code {
        1050 => "timed out",
        1100 | 1101 => "DNS",
        1201 => "broken pipe",
        1210 | 1213 => "cannot connect",
        1211 => "connecting timed out",
        1212 => "connection refused",
        1220 => "connection reset",
        1300..=1399 => "TLS",
        1600..=1699 => "HTTP/2",
        _ => return None,
    })
}

/// Writes the other plateaus of the test.
pub(super) fn others(all: &Plateaus, choose: &str, out: &mut impl Write) -> io::Result<()> {
    if all.all.len() < 2 {
        return Ok(());
    }
    writeln!(out, "\nThe test has {} plateaus{choose}:", all.all.len())?;
    for (at, one) in all.all.iter().enumerate() {
        let shown = if at == all.index { "  (shown)" } else { "" };
        writeln!(
            out,
            "  {}  {:>5} s to {:>5} s  {:<9}  {:>6} requests a second{shown}",
            at + 1,
            one.window.from,
            one.window.to,
            grade(one.grade),
            show_rate(one.within.rps)
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{average, falling, held_load, most_seconds};
    use spikeflame_load::plateau::{Spread, Window};
    use spikeflame_load::{Second, Timeline};

    /// The error was: "on average 65 (mostly 43 to 50)".
    #[test]
    fn a_mean_outside_of_the_range_of_most_seconds_is_explained() {
        let bounds = ("43".to_owned(), "50".to_owned());
        let of = |rps, mean| average(rps, (43.0, 50.4), mean, &bounds);
        assert_eq!(of(48.0, "48"), "was 48 requests a second on average (mostly 43 to 50)");
        let above = of(65.0, "65");
        assert!(above.contains("mostly 43 to 50") && above.contains("had far more"), "{above}");
        let below = of(40.0, "40");
        assert!(below.contains("mostly 43 to 50") && below.contains("had far fewer"), "{below}");
        // Both are 50 for the reader.
        assert!(of(50.45, "50").contains("50 requests a second on average"));
    }

    /// The error was: "Throughput stops growing at 55 VUs, and falls as load grows further: it stayed at 96
    /// requests a second".
    #[test]
    fn throughput_that_falls_does_not_stay() {
        let words = |text: &str, falls| falling(text.to_owned(), falls);
        let stayed = "stayed at 96 requests a second";
        assert_eq!(words(stayed, false), (stayed.to_owned(), ""));
        let (throughput, falls) = words(stayed, true);
        assert_eq!(throughput, "was 96 requests a second on average");
        assert_eq!(falls, ", and falls a little as load grows further");
        let wide = "was 96 requests a second on average (mostly 60 to 120)";
        assert_eq!(words(wide, true), (wide.to_owned(), ", and falls as load grows further"));
    }

    /// The error was: "the load was high from the start (0 to 1000 VUs)".
    #[test]
    fn a_load_that_began_at_0_was_not_high_from_the_start() {
        assert_eq!(held_load(Spread { low: 0.0, high: 9.0 }, "VUs"), "was 0 to 9 VUs");
    }

    /// The error was: "mostly 107 to 136", in which 8 of 23 seconds lay.
    #[test]
    fn four_of_five_seconds_lie_in_the_range_of_most_seconds() {
        let rates = [0, 400, 90, 136, 107, 260, 60, 120, 150, 95, 240, 130, 110, 70, 180, 125, 9];
        for length in 1..=rates.len() {
            let second = |ok: &i32| Second { ok: f64::from(*ok), ..Second::default() };
            let mut seconds: Vec<Second> = rates.iter().take(length).map(second).collect();
            seconds.push(Second { missing: true, ..Second::default() });
            let window = Window { from: 0, to: length + 1 };
            let timeline = Timeline { seconds, ..Timeline::default() };
            let range = most_seconds(window, &timeline).unwrap();
            let inside = |rate: &&i32| (range.low..=range.high).contains(&f64::from(**rate));
            let inside = rates.iter().take(length).filter(inside).count();
            assert!(5 * inside >= 4 * length, "{inside} of {length} in {range:?}");
        }
        assert_eq!(most_seconds(Window { from: 0, to: 1 }, &Timeline::default()), None);
    }
}
