//! The flame graphs of a comparison: before, after, and the difference.

use super::plan::Plan;
use super::runs::{ReadRun, Sides};
use crate::failure::Failure;
use crate::output;
use spikeflame_profile::CallTree;
use spikeflame_render::diff::ComparisonView;
use spikeflame_render::{ComparedTree, DiffFlameOptions, FlameOptions, diff_flame, flame};
use std::path::Path;

pub(super) fn write(
    compared: &ComparisonView<'_>,
    sides: &Sides,
    plan: &Plan,
    folder: &Path,
) -> Result<(), Failure> {
    let view = &plan.view;
    for (name, runs) in [("before", &sides.before), ("after", &sides.after)] {
        // The first run stands for its side, because samples of several runs cannot be distinguished.
        let Some((tree, about)) = runs.first().and_then(|run| run.tree.as_ref()) else { continue };
        let options = FlameOptions {
            title: format!("{name}: {}", about.recordings),
            full_paths: view.full_paths,
            fixed: view.fixed,
            ..FlameOptions::default()
        };
        output::write(Some(&folder.join(format!("{name}.svg"))), &sides.inputs, |out| {
            flame(tree, about, &options, out)
        })?;
    }
    let (before, after) = (trees(&sides.before), trees(&sides.after));
    let joined = ComparedTree::join(compared.comparison, &before, &after);
    let options = DiffFlameOptions {
        title: "Before and after".to_owned(),
        subtitle: sides.window.clone(),
        unit: joined.unit(),
        widths: view.widths,
        palette: view.palette,
        fixed: view.fixed,
        ..DiffFlameOptions::default()
    };
    output::write(Some(&folder.join("diff.svg")), &sides.inputs, |out| {
        diff_flame(joined.tree(), &options, |key| joined.verdict(key), out)
    })
}

fn trees(runs: &[ReadRun]) -> Vec<&CallTree> {
    runs.iter().filter_map(|run| Some(&run.tree.as_ref()?.0)).collect()
}
