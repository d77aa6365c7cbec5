//! A disk as a power cut leaves it: what was synced is there; of what was not, each piece may be there, missing, or torn in the middle.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use super::changes::{Change, Draw, Entry, Luck, apply, enter};
use super::trace::{Call, Event};

/// A disk writes in pieces of this size; a torn write is cut between two of them.
const SECTOR: usize = 512;

#[derive(Clone, Debug, Default)]
struct Content {
    durable: Vec<u8>,
    pending: Vec<(usize, Change)>,
    length: usize,
}

#[derive(Clone, Debug, Default)]
struct Folder {
    durable: BTreeMap<String, usize>,
    pending: Vec<(usize, Entry)>,
    now: BTreeMap<String, usize>,
}

#[derive(Clone, Debug)]
enum Node {
    File(Content),
    Folder(Folder),
}

#[derive(Clone, Copy, Debug)]
struct Opened {
    node: usize,
    position: usize,
    append: bool,
}

/// The disk under one folder.
#[derive(Clone)]
pub struct Disk {
    root: PathBuf,
    nodes: Vec<Node>,
    open: HashMap<i64, Opened>,
}

impl Disk {
    /// As the folder is now, with everything on the disk.
    pub fn of(root: &Path) -> Disk {
        let mut disk = Disk { root: root.to_owned(), nodes: Vec::new(), open: HashMap::new() };
        disk.load(root);
        disk
    }

    fn load(&mut self, path: &Path) -> usize {
        let place = self.nodes.len();
        if path.is_dir() {
            self.nodes.push(Node::Folder(Folder::default()));
            let mut entries = BTreeMap::new();
            for entry in fs::read_dir(path).unwrap() {
                let entry = entry.unwrap();
                entries.insert(entry.file_name().into_string().unwrap(), self.load(&entry.path()));
            }
            self.nodes[place] =
                Node::Folder(Folder { durable: entries.clone(), pending: Vec::new(), now: entries });
        } else {
            let durable = fs::read(path).unwrap();
            let length = durable.len();
            self.nodes.push(Node::File(Content { durable, pending: Vec::new(), length }));
        }
        place
    }

    /// The folder and the name of a path; `None` for what lies elsewhere.
    fn place(&self, path: &Path) -> Option<(usize, String)> {
        let inside = path.strip_prefix(&self.root).ok()?;
        let names: Vec<&str> = inside
            .components()
            .map(|part| match part {
                Component::Normal(name) => name.to_str().unwrap(),
                other => panic!("{other:?} in {}", path.display()),
            })
            .collect();
        let (last, folders) = names.split_last()?;
        let mut node = 0;
        for name in folders {
            node = *self.folder(node).now.get(*name)?;
        }
        Some((node, (*last).to_owned()))
    }

    fn folder(&self, node: usize) -> &Folder {
        match &self.nodes[node] {
            Node::Folder(folder) => folder,
            Node::File(_) => panic!("a file is no folder"),
        }
    }

    fn folder_mut(&mut self, node: usize) -> &mut Folder {
        match &mut self.nodes[node] {
            Node::Folder(folder) => folder,
            Node::File(_) => panic!("a file is no folder"),
        }
    }

    fn find(&self, path: &Path) -> Option<usize> {
        if path == self.root {
            return Some(0);
        }
        let (folder, name) = self.place(path)?;
        self.folder(folder).now.get(&name).copied()
    }

    fn enter(&mut self, folder: usize, entry: Entry, at: usize) {
        let folder = self.folder_mut(folder);
        match &entry {
            Entry::Set { name, node } => {
                folder.now.insert(name.clone(), *node);
            }
            Entry::Remove { name } | Entry::MovedAway { name, .. } => {
                folder.now.remove(name);
            }
            Entry::Rename { from, to, node } => {
                folder.now.remove(from);
                folder.now.insert(to.clone(), *node);
            }
        }
        folder.pending.push((at, entry));
    }

    fn change(&mut self, node: usize, change: Change, at: usize) {
        let Node::File(content) = &mut self.nodes[node] else { panic!("a folder has no content") };
        content.length = match &change {
            Change::Write { offset, bytes } => content.length.max(offset + bytes.len()),
            Change::Truncate { length } => *length,
        };
        content.pending.push((at, change));
    }

    /// Does what a call did. Gives bytes that went to no file of ours: what was sent.
    pub fn step(&mut self, event: &Event) -> Option<Vec<u8>> {
        let at = event.done;
        match &event.call {
            Call::Open { path, create, truncate, append, fd } => {
                let node = match (self.find(path), create) {
                    (Some(node), _) => node,
                    (None, true) => {
                        let (folder, name) = self.place(path)?;
                        let node = self.nodes.len();
                        self.nodes.push(Node::File(Content::default()));
                        self.enter(folder, Entry::Set { name, node }, at);
                        node
                    }
                    (None, false) => {
                        self.open.remove(fd);
                        return None;
                    }
                };
                if *truncate {
                    self.change(node, Change::Truncate { length: 0 }, at);
                }
                self.open.insert(*fd, Opened { node, position: 0, append: *append });
            }
            Call::Close { fd } => {
                self.open.remove(fd);
            }
            Call::Dup { fd, new } => {
                if let Some(opened) = self.open.get(fd).copied() {
                    self.open.insert(*new, opened);
                }
            }
            Call::Read { fd, bytes } => {
                if let Some(opened) = self.open.get_mut(fd) {
                    opened.position += bytes;
                }
            }
            Call::Seek { fd, position } => {
                if let Some(opened) = self.open.get_mut(fd) {
                    opened.position = *position;
                }
            }
            Call::Write { fd, bytes } => {
                let Some(opened) = self.open.get(fd).copied() else { return Some(bytes.clone()) };
                let end = match &self.nodes[opened.node] {
                    Node::File(content) => content.length,
                    Node::Folder(_) => 0,
                };
                let offset = if opened.append { end } else { opened.position };
                self.change(opened.node, Change::Write { offset, bytes: bytes.clone() }, at);
                self.open.entry(*fd).and_modify(|opened| opened.position = offset + bytes.len());
            }
            Call::WriteAt { fd, offset, bytes } => {
                if let Some(opened) = self.open.get(fd).copied() {
                    self.change(opened.node, Change::Write { offset: *offset, bytes: bytes.clone() }, at);
                }
            }
            Call::Truncate { fd, length } => {
                if let Some(opened) = self.open.get(fd).copied() {
                    self.change(opened.node, Change::Truncate { length: *length }, at);
                }
            }
            Call::Sync { fd } => {
                if let Some(opened) = self.open.get(fd).copied() {
                    self.sync(opened.node, event.begun);
                }
            }
            Call::Rename { from, to } => {
                let node = self.find(from)?;
                let ((old, from), (new, to)) =
                    (self.place(from)?, self.place(to).expect("moved out of sight"));
                if old == new {
                    self.enter(old, Entry::Rename { from, to, node }, at);
                } else {
                    self.enter(new, Entry::Set { name: to, node }, at);
                    self.enter(old, Entry::MovedAway { name: from, with: at }, at);
                }
            }
            Call::Link { from, to } => {
                let node = self.find(from)?;
                let (folder, name) = self.place(to).expect("linked out of sight");
                self.enter(folder, Entry::Set { name, node }, at);
            }
            Call::Remove { path } => {
                self.find(path)?;
                let (folder, name) = self.place(path)?;
                self.enter(folder, Entry::Remove { name }, at);
            }
            Call::MakeFolder { path } => {
                let (folder, name) = self.place(path)?;
                let node = self.nodes.len();
                self.nodes.push(Node::Folder(Folder::default()));
                self.enter(folder, Entry::Set { name, node }, at);
            }
        }
        None
    }

    /// What was done before the syncing began is on the disk when it has ended.
    fn sync(&mut self, node: usize, begun: usize) {
        match &mut self.nodes[node] {
            Node::File(content) => {
                let (synced, rest) =
                    std::mem::take(&mut content.pending).into_iter().partition(|(at, _)| *at < begun);
                let synced: Vec<(usize, Change)> = synced;
                content.pending = rest;
                for (_, change) in synced {
                    apply(&mut content.durable, &change, 0..usize::MAX);
                }
            }
            Node::Folder(folder) => {
                let (synced, rest) =
                    std::mem::take(&mut folder.pending).into_iter().partition(|(at, _)| *at < begun);
                let synced: Vec<(usize, Entry)> = synced;
                folder.pending = rest;
                let mut arrivals = HashSet::new();
                for (_, entry) in synced {
                    if let Entry::MovedAway { with, .. } = &entry {
                        arrivals.insert(*with);
                    }
                    enter(&mut folder.durable, &entry, true);
                }
                self.arrive(&arrivals);
            }
        }
    }

    /// A rename between folders is one step of the journal: synced where it left, it is synced where it arrived.
    fn arrive(&mut self, arrivals: &HashSet<usize>) {
        for node in &mut self.nodes {
            if let Node::Folder(folder) = node {
                let (arrived, rest) = std::mem::take(&mut folder.pending)
                    .into_iter()
                    .partition(|(at, _)| arrivals.contains(at));
                let arrived: Vec<(usize, Entry)> = arrived;
                folder.pending = rest;
                for (_, entry) in arrived {
                    enter(&mut folder.durable, &entry, true);
                }
            }
        }
    }

    /// Whether something of a file whose name ends so is not on the disk for sure.
    pub fn is_pending(&self, ending: &str) -> bool {
        self.files("", 0).iter().any(|(path, node)| {
            path.ends_with(ending)
                && matches!(&self.nodes[*node], Node::File(content) if !content.pending.is_empty())
        })
    }

    fn files(&self, path: &str, node: usize) -> Vec<(String, usize)> {
        match &self.nodes[node] {
            Node::File(_) => vec![(path.to_owned(), node)],
            Node::Folder(folder) => folder
                .now
                .iter()
                .flat_map(|(name, node)| self.files(&format!("{path}/{name}"), *node))
                .collect(),
        }
    }

    /// Lays the disk out as a power cut at this moment may leave it.
    pub fn cut(&self, luck: Luck, draw: &mut Draw, target: &Path) {
        // names are journalled folder by folder: of those not synced, the first few are there
        let mut lost = HashSet::new();
        for node in &self.nodes {
            if let Node::Folder(folder) = node {
                let all = folder.pending.len();
                let kept = match luck {
                    Luck::Dropped => 0,
                    Luck::Kept => all,
                    Luck::Torn => draw.below(all + 1),
                };
                lost.extend(folder.pending.iter().skip(kept).map(|(at, _)| *at));
            }
        }
        self.lay(0, luck, draw, &lost, target);
    }

    fn lay(&self, node: usize, luck: Luck, draw: &mut Draw, lost: &HashSet<usize>, target: &Path) {
        match &self.nodes[node] {
            Node::Folder(folder) => {
                fs::create_dir_all(target).unwrap();
                let mut entries = folder.durable.clone();
                for (at, entry) in &folder.pending {
                    if !lost.contains(at) {
                        let arrived = !matches!(entry, Entry::MovedAway { with, .. } if lost.contains(with));
                        enter(&mut entries, entry, arrived);
                    }
                }
                for (name, node) in entries {
                    // shared memory is no more after a power cut
                    if !name.ends_with("-shm") {
                        self.lay(node, luck, draw, lost, &target.join(name));
                    }
                }
            }
            Node::File(content) => {
                let mut bytes = content.durable.clone();
                for (_, change) in &content.pending {
                    match (luck, draw.below(3)) {
                        (Luck::Dropped, _) | (Luck::Torn, 0) => {}
                        (Luck::Kept, _) | (Luck::Torn, 1) => apply(&mut bytes, change, 0..usize::MAX),
                        (Luck::Torn, _) => {
                            let sectors = match change {
                                Change::Write { bytes, .. } => bytes.len().div_ceil(SECTOR),
                                Change::Truncate { .. } => 0,
                            };
                            let from = draw.below(sectors + 1);
                            let to = from + draw.below(sectors + 1 - from);
                            apply(&mut bytes, change, from * SECTOR..to * SECTOR);
                        }
                    }
                }
                fs::write(target, bytes).unwrap();
                // as the portal makes its files
                fs::set_permissions(target, fs::Permissions::from_mode(0o600)).unwrap();
            }
        }
    }
}
