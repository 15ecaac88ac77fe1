//! Mapped files, and the frames of their functions.

use super::super::recorder::Recorder;
use super::space::ImageId;
use crate::symbols::{Build, Module, SymbolId};
use hashbrown::HashMap;
use spikeflame_profile::FrameId;
use spikeflame_profile::warning::MissingBinary;
use std::collections::VecDeque;
use std::path::PathBuf;

/// The most bytes of paths and build ids that are stored.
const MOST_BYTES: usize = 64 << 20;
/// The most binaries that are open at a time.
const MOST_OPEN: usize = 64;
/// The most ends of mappings that are stored for each file.
const MOST_ENDS: usize = 16;

/// The end of a path whose file was deleted.
const DELETED: &str = " (deleted)";

struct Image {
    path: String,
    id: Option<Vec<u8>>,
    /// The file offsets at which its executable mappings end.
    ends: Vec<u64>,
    /// True for memory that is not mapped from a file.
    anonymous: bool,
    /// The binary; `None` until an address in it is hit.
    module: Option<Result<Module, MissingBinary>>,
    /// The frame of each symbol; `None` is the file itself.
    frames: HashMap<Option<SymbolId>, FrameId>,
}

/// All files that were mapped.
pub(super) struct Images {
    list: Vec<Image>,
    by_name: HashMap<(String, Option<Vec<u8>>), ImageId>,
    bytes: usize,
    folders: Vec<PathBuf>,
    open: VecDeque<ImageId>,
}

impl Images {
    /// Makes an empty list; binaries are also searched in `folders`.
    pub(super) fn new(folders: Vec<PathBuf>) -> Self {
        Self { list: Vec::new(), by_name: HashMap::new(), bytes: 0, folders, open: VecDeque::new() }
    }

    /// Returns the image of a path and a build id; `end` is the file offset at which a
    /// mapping of it ends. Returns `None` when there are too many images.
    pub(super) fn image(&mut self, path: &[u8], id: Option<&[u8]>, end: u64) -> Option<ImageId> {
        let path = String::from_utf8_lossy(path);
        let path = path.strip_suffix(DELETED).unwrap_or(&path);
        let anonymous = is_anonymous(path);
        let (path, id) = if anonymous { ("//anon", None) } else { (path, id) };
        let key = (path.to_owned(), id.map(<[u8]>::to_owned));
        let image = match self.by_name.get(&key) {
            Some(&image) => image,
            None => {
                self.bytes += size_of::<Image>() + 2 * path.len() + 2 * id.map_or(0, <[u8]>::len);
                if self.bytes > MOST_BYTES {
                    return None;
                }
                let image = ImageId(u32::try_from(self.list.len()).ok()?);
                self.list.push(Image {
                    path: key.0.clone(),
                    id: key.1.clone(),
                    ends: Vec::new(),
                    anonymous,
                    module: None,
                    frames: HashMap::new(),
                });
                self.by_name.insert(key, image);
                image
            }
        };
        let ends = &mut self.list.get_mut(image.0 as usize)?.ends;
        if ends.len() < MOST_ENDS && !ends.contains(&end) {
            ends.push(end);
        }
        Some(image)
    }

    /// Returns true when only a virtual machine can name the code there.
    pub(super) fn is_anonymous(&self, image: ImageId) -> bool {
        self.list.get(image.0 as usize).is_none_or(|image| image.anonymous)
    }

    /// Returns the frame at an offset in a file, or if nothing is known there, at the
    /// second offset.
    pub(super) fn frame(
        &mut self,
        id: ImageId,
        (offset, or): (u64, u64),
        to: &mut Recorder,
    ) -> FrameId {
        let Self { list, folders, open, .. } = self;
        let Some(image) = list.get_mut(id.0 as usize) else { return to.frame("", "", false) };
        let module = image.module.get_or_insert_with(|| {
            if !is_plain(&image.path) {
                return Err(MissingBinary::File);
            }
            open.push_back(id);
            let (path, id) = (&image.path, image.id.as_deref());
            let build = Build { path, id, ends: &image.ends, stubs: true };
            Module::open_build(&build, folders)
        });
        let module = module.as_ref().ok();
        let symbol = module.and_then(|module| module.find(offset).or_else(|| module.find(or)));
        let frame = *image.frames.entry(symbol).or_insert_with(|| {
            let name = symbol.and_then(|symbol| module?.name(symbol));
            to.frame(&name.unwrap_or_default(), &image.path, false)
        });
        if open.len() > MOST_OPEN
            && let Some(oldest) = open.pop_front().and_then(|id| list.get_mut(id.0 as usize))
        {
            oldest.module.take_if(|module| module.is_ok());
        }
        frame
    }

    /// Returns the binaries that were hit and have no symbols, and debug files that could not be opened.
    pub(super) fn nameless(&self) -> impl Iterator<Item = (&str, MissingBinary)> {
        self.list.iter().filter_map(|image| match &image.module {
            Some(Err(why)) => Some((image.path.as_str(), *why)),
            Some(Ok(module)) => Some((module.unopened()?, MissingBinary::Unopened)),
            None => None,
        })
    }
}

/// Returns false for a path with `.` or `..` or empty parts, which the kernel does not
/// write: one binary could have many such paths.
fn is_plain(path: &str) -> bool {
    !path.split('/').skip(1).any(|part| matches!(part, "" | "." | ".."))
}

/// Returns true for memory without a file, by the name that the kernel and perf give it.
fn is_anonymous(path: &str) -> bool {
    path.is_empty()
        || path == "[heap]"
        || ["//anon", "[anon", "[stack", "/dev/zero", "/anon_hugepage", "/SYSV", "/memfd:"]
            .iter()
            .any(|start| path.starts_with(start))
}
