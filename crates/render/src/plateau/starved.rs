//! Sentences about a thread that had work, and got little of a core.

use spikeflame_load::plateau::Window;
use spikeflame_load::{Plateau, Starvation};

/// Returns sentences about the longest stretch in which the busiest thread had work but got little
/// of a core, with the number of such seconds at other times; empty without such a stretch.
/// `plateau` is the plateau that was found: a sentence is added when a stretch began before it or with it. `is_told` is
/// true where a text beside these sentences has the cause and the advice, as a verdict has
/// ([`is_of_machine`](super::is_of_machine)).
///
/// ```
/// use spikeflame_load::Starvation;
/// use spikeflame_load::plateau::Window;
/// use spikeflame_render::plateau::starvation;
///
/// let some = [Starvation { window: Window { from: 2, to: 14 }, cores: 0.1 }];
/// assert!(starvation(&some, None, false).contains("From 2 s to 14 s of the load test"));
/// assert!(starvation(&[], None, false).is_empty());
/// ```
pub fn starvation(starved: &[Starvation], plateau: Option<&Plateau>, is_told: bool) -> String {
    let Some(longest) = starved.iter().rev().max_by_key(|one| one.window.seconds()) else {
        return String::new();
    };
    let Window { from, to } = longest.window;
    let all: usize = starved.iter().map(|one| one.window.seconds()).sum();
    let more = match all - longest.window.seconds() {
        0 => String::new(),
        more => format!(" ({more} s more at other times)"),
    };
    let mut text = format!(
        "From {from} s to {to} s of the load test{more} the busiest thread had work, but was seen \
         running in only {:.0} % of that time{}.",
        100.0 * longest.cores,
        if is_told {
            ""
        } else {
            ": most likely other programs or a limit of CPU kept it from running"
        }
    );
    let before = |found: &Plateau| starved.iter().any(|one| one.window.from <= found.window.from);
    if plateau.is_some_and(before) {
        text += " Answers that were late then may be due to that, so the start of the plateau and \
                 the limit may be wrong.";
        text += if is_told { "" } else { " Repeat the test on a machine with nothing else to do." };
    }
    text
}
