//! The evidence beside a report: the list of files, and one of them shown where that is safe.

use crate::domain::ids::EvidenceId;
use crate::files::media_type::MediaType;
use crate::files::pdf;
use crate::portal::Portal;
use crate::store::activities::evidence::Evidence;

/// Bytes of a file that is fetched ahead, at most.
const MOST_AHEAD: i64 = 5_000_000;

/// The files of a report, and the one that is shown.
pub struct Viewer {
    /// All of them.
    pub files: Vec<FileShown>,
    /// The one that is looked at.
    pub shown: Option<Looked>,
}

/// A file in the list.
pub struct FileShown {
    /// Its identity.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it is and how large.
    pub about: String,
    /// Whether it is the one that is looked at.
    pub current: bool,
}

/// The file that is looked at.
pub struct Looked {
    /// Its identity.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// How it is shown.
    pub way: Way,
    /// Whether it is a PDF that says that it is encrypted.
    pub locked: bool,
    /// Whether it is small enough to be fetched before somebody asks for it.
    pub light: bool,
}

/// How a file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As a picture.
    Picture,
    /// In the browser's own viewer.
    Frame,
    /// Not here: it is a download.
    Download,
}

fn way(kind: Option<MediaType>) -> Way {
    match kind {
        Some(MediaType::Pdf) => Way::Frame,
        Some(kind) if kind.may_show_inline() => Way::Picture,
        _ => Way::Download,
    }
}

/// The files with the one that was asked for, else the first that can be shown, else the first.
pub fn viewer(portal: &Portal, files: &[Evidence], asked: Option<EvidenceId>) -> Viewer {
    let kind = |file: &Evidence| MediaType::from_mime(&file.media_type);
    let looked = files
        .iter()
        .find(|file| Some(file.id) == asked)
        .or_else(|| files.iter().find(|file| way(kind(file)) != Way::Download))
        .or_else(|| files.first());
    let shown = looked.map(|file| Looked {
        id: file.id.0,
        name: file.name.clone(),
        way: way(kind(file)),
        light: file.bytes <= MOST_AHEAD,
        locked: kind(file) == Some(MediaType::Pdf) && is_encrypted(portal, file),
    });
    let files = files
        .iter()
        .map(|file| FileShown {
            id: file.id.0,
            name: file.name.clone(),
            about: format!("{}, {}", kind(file).map_or("File", MediaType::label), size(file.bytes)),
            current: looked.is_some_and(|looked| looked.id == file.id),
        })
        .collect();
    Viewer { files, shown }
}

/// A file that cannot be read, or would have to be fetched first, is not said to be locked: opening it tells what is the matter.
fn is_encrypted(portal: &Portal, file: &Evidence) -> bool {
    portal.files.at_hand(&file.sha256).is_some_and(|mut file| pdf::is_encrypted(&mut file).unwrap_or(false))
}

fn size(bytes: i64) -> String {
    match bytes {
        bytes if bytes < 1_000_000 => format!("{} kB", (bytes / 1000).max(1)),
        bytes => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
