//! What a change does: to the values of every service in every environment, and to files.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};
use foldhash::{HashMap, HashSet};

use super::model::{Policy, Verb};
use super::paths::{Folders, oddity};
use super::state::{Aim, Seen, State, What};
use super::touch::{Keys, Touch};
use crate::config::{MANIFEST, Resolved, SOPS, Snapshot, is_sops, layer_faults, walk_sealed};
use crate::document::{Format, Value};
use crate::error::Result;
use crate::git::{FileChange, FileKind};
use crate::text::Pointer;

/// All that one change does.
#[derive(Debug, Default)]
pub(super) struct Effect {
    pub(super) touches: BTreeSet<Touch>,
    /// Why the widest right is needed, by file.
    pub(super) odd: BTreeMap<String, &'static str>,
}

/// Two trees, one after the other.
pub(super) struct Pair<'a> {
    before: &'a State,
    after: &'a State,
    policy: Option<&'a Policy>,
    changes: Vec<FileChange>,
    changed: HashSet<BString>,
    effect: Effect,
    folders: Folders,
    /// The keys of files that some value comes from that changed.
    felt: HashSet<(String, Pointer)>,
    /// The files that some value comes from that changed.
    felt_files: HashSet<String>,
}

impl<'a> Pair<'a> {
    /// Compares two trees.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read.
    pub(super) fn effect(
        before: &'a State,
        after: &'a State,
        policy: Option<&'a Policy>,
    ) -> Result<Effect> {
        let changes = before.tree.files().changes_to(after.tree.files())?;
        if changes.is_empty() {
            return Ok(Effect::default());
        }
        let mut pair = Self {
            before,
            after,
            policy,
            changed: changes.iter().map(|it| it.path.clone()).collect(),
            changes,
            effect: Effect::default(),
            folders: Folders::default(),
            felt: HashSet::default(),
            felt_files: HashSet::default(),
        };
        pair.values()?;
        for change in std::mem::take(&mut pair.changes) {
            pair.file(&change)?;
        }
        Ok(pair.effect)
    }

    fn add(&mut self, verb: Verb, environment: Option<String>, keys: Keys, file: &str) {
        self.effect.touches.insert(Touch {
            verb,
            environment,
            keys,
            file: Some(file.to_owned()),
        });
    }

    /// Compares the values of every service in every environment.
    fn values(&mut self) -> Result<()> {
        let aims: BTreeSet<&Aim> = self
            .before
            .seen
            .keys()
            .chain(self.after.seen.keys())
            .collect();
        let is_same_manifest = self.before.manifest() == self.after.manifest();
        let is_linked = self.before.is_linked || self.after.is_linked;
        for aim in aims {
            let sides = (self.before.seen.get(aim), self.after.seen.get(aim));
            if let (Some(old), Some(new)) = sides
                && is_same_manifest
                && !is_linked
                && old.closure.is_same(&new.closure)
                && old.schemas.merges_as(&new.schemas)
            {
                continue;
            }
            self.target(&aim.0, sides.0, sides.1)?;
        }
        Ok(())
    }

    fn target(
        &mut self,
        environment: &Option<String>,
        old: Option<&Seen>,
        new: Option<&Seen>,
    ) -> Result<()> {
        let sides = [
            old.map(|it| self.before.resolved(it))
                .transpose()?
                .flatten(),
            new.map(|it| self.after.resolved(it)).transpose()?.flatten(),
        ];
        let [before, after] = sides.map(|it| it.map(leaves).unwrap_or_default());
        for (key, values) in differing(&before, &after) {
            let is_secret = [old, new]
                .into_iter()
                .flatten()
                .any(|it| it.schemas.is_secret(key));
            let files = self.files_of(key, sides, [old, new]);
            for verb in verbs(values, is_secret) {
                for file in &files {
                    self.add(verb, environment.clone(), Keys::One(key.clone()), file);
                }
            }
            for file in files {
                self.felt.insert((file.clone(), key.clone()));
                self.felt_files.insert(file);
            }
        }
        Ok(())
    }

    /// Says which changed files a value may have changed by.
    fn files_of(
        &self,
        key: &Pointer,
        sides: [Option<&Resolved>; 2],
        seen: [Option<&Seen>; 2],
    ) -> BTreeSet<String> {
        let told = |path: &BString| path.to_str_lossy().into_owned();
        let setting = sides
            .into_iter()
            .flatten()
            .filter_map(|it| it.layer_of(key));
        let setting = setting
            .map(|it| &it.path)
            .filter(|it| self.changed.contains(*it));
        let setting: BTreeSet<String> = setting.map(told).collect();
        if !setting.is_empty() {
            return setting;
        }
        let within = seen.into_iter().flatten().flat_map(|it| it.closure.files());
        let within = within.filter(|it| self.changed.contains(*it));
        let within: BTreeSet<String> = within.map(told).collect();
        if !within.is_empty() {
            return within;
        }
        let manifest = self.changed.contains(MANIFEST.as_bytes().as_bstr());
        BTreeSet::from([if manifest { MANIFEST } else { "" }.to_owned()])
    }

    /// Looks at one file that changed.
    fn file(&mut self, change: &FileChange) -> Result<()> {
        let path = change.path.as_bstr();
        let name = path.to_str_lossy().into_owned();
        if let Some(why) = oddity(change, self.before, self.after, &mut self.folders) {
            self.effect.odd.insert(name.clone(), why);
            self.add(Verb::PolicyAdmin, None, Keys::All, &name);
        }
        let mut all = self.before.what(path);
        all.extend(self.after.what(path));
        if all.is_empty() && self.is_named(&name) {
            all.insert(What::Whole(Verb::ConfigWrite, None));
        }
        for what in &all {
            match what {
                What::Layer => self.layer(path, &name)?,
                What::Document => self.document(path, &name, &BTreeSet::from([None]))?,
                What::Approval => {
                    let is_new = change.old.is_none()
                        && change.new.is_some_and(|it| it.kind == FileKind::File);
                    if !is_new {
                        self.add(Verb::PolicyAdmin, None, Keys::All, &name);
                    }
                }
                What::Whole(verb, environment) => {
                    self.add(*verb, environment.clone(), Keys::All, &name);
                }
                What::Keyless(verb, environment) => {
                    self.add(*verb, environment.clone(), Keys::None, &name);
                }
            }
        }
        Ok(())
    }

    /// Says whether the policy names a file that nothing else governs.
    fn is_named(&self, name: &str) -> bool {
        (self.policy).is_some_and(|it| it.scopes().any(|(scope, _)| scope.globs.has(name)))
    }

    fn layer(&mut self, path: &BStr, name: &str) -> Result<()> {
        let mut environments = self.before.environments_of(path);
        environments.extend(self.after.environments_of(path));
        if environments.len() > 1 && !self.is_reached(path) {
            environments = BTreeSet::from([None]);
        }
        // What a template comes to is known by its values.
        if crate::config::is_template(path) {
            return Ok(());
        }
        self.document(path, name, &environments)
    }

    fn is_reached(&self, path: &BStr) -> bool {
        [self.before, self.after]
            .iter()
            .any(|it| it.reached.contains_key(path))
    }

    /// Looks at the keys of a document: those that are felt nowhere are changed where it reaches.
    fn document(
        &mut self,
        path: &BStr,
        name: &str,
        environments: &BTreeSet<Option<String>>,
    ) -> Result<()> {
        let sides = [
            read(&self.before.tree, path)?,
            read(&self.after.tree, path)?,
        ];
        let [Read::Sound(old), Read::Sound(new)] = &sides else {
            // Nobody can say what it holds: it may be anything, anywhere.
            self.add(Verb::ConfigWrite, None, Keys::All, name);
            self.add(Verb::SecretWrite, None, Keys::All, name);
            return Ok(());
        };
        let [before, after] =
            [old, new].map(|it| it.as_ref().map(document_leaves).unwrap_or_default());
        let mut is_told = self.felt_files.contains(name);
        for (key, values) in differing(&before, &after) {
            is_told = true;
            if self.felt.contains(&(name.to_owned(), key.clone())) {
                continue;
            }
            for verb in verbs(values, false) {
                for environment in environments {
                    self.add(verb, environment.clone(), Keys::One(key.clone()), name);
                }
            }
        }
        let is_sealed = [old, new].into_iter().flatten().any(is_sops);
        if is_sealed || !is_told {
            let verb = if is_sealed {
                Verb::SecretWrite
            } else {
                Verb::ConfigWrite
            };
            for environment in environments {
                self.add(verb, environment.clone(), Keys::None, name);
            }
        }
        Ok(())
    }
}

/// A document, if it can be read.
enum Read {
    Sound(Option<Value>),
    Unsound,
}

fn read(tree: &Snapshot, path: &BStr) -> Result<Read> {
    if Format::of_path(&path.to_str_lossy()).is_none() && tree.files().entry(path)?.is_none() {
        return Ok(Read::Sound(None));
    }
    let Some(file) = tree.file(path)? else {
        return Ok(Read::Sound(None));
    };
    if !layer_faults(&file).is_empty() {
        return Ok(Read::Unsound);
    }
    Ok(Read::Sound(
        file.documents().first().map(|it| (*it.root).clone()),
    ))
}

/// Every value that is no map with keys, by its key.
type Leaves<'v> = HashMap<Pointer, &'v Value>;

/// Gives the keys whose values differ, in their order, each with both values.
fn differing<'k, 'v>(
    before: &'k Leaves<'v>,
    after: &'k Leaves<'v>,
) -> impl Iterator<Item = (&'k Pointer, [Option<&'v Value>; 2])> {
    let mut keys: Vec<&Pointer> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    let both = move |key: &'k Pointer| (key, [before, after].map(|it| it.get(key).copied()));
    keys.into_iter().map(both).filter(|(_, it)| it[0] != it[1])
}

fn leaves(resolved: &Resolved) -> Leaves<'_> {
    leaves_of(resolved.value())
}

fn leaves_of(root: &Value) -> Leaves<'_> {
    fn step<'v>(at: &mut Pointer, value: &'v Value, all: &mut HashMap<Pointer, &'v Value>) {
        match value.as_object() {
            Some(map) if !map.is_empty() => {
                for (key, value) in map.iter() {
                    at.push(key.clone());
                    step(at, value, all);
                    at.pop();
                }
            }
            // That there is nothing yet is no value.
            _ if at.is_root() && (value.is_null() || value.as_object().is_some()) => {}
            _ => drop(all.insert(at.clone(), value)),
        }
    }
    let mut all = HashMap::default();
    step(&mut Pointer::root(), root, &mut all);
    all
}

/// The same of a document, without what SOPS keeps of its own.
fn document_leaves(root: &Value) -> Leaves<'_> {
    let is_own = |key: &Pointer| key.tokens().first().is_some_and(|it| it == SOPS);
    let is_sealed = is_sops(root);
    let mut leaves = leaves_of(root);
    leaves.retain(|key, _| !(is_sealed && is_own(key)));
    leaves
}

/// Says what right a change of a value needs.
fn verbs<'v>(values: [Option<&'v Value>; 2], is_secret: bool) -> Vec<Verb> {
    let is_sealed = |value: &&'v Value| {
        let mut found = false;
        walk_sealed(value, &mut Pointer::root(), &mut |_, _| found = true);
        found
    };
    let sealed = values.iter().flatten().filter(|it| is_sealed(it)).count();
    let there = values.iter().flatten().count();
    match sealed {
        0 if !is_secret => vec![Verb::ConfigWrite],
        // What was open becomes sealed, or the other way round: a change of both kinds.
        sealed if sealed > 0 && sealed < there => vec![Verb::ConfigWrite, Verb::SecretWrite],
        _ => vec![Verb::SecretWrite],
    }
}
