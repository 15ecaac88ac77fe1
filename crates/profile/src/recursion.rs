//! Finds the outer stack of a recursion, in time that grows with the number of stacks and not with their depth.

use crate::profile::Profile;
use crate::tree::EntryId;

/// The stack tree in the form in which it can be walked in depth, as indices of stacks. 0 is the empty
/// stack; in a list of children, it stands for the end.
struct Walk {
    first_child: Vec<u32>,
    next_sibling: Vec<u32>,
}

/// Returns for each stack the index of the nearest stack above it whose last frame has the same entry; 0
/// where there is none. `of_stack` is the entry of the last frame of each stack, or `None` for a frame that
/// is not shown. `entries` is the number of entries.
pub(crate) fn outer_stacks(
    profile: &Profile,
    of_stack: &[Option<EntryId>],
    entries: usize,
) -> Vec<u32> {
    let walk = Walk::new(profile);
    let nodes = &profile.stacks;
    let above = |stack: u32| nodes.at(stack).map_or(0, |(parent, _)| parent.index() as u32);
    let mut outer = vec![0; of_stack.len()];
    // The innermost stack of each entry on the path from the root to the place of the walk.
    let mut open = vec![0; entries];
    let swap = |open: &mut [u32], stack: u32, new: u32| {
        let entry = of_stack.get(stack as usize).copied().flatten();
        let slot = entry.and_then(|entry| open.get_mut(entry.index()));
        slot.map_or(0, |slot| std::mem::replace(slot, new))
    };
    let mut at = 0;
    loop {
        let mut next = of(&walk.first_child, at);
        while next == 0 && at != 0 {
            swap(&mut open, at, of(&outer, at));
            next = of(&walk.next_sibling, at);
            at = above(at);
        }
        if next == 0 {
            return outer;
        }
        let nearest = swap(&mut open, next, next);
        if let Some(slot) = outer.get_mut(next as usize) {
            *slot = nearest;
        }
        at = next;
    }
}

/// Returns the value of a stack in a list; 0 beyond its end.
fn of(list: &[u32], stack: u32) -> u32 {
    list.get(stack as usize).copied().unwrap_or(0)
}

impl Walk {
    fn new(profile: &Profile) -> Self {
        let none = || vec![0; profile.stacks.len()];
        let mut walk = Self { first_child: none(), next_sibling: none() };
        for (stack, above, _) in profile.stacks.nodes().rev() {
            let (at, above) = (stack.index(), above.index());
            let lists = (walk.first_child.get_mut(above), walk.next_sibling.get_mut(at));
            if let (Some(first), Some(next)) = lists {
                (*next, *first) = (*first, at as u32);
            }
        }
        walk
    }
}
