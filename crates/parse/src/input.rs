//! Opening files and standard input, plain or compressed with gzip or zstd, with progress.

mod beginning;
mod utf_16;

use crate::error::Error;
use crate::unpack::{self, LAST_BLOCK, Unpack};
pub use beginning::{Beginning, begins_with};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use utf_16::Utf16;

/// A counter of the bytes that [`open`] and the readers of files read from recordings, before they
/// are unpacked. Clones share the same number, so that a progress bar can show it while another
/// thread reads.
///
/// ```
/// use std::io::Read;
///
/// let progress = spikeflame_parse::Progress::default();
/// let mut file = spikeflame_parse::open("Cargo.toml".as_ref(), &progress)?;
/// let mut text = String::new();
/// file.read_to_string(&mut text)?;
/// assert_eq!(progress.bytes(), text.len() as u64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Returns the number of bytes read so far, before they were unpacked. It can be more than the
    /// size of the recordings, because some other files are counted too.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

struct CountingReader<R> {
    inner: R,
    progress: Progress,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        self.progress.add(count as u64);
        Ok(count)
    }
}

impl<R: Seek> Seek for CountingReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// A reader of the unpacked content of a file or of standard input.
pub type Stream = Box<dyn Read + Send>;

/// Returns true for the name that stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens the file `path`, or standard input for `-`, and returns its unpacked content. Gzip and
/// zstd are recognised from the content, not from the name, and unpacked up to three times. A text in
/// UTF-16 that begins with a mark becomes UTF-8. The bytes that are read, before they are unpacked, are
/// added to `progress`.
///
/// # Errors
///
/// Returns [`Error::Io`] when the file cannot be opened or its first bytes cannot be read. Damage
/// in packed data is an error of the returned stream.
pub fn open(path: &Path, progress: &Progress) -> Result<Stream, Error> {
    open_with_damage_check(path, progress).map(|stream| Box::new(stream) as Stream)
}

/// The content of a file, with the knowledge whether its packed data was seen to be damaged.
pub(crate) struct DamageCheck {
    inner: Stream,
    is_packed: bool,
    failed: bool,
}

impl DamageCheck {
    /// Reads packed data to its end, where its checksum stands. Returns true when it is damaged
    /// and no read has failed before: a reader of JSON stops at the last bracket.
    pub(crate) fn ends_damaged(&mut self) -> bool {
        self.is_packed && !self.failed && io::copy(&mut self.inner, &mut io::sink()).is_err()
    }
}

impl Read for DamageCheck {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf).inspect_err(|_| self.failed = true)
    }
}

/// Opens as [`open`] does.
pub(crate) fn open_with_damage_check(
    path: &Path,
    progress: &Progress,
) -> Result<DamageCheck, Error> {
    let fail = |source| Error::Io { path: path.to_owned(), source };
    let raw: Stream = if is_stdin(path) {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(fail)?)
    };
    let mut stream: Stream = Box::new(CountingReader { inner: raw, progress: progress.clone() });
    for layer in 0..LAYERS {
        let (head, whole) = match peek(stream, 4) {
            Ok(peeked) => peeked,
            Err(error) if layer == 0 => return Err(fail(error)),
            // The reader of the content reports damaged packed data.
            Err(error) => {
                let inner = Box::new(Failure(Some(error)));
                return Ok(DamageCheck { inner, is_packed: true, failed: false });
            }
        };
        if !unpack::is_packed(&head) {
            let inner: Stream = match utf_16::is_marked(&head) {
                true => Box::new(Utf16::new(whole).map_err(fail)?),
                false => Box::new(whole),
            };
            return Ok(DamageCheck { inner, is_packed: layer > 0, failed: false });
        }
        stream = Box::new(Unpack::new(whole));
    }
    Ok(DamageCheck { inner: stream, is_packed: true, failed: false })
}

/// Returns the first `size` bytes of a file's unpacked content (as [`open`] has it), or all of a shorter one.
///
/// ```
/// let recording = "../../samples/json/wasm-node22.cpuprofile.zst".as_ref();
/// assert_eq!(spikeflame_parse::head(recording, 9)?, b"{\"nodes\":");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns [`Error::Io`] when the file cannot be opened, or its first bytes cannot be read or unpacked.
pub fn head(path: &Path, size: usize) -> Result<Vec<u8>, Error> {
    // A pipe can be read only once.
    let file = if path.is_file() { File::open(path).ok() } else { None };
    let quick = file.and_then(|file| zstd_head(BufReader::new(file), size));
    if let Some(head) = quick.filter(|head| !unpack::is_packed(head)) {
        return Ok(head);
    }
    let fail = |source| Error::Io { path: path.to_owned(), source };
    fill(&mut open(path, &Progress::default())?, size).map_err(fail)
}

/// Returns the beginning of the first frame of a zstd file, when it has as many bytes.
fn zstd_head(mut packed: impl Read, size: usize) -> Option<Vec<u8>> {
    use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
    let mut decoder = FrameDecoder::new();
    decoder.init(&mut packed).ok()?;
    decoder.decode_blocks(packed, BlockDecodingStrategy::UptoBytes(size)).ok()?;
    // The decoder retains its window until the frame ends.
    if !decoder.is_finished() {
        decoder.decode_blocks(LAST_BLOCK.as_slice(), BlockDecodingStrategy::All).ok()?;
    }
    fill(&mut decoder, size).ok().filter(|head| head.len() == size)
}

/// The most times that a file is unpacked: a server may pack what a program had packed already.
const LAYERS: usize = 3;

/// Opens `path` for reading at any position, and returns its size too. Returns `None` when
/// it is not a regular file that starts with `magic`.
pub(crate) fn open_plain(
    path: &Path,
    magic: &[u8],
    progress: &Progress,
) -> Option<(impl Read + Seek + use<>, u64)> {
    let mut file = File::open(path).ok()?;
    let about = file.metadata().ok().filter(|about| about.is_file())?;
    if fill(&mut file, magic.len()).ok()? != magic {
        return None;
    }
    file.rewind().ok()?;
    Some((CountingReader { inner: file, progress: progress.clone() }, about.len()))
}

/// Reads `size` bytes, or fewer at the end.
pub(crate) fn fill(input: &mut impl Read, size: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(size);
    input.take(size as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Returns the first `size` bytes of a stream (fewer at its end), and a stream of its whole
/// content. An error is returned after the bytes that come before it.
pub(crate) fn peek<R: Read>(
    mut input: R,
    size: usize,
) -> io::Result<(Vec<u8>, impl Read + use<R>)> {
    let mut head = Vec::with_capacity(size);
    let damage = match (&mut input).take(size as u64).read_to_end(&mut head) {
        Ok(_) => None,
        Err(error) if head.is_empty() => return Err(error),
        Err(error) => Some(error),
    };
    let whole = io::Cursor::new(head.clone()).chain(Failure(damage)).chain(input);
    Ok((head, whole))
}

/// A stream that fails once, when it has an error.
struct Failure(Option<io::Error>);

impl Read for Failure {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: the first bytes of a recording cost the unpacking of 8 MB.
    #[test]
    fn the_head_of_a_packed_file_is_that_of_its_content() {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
        let packed = std::fs::read(samples.join("spike/before-1/isolate-v8.log.zst")).unwrap();
        let short = std::fs::read(samples.join("perf/plain.data.zst")).unwrap();
        let gzip = |bytes: &[u8]| {
            let mut packed = Vec::new();
            flate2::read::GzEncoder::new(bytes, flate2::Compression::fast())
                .read_to_end(&mut packed)
                .unwrap();
            packed
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        for content in [
            packed.clone(),
            short.clone(),
            [short.as_slice(), &packed].concat(),
            gzip(&packed),
            b"plain".to_vec(),
            Vec::new(),
        ] {
            std::fs::write(file.path(), &content).unwrap();
            for size in [0, 1, 5, 1000, 1 << 16, 1 << 20] {
                let stream = open(file.path(), &Progress::default()).unwrap();
                let mut whole = Vec::new();
                stream.take(size as u64).read_to_end(&mut whole).unwrap();
                assert!(head(file.path(), size).unwrap() == whole, "{} {size}", content.len());
            }
        }
        // The beginning of damaged data can be read.
        let cut = packed.get(..packed.len() / 2).unwrap();
        std::fs::write(file.path(), cut).unwrap();
        assert!(head(file.path(), 9).unwrap() == b"v8-versio");
    }
}
