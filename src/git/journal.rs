use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Repo;

/// How much is read at a time on the way back to where the last line begins, in bytes.
const STEP: u64 = 8 << 10;

/// How often one tries to get at a file that another program holds.
const TRIES: u32 = 1_000;

/// How long one waits between.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);

/// A file beside the objects of a repository, of this clone alone, to which lines are only ever
/// added. Only its owner can read it.
#[derive(Clone, Debug)]
pub struct Journal {
    path: PathBuf,
}

impl Repo {
    /// Gives a journal of this repository by its name.
    #[must_use]
    pub fn journal(&self, name: &str) -> Journal {
        Journal {
            path: self.common_dir().join("strata").join(name),
        }
    }
}

impl Journal {
    /// Where it stands.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds lines that are made of the one before them, all without their ends. Other processes wait
    /// meanwhile, and the disk has them when this returns.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written.
    pub fn add(&self, lines: impl FnOnce(Option<&[u8]>) -> Vec<Vec<u8>>) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        lock(&file)?;
        let (last, is_whole) = last_line(&mut file)?;
        let mut text = Vec::new();
        if !is_whole {
            // Somebody was stopped while they wrote: what they left stays, and is seen.
            text.push(b'\n');
        }
        for line in lines(last.as_deref()) {
            text.extend(line);
            text.push(b'\n');
        }
        file.write_all(&text)?;
        file.sync_data()
    }

    /// Reads all of it; nothing where there is none.
    ///
    /// # Errors
    ///
    /// When it is there and cannot be read.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        if std::fs::metadata(&self.path).is_ok_and(|it| !it.is_file()) {
            return Err(io::Error::other("it is no file"));
        }
        match std::fs::read(&self.path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            done => done,
        }
    }
}

/// Takes the lock of a file; nobody holds it for long.
fn lock(file: &File) -> io::Result<()> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(std::fs::TryLockError::Error(cause)) => return Err(cause),
            Ok(()) => return Ok(()),
        }
    }
    let why = "another program holds it and does not let it go";
    Err(io::Error::new(io::ErrorKind::TimedOut, why))
}

/// Reads the last line, and says whether it has its end.
fn last_line(file: &mut File) -> io::Result<(Option<Vec<u8>>, bool)> {
    let mut start = file.metadata()?.len();
    let mut tail: Vec<u8> = Vec::new();
    loop {
        let is_whole = tail.last().is_none_or(|byte| *byte == b'\n');
        let text = tail.strip_suffix(b"\n").unwrap_or(&tail);
        let begin = text.iter().rposition(|byte| *byte == b'\n');
        if begin.is_some() || start == 0 {
            let line = &text[begin.map_or(0, |at| at + 1)..];
            return Ok(((!line.is_empty()).then(|| line.to_owned()), is_whole));
        }
        let step = start.min(STEP);
        start -= step;
        file.seek(SeekFrom::Start(start))?;
        let mut part = vec![0; usize::try_from(step).unwrap_or_default()];
        file.read_exact(&mut part)?;
        part.append(&mut tail);
        tail = part;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scratch;

    #[test]
    fn each_line_sees_the_one_before_it() {
        let scratch = Scratch::started();
        let journal = scratch.repo().journal("lines");
        assert_eq!(journal.read().unwrap(), b"");
        let long = "x".repeat(20_000);
        for text in ["a", &long, "", "c"] {
            journal
                .add(|before| {
                    let before = before.map_or(0, <[u8]>::len);
                    vec![format!("{before}{text}").into_bytes()]
                })
                .unwrap();
        }
        let all = String::from_utf8(journal.read().unwrap()).unwrap();
        assert_eq!(all, format!("0a\n2{long}\n20001\n5c\n"));
    }

    #[test]
    fn what_somebody_left_half_written_stays() {
        let scratch = Scratch::started();
        let journal = scratch.repo().journal("lines");
        journal.add(|_| vec![b"one".to_vec()]).unwrap();
        std::fs::write(journal.path(), "one\ntw").unwrap();
        journal
            .add(|before| vec![before.unwrap().to_vec()])
            .unwrap();
        assert_eq!(journal.read().unwrap(), b"one\ntw\ntw\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let other = scratch.repo().journal("other");
            other.add(|_| vec![Vec::new()]).unwrap();
            let mode = std::fs::metadata(other.path())
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn nothing_is_lost_where_many_write_at_once() {
        let scratch = Scratch::started();
        let repo = scratch.repo();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                let journal = repo.journal("lines");
                scope.spawn(move || {
                    for _ in 0..25 {
                        let next = |before: Option<&[u8]>| {
                            let before = before.map(|it| String::from_utf8(it.to_vec()).unwrap());
                            let number: u32 = before.map_or(0, |it| it.parse().unwrap());
                            vec![(number + 1).to_string().into_bytes()]
                        };
                        journal.add(next).unwrap();
                    }
                });
            }
        });
        let all = String::from_utf8(repo.journal("lines").read().unwrap()).unwrap();
        let numbers: Vec<u32> = all.lines().map(|it| it.parse().unwrap()).collect();
        assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
    }
}
