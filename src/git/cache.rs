use std::hash::{BuildHasher, Hasher};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::Repo;

/// How much the cache may hold, in bytes.
const MOST: u64 = 64 << 20;

/// How many entries the cache may hold.
const MOST_ENTRIES: usize = 4_096;

/// After how many entries room is made, where there is none.
const ROOM_EVERY: usize = 32;

/// A folder beside the objects of a repository in which work is kept that would else be done
/// again. It may be deleted at any time, and any number of processes may use it at once: an entry
/// appears whole, and one that is not as it was written counts as none.
///
/// Nothing here fails: where the folder cannot be read or written, there is no cache.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    version: &'static str,
    /// How many entries were written.
    written: Arc<AtomicUsize>,
}

impl Repo {
    /// Gives the cache of this repository. Entries of another `version` count as none.
    #[must_use]
    pub fn cache(&self, version: &'static str) -> Cache {
        Cache {
            folder: self.common_dir().join("strata").join("cache"),
            version,
            written: Arc::default(),
        }
    }
}

impl Cache {
    /// Gives what is kept under a name; none where there is nothing, or nothing whole.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        let mut bytes = std::fs::read(self.folder.join(name)).ok()?;
        let at = bytes.len().checked_sub(size_of::<u64>())?;
        let sum = u64::from_le_bytes(bytes[at..].try_into().ok()?);
        bytes.truncate(at);
        (self.sum(name, &bytes) == sum).then_some(bytes)
    }

    /// Keeps something under a name, which is a plain file name. Where there is too much then, the
    /// oldest goes.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        if bytes.len() as u64 > MOST / 4 || std::fs::create_dir_all(&self.folder).is_err() {
            return;
        }
        let Ok(mut file) = tempfile::NamedTempFile::new_in(&self.folder) else {
            return;
        };
        let sum = self.sum(name, bytes).to_le_bytes();
        let written = file.write_all(bytes).and_then(|()| file.write_all(&sum));
        if written.is_ok() && file.persist(self.folder.join(name)).is_ok() {
            // Looking at all entries takes longer than writing one.
            if self
                .written
                .fetch_add(1, Relaxed)
                .is_multiple_of(ROOM_EVERY)
            {
                self.make_room();
            }
        }
    }

    fn make_room(&self) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return;
        };
        let mut entries: Vec<_> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let known = entry.metadata().ok()?;
                Some((known.modified().ok()?, known.len(), entry.path()))
            })
            .collect();
        let mut size: u64 = entries.iter().map(|(_, size, _)| size).sum();
        if size <= MOST && entries.len() <= MOST_ENTRIES {
            return;
        }
        entries.sort();
        let mut count = entries.len();
        // Down to half of it, so that this is seldom done.
        for (_, bytes, path) in entries {
            if size <= MOST / 2 && count <= MOST_ENTRIES / 2 {
                break;
            }
            let _ = std::fs::remove_file(path);
            (size, count) = (size - bytes, count - 1);
        }
    }

    /// Sums up an entry with its name and version: an entry under another name is none.
    fn sum(&self, name: &str, bytes: &[u8]) -> u64 {
        let mut hasher = foldhash::quality::FixedState::with_seed(0).build_hasher();
        for part in [self.version.as_bytes(), name.as_bytes(), bytes] {
            hasher.write_usize(part.len());
            hasher.write(part);
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scratch;
    use super::*;

    #[test]
    fn entries_are_whole_or_none() {
        let scratch = Scratch::started();
        let cache = scratch.repo().cache("1");
        assert_eq!(cache.get("a"), None);
        cache.put("a", b"kept");
        assert_eq!(cache.get("a").as_deref(), Some(&b"kept"[..]));
        // Another version, another name, or half of it.
        assert_eq!(scratch.repo().cache("2").get("a"), None);
        let path = cache.folder.join("a");
        std::fs::copy(&path, cache.folder.join("b")).unwrap();
        assert_eq!(cache.get("b"), None);
        let bytes = std::fs::read(&path).unwrap();
        for cut in 0..bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            assert_eq!(cache.get("a"), None, "cut at {cut}");
        }
        cache.put("a", b"again");
        assert_eq!(cache.get("a").as_deref(), Some(&b"again"[..]));
        assert_eq!(scratch.git(&["status", "--porcelain"]), "");
    }

    #[test]
    fn the_oldest_goes_where_there_is_too_much() {
        let scratch = Scratch::started();
        let cache = scratch.repo().cache("1");
        let large = vec![7; (MOST / 8) as usize];
        for number in 0..9 {
            // As nine processes would.
            scratch.repo().cache("1").put(&format!("{number}"), &large);
        }
        let left = std::fs::read_dir(&cache.folder).unwrap().count();
        assert!(left <= 5, "{left}");
        assert!(cache.get("8").is_some() && cache.get("0").is_none());
        cache.put("huge", &vec![1; (MOST / 2) as usize]);
        assert_eq!(cache.get("huge"), None);
    }

    #[test]
    fn many_writers_and_readers_see_whole_entries() {
        let scratch = Scratch::started();
        let repo = scratch.repo();
        std::thread::scope(|scope| {
            for number in 0..8u8 {
                let cache = repo.cache("1");
                scope.spawn(move || {
                    for _ in 0..20 {
                        cache.put("same", &vec![number; 10_000]);
                        let seen = cache.get("same").unwrap();
                        assert!(seen.len() == 10_000 && seen.iter().all(|it| *it == seen[0]));
                    }
                });
            }
        });
    }
}
