//! The stack that a reader made last. Most stacks begin like the one before, and this part need not be
//! made again.

use spikeflame_profile::StackId;

/// The keys of a stack's frames, such as their addresses, outermost first. Each has the stack that ends
/// there.
#[derive(Debug)]
pub(crate) struct LastStack<K, G> {
    made: Vec<(K, StackId)>,
    /// Everything else that the stack depends on.
    generation: G,
}

impl<K, G: Default> Default for LastStack<K, G> {
    fn default() -> Self {
        Self { made: Vec::new(), generation: G::default() }
    }
}

impl<K: PartialEq, G: PartialEq> LastStack<K, G> {
    /// Keeps the part that these keys, outermost first, have in common with the last stack. It is
    /// empty when the generation is another. Returns the number of its keys.
    pub(crate) fn retain<'k>(&mut self, keys: impl Iterator<Item = &'k K>, generation: G) -> usize
    where
        K: 'k,
    {
        let common = match self.generation == generation {
            true => keys.zip(&self.made).take_while(|(key, (made, _))| *key == made).count(),
            false => 0,
        };
        self.made.truncate(common);
        self.generation = generation;
        common
    }

    /// Returns the stack up to here.
    pub(crate) fn stack(&self) -> StackId {
        self.made.last().map_or(StackId::ROOT, |&(_, stack)| stack)
    }

    /// Adds the next frame, and the stack that ends with it.
    pub(crate) fn push(&mut self, key: K, stack: StackId) {
        self.made.push((key, stack));
    }
}
