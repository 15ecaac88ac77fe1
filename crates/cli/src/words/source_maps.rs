//! Converts the result of resolving positions through source maps to a message.

use spikeflame_profile::warning::MapTally;

/// Returns one sentence that names every obstacle and how to remove it.
pub(super) fn sentence(tally: &MapTally) -> String {
    if tally.functions == 0 {
        // Only profilers of pprof have a setting for that.
        let advice = "; a pprof profile does when it is recorded without line numbers";
        return match tally.nowhere {
            0 => tally.to_string(),
            1 => format!(
                "source maps: the recording does not state where 1 of its functions begins{advice}"
            ),
            _ => format!("{tally}{advice}"),
        };
    }
    let mut parts = vec![tally.to_string()];
    if let Some(files) = list(&tally.missing) {
        let folder = tally.missing_in.as_deref().unwrap_or("PREFIX");
        parts.push(format!("no file at {files}: give --source-root {folder}=DIR"));
    }
    if let Some(files) = list(&tally.without_map) {
        parts.push(format!("no map for {files}: build with source maps"));
    }
    if let Some(files) = list(&tally.other_build) {
        parts.push(format!("not what was recorded: {files}: give the build that ran"));
    }
    parts.extend(list(&tally.unusable));
    if tally.vague > 0 {
        parts.push(format!(
            "no columns recorded for {} of them, in lines that come from several places",
            tally.vague
        ));
    }
    if let Some(source) = &tally.astray_in {
        parts.push(format!(
            "{} of them are of sources that are not here, such as {source}, although others of the same \
             bundle are: packages may count as the application; build the bundle without reading the \
             maps of packages, or without --minify",
            tally.astray
        ));
    }
    if parts.len() == 1 {
        parts.push("the maps that were found do not contain them".to_owned());
    }
    parts.join("; ")
}

/// Returns the first entry, and the number of further ones.
fn list(all: &[String]) -> Option<String> {
    let (first, others) = all.split_first()?;
    Some(match others.len() {
        0 => first.clone(),
        more => format!("{first} and {more} more"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_obstacle_has_its_remedy() {
        let files = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let tally = MapTally {
            resolved: 3,
            functions: 9,
            vague: 1,
            missing: files(&["/srv/a/x.js", "/srv/a/y.js"]),
            missing_in: Some("/srv/a".to_owned()),
            without_map: files(&["/srv/b.js"]),
            other_build: files(&["/srv/c.js"]),
            unusable: files(&["/srv/d.js.map cannot be used (cut off): build it anew"]),
            astray: 2,
            astray_in: Some("/srv/src/query.ts".to_owned()),
            ..MapTally::default()
        };
        let expected = "source maps: 3 of 9 functions resolved; no file at /srv/a/x.js and 1 more: \
                        give --source-root /srv/a=DIR; no map for /srv/b.js: build with source \
                        maps; not what was recorded: /srv/c.js: give the build that ran; \
                        /srv/d.js.map cannot be used (cut off): build it anew; no columns recorded \
                        for 1 of them, in lines that come from several places; 2 of them are of \
                        sources that are not here, such as /srv/src/query.ts, although others of \
                        the same bundle are: packages may count as the application; build the \
                        bundle without reading the maps of packages, or without --minify";
        assert_eq!(sentence(&tally), expected);
        let nothing = MapTally { functions: 1, ..MapTally::default() };
        assert!(sentence(&nothing).ends_with("; the maps that were found do not contain them"));
        let nowhere = MapTally { nowhere: 2, ..MapTally::default() };
        assert!(sentence(&nowhere).contains("2 functions begin; a pprof profile does when"));
        let one = MapTally { nowhere: 1, ..MapTally::default() };
        assert!(sentence(&one).contains("1 of its functions begins; "), "{}", sentence(&one));
    }
}
