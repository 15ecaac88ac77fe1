//! Stacks of 100,000 frames with a sample at each level: memory stays in bounds.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use spikeflame_profile::{
    CallTree, Frame, Kind, Profile, Sample, Samples, Selection, Source, StackId, Thread, Tier,
    VmState,
};
use spikeflame_render::{About, FlameOptions, flame};

#[test]
fn a_picture_of_very_deep_stacks_is_bounded() {
    let mut profile = Profile::default();
    let (mut stack, mut samples) = (StackId::ROOT, Samples::default());
    for level in 0..100_000_u64 {
        let function = profile.frames.named(&format!("f{}", level % 50), Kind::Js);
        let frame = profile.frames.frame(Frame { function, tier: Tier::None, inlined: false });
        stack = profile.stacks.child(stack, frame);
        samples.push(Sample { time_us: level, stack, state: VmState::UNKNOWN });
    }
    profile.threads.push(Thread { name: "main".to_owned(), samples });
    profile.sources.push(Source { unit: "samples".to_owned(), ..Source::default() });
    let tree = CallTree::build(&profile, &Selection::default());
    for tree in [tree.reversed(), tree] {
        assert_eq!(tree.total(), 100_000);
        let about = About::collect(&profile, &Selection::default(), &tree);
        let options = FlameOptions { min_width: 0.0, fixed: true, ..FlameOptions::default() };
        let mut svg = Vec::new();
        flame(&tree, &about, &options, &mut svg).unwrap();
        assert!(svg.len() < 4 << 20, "{}", svg.len());
    }
}
