//! Stacks of 100,000 frames with a sample at each level: memory and files stay in bounds.

use spikeflame_profile::{
    CallTree, Frame, Kind, Profile, Sample, Samples, Selection, Source, StackId, Thread, Tier,
    VmState, folded,
};
use spikeflame_render::export::{self, ExportError, Format};
use spikeflame_render::report::{Report, ReportRun, RunSide, html};
use spikeflame_render::{About, FlameOptions, TopOptions, flame, json, markdown, text};

/// Returns a profile in which each function calls the next one, with a sample at each level.
fn deep(levels: u64) -> Profile {
    let mut profile = Profile::default();
    let (mut stack, mut samples) = (StackId::ROOT, Samples::default());
    for level in 0..levels {
        let function = profile.frames.named(&format!("f{}", level % 50), Kind::Js);
        let frame = profile.frames.frame(Frame { function, tier: Tier::None, inlined: false });
        stack = profile.stacks.child(stack, frame);
        samples.push(Sample { time_us: level, stack, state: VmState::UNKNOWN });
    }
    profile.threads.push(Thread { name: "main".to_owned(), samples, source: 0 });
    profile.sources.push(Source { unit: "samples".to_owned(), ..Source::default() });
    profile
}

#[test]
fn a_picture_of_very_deep_stacks_is_bounded() {
    let profile = deep(100_000);
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

#[test]
fn tables_and_pages_of_very_deep_stacks_are_bounded() {
    let profile = deep(100_000);
    let tree = CallTree::build(&profile, &Selection::default());
    let about = About::collect(&profile, &Selection::default(), &tree);
    let options = TopOptions::default();
    let (mut plain, mut table, mut data) = (Vec::new(), Vec::new(), Vec::new());
    text(&tree, &about, &options, &mut plain).unwrap();
    markdown(&tree, &about, &options, &mut table).unwrap();
    json(&tree, &about, &options, &mut data).unwrap();
    for output in [plain, table, data] {
        assert!(output.len() < 64 << 10, "{}", output.len());
    }
    let run = ReportRun {
        command: String::new(),
        name: "deep".to_owned(),
        side: RunSide::Only,
        profile: &profile,
        load: None,
        logged: None,
        windows: Vec::new(),
        opens: None,
        plateau: String::new(),
        grade: String::new(),
        verdicts: String::new(),
        warnings: Vec::new(),
        main_cores: Vec::new(),
    };
    let report = Report {
        title: "deep".to_owned(),
        runs: vec![run],
        compared: None,
        compared_window: None,
        gates: Vec::new(),
        command: String::new(),
        command_window: "",
    };
    let mut page = Vec::new();
    html(&report, &mut page).unwrap();
    assert!(page.len() < 4 << 20, "{}", page.len());
}

#[test]
fn files_of_very_deep_stacks_are_bounded_or_refused() {
    let profile = deep(100_000);
    for format in [Format::Firefox, Format::CpuProfile] {
        let mut file = Vec::new();
        export::write(&profile, format, &mut file).unwrap();
        assert!(file.len() < 32 << 20, "{format:?}: {}", file.len());
    }
    for format in [Format::Pprof, Format::Speedscope, Format::Otlp, Format::OtlpJson] {
        let mut file = Vec::new();
        let refused = export::write(&profile, format, &mut file);
        let all = 100_000 * 100_001 / 2;
        assert!(
            matches!(refused, Err(ExportError::TooDeep { frames, .. }) if frames == all),
            "{format:?}: {refused:?}"
        );
        assert!(file.is_empty(), "{format:?}");
    }
    let tree = CallTree::build(&profile, &Selection::default());
    let mut text = Vec::new();
    let refused = folded::write(&tree, &mut text).unwrap_err();
    assert!(refused.to_string().contains("5000050000 frames"), "{refused}");
    assert!(text.is_empty());
}

/// The deepest stacks of real recordings are far below the bound.
#[test]
fn deep_stacks_are_written_whole() {
    let profile = deep(2_000);
    for format in [Format::Pprof, Format::Speedscope, Format::Otlp, Format::OtlpJson] {
        let mut file = Vec::new();
        export::write(&profile, format, &mut file).unwrap();
        assert!(!file.is_empty(), "{format:?}");
    }
    let mut text = Vec::new();
    folded::write(&CallTree::build(&profile, &Selection::default()), &mut text).unwrap();
    let longest = text.split(|byte| *byte == b'\n').map(<[u8]>::len).max();
    assert!(longest > Some(2_000 * 3), "{longest:?}");
}
