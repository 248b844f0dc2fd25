//! The way from one version to another: every version between, in order, and its migration.

use std::collections::BTreeMap;

use bstr::ByteSlice;
use semver::Version;

use super::rules::MIGRATION_GAP;
use super::version::{Stop, Versions, migration_files};
use crate::config::Manifest;
use crate::ops::compat::{self, Verdict};
use crate::ops::migration::Migration;
use crate::report::{Finding, Location, Severity};
use crate::{Error, Result};

/// The way from one version to another.
pub struct Plan {
    /// Where it begins.
    pub from: Stop,
    /// Where it ends.
    pub to: Stop,
    /// The versions that are known.
    pub versions: Versions,
    /// The migrations on the way, in the order they are done.
    pub(super) legs: Vec<Leg>,
    /// What is wrong with the migrations, and where there are none.
    pub findings: Vec<Finding>,
    /// Whether it leads to an older version.
    pub down: bool,
}

/// One migration on the way.
pub(super) struct Leg {
    pub migration: Migration,
    /// The version before it, whose defaults it pins.
    pub before: Stop,
    /// The version that documents are of after it.
    pub after: Stop,
}

impl Plan {
    /// Finds the way between two versions.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, a migration on the way is broken, or one that leads back cannot
    /// be undone.
    pub fn between(
        from: Stop,
        to: Stop,
        versions: Versions,
        here: &crate::config::Snapshot,
        manifest: Option<&Manifest>,
    ) -> Result<Self> {
        let mut plan = Self {
            down: false,
            legs: Vec::new(),
            findings: Vec::new(),
            from,
            to,
            versions,
        };
        let (Some(start), Some(end)) = (plan.from.version.clone(), plan.to.version.clone()) else {
            return Ok(plan);
        };
        plan.down = end < start;
        let (low, high) = if plan.down {
            (&end, &start)
        } else {
            (&start, &end)
        };
        // A migration that is here stands over the one that was released.
        let mut files: BTreeMap<Version, (&crate::config::Snapshot, String)> = BTreeMap::new();
        let trees = [here.clone(), plan.to.tree.clone(), plan.from.tree.clone()];
        for tree in &trees {
            for (version, path) in migration_files(tree, manifest)? {
                if version > *low && version <= *high {
                    files.entry(version).or_insert((tree, path));
                }
            }
        }
        let mut legs = Vec::new();
        for (version, (tree, path)) in &files {
            let Some(file) = tree.file(path.as_bytes().as_bstr())? else {
                continue;
            };
            let (migration, wrong) = Migration::read(&file);
            let Some(migration) = migration else {
                return Err(broken(path, &wrong));
            };
            plan.findings.extend(wrong);
            if plan.is_meant(&migration)? {
                let before = plan.stop_before(version, low);
                let after = plan.stop_at(version, high);
                plan.fits(&migration, &before);
                legs.push(Leg {
                    migration,
                    before,
                    after,
                });
            }
        }
        if plan.down {
            for leg in legs.iter_mut().rev() {
                leg.migration = leg.migration.inverse().map_err(|why| {
                    let file = leg.migration.location.source.name();
                    Error::usage(format!("`{file}`: {why}"))
                        .with_help("give the step an `inverse: […]`, or change the file by hand")
                })?;
                std::mem::swap(&mut leg.before, &mut leg.after);
            }
            legs.reverse();
        } else {
            plan.gaps(low, high, &files.into_keys().collect::<Vec<_>>())?;
        }
        plan.legs = legs;
        Ok(plan)
    }

    /// Says whether there is a schema or a migration at all.
    ///
    /// # Errors
    ///
    /// When a schema cannot be read.
    pub fn says_something(&self) -> Result<bool> {
        let none = self.from.schemas()?.is_empty() && self.to.schemas()?.is_empty();
        Ok(!none || !self.legs.is_empty() || !self.from.faults().is_empty())
    }

    /// Sees to it that a schema that was named is at one end at least.
    ///
    /// # Errors
    ///
    /// When it is at neither.
    pub fn needs_schema(&self, path: &str) -> Result<()> {
        if self.says_something()? && !self.from.schemas()?.is_empty() {
            return Ok(());
        }
        let message = format!("there is no schema `{path}` at {}", self.from.name);
        Err(Error::not_found(message).with_help("name its path from the root of the repository"))
    }

    /// Says whether a migration is for one of the schemas that are meant.
    fn is_meant(&self, migration: &Migration) -> Result<bool> {
        let Some(wanted) = &migration.schema else {
            return Ok(true);
        };
        let schemas = [self.from.schemas()?, self.to.schemas()?].concat_paths();
        Ok(schemas.is_empty() || schemas.iter().any(|path| path == wanted))
    }

    fn stop_before(&self, version: &Version, low: &Version) -> Stop {
        let mut before = self.versions.stops.range(low.clone()..version.clone());
        match before.next_back() {
            Some((_, stop)) => stop.clone(),
            None => self.lower().clone(),
        }
    }

    fn stop_at(&self, version: &Version, high: &Version) -> Stop {
        match self.versions.stops.get(version) {
            Some(stop) if version != high => stop.clone(),
            _ => self.upper().clone(),
        }
    }

    fn lower(&self) -> &Stop {
        if self.down { &self.to } else { &self.from }
    }

    fn upper(&self) -> &Stop {
        if self.down { &self.from } else { &self.to }
    }

    /// Says where a migration does not start from the version before it.
    fn fits(&mut self, migration: &Migration, before: &Stop) {
        let (Some(wanted), Some(version)) = (&migration.from, &before.version) else {
            return;
        };
        if !wanted.matches(version) {
            let message = format!(
                "the migration to {} starts from {wanted}, and what comes before it is {version}",
                migration.version
            );
            let finding = Finding::new(&MIGRATION_GAP, message, migration.location.clone());
            self.findings.push(
                finding
                    .with_severity(Severity::Error)
                    .with_help("name the version that the file is of with `--from`"),
            );
        }
    }

    /// Finds the versions that break something, and that no migration carries over.
    fn gaps(&mut self, low: &Version, high: &Version, migrated: &[Version]) -> Result<()> {
        let mut before = self.from.clone();
        let between = self.versions.stops.range(low.clone()..=high.clone());
        let mut found = Vec::new();
        for (version, stop) in between.filter(|(version, _)| *version > low) {
            if !migrated.contains(version)
                && let Some(place) = breaks(&before, stop)?
            {
                let message = format!(
                    "{version} breaks what was valid in {}, and no migration carries over it",
                    before.label()
                );
                let help = format!(
                    "draft one: `git strata migration new --from {} --to {}`",
                    before.name, stop.name
                );
                found.push(Finding::new(&MIGRATION_GAP, message, place).with_help(help));
            }
            before = stop.clone();
        }
        self.findings.extend(found);
        Ok(())
    }
}

/// Says whether the schemas of one stop refuse what those of another admitted, and where.
pub(super) fn breaks(old: &Stop, new: &Stop) -> Result<Option<Location>> {
    for (before, after) in pairs(old, new)? {
        let comparison =
            compat::compare(&before.schema, &after.schema, &compat::Options::default());
        if comparison.verdict >= Verdict::Breaking {
            let place = comparison
                .changes
                .iter()
                .find_map(|it| it.new_location.clone());
            return Ok(Some(
                place.unwrap_or_else(|| after.schema.root().location()),
            ));
        }
    }
    Ok(None)
}

/// Puts the schemas of two stops together: by path, or where each has one.
pub(super) fn pairs<'a>(
    old: &'a Stop,
    new: &'a Stop,
) -> Result<Vec<(&'a super::version::Loaded, &'a super::version::Loaded)>> {
    let (before, after) = (old.schemas()?, new.schemas()?);
    if let ([before], [after]) = (before, after) {
        return Ok(vec![(before, after)]);
    }
    let same = |old: &&'a super::version::Loaded| {
        let path = old.schema.path();
        after.iter().find(move |new| new.schema.path() == path)
    };
    Ok(before
        .iter()
        .filter_map(|old| Some((old, same(&old)?)))
        .collect())
}

trait Paths {
    fn concat_paths(&self) -> Vec<String>;
}

impl Paths for [&[super::version::Loaded]; 2] {
    fn concat_paths(&self) -> Vec<String> {
        let all = self.iter().copied().flatten();
        all.map(|it| it.schema.path().to_owned()).collect()
    }
}

fn broken(path: &str, findings: &[Finding]) -> Error {
    let Some(first) = findings.first() else {
        return Error::invalid(format!("`{path}` cannot be read"));
    };
    let line = first.location.start().line;
    let message = format!("`{path}:{line}`: {}", first.message);
    let error = Error::invalid(message);
    match &first.help {
        Some(help) => error.with_help(help.clone()),
        None => error.with_help("`git strata migration check` tells all that is wrong"),
    }
}
