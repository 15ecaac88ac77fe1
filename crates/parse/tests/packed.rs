//! Packed recordings, whole and damaged.

use crate::common;

use crate::damage::small_log;
use common::root;
use spikeflame_parse::{Options, read, read_stream};
use spikeflame_profile::warning::Fact;
use std::io::Write;
use std::path::Path;

#[test]
fn packed_logs_are_read_and_used_up_to_their_damage() {
    let log = small_log();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // The log is long enough for half of the compressed bytes to contain whole ticks.
    let log = [log.as_slice(), &log.repeat(20)].concat();
    encoder.write_all(&log).unwrap();
    let packed = encoder.finish().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("isolate.log.gz");
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        read(std::slice::from_ref(&path), &Options::default())
    };
    assert_eq!(load(&packed).unwrap().total(), 21 * 60);
    let half = load(&packed[..packed.len() * 3 / 4]).unwrap();
    assert!(half.total() > 60, "{}", half.total());
    assert!(half.warnings.iter().any(|w| w.to_string().contains("damaged")), "{:?}", half.warnings);
}

/// The error was: a file that was packed twice, as a server does with a packed file, was refused.
#[test]
fn a_file_packed_within_another_is_read() {
    let pack = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = std::fs::read(root("samples/v8/nested-on-node22.log.zst")).unwrap();
    let alone = read_stream(small_log().as_slice(), Path::new("x"), &Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("isolate.log.gz");
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        read(std::slice::from_ref(&path), &Options::default())
    };
    let twice = pack(&pack(&small_log()));
    assert_eq!(load(&twice).unwrap().total(), alone.total());
    assert_eq!(load(&pack(&twice)).unwrap().total(), alone.total());
    let whole = read(&[root("samples/v8/nested-on-node22.log.zst")], &Options::default()).unwrap();
    assert_eq!(load(&pack(&zstd)).unwrap().total(), whole.total());
    let error = load(&pack(&pack(&twice))).unwrap_err().to_string();
    assert!(
        error.contains("packed more than three times") && error.contains("gzip -dc"),
        "{error}"
    );
    // The inner file is damaged.
    let inner = pack(&small_log());
    assert!(load(&pack(&inner[..6])).unwrap_err().to_string().contains("isolate.log.gz"));
}

/// The checksum of zstd was not compared, and that of gzip only when a reader came to the end: a
/// changed byte gave other counts without a word.
#[test]
fn a_changed_byte_in_a_packed_file_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    for sample in [
        "json/wasm-node22.cpuprofile.zst",
        "json/trace-node20.json.zst",
        "v8/mix-node24.log.zst",
        "perf/packed.perf-script.txt.zst",
        "perf/plain.data.zst",
        "pprof/datadog-labels.pb.gz",
    ] {
        let packed = std::fs::read(root(&format!("samples/{sample}"))).unwrap();
        let path = folder.path().join(Path::new(sample).file_name().unwrap());
        let load = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            read(std::slice::from_ref(&path), &Options::default())
        };
        let whole = load(&packed).unwrap();
        assert!(!whole.warnings.iter().any(|warning| warning.fact == Fact::PackedData), "{sample}");
        for part in 2..24 {
            let mut changed = packed.clone();
            let at = packed.len() * part / 24;
            changed[at] ^= 0x10;
            let Ok(profile) = load(&changed) else { continue };
            let more = |warning| !whole.warnings.contains(warning);
            assert!(profile.warnings.iter().any(more), "{sample}: byte {at}");
        }
    }
}

/// One sample of each reader. All are packed with a checksum.
const PACKED: [&str; 10] = [
    "bpftrace/plain.txt.zst",
    "json/nested-on-node22.preprocessed.json.zst",
    "json/py-spy.speedscope.json.zst",
    "json/trace-node24.json.zst",
    "json/wasm-node22.cpuprofile.zst",
    "maps/esbuild-node22.folded.zst",
    "perf/plain.data.zst",
    "perf-text/one-line.txt.zst",
    "pprof/datadog-labels.pb.gz",
    "v8/cpuprof-node22.log.zst",
];

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut packer = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap();
    packed
}

fn unpacked(path: &Path) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut stream = spikeflame_parse::open(path, &Default::default()).unwrap();
    std::io::Read::read_to_end(&mut stream, &mut plain).unwrap();
    plain
}

/// Frames that pzstd and the seekable format of zstd write were damage, or the content. So were the
/// zeros that tar and dd append.
#[test]
fn packed_files_may_have_empty_frames_zeros_and_parts_of_both_kinds() {
    let note = b"\x50\x2a\x4d\x18\x04\0\0\0note".as_slice();
    let empty = b"\x5f\x2a\x4d\x18\0\0\0\0".as_slice();
    let zeros = [0; 70_000];
    let file = tempfile::NamedTempFile::new().unwrap();
    for sample in PACKED {
        let packed = std::fs::read(root(&format!("samples/{sample}"))).unwrap();
        let plain = unpacked(&root(&format!("samples/{sample}")));
        let load = |bytes: &[u8]| {
            std::fs::write(file.path(), bytes).unwrap();
            let profile = read(&[file.path().to_owned()], &Options::default()).unwrap();
            (profile.total(), profile.losses.len(), profile.warnings)
        };
        let whole = load(&packed);
        let (first, last) = plain.split_at(plain.len() / 3);
        let (first, last) = (gzip(first), gzip(last));
        let zstd = if sample.ends_with(".gz") { &first } else { &packed };
        let mut variants = vec![
            [gzip(&plain).as_slice(), &[0]].concat(),
            [gzip(&plain).as_slice(), &zeros].concat(),
            [first.as_slice(), &last].concat(),
            [first.as_slice(), &zeros[..7], &last].concat(),
            [first.as_slice(), note, &last, empty].concat(),
        ];
        if !sample.ends_with(".gz") {
            variants.push([note, empty, zstd].concat());
            variants.push([zstd.as_slice(), note].concat());
            variants.push([gzip(b"").as_slice(), zstd, empty].concat());
        }
        for (at, variant) in variants.iter().enumerate() {
            assert_eq!(load(variant), whole, "{sample}: {at}");
        }
    }
}

/// A file whose checksum was cut off was refused although its data were there, and folded stacks
/// were refused for any damage.
#[test]
fn damage_behind_the_packed_data_takes_nothing_away() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for sample in PACKED {
        let packed = std::fs::read(root(&format!("samples/{sample}"))).unwrap();
        let load = |bytes: &[u8]| {
            std::fs::write(file.path(), bytes).unwrap();
            read(&[file.path().to_owned()], &Options::default())
        };
        let whole = load(&packed).unwrap();
        let gzip = gzip(&unpacked(&root(&format!("samples/{sample}"))));
        let mut variants = vec![
            [gzip.as_slice(), b"\n"].concat(),
            [gzip.as_slice(), b"\0\0other text"].concat(),
            [gzip.as_slice(), b"\x1f\x8b"].concat(),
            [packed.as_slice(), b"\n"].concat(),
            [packed.as_slice(), b"\x50\x2a\x4d\x18\x04\0\0\0not"].concat(),
        ];
        variants.extend([1, 4, 8].map(|cut| gzip[..gzip.len() - cut].to_vec()));
        if !sample.ends_with(".gz") {
            variants.push([packed.as_slice(), &[0; 512]].concat());
            variants.extend([1, 4].map(|cut| packed[..packed.len() - cut].to_vec()));
        }
        for (at, variant) in variants.iter().enumerate() {
            let profile = load(variant).unwrap();
            assert_eq!(profile.total(), whole.total(), "{sample}: {at}");
            let more = |warning| !whole.warnings.contains(warning);
            assert!(profile.warnings.iter().any(more), "{sample}: {at}");
        }
    }
}

/// The decoder of zstd holds back its window, which is often larger than the file: all of it was lost.
#[test]
fn a_cut_zstd_file_is_used_up_to_its_last_block() {
    let packed = std::fs::read(root("samples/v8/compact-node20.log.zst")).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let totals: Vec<u64> = [packed.len() / 2, packed.len() * 9 / 10, packed.len()]
        .iter()
        .map(|&size| {
            std::fs::write(file.path(), &packed[..size]).unwrap();
            read(&[file.path().to_owned()], &Options::default()).map_or(0, |it| it.total())
        })
        .collect();
    // `zstd -dc` gives as many lines of ticks.
    assert_eq!(totals, [373, 725, 814]);
}
