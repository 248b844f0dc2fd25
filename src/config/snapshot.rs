use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bstr::{BStr, BString, ByteSlice};

use super::outlined::outline;
use super::template::{self, Variables};
use super::{OutlinedFile, ParsedFile};
use crate::cores;
use crate::document::{self, Document, Format, Parsed};
use crate::error::Result;
use crate::git::{Cache, Commit, FileEntry, FileKind, Files, Oid, Repo, Revision};
use crate::text::Source;

/// One tree of files, with what was parsed of it.
///
/// What was parsed is kept by object id and shared with the other snapshots that
/// [`beside`](Self::beside) makes, so that a file that is the same in ten environments is parsed
/// once.
#[derive(Clone)]
pub struct Snapshot {
    files: Files,
    store: Arc<Store>,
    read: Arc<Mutex<HashMap<BString, Option<Arc<ParsedFile>>>>>,
    /// Files of which only a part is read, in the place of the whole ones.
    parts: Option<Arc<HashMap<BString, Arc<ParsedFile>>>>,
    /// Whether what is parsed is worth keeping for the next process: not that of a passing look at
    /// history.
    is_lasting: bool,
    /// Templates as rendered, each with the variables it was rendered with.
    rendered: Arc<Mutex<HashMap<Render, Option<Arc<ParsedFile>>>>>,
}

/// A template's path, and the variables that it is rendered with.
type Render = (BString, String);

/// Gives what an environment variable holds; none where it is not set.
type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

#[derive(Default)]
struct Store {
    parsed: Mutex<HashMap<(Oid, Format), Arc<Parsed>>>,
    cache: OnceLock<Cache>,
    environment: OnceLock<Box<Environment>>,
}

/// The form of what is kept in a cache: to be raised when a parser reads anything in another way.
const CACHED: &str = concat!(env!("CARGO_PKG_VERSION"), "-1");

/// From this many bytes on, reading a text again costs more than reading it from a cache.
const WORTH_CACHING: usize = 16 << 10;

impl Snapshot {
    /// Makes a snapshot of any tree of files.
    #[must_use]
    pub fn of(files: Files) -> Self {
        Self {
            files,
            store: Arc::default(),
            read: Arc::default(),
            parts: None,
            is_lasting: true,
            rendered: Arc::default(),
        }
    }

    /// Lets templates have the environment variables that the manifest names; without this, none
    /// is set. For all snapshots that share what was parsed, and to be said once, before a
    /// template is rendered.
    #[must_use]
    pub fn with_environment(
        self,
        environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let _ = self.store.environment.set(Box::new(environment));
        self
    }

    /// Reads one environment variable.
    pub(crate) fn environment(&self, name: &str) -> Option<String> {
        self.store.environment.get()?(name)
    }

    /// Takes the work tree of a repository; for a bare one, the commit that HEAD names.
    ///
    /// # Errors
    ///
    /// Where the repository has neither.
    pub fn of_work_tree(repo: &Repo) -> Result<Self> {
        let files = if repo.is_bare() {
            repo.files(&repo.revision("HEAD")?)
        } else {
            repo.work_files()?
        };
        Ok(Self::of(files))
    }

    /// Takes the index of a repository: what the next commit will hold.
    ///
    /// # Errors
    ///
    /// Where the index cannot be read.
    pub fn of_index(repo: &Repo) -> Result<Self> {
        Ok(Self::of(repo.index_files()?))
    }

    /// Takes a commit.
    #[must_use]
    pub fn of_revision(repo: &Repo, revision: &Revision) -> Self {
        Self::of(repo.files(revision))
    }

    /// Takes a folder on disk, without Git.
    #[must_use]
    pub fn of_folder(folder: &Path) -> Self {
        Self::of(Files::folder(folder))
    }

    /// Keeps what is parsed in the repository's cache, too, for the next process: by object id, so
    /// that it is never out of date. For all snapshots that share what was parsed.
    #[must_use]
    pub fn with_cache(self, repo: &Repo) -> Self {
        let _ = self.store.cache.set(repo.cache(CACHED));
        self
    }

    /// Makes a snapshot of another tree that shares what was parsed.
    #[must_use]
    pub fn beside(&self, files: Files) -> Self {
        Self {
            files,
            store: Arc::clone(&self.store),
            read: Arc::default(),
            parts: None,
            is_lasting: true,
            rendered: Arc::default(),
        }
    }

    /// Takes the tree of a commit, sharing what was parsed.
    #[must_use]
    pub fn of_commit(&self, repo: &Repo, commit: &Commit) -> Self {
        let revision = Revision {
            name: commit.id.short(),
            id: commit.id,
            tree: commit.tree,
        };
        Self {
            is_lasting: false,
            ..self.beside(repo.files(&revision))
        }
    }

    /// Gives the tree.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Gives the name of the revision; none for a work tree or a folder.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.files.label()
    }

    /// Parses a file, or gives it back as parsed before; `None` where there is no such file.
    ///
    /// A file without a known extension is read as YAML.
    ///
    /// # Errors
    ///
    /// Where the file is there and cannot be read.
    pub fn file(&self, path: &BStr) -> Result<Option<Arc<ParsedFile>>> {
        if let Some(part) = self.parts.as_ref().and_then(|parts| parts.get(path)) {
            return Ok(Some(Arc::clone(part)));
        }
        if let Some(known) = lock(&self.read).get(path) {
            return Ok(known.clone());
        }
        let file = match self.files.read(path)? {
            None => None,
            Some(blob) => Some(Arc::new(self.parse(path, blob.id, &blob.bytes))),
        };
        lock(&self.read).insert(path.to_owned(), file.clone());
        Ok(file)
    }

    /// Renders a template and parses what comes out, or gives it back as known; `None` where there
    /// is no such file.
    pub(super) fn rendered(
        &self,
        path: &BStr,
        variables: &Variables,
    ) -> Result<Option<Arc<ParsedFile>>> {
        let key = (path.to_owned(), variables.key());
        if let Some(known) = lock(&self.rendered).get(&key) {
            return Ok(known.clone());
        }
        let file = template::render(self, path, variables)?.map(Arc::new);
        lock(&self.rendered).insert(key, file.clone());
        Ok(file)
    }

    /// Parses files beforehand, on all cores; a fault shows when the file is asked for.
    pub(crate) fn prefetch(&self, paths: &[BString]) {
        /// Below this many bytes a thread costs more than it saves.
        const WORTH_A_THREAD: usize = 256 << 10;
        let read = |path: &BString| match self.file(path.as_ref()) {
            Ok(Some(file)) => file.source.text().len(),
            _ => 0,
        };
        // What a template comes to is known by its closure already.
        let paths = paths
            .iter()
            .filter(|path| !template::is_template(path.as_ref()));
        let paths: Vec<&BString> = paths.collect();
        let (mut rest, mut bytes) = (paths.as_slice(), 0);
        while let Some((path, more)) = rest.split_first()
            && bytes < WORTH_A_THREAD
        {
            bytes += read(path);
            rest = more;
        }
        cores::each(rest.len(), |number| read(rest[number]));
    }

    /// Gives the same tree with parts of files in the places of the whole ones.
    pub(crate) fn with_parts(&self, parts: HashMap<BString, Arc<ParsedFile>>) -> Self {
        Self {
            parts: Some(Arc::new(parts)),
            ..self.clone()
        }
    }

    /// Looks a file over without parsing it; none where there is no such file, or where that does
    /// not tell for certain what its outermost entries are.
    ///
    /// # Errors
    ///
    /// Where the file is there and cannot be read.
    pub(crate) fn outlined(&self, path: &BStr) -> Result<Option<OutlinedFile>> {
        let name = path.to_str_lossy();
        if Format::of_path(&name) != Some(Format::Yaml) {
            return Ok(None);
        }
        let Some(blob) = self.files.read(path)? else {
            return Ok(None);
        };
        let Ok(source) = document::read(&name, self.label(), &blob.bytes) else {
            return Ok(None);
        };
        Ok(outline(&source).map(|outline| OutlinedFile {
            path: path.to_owned(),
            id: blob.id,
            outline,
        }))
    }

    /// Lets go of what was parsed of a file; it is parsed again when it is asked for.
    pub(crate) fn forget(&self, path: &BStr) {
        let file = lock(&self.read).remove(path).flatten();
        if let Some(id) = file.and_then(|file| file.id) {
            let format = Format::of_path(&path.to_str_lossy()).unwrap_or(Format::Yaml);
            lock(&self.store.parsed).remove(&(id, format));
        }
    }

    /// Says whether a file stands at a path.
    pub(crate) fn is_file(&self, path: &BStr) -> bool {
        matches!(self.files.real_path(path), Ok(Some(_)))
    }

    /// Gives what was parsed before of a text by this object id, in this or another snapshot that
    /// shares it, if nothing is wrong with it.
    pub(crate) fn known(&self, path: &BStr, id: Oid) -> Option<Arc<Parsed>> {
        let format = Format::of_path(&path.to_str_lossy()).unwrap_or(Format::Yaml);
        let known = lock(&self.store.parsed).get(&(id, format)).cloned();
        known.filter(|known| known.findings.is_empty())
    }

    /// Gives the object id of a file; `None` where there is no such file.
    ///
    /// # Errors
    ///
    /// Where the file is there and cannot be read.
    pub fn id(&self, path: &BStr) -> Result<Option<Oid>> {
        match self.files.entry(path)? {
            None => Ok(None),
            Some(FileEntry {
                kind: FileKind::File | FileKind::Executable,
                id: Some(id),
            }) => Ok(Some(id)),
            // A file on disk has an id once it is read; a link is followed.
            Some(_) => Ok(self.file(path)?.and_then(|file| file.id)),
        }
    }

    fn parse(&self, path: &BStr, id: Oid, bytes: &[u8]) -> ParsedFile {
        let name = path.to_str_lossy();
        let format = Format::of_path(&name).unwrap_or(Format::Yaml);
        match document::read(&name, self.label(), bytes) {
            Err(finding) => ParsedFile::unreadable(path, id, *finding),
            Ok(source) => {
                let key = (id, format);
                let known = lock(&self.store.parsed).get(&key).cloned();
                // A finding names the file and revision it stands in, so only what has none is
                // shared.
                let parsed = match known {
                    Some(parsed) if parsed.findings.is_empty() => parsed,
                    _ => {
                        let parsed =
                            Arc::new(self.store.parse(&source, format, id, self.is_lasting));
                        lock(&self.store.parsed).insert(key, Arc::clone(&parsed));
                        parsed
                    }
                };
                ParsedFile::of_tree(path, source, id, parsed)
            }
        }
    }
}

impl Store {
    /// Parses a text, or takes what the cache has of it.
    fn parse(&self, source: &Arc<Source>, format: Format, id: Oid, is_lasting: bool) -> Parsed {
        let is_slow = format != Format::Json && source.text().len() >= WORTH_CACHING;
        let Some(cache) = self.cache.get().filter(|_| is_slow) else {
            return document::parse(source, format);
        };
        let name = format!("{id}.{format}");
        if let Some(roots) = cache.get(&name).and_then(|bytes| document::unpack(&bytes)) {
            let document = |(index, root)| Document {
                source: Arc::clone(source),
                format,
                index,
                root: Arc::new(root),
            };
            return Parsed {
                documents: roots.into_iter().enumerate().map(document).collect(),
                findings: Vec::new(),
            };
        }
        let parsed = document::parse(source, format);
        if is_lasting
            && parsed.findings.is_empty()
            && let Some(bytes) = document::pack(parsed.documents.iter().map(|it| &*it.root))
        {
            cache.put(&name, &bytes);
        }
        parsed
    }
}

/// Takes a lock; what a panicking thread left is whole, since every change is one insertion.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    fn value(scratch: &Scratch) -> i64 {
        let repo = scratch.repo();
        let snapshot = Snapshot::of_work_tree(&repo).unwrap().with_cache(&repo);
        let file = snapshot.file("a.yaml".into()).unwrap().unwrap();
        let first = file.documents()[0].root.get("first").unwrap();
        first.as_number().and_then(|it| it.to_i64()).unwrap()
    }

    #[test]
    fn what_is_cached_is_the_same_and_never_out_of_date() {
        let scratch = Scratch::started();
        let filler: String = (0..WORTH_CACHING / 8)
            .map(|at| format!("k{at}: {at}\n"))
            .collect();
        scratch.write("a.yaml", format!("first: 1\n{filler}"));
        scratch.commit("a");
        assert_eq!((value(&scratch), value(&scratch)), (1, 1));
        let cache = scratch.repo().cache(CACHED);
        let id = scratch.git(&["rev-parse", "HEAD:a.yaml"]);
        let name = format!("{}.{}", id.trim(), Format::Yaml);
        let bytes = cache.get(&name).unwrap();
        let kept = document::unpack(&bytes).unwrap();
        let repo = scratch.repo();
        let fresh = Snapshot::of_work_tree(&repo).unwrap();
        let fresh = fresh.file("a.yaml".into()).unwrap().unwrap();
        assert_eq!(
            format!("{:?}", kept[0]),
            format!("{:?}", fresh.documents()[0].root)
        );
        // It is taken from there, as long as it is whole.
        let mut other = kept[0].clone();
        let crate::document::Kind::Object(map) = &mut other.kind else {
            panic!("a map");
        };
        map.set(
            "first",
            crate::document::parse(&Arc::new(Source::new("", "7")), Format::Yaml).documents[0]
                .root
                .as_ref()
                .clone(),
        );
        cache.put(&name, &document::pack([&other]).unwrap());
        assert_eq!(value(&scratch), 7);
        cache.put(&name, &bytes[..bytes.len() / 2]);
        assert_eq!(value(&scratch), 1);
        // Other content is another entry.
        scratch.write("a.yaml", format!("first: 2\n{filler}"));
        assert_eq!(value(&scratch), 2);
    }
}
