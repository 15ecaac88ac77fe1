//! Chooses among the columns of one kind.

use super::meaning::Meaning;
use super::names::{self, normal};
use super::{promql, queries};

/// A class of status, or a single status, and true for answers of a load balancer itself.
type Status = Option<(&'static str, bool)>;

/// Returns true when another column of a table counts the requests of the status in column `at`: an
/// earlier one with this status, or one with its class.
fn is_counted(statuses: &[Status], at: usize) -> bool {
    let Some(Some((status, balancer))) = statuses.get(at) else { return false };
    let others = statuses.iter().enumerate().filter_map(|(at, other)| Some((at, (*other)?)));
    others.filter(|(_, (_, other))| other == balancer).any(|(other_at, (other, _))| {
        other == *status && other_at < at || names::is_within(status, other)
    })
}

/// Keeps the first column of a kind, which gives the values, and all of several classes of status, which
/// are added up, as are queries of one counter with other labels and the columns `told` by the user. The others
/// become tracks.
pub(super) fn keep_first(header: &[String], meanings: &mut [Meaning], told: &[usize]) {
    let is_class = |name: &String| names::status(&normal(name)).is_some();
    let has = |is: &dyn Fn(Meaning) -> bool| {
        header.iter().zip(meanings.iter()).any(|(name, meaning)| is(*meaning) && !is_class(name))
    };
    let has_all = has(&|meaning| matches!(meaning, Meaning::Rate | Meaning::Count));
    let has_good = has_all || has(&|meaning| meaning == Meaning::Succeeded);
    let has_bad = has(&|meaning| matches!(meaning, Meaning::Errors | Meaning::ErrorShare(_)));
    let counts_class = |name: &String| {
        matches!(names::status(&normal(name)), Some(Meaning::Errors | Meaning::Succeeded))
    };
    let is_single =
        |name: &String| names::code(&normal(name)).is_some() && queries::counted(name).is_none();
    let has_class = header.iter().any(counts_class);
    let has_share = has(&|meaning| matches!(meaning, Meaning::SuccessShare(_)));
    let statuses: Vec<_> = header.iter().map(|name| names::counted_status(&normal(name))).collect();
    let shares: Vec<_> = header.iter().map(|name| names::shared_status(&normal(name))).collect();
    let (mut seen, mut class_share) = (Vec::new(), None);
    let has_surer =
        has_bad || has_class || has_share || has_all && has(&|m| m == Meaning::Succeeded);
    for (at, (name, meaning)) in header.iter().zip(meanings).enumerate() {
        let is_class = is_class(name);
        // Failed requests follow from those that succeeded where no column holds them.
        if *meaning == Meaning::Succeeded && has_all && !has_bad && !has_class && !has_share {
            *meaning = Meaning::SucceededOfAll;
        }
        let is_told = told.contains(&at);
        let kind = match *meaning {
            Meaning::Succeeded if has_all => Meaning::Other,
            Meaning::Rate | Meaning::Count | Meaning::Errors | Meaning::Vus if is_told => continue,
            Meaning::SucceededOfAll if is_told => continue,
            Meaning::Succeeded if is_told && !has_all => continue,
            Meaning::Rate if is_other_part(header, at) => continue,
            // Single statuses beside all requests need not be all failures.
            Meaning::Errors if has_all && is_single(name) => Meaning::Other,
            Meaning::SuccessShare(_) if has_bad || has_class => Meaning::Other,
            Meaning::Succeeded if is_class && has_good => Meaning::Other,
            Meaning::Errors if is_class && has_bad => Meaning::Other,
            Meaning::Succeeded | Meaning::Errors if is_class && is_counted(&statuses, at) => {
                Meaning::Other
            }
            Meaning::Succeeded | Meaning::Errors if is_class => continue,
            // Shares of classes are added up where they are of one unit.
            Meaning::ErrorShare(unit) if is_class => {
                let is_other = has_surer || is_counted(&shares, at);
                if !is_other && *class_share.get_or_insert(unit) == unit {
                    continue;
                }
                Meaning::Other
            }
            Meaning::Count | Meaning::Succeeded => Meaning::Rate,
            Meaning::ErrorShare(_) | Meaning::SucceededOfAll | Meaning::SuccessShare(_) => {
                Meaning::Errors
            }
            Meaning::Duration(at, _) => Meaning::Duration(at, 0.0),
            other => other,
        };
        if kind == Meaning::Other || seen.contains(&kind) {
            *meaning = Meaning::Other;
        } else {
            seen.push(kind);
        }
    }
}

/// Returns true for a query of the counter of an earlier column, for other labels: `rate(a{path="/b"}[1m])` beside
/// `rate(a{path="/a"}[1m])`.
fn is_other_part(header: &[String], at: usize) -> bool {
    let Some(growth) = header.get(at).and_then(|name| promql::growth(name)) else { return false };
    let others = header.iter().take(at).filter_map(|name| promql::growth(name));
    let mut others = others.filter(|other| other.is_of_counter(&growth)).peekable();
    others.peek().is_some() && others.all(|other| other.excludes(&growth))
}
