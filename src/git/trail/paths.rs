use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

use bstr::{BStr, BString, ByteSlice};
use foldhash::{HashMap, HashMapExt};
use gix::objs::TreeRefIter;
use gix::objs::tree::{EntryRef, name_order};

use super::{Step, Turn};
use crate::git::{Oid, Repo};
use crate::{Error, Result};

/// Paths, by the names they are made of.
pub(super) struct Paths {
    root: Node,
}

#[derive(Default)]
struct Node {
    below: HashMap<BString, Self>,
    /// The numbers of the paths that end here.
    ends: Vec<usize>,
}

impl Paths {
    pub(super) fn new(paths: &[BString]) -> Self {
        let mut root = Node::default();
        for (number, path) in paths.iter().enumerate() {
            let mut node = &mut root;
            for name in path.split_str("/") {
                node = node.below.entry(name.into()).or_default();
            }
            node.ends.push(number);
        }
        Self { root }
    }

    /// Finds for each of these steps what it has otherwise than its parents.
    pub(super) fn turns(
        &self,
        repo: &Repo,
        steps: &[Step],
        range: Range<usize>,
    ) -> Result<Vec<Vec<Turn>>> {
        let mut reader = Reader {
            repo,
            trees: HashMap::new(),
            bytes: 0,
        };
        let range = &steps[range];
        let pairs = range.iter().map(|step| {
            let parent = step.parents.first().map_or(step, |&parent| &steps[parent]);
            [step.tree, parent.tree]
        });
        let earlier_first = repo.reads_earlier_first(pairs);
        let mut turns = vec![Vec::new(); range.len()];
        let mut places: Vec<usize> = (0..range.len()).collect();
        if earlier_first {
            places.reverse();
        }
        for place in places {
            let (step, found) = (&range[place], &mut turns[place]);
            for &parent in &step.parents {
                let sides = [Some(steps[parent].tree.0), Some(step.tree.0)];
                let mut put = |path, [before, after]: [Option<gix::ObjectId>; 2]| {
                    found.push(Turn {
                        parent,
                        path,
                        before: before.map(Oid),
                        after: after.map(Oid),
                    });
                };
                reader.compare(&self.root, sides, &mut put)?;
            }
        }
        Ok(turns)
    }
}

/// How many bytes of trees are kept before they are all let go.
const MOST_BYTES: usize = 8 << 20;

/// Reads trees, most of which are asked for twice in a row: as that of a commit's parent, and as
/// that of the parent itself.
struct Reader<'a> {
    repo: &'a Repo,
    trees: HashMap<gix::ObjectId, Rc<Vec<u8>>>,
    bytes: usize,
}

type Put<'a> = dyn FnMut(usize, [Option<gix::ObjectId>; 2]) + 'a;

impl Reader<'_> {
    fn tree(&mut self, id: gix::ObjectId) -> Result<Rc<Vec<u8>>> {
        if let Some(tree) = self.trees.get(&id) {
            return Ok(Rc::clone(tree));
        }
        let tree = self.repo.git.find_tree(id);
        let mut tree = tree.map_err(|cause| {
            Error::repository(format!("cannot read the tree {id}"))
                .with_help("`git fsck` says whether the repository is whole")
                .because(cause)
        })?;
        let tree = Rc::new(std::mem::take(&mut tree.data));
        self.bytes += tree.len();
        if self.bytes > MOST_BYTES {
            self.trees.clear();
            self.bytes = tree.len();
        }
        self.trees.insert(id, Rc::clone(&tree));
        Ok(tree)
    }

    /// Goes through two trees side by side, as far as paths lead into them.
    fn compare(
        &mut self,
        node: &Node,
        sides: [Option<gix::ObjectId>; 2],
        put: &mut Put<'_>,
    ) -> Result<()> {
        if sides[0] == sides[1] {
            return Ok(());
        }
        let [before, after] = sides.map(|id| id.map(|id| self.tree(id)).transpose());
        let (before, after) = (before?, after?);
        let [left, right] =
            [&before, &after].map(|tree| tree.as_deref().map_or(&[][..], Vec::as_slice));
        let kind = self.repo.git.object_hash();
        let mut differing: Vec<(&BStr, [Option<Found>; 2])> = Vec::new();
        differences(left, right, kind, &mut |name, entries| {
            if node.below.contains_key(name) {
                differing.push((name, entries.map(|entry| entry.map(Found::of))));
            }
        });
        // A file and a folder of one name stand apart in Git's order.
        differing.sort_by_key(|(name, _)| *name);
        let mut rest = differing.into_iter().peekable();
        while let Some((name, mut entries)) = rest.next() {
            while let Some((_, more)) = rest.next_if(|(next, _)| *next == name) {
                for (entry, more) in entries.iter_mut().zip(more) {
                    *entry = (*entry).or(more);
                }
            }
            let below = &node.below[name];
            let file = |entry: Option<Found>| entry.filter(|it| it.is_file).map(|it| it.id);
            let folder = |entry: Option<Found>| entry.filter(|it| it.is_tree).map(|it| it.id);
            let files = entries.map(file);
            if files[0] != files[1] {
                for &end in &below.ends {
                    put(end, files);
                }
            }
            if !below.below.is_empty() {
                self.compare(below, entries.map(folder), put)?;
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Found {
    is_file: bool,
    is_tree: bool,
    id: gix::ObjectId,
}

impl Found {
    fn of(entry: EntryRef<'_>) -> Self {
        Self {
            is_file: entry.mode.is_blob(),
            is_tree: entry.mode.is_tree(),
            id: entry.oid.to_owned(),
        }
    }
}

/// Finds the entries that are not the same in two trees.
fn differences<'a>(
    mut left: &'a [u8],
    mut right: &'a [u8],
    kind: gix::hash::Kind,
    found: &mut dyn FnMut(&'a BStr, [Option<EntryRef<'a>>; 2]),
) {
    loop {
        // Nearly all are the same, and need not be understood.
        while let Some(same) = entry(left, kind).filter(|same| right.starts_with(same)) {
            (left, right) = (&left[same.len()..], &right[same.len()..]);
        }
        let [before, after] = [left, right].map(|data| {
            let data = entry(data, kind)?;
            TreeRefIter::from_bytes(data, kind).next()?.ok()
        });
        let order = match (&before, &after) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => {
                name_order(a.filename, a.mode.is_tree(), b.filename, b.mode.is_tree())
            }
        };
        let length = |data| entry(data, kind).map_or(0, <[u8]>::len);
        let before = before.filter(|_| order != Ordering::Greater);
        let after = after.filter(|_| order != Ordering::Less);
        if before.is_some() {
            left = &left[length(left)..];
        }
        if after.is_some() {
            right = &right[length(right)..];
        }
        if before != after
            && let Some(entry) = before.as_ref().or(after.as_ref())
        {
            found(entry.filename, [before, after]);
        }
    }
}

/// Cuts the first entry off a tree: its mode and name, a zero, and an object id.
fn entry(data: &[u8], kind: gix::hash::Kind) -> Option<&[u8]> {
    data.get(..data.find_byte(0)? + 1 + kind.len_in_bytes())
}
