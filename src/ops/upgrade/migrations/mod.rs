//! The migrations of a repository: drafted, checked, tested.

mod body;
mod cases;
mod draft;
pub(super) mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bstr::ByteSlice;
use semver::Version;

pub use body::{CaseResult, Draft, MIGRATIONS_SCHEMA, MigrationReport, MigrationsBody, StepReport};

use self::rules::{MIGRATION_EDITED, MIGRATION_INCOMPLETE, MIGRATION_MISSING};
use super::plan::pairs;
use super::version::{MIGRATIONS, Stop, Versions, migration_files, version_of};
use crate::config::{Manifest, ParsedFile, Snapshot};
use crate::git::Repo;
use crate::ops::compat::{self, Change, Verdict};
use crate::ops::migration::Migration;
use crate::report::{Finding, Location, Report, Severity};
use crate::{Error, Result};

/// The migrations of one tree, with the versions around them.
pub struct Migrations {
    here: Snapshot,
    folder: String,
    versions: Versions,
    /// Each file with what it says, by version; nothing where it is broken.
    files: Vec<(Version, Arc<ParsedFile>, Option<Migration>)>,
    findings: Vec<Finding>,
}

impl Migrations {
    /// Reads the migrations of a tree.
    ///
    /// # Errors
    ///
    /// When the tree or the tags cannot be read.
    pub fn read(
        repo: Option<&Repo>,
        here: &Snapshot,
        manifest: Option<&Manifest>,
        schema: Option<&str>,
    ) -> Result<Self> {
        let versions = Versions::of(repo, here, manifest, schema)?;
        let folder = manifest.and_then(|manifest| manifest.migrations.as_deref());
        let folder = folder
            .unwrap_or(MIGRATIONS)
            .trim_end_matches('/')
            .to_owned();
        let mut files = Vec::new();
        let mut findings = Vec::new();
        for (version, path) in migration_files(here, manifest)? {
            let Some(file) = here.file(path.as_bytes().as_bstr())? else {
                continue;
            };
            let (migration, wrong) = Migration::read(&file);
            findings.extend(wrong);
            files.push((version, file, migration));
        }
        Ok(Self {
            here: here.clone(),
            folder,
            versions,
            files,
            findings,
        })
    }

    /// Says whether there is no file of migrations at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Gives the versions that are known.
    #[must_use]
    pub fn versions(&self) -> &Versions {
        &self.versions
    }

    fn reports(&self, wanted: impl Fn(&Version) -> bool) -> Vec<MigrationReport> {
        let mut reports = Vec::new();
        for (version, file, migration) in self.files.iter().filter(|it| wanted(&it.0)) {
            let Some(migration) = migration else { continue };
            let stop = self.versions.stops.get(version);
            let released = stop.filter(|stop| stop.tree.label().is_some());
            let inverse = migration.inverse();
            let steps = migration.outline().into_iter().map(|step| StepReport {
                operation: step.operation,
                places: step.places,
                why: step.why,
                line: step.line,
            });
            reports.push(MigrationReport {
                version: version.to_string(),
                path: file.path.to_string(),
                description: migration.description.clone(),
                released: released.map(|stop| stop.name.clone()),
                reversible: inverse.is_ok(),
                irreversible: inverse.err().map(|why| why.to_string()),
                steps: steps.collect(),
            });
        }
        reports
    }

    /// Shows the migrations with their steps: all, or that to one version.
    ///
    /// # Errors
    ///
    /// When there is none to that version.
    pub fn show(&self, version: Option<&str>) -> Result<Report<MigrationsBody>> {
        let wanted = self.wanted(version)?;
        let body = MigrationsBody {
            migrations: self.reports(|it| wanted.as_ref().is_none_or(|wanted| wanted == it)),
            in_full: true,
            ..MigrationsBody::default()
        };
        Ok(Report::new(None, self.findings.clone(), body))
    }

    fn wanted(&self, version: Option<&str>) -> Result<Option<Version>> {
        let Some(name) = version else { return Ok(None) };
        let wanted = version_of(name);
        let known = wanted.filter(|wanted| self.files.iter().any(|(it, ..)| it == wanted));
        if known.is_none() {
            let names: Vec<String> = self.files.iter().map(|(it, ..)| it.to_string()).collect();
            let error = Error::not_found(format!("there is no migration to `{name}`"));
            return Err(error.with_names(name, names.iter().map(String::as_str)));
        }
        Ok(known)
    }

    /// Runs the tests of migrations: of all, or of that to one version.
    ///
    /// # Errors
    ///
    /// When there is none to that version, or a file cannot be read.
    pub fn test(&self, version: Option<&str>) -> Result<Report<MigrationsBody>> {
        let wanted = self.wanted(version)?;
        let mut body = MigrationsBody::default();
        let mut findings = self.findings.clone();
        body.migrations = self.reports(|it| wanted.as_ref().is_none_or(|wanted| wanted == it));
        findings.extend(self.run_cases(wanted.as_ref(), &mut body)?);
        Ok(Report::new(None, findings, body))
    }

    fn run_cases(
        &self,
        wanted: Option<&Version>,
        body: &mut MigrationsBody,
    ) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for (version, _, migration) in &self.files {
            let (Some(migration), true) = (migration, wanted.is_none_or(|it| it == version)) else {
                continue;
            };
            let (before, after) = (self.before(version), self.versions.stops.get(version));
            let (results, faults) = cases::run(&self.here, &self.folder, migration, before, after)?;
            body.cases.extend(results);
            findings.extend(faults);
        }
        Ok(findings)
    }

    fn before(&self, version: &Version) -> Option<&Stop> {
        let (_, stop) = self.versions.stops.range(..version.clone()).next_back()?;
        Some(stop)
    }

    /// Checks the migrations: that the files are sound, that no released one was edited, that
    /// every break between two versions is spoken of, and that the tests pass. `since` leaves out
    /// the versions up to one.
    ///
    /// # Errors
    ///
    /// When a file cannot be read.
    pub fn check(&self, since: Option<&Version>) -> Result<Report<MigrationsBody>> {
        let is_meant = |version: &Version| since.is_none_or(|since| version > since);
        let mut body = MigrationsBody {
            migrations: self.reports(is_meant),
            ..MigrationsBody::default()
        };
        let mut findings = self.findings.clone();
        for (version, file, _) in &self.files {
            findings.extend(self.edited(version, file)?);
        }
        for (version, stop) in self.versions.stops.iter().filter(|(it, _)| is_meant(it)) {
            if let Some(before) = self.before(version) {
                findings.extend(self.complete(before, version, stop)?);
            }
        }
        findings.extend(self.run_cases(None, &mut body)?);
        Ok(Report::new(None, findings, body))
    }

    /// Checks the files by themselves: that they are sound, that no released one was edited, and
    /// that the tests pass.
    ///
    /// # Errors
    ///
    /// When a file cannot be read.
    pub fn check_files(&self) -> Result<Vec<Finding>> {
        let mut findings = self.findings.clone();
        for (version, file, _) in &self.files {
            findings.extend(self.edited(version, file)?);
        }
        findings.extend(self.run_cases(None, &mut MigrationsBody::default())?);
        Ok(findings)
    }

    /// Finds out whether a migration is another one than was released.
    fn edited(&self, version: &Version, file: &ParsedFile) -> Result<Option<Finding>> {
        for (_, stop) in self.versions.stops.range(version.clone()..) {
            if stop.tree.label().is_none() {
                continue;
            }
            let Some(released) = stop.tree.file(file.path.as_bstr())? else {
                continue;
            };
            if released.source.text() == file.source.text() {
                return Ok(None);
            }
            let message = format!(
                "the migration to {version} was released in `{}`, and is another one here",
                stop.name
            );
            let help = format!("put it back: `git checkout {} -- {}`", stop.name, file.path);
            let finding = Finding::new(&MIGRATION_EDITED, message, Location::file(&file.source));
            return Ok(Some(finding.with_help(help)));
        }
        Ok(None)
    }

    /// Finds the breaks between two versions that nothing speaks of.
    fn complete(&self, before: &Stop, version: &Version, after: &Stop) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let found = self.files.iter().find(|(it, ..)| it == version);
        for (old, new) in pairs(before, after)? {
            let options = compat::Options::default();
            let changes = compat::compare(&old.schema, &new.schema, &options).changes;
            let breaks: Vec<&Change> = changes
                .iter()
                .filter(|it| it.verdict == Verdict::Breaking && it.severity() == Severity::Error)
                .collect();
            let Some(first) = breaks.first() else {
                continue;
            };
            let place = |change: &Change| {
                let at = change.new_location.clone();
                at.unwrap_or_else(|| new.schema.root().location())
            };
            let Some((_, file, migration)) = found else {
                let others = match breaks.len() - 1 {
                    0 => String::new(),
                    1 => ", and 1 more break".to_owned(),
                    more => format!(", and {more} more breaks"),
                };
                let message = format!("{version} has no migration: {}{others}", first.message);
                let help = format!(
                    "draft one: `git strata migration new --from {} --to {} --write`",
                    before.name, after.name
                );
                findings
                    .push(Finding::new(&MIGRATION_MISSING, message, place(first)).with_help(help));
                continue;
            };
            let Some(migration) = migration else { continue };
            if migration
                .schema
                .as_ref()
                .is_some_and(|it| it != new.schema.path())
            {
                continue;
            }
            for change in breaks {
                let at = std::iter::once(&change.pointer).chain(&change.also_at);
                if at.into_iter().any(|at| migration.speaks_of(at)) {
                    continue;
                }
                let message = format!(
                    "the migration to {version} says nothing of this: {}",
                    change.message
                );
                let mut finding = Finding::new(&MIGRATION_INCOMPLETE, message, place(change))
                    .with_related(Location::file(&file.source).with_label("the migration"));
                finding.help = change
                    .migration
                    .as_ref()
                    .map(|it| format!("as a step: {}", it.words()));
                findings.push(finding);
            }
        }
        Ok(findings)
    }

    /// Drafts a migration between two versions.
    ///
    /// # Errors
    ///
    /// When the newer end has no version, its migration is there already, or a schema cannot be
    /// read.
    pub fn draft(&self, from: &Stop, to: &Stop) -> Result<Report<MigrationsBody>> {
        let Some(version) = &to.version else {
            return Err(
                Error::usage(format!("`{}` is no version", to.name)).with_help(
                    "name the version that the migration carries to, such as `--to 2.0.0`",
                ),
            );
        };
        if from.version.as_ref().is_some_and(|from| from >= version) {
            return Err(
                Error::usage(format!("{version} is not newer than {}", from.label()))
                    .with_help("a migration carries to a newer version; it is undone by itself"),
            );
        }
        if from.schemas()?.is_empty() || to.schemas()?.is_empty() {
            let error = Error::not_found("there is no schema at both ends");
            return Err(error.with_help("name it with `--schema PATH`"));
        }
        let text = draft::draft(from, to)?;
        let path = format!("{}/{version}.yaml", self.folder);
        // What is drafted can be read.
        let (_, wrong) = Migration::read(&ParsedFile::of_bytes(&path, text.as_bytes()));
        let body = MigrationsBody {
            draft: Some(Draft {
                path,
                text,
                written: false,
            }),
            ..MigrationsBody::default()
        };
        Ok(Report::new(None, wrong, body))
    }
}
