//! Opening: files and standard input, plain, gzip or zstd, with progress.

use crate::error::Error;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes read so far, as they lie on disk; shared with whoever draws the bar.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

struct Counted<R> {
    inner: R,
    progress: Progress,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        self.progress.add(count as u64);
        Ok(count)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// A file or standard input, unpacked.
pub type Stream = Box<dyn Read + Send>;

/// True for the name that means standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens `path` (`-` is standard input) and unpacks it, gzip or zstd, as its
/// content asks.
///
/// # Errors
/// When it cannot be opened or read.
pub fn open(path: &Path, progress: &Progress) -> Result<Stream, Error> {
    let fail = |source| Error::Io { path: path.to_owned(), source };
    let raw: Stream = if is_stdin(path) {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(fail)?)
    };
    let mut raw = Counted { inner: raw, progress: progress.clone() };
    let head = fill(&mut raw, 4).map_err(fail)?;
    let packed = head.clone();
    let whole = io::Cursor::new(head).chain(raw);
    Ok(match packed.as_slice() {
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(whole))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(Zstd::new(whole)),
        _ => Box::new(whole),
    })
}

/// Opens `path` to be read here and there; gives its size too. `None` when it
/// is no plain file that starts with `magic`.
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
    Some((Counted { inner: file, progress: progress.clone() }, about.len()))
}

/// Reads up to `size` bytes, fewer only at the end.
pub(crate) fn fill(input: &mut impl Read, size: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(size);
    input.take(size as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// The first `size` bytes of a stream, fewer only at its end, and the whole of
/// it again. Damage is told where it is met: behind what came before it.
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

/// Fails once, where there is an error to fail with.
struct Failure(Option<io::Error>);

impl Read for Failure {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// All frames of a zstd file, one after the other.
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
