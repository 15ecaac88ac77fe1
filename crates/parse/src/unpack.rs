//! Unpacks gzip and zstd: files of several parts, and files that are damaged.

use flate2::bufread::GzDecoder;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder, StreamingDecoder};
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

pub(crate) const GZIP: &[u8] = b"\x1f\x8b";
pub(crate) const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// An empty block without compression, which is the last one, and a checksum, which is not compared.
pub(crate) const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// The length of the longest signature of a part.
const SIGNATURE: usize = 4;

/// Returns true when these bytes begin packed data.
pub(crate) fn is_packed(head: &[u8]) -> bool {
    Signature::at_start(head).is_some()
}

enum Signature {
    Gzip,
    Zstd,
    /// A frame without content, which programs may use for notes: pzstd writes one before each
    /// frame, and the seekable format of zstd has one at its end.
    Skippable,
}

impl Signature {
    fn at_start(head: &[u8]) -> Option<Self> {
        match head {
            head if head.starts_with(GZIP) => Some(Self::Gzip),
            head if head.starts_with(ZSTD) => Some(Self::Zstd),
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Skippable),
            _ => None,
        }
    }
}

/// The rest of a file, with the signature that was read of it.
type Rest<R> = Chain<Cursor<Vec<u8>>, BufReader<R>>;

/// Reads all parts of a packed file, one after the other, as `gzip -d` and `zstd -d` do. Zeros behind a
/// part of gzip fill the last block of a tape or disk, and are no damage. The bytes before any damage
/// are returned first, then the error, then the end.
pub(crate) struct Unpack<R: Read>(State<R>);

enum State<R: Read> {
    Between {
        rest: BufReader<R>,
        was_gzip: bool,
    },
    Gzip(Box<GzDecoder<Rest<R>>>),
    Zstd(Box<StreamingDecoder<Rest<R>, FrameDecoder>>),
    /// Damage within a frame of zstd, of which the decoder still holds a part.
    Damaged(Box<FrameDecoder>, io::Error),
    Done,
}

impl<R: Read> Unpack<R> {
    pub(crate) fn new(packed: R) -> Self {
        Self(State::Between { rest: BufReader::with_capacity(1 << 16, packed), was_gzip: false })
    }
}

fn broken(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("damaged zstd data: {error}"))
}

impl<R: Read> Read for Unpack<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.0, State::Done) {
                State::Done => return Ok(0),
                State::Between { rest, was_gzip } => self.0 = next_part(rest, was_gzip)?,
                State::Gzip(mut decoder) => match decoder.read(buf) {
                    Ok(0) => {
                        let (_, rest) = decoder.into_inner().into_inner();
                        self.0 = State::Between { rest, was_gzip: true };
                    }
                    Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                    // An interrupted read is tried again.
                    more => {
                        self.0 = State::Gzip(decoder);
                        return more;
                    }
                },
                State::Zstd(mut decoder) => match decoder.read(buf) {
                    Ok(0) => self.0 = end_of_frame(*decoder)?,
                    Ok(count) => {
                        self.0 = State::Zstd(decoder);
                        return Ok(count);
                    }
                    Err(error) => {
                        let mut frame = decoder.into_frame_decoder();
                        // The decoder retains its window until the frame ends.
                        let end =
                            frame.decode_blocks(LAST_BLOCK.as_slice(), BlockDecodingStrategy::All);
                        self.0 = match end {
                            Ok(_) => State::Damaged(Box::new(frame), broken(error)),
                            Err(_) => return Err(broken(error)),
                        };
                    }
                },
                State::Damaged(mut frame, error) => {
                    let count = frame.read(buf)?;
                    if count == 0 {
                        return Err(error);
                    }
                    self.0 = State::Damaged(frame, error);
                    return Ok(count);
                }
            }
        }
    }
}

fn end_of_frame<R: Read>(decoder: StreamingDecoder<Rest<R>, FrameDecoder>) -> io::Result<State<R>> {
    let (rest, frame) = decoder.into_parts();
    let stated = frame.get_checksum_from_data();
    if stated.is_some() && stated != frame.get_calculated_checksum() {
        return Err(broken("its checksum differs"));
    }
    let (_, rest) = rest.into_inner();
    Ok(State::Between { rest, was_gzip: false })
}

fn next_part<R: Read>(mut rest: BufReader<R>, was_gzip: bool) -> io::Result<State<R>> {
    if was_gzip {
        skip_zeros(&mut rest)?;
    }
    let mut head = Vec::with_capacity(SIGNATURE);
    (&mut rest).take(SIGNATURE as u64).read_to_end(&mut head)?;
    if head.is_empty() {
        return Ok(State::Done);
    }
    match Signature::at_start(&head) {
        Some(Signature::Gzip) => {
            Ok(State::Gzip(Box::new(GzDecoder::new(Cursor::new(head).chain(rest)))))
        }
        Some(Signature::Zstd) => {
            let decoder = StreamingDecoder::new(Cursor::new(head).chain(rest)).map_err(broken)?;
            Ok(State::Zstd(Box::new(decoder)))
        }
        Some(Signature::Skippable) => {
            skip_frame(&mut rest)?;
            Ok(State::Between { rest, was_gzip: false })
        }
        None => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "bytes that are not packed follow the packed data",
        )),
    }
}

fn skip_zeros(rest: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffered = match rest.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            buffered => buffered?,
        };
        let (zeros, all) = (buffered.iter().take_while(|&&byte| byte == 0).count(), buffered.len());
        rest.consume(zeros);
        if zeros == 0 || zeros < all {
            return Ok(());
        }
    }
}

/// Skips a frame without content, whose signature was read.
fn skip_frame(rest: &mut impl Read) -> io::Result<()> {
    let mut size = [0; 4];
    rest.read_exact(&mut size)?;
    let size = u64::from(u32::from_le_bytes(size));
    match io::copy(&mut rest.take(size), &mut io::sink())? {
        skipped if skipped == size => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader whose every second read is interrupted by a signal.
    struct InterruptedReader<'a>(&'a [u8], bool);

    impl Read for InterruptedReader<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let short = buf.len().min(7);
            buf.get_mut(..short).map_or(Ok(0), |buf| self.0.read(buf))
        }
    }

    #[test]
    fn an_interrupted_read_is_no_end() {
        let text: Vec<u8> = (0..40_000u32).flat_map(u32::to_le_bytes).collect();
        let mut gzip = Vec::new();
        let fast = flate2::Compression::fast();
        flate2::read::GzEncoder::new(text.as_slice(), fast).read_to_end(&mut gzip).unwrap();
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let zstd = ruzstd::encoding::compress_to_vec(text.as_slice(), level);
        let packed = [gzip.as_slice(), &[0; 100], &zstd, &gzip].concat();
        let mut plain = Vec::new();
        Unpack::new(InterruptedReader(&packed, false)).read_to_end(&mut plain).unwrap();
        assert!(plain == text.repeat(3));
    }
}
