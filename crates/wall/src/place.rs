//! Places whose clocks change in summer, and the digits of other scripts.

use crate::Civil;

const HOUR_S: i32 = 3_600;

/// The first year in which the clocks of all these places changed on the days of today.
const FIRST_YEAR: u32 = 2_008;

/// The days on which the clocks of a place change, which are Sundays.
#[derive(Clone, Copy)]
enum Summer {
    /// The last Sundays of March and October, at 1:00 UTC.
    Europe,
    /// The second Sunday of March and the first of November, at 2:00.
    NorthAmerica,
    /// The first Sundays of October and April, at 2:00 and 3:00.
    Australia,
    /// The last Sunday of September and the first of April, at 2:00 and 3:00.
    NewZealand,
}

/// Places by region, the hours that their clocks are ahead of UTC in winter, and the days of change.
const PLACES: [(&str, &str, i32, Summer); 15] = [
    ("Europe", "London Dublin Lisbon Belfast Jersey Guernsey Isle_of_Man", 0, Summer::Europe),
    ("Atlantic", "Canary Madeira Faroe", 0, Summer::Europe),
    (
        "Europe",
        "Amsterdam Andorra Belgrade Berlin Bratislava Brussels Budapest Busingen Copenhagen Gibraltar Ljubljana \
         Luxembourg Madrid Malta Monaco Oslo Paris Podgorica Prague Rome San_Marino Sarajevo Skopje Stockholm \
         Tirane Vaduz Vatican Vienna Warsaw Zagreb Zurich",
        1,
        Summer::Europe,
    ),
    ("Africa", "Ceuta", 1, Summer::Europe),
    ("Arctic", "Longyearbyen", 1, Summer::Europe),
    (
        "Europe",
        "Athens Bucharest Helsinki Kyiv Kiev Mariehamn Riga Sofia Tallinn Vilnius",
        2,
        Summer::Europe,
    ),
    ("America", "Halifax", -4, Summer::NorthAmerica),
    ("America", "New_York Detroit Toronto Montreal", -5, Summer::NorthAmerica),
    ("America", "Chicago Winnipeg Menominee", -6, Summer::NorthAmerica),
    ("America", "Denver Boise Edmonton", -7, Summer::NorthAmerica),
    ("America", "Los_Angeles Tijuana", -8, Summer::NorthAmerica),
    ("America", "Anchorage Juneau", -9, Summer::NorthAmerica),
    ("Australia", "Sydney Melbourne Hobart Canberra", 10, Summer::Australia),
    ("Pacific", "Auckland", 12, Summer::NewZealand),
    ("Antarctica", "McMurdo", 12, Summer::NewZealand),
];

/// Returns the seconds that the clock of a place is ahead of UTC at a local time. Returns `None` for a place that
/// is not in the list, and for years before 2008. An hour that comes twice in autumn is the one of summer.
pub(crate) fn offset_s(place: &str, civil: &Civil) -> Option<i32> {
    let (region, city) = place.split_once('/')?;
    let (_, _, hours, summer) = PLACES
        .iter()
        .find(|(of, cities, _, _)| *of == region && cities.split(' ').any(|known| known == city))?;
    (civil.year >= FIRST_YEAR).then_some(())?;
    let local = (civil.month, civil.day, i32::try_from(civil.hour).ok()?);
    let sunday = |month, which| sunday(civil.year, month, which);
    let is_summer = match summer {
        Summer::Europe => {
            local >= (3, sunday(3, None)?, 1 + hours) && local < (10, sunday(10, None)?, 2 + hours)
        }
        Summer::NorthAmerica => {
            local >= (3, sunday(3, Some(2))?, 2) && local < (11, sunday(11, Some(1))?, 2)
        }
        Summer::Australia => {
            local >= (10, sunday(10, Some(1))?, 2) || local < (4, sunday(4, Some(1))?, 3)
        }
        Summer::NewZealand => {
            local >= (9, sunday(9, None)?, 2) || local < (4, sunday(4, Some(1))?, 3)
        }
    };
    Some((hours + i32::from(is_summer)) * HOUR_S)
}

/// Returns the day of a Sunday of a month: the one with this number, or else the last.
fn sunday(year: u32, month: u32, number: Option<u32>) -> Option<u32> {
    const DAY_US: i64 = 86_400_000_000;
    let first = Civil { year, month, day: 1, ..Civil::default() }.unix_us()? / DAY_US;
    // 1 January 1970 was a Thursday.
    let until = u32::try_from((3 - first).rem_euclid(7)).ok()?;
    let day = 1 + until;
    match number {
        Some(number) => Some(day + 7 * (number - 1)),
        None => {
            let exists = |day: &u32| {
                Civil { year, month, day: *day, ..Civil::default() }.unix_us().is_some()
            };
            (0..5).rev().map(|week| day + 7 * week).find(exists)
        }
    }
}

/// The digits 0 of other scripts, by which programs in their countries write dates: Arabic, Persian, Devanagari,
/// Bengali, Thai, Burmese, and wide ones.
const ZEROS: [char; 7] =
    ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}', '\u{1040}', '\u{ff10}'];

/// Returns the ASCII digit for an Arabic, Persian, Devanagari, Bengali, Thai, Burmese or wide digit, such as `٣`;
/// `None` for any other character.
pub fn ascii_digit(char: char) -> Option<char> {
    let of =
        |zero: &char| u32::from(char).checked_sub(u32::from(*zero)).filter(|digit| *digit < 10);
    ZEROS.iter().find_map(of).and_then(|digit| char::from_digit(digit, 10))
}

#[cfg(test)]
mod tests {
    use crate::read_date;

    /// The error was: a zone that a time names was passed over, and the time counted as UTC.
    #[test]
    fn places_have_their_summer_time() {
        for (text, hours) in [
            ("2026-11-29 23:08:51 Europe/Berlin", 1),
            ("2026-11-29 23:08:51[Europe/Berlin]", 1),
            ("2026-07-01T23:08:51 [Europe/Berlin] ERROR", 2),
            ("2026-03-29 01:59:59 Europe/Berlin", 1),
            ("2026-03-29 03:00:00 Europe/Berlin", 2),
            ("2026-10-25 01:59:59 Europe/Berlin", 2),
            ("2026-10-25 03:00:00 Europe/Berlin", 1),
            ("29.11.2026, 23:08:51 Europe/Kyiv", 2),
            ("2026-03-29 00:59:59 Europe/London", 0),
            ("2026-03-29 02:00:00 Europe/London", 1),
            ("2026-03-08 01:59:59 America/New_York", -5),
            ("2026-03-08 03:00:00 America/New_York", -4),
            ("2026-11-01 00:59:59 America/Los_Angeles", -7),
            ("2026-11-01 02:00:00 America/Los_Angeles", -8),
            ("2026-01-15 12:00:00 Australia/Sydney", 11),
            ("2026-06-15 12:00:00 Pacific/Auckland", 12),
        ] {
            assert_eq!(
                read_date(text).and_then(|found| found.zone_s),
                Some(hours * 3_600),
                "{text}"
            );
        }
        for text in ["2026-07-01 01:00:00 Africa/Cairo", "1999-07-01 01:00:00 Europe/Berlin"] {
            assert_eq!(
                read_date(text).map(|found| (found.zone_s, found.length)),
                Some((None, text.len()))
            );
        }
    }

    /// The error was: errors in a log of such a country had no time.
    #[test]
    fn digits_of_other_scripts_are_digits() {
        for text in [
            "٢٩\u{200f}/١١\u{200f}/٢٠٢٦، ١:٠٨:٥١ م ERROR",
            "۲۹/۱۱/۲۰۲۶، ۱:۰۸:۵۱ PM ERROR",
            "२९/११/२०२६, १:०८:५१ PM ERROR",
            "২৯/১১/২০২৬, ১:০৮:৫১ PM ERROR",
            "၂၉/၁၁/၂၀၂၆ ၁၃:၀၈:၅၁ ERROR",
            "٢٩/١١/٢٠٢٦ ١:٠٨:٥١ د.ن ERROR",
            "٢٠٢٦-١١-٢٩ ١:٠٨:٥١ شام ERROR",
            "29-11-2026, 1:08:51 बेलासे ERROR",
            "2026年11月29日 下午1:08:51 ERROR",
            "2026年11月29日 13:08:51 ERROR",
            "2026년 11월 29일 오후 1:08:51 ERROR",
            "29. 11. 2026. u 13:08:51 ERROR",
        ] {
            let found = read_date(text).unwrap_or_else(|| panic!("{text}"));
            let civil = found.civil;
            assert_eq!(
                (civil.month, civil.day, civil.hour, civil.second),
                (11, 29, 13, 51),
                "{text}"
            );
            assert_eq!(text.get(found.length..), Some(" ERROR"), "{text}");
        }
        // A year of the Persian calendar is none of ours.
        assert_eq!(read_date("۱۴۰۵/۹/۸, ۱۳:۰۸:۵۱"), None);
    }
}
