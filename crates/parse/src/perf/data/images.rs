//! Files that were mapped, and the frames of their functions.

use super::super::recorder::Recorder;
use super::space::ImageId;
use crate::symbols::{Build, Missing, Module, SymbolId};
use hashbrown::HashMap;
use spikeflame_profile::FrameId;
use std::collections::VecDeque;
use std::path::PathBuf;

/// Bytes of paths and build ids that are remembered.
const MOST_BYTES: usize = 64 << 20;
/// Binaries held open at a time.
const MOST_OPEN: usize = 64;
/// Ends of mappings remembered of each.
const MOST_ENDS: usize = 16;

/// A path of a file that is gone ends so.
const DELETED: &str = " (deleted)";

struct Image {
    path: String,
    id: Option<Vec<u8>>,
    /// Where in the file executable mappings of it ended.
    ends: Vec<u64>,
    /// No file: memory that the process asked for.
    anonymous: bool,
    /// `None` until an address in it is hit.
    module: Option<Result<Module, Missing>>,
    /// What its symbols are; `None` is the image itself.
    frames: HashMap<Option<SymbolId>, FrameId>,
}

/// Every file that was mapped.
pub(super) struct Images {
    list: Vec<Image>,
    by_name: HashMap<(String, Option<Vec<u8>>), ImageId>,
    bytes: usize,
    folders: Vec<PathBuf>,
    open: VecDeque<ImageId>,
}

impl Images {
    /// Binaries are looked for in `folders` too.
    pub(super) fn new(folders: Vec<PathBuf>) -> Self {
        Self { list: Vec::new(), by_name: HashMap::new(), bytes: 0, folders, open: VecDeque::new() }
    }

    /// The image of a path and a build id; `end` is where in the file a mapping
    /// of it ended. `None` when there are too many.
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

    /// True when only a virtual machine knows what lies there.
    pub(super) fn is_anonymous(&self, image: ImageId) -> bool {
        self.list.get(image.0 as usize).is_none_or(|image| image.anonymous)
    }

    /// The frame at an offset in a file, or where nothing is known of it at the
    /// second one.
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
                return Err(Missing::File);
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

    /// Binaries that were hit and give no names.
    pub(super) fn nameless(&self) -> impl Iterator<Item = (&str, Missing)> {
        self.list.iter().filter_map(|image| match image.module {
            Some(Err(why)) => Some((image.path.as_str(), why)),
            _ => None,
        })
    }
}

/// False for a path that the kernel does not write: one binary has many.
fn is_plain(path: &str) -> bool {
    !path.split('/').skip(1).any(|part| matches!(part, "" | "." | ".."))
}

/// True for memory without a file, as the kernel and perf name it.
fn is_anonymous(path: &str) -> bool {
    path.is_empty()
        || path == "[heap]"
        || ["//anon", "[anon", "[stack", "/dev/zero", "/anon_hugepage", "/SYSV", "/memfd:"]
            .iter()
            .any(|start| path.starts_with(start))
}
