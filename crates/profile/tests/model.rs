//! Invariants of the model: mass is conserved by every selection and view.

use crate::folded_counts::oddities;
use proptest::prelude::*;
use spikeflame_profile::{
    CallTree, ErrorDetail, FrameTable, Function, GroupBy, Hotspots, Idle, Inlining, Kind, Profile,
    Sample, Samples, Selection, Source, StackId, Thread, Tier, Tiers, VmState, Zero, folded,
};

const LABELS: [&str; 17] = [
    "main",
    "main loop",
    "node::Start",
    "f /srv/app/a.js:1:2",
    "*f /srv/app/a.js:1:2",
    "~f /srv/app/a.js:1:2",
    "f /srv/app/a.js:1:2_[i]",
    "<anonymous> /srv/app/node_modules/@x/y/b.js:3:4",
    "g /srv/app/node_modules/z/c.js:5:6",
    "read node:fs:7:8",
    "Builtin: ArrayMap",
    "(builtin)",
    "BytecodeHandler: LdaZero",
    "RegExp: a 1",
    "(garbage collector)",
    "(idle)",
    "sys_read_[k]",
];

pub(crate) fn read(text: &str) -> Profile {
    folded::read(&mut text.as_bytes(), "test", None).unwrap()
}

pub(crate) fn fold(profile: &Profile, selection: &Selection) -> String {
    let mut text = Vec::new();
    folded::write(&CallTree::build(profile, selection), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// Generates a profile of two threads with times, from stacks of [`LABELS`].
fn profile() -> impl Strategy<Value = Profile> {
    let stack = prop::collection::vec(0..LABELS.len(), 1..6);
    let sample = (stack, 0..1000u64, 1..5u64, any::<bool>());
    prop::collection::vec(sample, 1..40).prop_map(|samples| {
        let text: String = samples
            .iter()
            .map(|(stack, ..)| {
                let labels: Vec<_> = stack.iter().map(|&at| LABELS[at]).collect();
                format!("{} 1\n", labels.join(";"))
            })
            .collect();
        let mut profile = read(&text);
        let stacks: Vec<StackId> =
            profile.threads[0].samples.iter().map(|(sample, _)| sample.stack).collect();
        let mut threads = [("one", Samples::default()), ("two", Samples::default())];
        for ((_, time_us, weight, second), stack) in samples.into_iter().zip(stacks) {
            let sample = Sample { time_us, stack, state: VmState::UNKNOWN };
            threads[usize::from(second)].1.push_weighted(sample, weight);
        }
        profile.threads = threads
            .into_iter()
            .map(|(name, mut samples)| {
                samples.sort();
                Thread { name: name.into(), samples, source: 0 }
            })
            .collect();
        profile.sources = vec![Source { timed: true, end_us: 1000, ..Source::default() }];
        give_lines(&mut profile);
        profile
    })
}

/// Gives the innermost frame of every second sample a line.
fn give_lines(profile: &mut Profile) {
    for thread in &mut profile.threads {
        let before = std::mem::take(&mut thread.samples);
        for (number, (mut sample, weight)) in (0u32..).zip(before.iter()) {
            if let Some((caller, frame)) = profile.stacks.get(sample.stack) {
                let frame = profile.frames.at_line(frame, number % 2 * (number % 5));
                sample.stack = profile.stacks.child(caller, frame);
            }
            thread.samples.push_weighted(sample, weight);
        }
    }
}

fn selection() -> impl Strategy<Value = Selection> {
    let regex = || prop::option::of(prop::sample::select(vec!["^f ", "node", "main", "x", "."]));
    let groups =
        [GroupBy::Function, GroupBy::Line, GroupBy::File, GroupBy::Package, GroupBy::Category];
    let bools = any::<(bool, bool, bool, bool)>();
    (
        prop::option::of(0..1200u64),
        prop::option::of(0..1200u64),
        (regex(), regex(), regex()),
        prop::option::of(prop::sample::select(vec!["one", "t"])),
        prop::sample::select(groups.to_vec()),
        bools,
    )
        .prop_map(|(from_us, to_us, (focus, ignore, hide), thread, group_by, bools)| {
            let regex = |text: Option<&str>| text.map(|text| text.parse().unwrap());
            let (split, collapse, keep, annotate) = bools;
            Selection {
                from_us,
                to_us,
                thread: regex(thread),
                focus: regex(focus),
                ignore: regex(ignore),
                hide: regex(hide),
                group_by,
                tiers: if split { Tiers::Split } else { Tiers::Merge },
                inlined: if collapse { Inlining::Collapse } else { Inlining::Expand },
                idle: if keep { Idle::Keep } else { Idle::Drop },
                annotate,
            }
        })
}

/// Checks a tree that is not reversed, of samples that end in a shown frame or in a state.
fn check_tiers(tree: &CallTree) {
    for row in Hotspots::from_tree(tree).rows {
        let entry = tree.entry(Some(row.entry)).unwrap();
        let sum = |tiers: &[u64; 5]| tiers.iter().sum::<u64>();
        // Samples without a shown frame have no tier.
        let bare = row.self_weight - sum(&entry.self_tiers);
        assert_eq!(sum(&entry.total_tiers) + bare, row.total, "{entry:?}");
        let pairs = entry.self_tiers.iter().zip(&entry.total_tiers);
        assert!(pairs.clone().all(|(own, total)| own <= total), "{entry:?}");
    }
}

fn check(tree: &CallTree) {
    for (id, node) in tree.nodes().iter().enumerate() {
        let below: u64 = tree.children(id).map(|(_, child)| child.total).sum();
        assert_eq!(node.self_weight + below, node.total);
        let labels: Vec<_> = tree.children(id).map(|(_, child)| child.entry).collect();
        assert!(labels.windows(2).all(|pair| pair[0] < pair[1]), "siblings not in order, or twice");
        assert!(
            tree.children(id).all(|(_, child)| child.parent == id && child.depth == node.depth + 1)
        );
    }
    let labels: Vec<_> = tree.entries().iter().map(|entry| &entry.label).collect();
    assert!(labels.windows(2).all(|pair| pair[0] < pair[1]));
    let hotspots = Hotspots::from_tree(tree);
    assert_eq!(hotspots.rows.iter().map(|row| row.self_weight).sum::<u64>(), tree.total());
    assert!(
        hotspots.rows.iter().all(|row| row.self_weight <= row.total && row.total <= tree.total())
    );
    let tiers: u64 = tree.entries().iter().flat_map(|entry| entry.self_tiers).sum();
    let states = ["(program)", "(hidden)"];
    let program = tree.entries().iter().filter(|entry| states.contains(&entry.label.as_str()));
    let bare: u64 = hotspots
        .rows
        .iter()
        .filter(|r| program.clone().any(|p| tree.entry(Some(r.entry)) == Some(p)))
        .map(|r| r.self_weight)
        .sum();
    assert!(tiers == tree.total() || tiers + bare == tree.total());
}

proptest! {
    #[test]
    fn mass_is_conserved_by_every_selection(profile in profile(), selection in selection()) {
        let tree = CallTree::build(&profile, &selection);
        prop_assert_eq!(tree.total() + tree.left_out().total(), profile.total());
        check(&tree);
        check_tiers(&tree);
        let reversed = tree.reversed();
        prop_assert_eq!(reversed.total(), tree.total());
        check(&reversed);
        // A tree that is turned over twice is as before.
        let folds = |tree: &CallTree| {
            let mut text = Vec::new();
            folded::write(tree, &mut text).unwrap();
            text
        };
        prop_assert_eq!(folds(&reversed.reversed()), folds(&tree));
    }

    #[test]
    fn a_selected_profile_has_the_tree_that_the_selection_has(
        profile in profile(), selection in selection(),
    ) {
        let selection = Selection { annotate: false, ..selection };
        let direct = CallTree::build(&profile, &selection);
        let kept = |profile: &Profile| -> Vec<(String, u64, u64)> {
            let of = |thread: &Thread| -> Vec<_> {
                let samples = thread.samples.iter();
                samples.map(|(s, weight)| (thread.name.clone(), s.time_us, weight)).collect()
            };
            profile.threads.iter().flat_map(of).collect()
        };
        let all = kept(&profile);
        let (selected, left_out) = profile.select(&selection);
        let everything =
            Selection { idle: Idle::Keep, tiers: Tiers::Split, ..Selection::default() };
        let tree = CallTree::build(&selected, &everything);
        prop_assert_eq!(tree.nodes(), direct.nodes());
        let labels = |tree: &CallTree| -> Vec<String> {
            tree.entries().iter().map(|entry| entry.label.clone()).collect()
        };
        prop_assert_eq!(labels(&tree), labels(&direct));
        prop_assert_eq!(&left_out, direct.left_out());
        prop_assert_eq!(tree.left_out().total(), 0);
        // Times and weights do not change, nor does their order.
        let mut rest = all.iter();
        for sample in kept(&selected) {
            prop_assert!(rest.any(|one| *one == sample), "{:?} is no sample", sample);
        }
    }

    #[test]
    fn folded_text_reads_back_as_it_was_written(profile in profile(), selection in selection()) {
        let whole = Selection {
            tiers: selection.tiers,
            annotate: selection.annotate,
            idle: Idle::Keep,
            ..Selection::default()
        };
        let text = fold(&profile, &whole);
        let again = Selection { idle: Idle::Keep, tiers: Tiers::Split, ..Selection::default() };
        // The suffixes of annotate state how the frame ran; they are read, and written on
        // request.
        if !selection.annotate {
            prop_assert_eq!(fold(&read(&text), &again), text);
        } else {
            prop_assert_eq!(read(&text).total(), profile.total());
        }
    }

    #[test]
    fn any_text_is_folded_stacks_or_counted(text in "([ -~é\t]{0,12}( [0-9]{1,4})?\r?\n){0,12}") {
        let profile = read(&text);
        let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("# "));
        let read: usize = profile.threads.iter().map(|thread| thread.samples.len()).sum();
        prop_assert_eq!(read as u64 + profile.unreadable(), lines.count() as u64);
    }

    #[test]
    fn putting_profiles_together_adds_them_up(one in profile(), two in profile()) {
        let sum = one.total() + two.total();
        let keep = Selection { idle: Idle::Keep, ..Selection::default() };
        let mut lines: Vec<String> = [&one, &two].into_iter().flat_map(|profile| {
            fold(profile, &keep).lines().map(str::to_owned).collect::<Vec<_>>()
        }).collect();
        lines.sort();
        let separate = read(&lines.join("\n"));
        let mut both = one;
        both.append(two);
        prop_assert_eq!(both.total(), sum);
        let names: std::collections::BTreeSet<_> = both.threads.iter().map(|t| t.name.clone()).collect();
        prop_assert_eq!(names.len(), 4);
        prop_assert_eq!(fold(&both, &keep), fold(&separate, &keep));
    }

    #[test]
    fn collapsing_inlined_frames_leaves_their_samples_with_the_caller(profile in profile()) {
        let keep = Selection { idle: Idle::Keep, ..Selection::default() };
        let collapsed = Selection { inlined: Inlining::Collapse, ..keep.clone() };
        let tree = CallTree::build(&profile, &collapsed);
        prop_assert_eq!(tree.total(), CallTree::build(&profile, &keep).total());
        let marked = Selection { annotate: true, ..collapsed };
        prop_assert!(!fold(&profile, &marked).contains("_[i]"));
    }
}

#[test]
fn a_sibling_whose_name_goes_on_does_not_split_a_function() {
    let text = "main;b 1\nmain;b c 5\nmain;b;d 3\n";
    let tree = CallTree::build(&read(text), &Selection::default());
    let (main, _) = tree.children(0).next().unwrap();
    let totals: Vec<u64> = tree.children(main).map(|(_, child)| child.total).collect();
    assert_eq!(totals, [4, 5]);
}

#[test]
fn groups_that_call_themselves_are_one_box() {
    let text = "f /a/node_modules/x/1.js:1:1;g /a/node_modules/x/2.js:1:1;h /a/b.js:1:1 7\n";
    let select = |group_by| Selection { group_by, ..Selection::default() };
    assert_eq!(fold(&read(text), &select(GroupBy::Package)), "x;(app) 7\n");
    assert_eq!(fold(&read(text), &select(GroupBy::Category)), "dependency;app 7\n");
    let files = "/a/node_modules/x/1.js;/a/node_modules/x/2.js;/a/b.js 7\n";
    assert_eq!(fold(&read(text), &select(GroupBy::File)), files);
}

#[test]
fn handlers_of_bytecodes_are_their_function_at_work() {
    let text = "~f /a.js:1:1;BytecodeHandler: LdaZero 2\nBytecodeHandler: LdaZero 1\n\
                ~f /a.js:1:1;BytecodeHandler: LdaZero;BytecodeHandler: Star 1\n";
    let expected = "BytecodeHandler: LdaZero 1\nf /a.js:1:1 3\n";
    assert_eq!(fold(&read(text), &Selection::default()), expected);
}

#[test]
fn what_hides_everything_leaves_the_samples() {
    let hide = Selection { hide: ".".parse().ok(), ..Selection::default() };
    assert_eq!(fold(&read("a;b 2\n"), &hide), "(hidden) 2\n");
    // The error was: this entry had no name, unlike other states.
    let tree = CallTree::build(&read("a;b 2\n"), &hide);
    assert_eq!(tree.entries()[0].name, "(hidden)");
}

/// The error was: after the lines of a function were removed, a line that ran later had the id of one
/// that was removed, and was lost.
#[test]
fn a_line_is_known_again_after_it_was_removed() {
    let mut frames = FrameTable::default();
    let [one, other] = ["f /a.js:1:1", "g /b.js:1:1"].map(|label| frames.labelled(label));
    let [first, kept] = [one, other].map(|frame| frames.at_line(frame, 12));
    let moved = frames.get(one).function;
    frames.forget_lines(|function, _| function == moved);
    assert_eq!([first, kept].map(|id| frames.line(id)), [0, 12]);
    let again = frames.at_line(first, 12);
    assert_eq!((frames.line(again), frames.at_line(other, 12)), (12, kept));
    assert_eq!(frames.at_line(one, 12), again, "each line has one id");
}

/// The error was: an interval of 0 beside one that the user asked for made the mean half as long.
#[test]
fn an_interval_of_0_is_not_known() {
    let source = |interval_us, asked_us| Source { interval_us, asked_us, ..Source::default() };
    let interval = |sources: &[Source]| {
        Profile { sources: sources.to_vec(), ..Profile::default() }.interval_us()
    };
    let whole = source(Some(1_000), Some(1_000));
    assert_eq!(interval(&[whole.clone(), source(Some(0), Some(1_000))]), None);
    assert_eq!(interval(&[source(Some(0), Some(1_000))]), None);
    assert_eq!(interval(&[source(Some(0), None)]), None);
    assert_eq!(interval(&[whole, source(Some(1_100), Some(1_000))]), Some(1_050));
}

#[test]
fn recordings_that_ran_together_share_a_zero() {
    let one = |zero, time_us| {
        let mut profile = folded::read(&mut &b"main 1\n"[..], "x", None).unwrap();
        let stack = profile.threads[0].samples.iter().next().unwrap().0.stack;
        profile.threads[0].samples = Samples::default();
        profile.threads[0].samples.push(Sample { time_us, stack, state: VmState::UNKNOWN });
        profile.sources[0].timed = true;
        profile.sources[0].end_us = 1000;
        profile.sources[0].zero = zero;
        profile
    };
    let times = |profile: &Profile| -> Vec<u64> {
        let samples = profile.threads.iter().flat_map(|thread| thread.samples.iter());
        samples.map(|(sample, _)| sample.time_us).collect()
    };
    let mut main = one(Zero::Wall(5_000), 10);
    main.append(one(Zero::Wall(5_300), 20));
    assert_eq!(times(&main), [10, 320]);
    // The earlier recording is added last, so the times of the first move.
    main.append(one(Zero::Wall(4_900), 1));
    assert_eq!(times(&main), [110, 420, 1]);
    assert!(main.sources.iter().all(|source| source.zero == Zero::Wall(4_900)));
    assert_eq!(main.sources[0].end_us, 1100);
    // A recording of another day is another run.
    let mut one_run = one(Zero::Monotonic(5_000), 10);
    one_run.append(one(Zero::Monotonic(90_000), 20));
    one_run.append(one(Zero::Unknown, 30));
    assert_eq!(times(&one_run), [10, 20, 30]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name() {
    let (lines, ..) = oddities("\u{feff}a;b 1\na;b 2\n", None);
    assert_eq!(lines, ["a;b 3"]);
}

#[test]
fn a_line_without_end_is_lost_and_takes_no_memory() {
    use std::io::{BufRead, BufReader, Read};
    let long = || BufReader::new(std::io::repeat(b'a').take(40 << 20));
    let mut text = b"a 1\n".chain(long()).chain(&b" 1\nb 2\n"[..]).chain(long());
    let profile = folded::read(&mut text, "x", None).unwrap();
    assert_eq!(profile.total(), 3);
    let losses: Vec<_> = profile.losses.iter().map(|l| (l.reason, l.count, l.first)).collect();
    assert_eq!(losses, [("a line longer than 16 MiB", 2, 2)]);
    assert!(text.fill_buf().unwrap().is_empty());
}

/// On a busy machine, `--cpu-prof` takes samples in groups. The export of such a recording of 5.5 s
/// lasted 6.3 s.
#[test]
fn samples_in_groups_last_no_longer_than_the_recording() {
    let mut profile = read("main 1\n");
    let mut samples = Samples::default();
    // Gaps of 0, 2 and 12 ms: the median of those that are not 0 is 12.
    for round in 0..100 {
        for ms in [0, 0, 2, 14, 26] {
            samples.push(Sample {
                time_us: round * 38_000 + ms * 1_000,
                stack: StackId::ROOT,
                state: VmState::UNKNOWN,
            });
        }
    }
    profile.threads = vec![Thread { name: "main".to_owned(), samples, source: 0 }];
    let source = |interval_us| Source { timed: true, interval_us, ..Source::default() };
    profile.sources = vec![source(None)];
    let span = 99 * 38_000 + 26_000;
    assert_eq!(profile.step_us(), Some(span / 499));
    profile.sources = vec![source(Some(9_000))];
    assert_eq!(profile.step_us(), Some(9_000));
}

/// The error was: a function that was set to another one took that one's id out of the index when it was set
/// again, so that a third function was added.
#[test]
fn a_function_that_was_replaced_twice_leaves_its_equals_in_the_index() {
    let mut table = FrameTable::default();
    let [a, b] = ["a", "b"].map(|name| table.named(name, Kind::Js));
    let [of_a, of_b] = [a, b].map(|id| *table.get_function(id));
    let of_c = Function { name: table.intern("c"), ..of_a };
    table.set_function(a, of_b);
    table.set_function(a, of_c);
    assert_eq!((table.function(of_b), table.function(of_c)), (b, a));
    // The second of two equal ones stays when the first is replaced.
    table.set_function(b, of_c);
    table.set_function(a, of_a);
    assert_eq!((table.function(of_c), table.function(of_a)), (b, a));
    assert_eq!(table.function_count(), 2);
    // A blank name is none, as in `FrameTable::function`.
    let blank = Function { name: table.intern(" "), ..of_a };
    table.set_function(a, blank);
    assert_eq!(table.function(blank), a);
}

/// The error was: of two numbers the first stayed, and then stood for both errors.
#[test]
fn two_codes_of_errors_are_not_one() {
    let joined = |codes: &[&str]| {
        let mut whole = ErrorDetail::default();
        for &code in codes {
            whole.join(ErrorDetail { code: code.to_owned(), ..ErrorDetail::default() });
        }
        whole.code
    };
    for (codes, expected) in [
        (&["errno 1040", "errno 1205"][..], "…"),
        (&["errno 1040", "", "errno 1040"], "errno 1040"),
        (&["errno 1040", "ER_X"], "ER_X"),
        (&["ER_X", "errno 1040", "ER_X"], "ER_X"),
        (&["ER_X", "ER_Y"], "…"),
        (&["errno 1040", "errno 1205", "ER_X"], "…"),
    ] {
        assert_eq!(joined(codes), expected, "{codes:?}");
    }
}

/// The error was: a recursion counted once for each of its frames, so that one deep sample decided the tier.
#[test]
fn a_sample_of_a_recursion_has_one_tier() {
    let slow = "~f /srv/a.js:1:2";
    let fast = "*f /srv/a.js:1:2";
    let deep = [slow; 9].join(";");
    let profile = read(&format!("{fast} 3\n{deep} 1\n{slow};{fast} 2\n{slow};g;{slow} 1\n"));
    let tree = CallTree::build(&profile, &Selection::default());
    let entry = tree.entry(tree.entry_of("f /srv/a.js:1:2")).unwrap();
    assert_eq!(entry.total_tiers[Tier::Interpreted.index()], 2);
    assert_eq!(entry.total_tiers[Tier::Optimized.index()], 5);
}

/// Returns a recording of one thread with a sample of one function at each time.
fn sampled(times_us: impl IntoIterator<Item = u64>, label: &str, source: Source) -> Profile {
    let mut profile = Profile::default();
    let frame = profile.frames.labelled(label);
    let stack = profile.stacks.child(StackId::ROOT, frame);
    let mut samples = Samples::default();
    samples.extend(times_us.into_iter().map(|time_us| Sample {
        time_us,
        stack,
        state: VmState::UNKNOWN,
    }));
    profile.threads = vec![Thread { name: label.to_owned(), samples, source: 0 }];
    profile.sources = vec![Source { unit: "samples".to_owned(), ..source }];
    profile
}

/// The error was: all samples of a cluster were multiplied by the plain mean of its recordings' intervals, so that
/// a process that waited made the others up to 50 % more expensive.
#[test]
fn each_sample_stands_for_the_interval_of_its_own_recording() {
    let source = |us| Source { interval_us: Some(us), asked_us: Some(1_000), ..Source::default() };
    let mut run = sampled(0..900, "waits", source(1_300));
    run.append(sampled(0..2_990, "works", source(1_000)));
    run.append(sampled([0; 10], "primary", source(1_300)));
    let steps = run.steps().unwrap();
    let us = run.threads.iter().map(|thread| {
        let (sample, _) = thread.samples.iter().next().unwrap();
        steps.us(thread, sample.stack)
    });
    assert_eq!(us.collect::<Vec<_>>(), [1_300, 1_000, 1_300]);
    assert_eq!(steps.longest_us(), 1_300);
    assert_eq!(run.threads.iter().map(|thread| thread.source).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(run.interval_us(), Some(1_070));
    // Samples of an idle thread use no CPU time.
    let mut run = sampled(0..900, "(idle)", source(1_300));
    run.append(sampled(0..2_990, "works", source(1_000)));
    assert_eq!(run.interval_us(), Some(1_000));
    let other = Source { interval_us: None, ..Source::default() };
    run.append(sampled([0; 10], "no times", other));
    assert!(run.steps().is_none());
}

/// Bun takes no sample of a thread that waits, so its length says nothing. The error was: on a busy machine, a gap
/// that a third of the samples had stood for all, so that a program that ran for 1.2 s had 0.2 s.
#[test]
fn late_samples_stand_for_their_mean_gap_without_waits() {
    let source = || Source { timed: true, ..Source::default() };
    let mut at = 0;
    let times = (0..200u64).map(|number| {
        at += [1_000, 3_500, 1_010, 8_600, 5_000][number as usize % 5];
        at + if number < 100 { 0 } else { 500_000 }
    });
    assert_eq!(sampled(times, "late", source()).step_us(), Some(3_850));
    let times = (0..200).map(|number| number * 1_000 + number / 4 * 3_000);
    assert_eq!(sampled(times, "on time", source()).step_us(), Some(1_000));
}
