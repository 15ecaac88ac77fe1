//! Tags that were read before. k6 writes several points of each request, all with the same tags, and
//! a test has few different ones.

use super::tags::Tags;

/// Number of texts that are kept.
const MOST: usize = 32;
/// Length in bytes from which a text is kept alone, which bounds the memory.
const LONG: usize = 4_096;

/// The texts of tags that were last new, with their tags.
#[derive(Default)]
pub(crate) struct KnownTags {
    all: Vec<Known>,
    /// The place of the tags of the last point.
    last: usize,
    /// The place of the text that is replaced next.
    oldest: usize,
}

/// A text with its tags.
pub(crate) struct Known {
    text: Vec<u8>,
    /// `None` where they must be read in another way.
    pub(crate) tags: Option<Tags<String>>,
}

impl Known {
    /// Returns the length of the text.
    pub(crate) fn length(&self) -> usize {
        self.text.len()
    }
}

impl KnownTags {
    /// Returns the tags for whose text `is_wanted` is true, or those that `read` returns with their text.
    /// Returns `None` when `read` does.
    pub(crate) fn find_or<'t>(
        &mut self,
        is_wanted: impl Fn(&[u8]) -> bool,
        read: impl FnOnce() -> Option<(&'t [u8], Option<Tags<String>>)>,
    ) -> Option<&Known> {
        if !self.all.get(self.last).is_some_and(|known| is_wanted(&known.text)) {
            self.last = match self.all.iter().position(|known| is_wanted(&known.text)) {
                Some(at) => at,
                None => {
                    let (text, tags) = read()?;
                    self.keep(Known { text: text.to_owned(), tags })
                }
            };
        }
        self.all.get(self.last)
    }

    /// Keeps a new text. Returns its place.
    fn keep(&mut self, known: Known) -> usize {
        if known.length() > LONG {
            self.all.clear();
        }
        let place = if self.all.len() < MOST { self.all.len() } else { self.oldest };
        match self.all.get_mut(place) {
            Some(old) => {
                *old = known;
                self.oldest = (place + 1) % MOST;
            }
            None => self.all.push(known),
        }
        place
    }
}
