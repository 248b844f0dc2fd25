//! Reads what is to be searched, on all cores.

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};

use super::allowed::Allowances;
use super::body::ScanBody;
use super::shapes;
use super::tell::{Place, Told, tell};
use crate::Result;
use crate::config::Snapshot;
use crate::cores;
use crate::document::decode;
use crate::git::{Commit, FileKind, Oid, Repo};
use crate::report::Report;
use crate::text::Source;

/// What is to be searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The files of the tree.
    Tree,
    /// What the commits up to one brought, without those that lead up to another.
    Commits {
        /// The last commit of each line.
        tips: Vec<Oid>,
        /// Where the history is known already.
        without: Vec<Oid>,
    },
    /// The files of the tree, and what all commits brought that any reference leads to.
    Everything,
}

/// Files with more bytes are passed over.
const MOST_BYTES: u64 = 10_000_000;

/// A file to be read.
struct Job {
    path: BString,
    /// The object; none for what lies on disk.
    id: Option<Oid>,
    /// The commit that brought it.
    commit: Option<Oid>,
}

#[derive(Default)]
struct Found {
    told: Vec<Told>,
    files: usize,
    binary: usize,
    large: usize,
}

/// Searches for secrets; each file's bytes are read once.
///
/// # Errors
///
/// When the repository or the disk cannot be read.
pub fn scan(
    repo: &Repo,
    tree: &Snapshot,
    what: &What,
    allowed: &Allowances,
) -> Result<Report<ScanBody>> {
    let mut body = ScanBody::default();
    let mut jobs = Vec::new();
    let bringing = match what {
        What::Tree => None,
        What::Commits { tips, without } => Some(repo.brought(tips, without)?),
        What::Everything => Some(repo.brought(&repo.tips()?, &[])?),
    };
    if let Some(bringing) = bringing {
        body.commits = bringing.commits;
        body.history_is_cut = repo.is_shallow();
        jobs.extend(bringing.files.into_iter().map(|file| Job {
            path: file.path,
            id: Some(file.id),
            commit: Some(file.commit),
        }));
        // Versions of one file are stored as what differs between them.
        jobs.sort_by(|a, b| a.path.cmp(&b.path));
    }
    if !matches!(what, What::Commits { .. }) {
        let known: BTreeSet<Oid> = jobs.iter().filter_map(|job| job.id).collect();
        let files = tree.files().walk(BStr::new(b""))?.into_iter();
        let plain = files.filter(|(_, entry)| {
            matches!(entry.kind, FileKind::File | FileKind::Executable)
                && !entry.id.is_some_and(|id| known.contains(&id))
        });
        jobs.extend(plain.map(|(path, entry)| Job {
            path,
            id: entry.id,
            commit: None,
        }));
        let found = search(repo, tree, &jobs, &known, allowed)?;
        return Ok(report(
            tree,
            body,
            found,
            allowed,
            *what == What::Everything,
        ));
    }
    let found = search(repo, tree, &jobs, &BTreeSet::new(), allowed)?;
    Ok(report(tree, body, found, allowed, false))
}

fn report(
    tree: &Snapshot,
    mut body: ScanBody,
    found: Found,
    allowed: &Allowances,
    is_all: bool,
) -> Report<ScanBody> {
    let used: Vec<usize> = found.told.iter().filter_map(|told| told.entry).collect();
    let mut findings = allowed.judge(is_all.then_some(&used[..]));
    for told in found.told {
        findings.extend(told.finding);
        body.secrets.push(told.body);
    }
    body.secrets
        .sort_by(|a, b| (&a.file, a.line, &a.fingerprint).cmp(&(&b.file, b.line, &b.fingerprint)));
    body.files = found.files;
    body.binary = found.binary;
    body.large = found.large;
    Report::new(tree.label().map(str::to_owned), findings, body)
}

/// Searches files, on all cores; what lies on disk and was read as an object is passed over.
fn search(
    repo: &Repo,
    tree: &Snapshot,
    jobs: &[Job],
    known: &BTreeSet<Oid>,
    allowed: &Allowances,
) -> Result<Found> {
    const SHARE: usize = 32;
    let shares: Vec<&[Job]> = jobs.chunks(SHARE).collect();
    let search = |repo: &mut Repo, share: usize| -> Result<Found> {
        let mut found = Found::default();
        for job in shares[share] {
            search_one(repo, tree, job, known, allowed, &mut found)?;
        }
        Ok(found)
    };
    let start = || repo.with_memory();
    let (all, _) = cores::each_with(shares.len(), cores::count(), start, search);
    let mut found = Found::default();
    for one in all {
        let one = one?;
        found.told.extend(one.told);
        found.files += one.files;
        found.binary += one.binary;
        found.large += one.large;
    }
    Ok(found)
}

fn search_one(
    repo: &Repo,
    tree: &Snapshot,
    job: &Job,
    known: &BTreeSet<Oid>,
    allowed: &Allowances,
    found: &mut Found,
) -> Result<()> {
    let bytes = match job.id {
        Some(id) => repo.bytes_up_to(id, MOST_BYTES)?,
        None => {
            let on_disk = repo
                .work_dir()
                .map(|root| root.join(job.path.to_path_lossy()));
            let length = on_disk.and_then(|path| std::fs::metadata(path).ok());
            if length.is_some_and(|it| it.len() > MOST_BYTES) {
                None
            } else {
                match tree.files().read(job.path.as_bstr())? {
                    Some(blob) if known.contains(&blob.id) => return Ok(()),
                    Some(blob) => Some(blob.bytes),
                    // It went away while others were read.
                    None => return Ok(()),
                }
            }
        }
    };
    let Some(bytes) = bytes else {
        found.large += 1;
        return Ok(());
    };
    let Some(text) = text_of(&bytes) else {
        found.binary += 1;
        return Ok(());
    };
    found.files += 1;
    let hits = shapes::hits(&text, true);
    if hits.is_empty() {
        return Ok(());
    }
    let commit: Option<Commit> = job.commit.map(|id| repo.commit(id)).transpose()?;
    let mut source = Source::new(job.path.to_str_lossy(), text);
    let revision = commit.as_ref().map(|commit| commit.id.short());
    if let Some(revision) = revision.or(tree.label().map(str::to_owned)) {
        source = source.at_revision(revision);
    }
    let place = Place {
        source: &source,
        commit: commit.as_ref(),
    };
    found.told.extend(tell(&place, &hits, allowed));
    Ok(())
}

/// Reads bytes as a text, whatever its encoding; none where they are no text.
fn text_of(bytes: &[u8]) -> Option<String> {
    let is_wide = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let head = &bytes[..bytes.len().min(8000)];
    if !is_wide && head.contains(&0) {
        return None;
    }
    Some(decode(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned()))
}
