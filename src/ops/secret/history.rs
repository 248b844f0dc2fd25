//! How old secrets are, and which version was in force when: told by the commits that sealed them,
//! without opening any.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString};
use serde::Serialize;

use super::places::{What, usage};
use super::rules::OVERDUE_SECRET;
use crate::config::{Configuration, Keyring, Name, Snapshot, Target};
use crate::error::{Error, Result};
use crate::git::{Commit, Oid, Repo};
use crate::report::{Block, Finding, Location, Report, View};
use crate::seal::{Token, is_sealed};
use crate::text::{Date, Pointer};

/// The published JSON Schema of the body of `secret history`.
pub const HISTORY_SCHEMA: &str = include_str!("history.schema.json");

/// The published JSON Schema of the body of `secret age`.
pub const AGES_SCHEMA: &str = include_str!("ages.schema.json");

/// The versions of a secret.
#[derive(Debug, Serialize)]
pub struct HistoryBody {
    /// The key.
    pub pointer: Pointer,
    /// The environment.
    pub environment: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The file that sets it.
    pub file: String,
    /// The versions, the newest first.
    pub versions: Vec<Version>,
    /// The version that was in force at the revision asked for.
    pub at: Option<InForce>,
    /// Whether the history that is here ends before the secret's does.
    pub cut: bool,
}

/// The version of a secret that was in force.
#[derive(Debug, Serialize)]
pub struct InForce {
    /// The revision.
    pub revision: String,
    /// The version; null where it was not sealed there.
    pub version: Option<usize>,
}

/// A version of a secret.
#[derive(Clone, Debug, Serialize)]
pub struct Version {
    /// Its number, counted from the first, 1.
    pub version: usize,
    /// The commit that sealed it.
    pub commit: String,
    /// Who wrote that.
    pub author: String,
    /// When, as RFC 3339 has it.
    pub date: String,
    /// The first line of its message.
    pub title: String,
    /// The keyring.
    pub keyring: String,
    #[serde(skip)]
    time: i64,
}

/// How old secrets are.
#[derive(Debug, Serialize)]
pub struct AgesBody {
    /// The sealed values, the oldest first.
    pub secrets: Vec<Age>,
}

/// How old a secret is.
#[derive(Debug, Serialize)]
pub struct Age {
    /// The file.
    pub file: String,
    /// The place in it.
    pub pointer: Pointer,
    /// The environments that it is for.
    pub environments: BTreeSet<String>,
    /// The version in force; null where it is not committed yet.
    pub version: Option<Version>,
    /// How many days it has been in force.
    pub days: Option<i64>,
    /// After how many days the schema wants another one.
    pub rotate_after: Option<u32>,
    /// Whether that is over.
    pub overdue: bool,
}

/// Tells the versions of a sealed value. A new key of the keyring makes no new version.
///
/// # Errors
///
/// Where nothing is sealed at the key, or the history cannot be read.
pub fn history(
    repo: &Repo,
    configuration: &Configuration,
    target: &Target,
    key: &Pointer,
    at: Option<&str>,
) -> Result<Report<HistoryBody>> {
    let environment = target.name(Name::Environment);
    let tree = configuration.tree(environment)?;
    let resolved = configuration.resolve(target)?;
    let sealed = resolved.sealed(key).ok_or_else(|| {
        let key = key.dotted();
        Error::not_found(format!("nothing is sealed at `{key}` for {target}"))
            .with_help("see what is: `git strata secret age`")
    })?;
    let past = Past {
        repo,
        configuration,
    };
    let tip = past.tip(&tree)?;
    let place = (sealed.document.clone(), sealed.pointer.clone());
    let versions = past.versions(tip, &place.0, &BTreeSet::from([place.1.clone()]))?;
    let versions = versions.into_values().next().unwrap_or_default();
    let at = match at {
        None => None,
        Some(revision) => {
            let there = repo.revision(revision)?.id;
            let then = past.versions(there, &place.0, &BTreeSet::from([place.1]))?;
            let newest = then
                .into_values()
                .next()
                .and_then(|it| it.into_iter().next());
            let known = newest.and_then(|it| versions.iter().find(|own| own.commit == it.commit));
            Some(InForce {
                revision: revision.to_owned(),
                version: known.map(|it| it.version),
            })
        }
    };
    let body = HistoryBody {
        pointer: key.clone(),
        environment: environment.map(str::to_owned),
        service: target.name(Name::Service).map(str::to_owned),
        file: sealed.document.to_string(),
        versions,
        at,
        cut: repo.is_shallow(),
    };
    Ok(Report::new(
        tree.label().map(str::to_owned),
        Vec::new(),
        body,
    ))
}

/// Tells how old the sealed values of a tree are, and which are older than the schema's
/// `x-rotate-after` allows.
///
/// # Errors
///
/// Where the tree or its history cannot be read.
pub fn ages(
    repo: &Repo,
    configuration: &Configuration,
    tree: &Snapshot,
    environments: &[Option<&str>],
    today: Date,
) -> Result<Report<AgesBody>> {
    let past = Past {
        repo,
        configuration,
    };
    let tip = past.tip(tree)?;
    let mut findings = Vec::new();
    let mut secrets = Vec::new();
    for (path, usage) in usage(configuration, tree, environments)? {
        let sealed: BTreeMap<Pointer, Location> = usage
            .places(configuration, tree, &path)?
            .into_iter()
            .filter(|place| matches!(place.what, What::Sealed(_, Ok(_))))
            .map(|place| (place.pointer, place.location))
            .collect();
        if sealed.is_empty() {
            continue;
        }
        let wanted = sealed.keys().cloned().collect();
        let mut versions = past.versions(tip, &path, &wanted)?;
        for (pointer, location) in sealed {
            let newest = versions
                .remove(&pointer)
                .and_then(|it| it.into_iter().next());
            let days = newest
                .as_ref()
                .map(|it| today.days_since(Date::of_unix(it.time)));
            let rotate_after = usage.rotate_after(&pointer);
            let over = days
                .zip(rotate_after)
                .filter(|(days, most)| *days > i64::from(*most));
            if let Some((days, most)) = over {
                let message = format!(
                    "`{}` has been in force for {days} days, and another one is wanted after {most}",
                    pointer.dotted()
                );
                findings.push(Finding::new(&OVERDUE_SECRET, message, location).with_help(
                    "change it where it is used, and here: `git strata secret rotate KEY --with COMMAND`",
                ));
            }
            secrets.push(Age {
                file: path.to_string(),
                pointer,
                environments: usage.environments.clone(),
                version: newest,
                days,
                rotate_after,
                overdue: over.is_some(),
            });
        }
    }
    secrets.sort_by_key(|age| std::cmp::Reverse(age.days));
    let body = AgesBody { secrets };
    Ok(Report::new(tree.label().map(str::to_owned), findings, body))
}

struct Past<'a> {
    repo: &'a Repo,
    configuration: &'a Configuration,
}

/// The versions of secrets, the newest first.
type Versions = BTreeMap<Pointer, Vec<Version>>;

impl Past<'_> {
    /// Gives the commit that a tree is of; for the work tree and the index, the one checked out.
    fn tip(&self, tree: &Snapshot) -> Result<Oid> {
        let name = tree.label().filter(|label| *label != "index");
        Ok(self.repo.revision(name.unwrap_or("HEAD"))?.id)
    }

    /// Finds the commits that sealed what stands at places of a file.
    fn versions(&self, tip: Oid, path: &BString, wanted: &BTreeSet<Pointer>) -> Result<Versions> {
        let mut found: Versions = wanted.iter().map(|it| (it.clone(), Vec::new())).collect();
        for commit in self.repo.history(tip, std::slice::from_ref(path)) {
            let commit = commit?;
            let after = self.tree(&commit);
            let now = tokens(&after, path.as_ref(), wanted)?;
            let mut parents = Vec::new();
            for parent in &commit.parents {
                // In a shallow clone it may not be there.
                if let Ok(parent) = self.repo.commit(*parent) {
                    let before = self.tree(&parent);
                    let tokens = tokens(&before, path.as_ref(), wanted)?;
                    parents.push((before, tokens));
                }
            }
            for (pointer, token) in &now {
                let is_known = |(before, tokens): &(Snapshot, Tokens)| {
                    tokens.get(pointer).is_some_and(|old| {
                        old == token || is_sealed_anew(old, token, before, &after)
                    })
                };
                if parents.iter().any(is_known) {
                    continue;
                }
                if let Some(versions) = found.get_mut(pointer) {
                    versions.push(Version {
                        version: 0,
                        commit: commit.id.to_string(),
                        author: commit.author.name.clone(),
                        date: commit.author.date(),
                        title: commit.title(),
                        keyring: token.keyring().to_owned(),
                        time: commit.author.time,
                    });
                }
            }
        }
        for versions in found.values_mut() {
            let count = versions.len();
            for (index, version) in versions.iter_mut().enumerate() {
                version.version = count - index;
            }
        }
        Ok(found)
    }

    fn tree(&self, commit: &Commit) -> Snapshot {
        self.configuration.here().of_commit(self.repo, commit)
    }
}

/// The sealed values at places.
type Tokens = BTreeMap<Pointer, Token>;

fn tokens(tree: &Snapshot, path: &BStr, wanted: &BTreeSet<Pointer>) -> Result<Tokens> {
    let mut found = BTreeMap::new();
    let Some(file) = tree.file(path)? else {
        return Ok(found);
    };
    let Some(document) = file.documents().first() else {
        return Ok(found);
    };
    for pointer in wanted {
        let text = document.root.at(pointer).and_then(|value| value.as_str());
        if let Some(Ok(token)) = text.filter(|text| is_sealed(text)).map(Token::parse) {
            found.insert(pointer.clone(), token);
        }
    }
    Ok(found)
}

/// Says whether a value was sealed with a new key of the same keyring, and not changed: the
/// keyring's own file changed with it.
fn is_sealed_anew(old: &Token, new: &Token, before: &Snapshot, after: &Snapshot) -> bool {
    let is_renewed = old.keyring() == new.keyring() && old.generation() < new.generation();
    let path = Keyring::path(new.keyring());
    let id = |tree: &Snapshot| tree.id(path.as_str().into()).ok().flatten();
    is_renewed && id(before) != id(after)
}

impl View for HistoryBody {
    fn view(&self) -> Vec<Block> {
        let short = |text: &str| text.chars().take(10).collect::<String>();
        let row = |it: &Version| {
            let version = it.version.to_string();
            let (commit, date) = (short(&it.commit), short(&it.date));
            vec![
                version,
                commit,
                date,
                it.author.clone(),
                it.keyring.clone(),
                it.title.clone(),
            ]
        };
        let columns = ["version", "commit", "date", "author", "keyring", "title"];
        let mut blocks = vec![Block::Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: self.versions.iter().map(row).collect(),
        }];
        if let Some(at) = &self.at {
            blocks.push(Block::Text(match at.version {
                Some(version) => format!("version {version} was in force at {}", at.revision),
                None => format!("none of these was in force at {}", at.revision),
            }));
        }
        if self.cut {
            let text = "the history that is here does not go back to its beginning: `git fetch --unshallow`";
            blocks.push(Block::Text(text.to_owned()));
        }
        blocks
    }
}

impl View for AgesBody {
    fn view(&self) -> Vec<Block> {
        if self.secrets.is_empty() {
            return vec![Block::Text("nothing is sealed".to_owned())];
        }
        let row = |it: &Age| {
            let days = it
                .days
                .map_or_else(|| "not committed yet".to_owned(), |it| it.to_string());
            let most = it
                .rotate_after
                .map_or_else(String::new, |it| it.to_string());
            let date = it
                .version
                .as_ref()
                .map(|it| it.date.chars().take(10).collect());
            let key = it.pointer.dotted();
            vec![key, it.file.clone(), days, most, date.unwrap_or_default()]
        };
        let columns = ["key", "file", "days", "rotate after", "since"];
        vec![Block::Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: self.secrets.iter().map(row).collect(),
        }]
    }
}
