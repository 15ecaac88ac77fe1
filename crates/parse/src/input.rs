//! Opening files and standard input, plain or compressed with gzip or zstd, with progress.

use crate::error::Error;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A counter of the bytes read from recordings, before they are unpacked. It also counts standard
/// input, and perf maps, jitdumps and lists of kernel symbols (`kallsyms`). Binaries, source files
/// and source maps are not counted. Clones share the same number, so that a progress bar can show
/// it while another thread reads.
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
    /// Returns the number of bytes read so far, before they were unpacked, from all files that
    /// [`Progress`] counts. It can be more than the size of the recordings, because perf maps,
    /// jitdumps and lists of kernel symbols are counted too.
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
/// zstd are recognised from the content, not from the name, and are unpacked up to three layers
/// deep. The bytes that are read, before they are unpacked, are added to `progress`.
///
/// # Errors
///
/// Returns [`Error::Io`] when the file cannot be opened or its first bytes cannot be read. Damage
/// in packed data is an error of the returned stream.
pub fn open(path: &Path, progress: &Progress) -> Result<Stream, Error> {
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
            Err(error) => return Ok(Box::new(Failure(Some(error)))),
        };
        stream = match head.as_slice() {
            [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(whole))),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(Zstd::new(whole)),
            _ => return Ok(Box::new(whole)),
        };
    }
    Ok(stream)
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

/// Reads all frames of a zstd file, one after the other.
struct Zstd<R: Read> {
    state: ZstdState<R>,
}

enum ZstdState<R: Read> {
    Between(BufReader<R>),
    Within(Box<ruzstd::decoding::StreamingDecoder<BufReader<R>, ruzstd::decoding::FrameDecoder>>),
    Done,
}

impl<R: Read> Zstd<R> {
    fn new(inner: R) -> Self {
        Self { state: ZstdState::Between(BufReader::with_capacity(1 << 16, inner)) }
    }
}

fn broken(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("damaged zstd data: {error}"))
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, ZstdState::Done) {
                ZstdState::Done => return Ok(0),
                ZstdState::Between(mut inner) => {
                    if io::BufRead::fill_buf(&mut inner)?.is_empty() {
                        return Ok(0);
                    }
                    let decoder = ruzstd::decoding::StreamingDecoder::new(inner).map_err(broken)?;
                    self.state = ZstdState::Within(Box::new(decoder));
                }
                ZstdState::Within(mut decoder) => {
                    let count = decoder.read(buf)?;
                    if count > 0 || buf.is_empty() {
                        self.state = ZstdState::Within(decoder);
                        return Ok(count);
                    }
                    self.state = ZstdState::Between(decoder.into_inner());
                }
            }
        }
    }
}
