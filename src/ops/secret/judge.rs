use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};
use indexmap::IndexMap;

use super::places::{Place, Usage, What, usage};
use super::rules::{
    COPIED_TOKEN, MALFORMED_TOKEN, PLAIN_SECRET, REFUSED_TOKEN, REPLACED_KEY, UNKNOWN_KEYRING,
    WRONG_KEYRING,
};
use crate::config::{Configuration, Keyring, Locked, SealedAt, Snapshot, Vault};
use crate::error::Result;
use crate::report::{Finding, Location, Severity};
use crate::seal::{Refused, Token};
use crate::text::{Pointer, nearest};

mod before;
mod beside;
mod keyrings;
mod replayed;
mod unsealed;

use before::Before;
use replayed::Fresh;
use unsealed::hidden;

/// Judges the secrets of a tree: without a key, that all are sealed, well-formed, with the keyring
/// that is for them and its key in force, and that none was copied; with one, that they open.
///
/// `since` is the tree before, to tell what was moved; `concerned` says of which files to tell.
///
/// # Errors
///
/// Where a tree cannot be read.
pub fn judge(
    configuration: &Configuration,
    tree: &Snapshot,
    environments: &[Option<&str>],
    since: Option<&Snapshot>,
    vault: Option<&Vault>,
    concerned: &dyn Fn(&BString) -> bool,
) -> Result<Vec<Finding>> {
    let keyrings = configuration.keyrings(tree)?;
    let before = since.map(|since| Before::of(since, tree)).transpose()?;
    let mut judge = Judge {
        tree,
        here: configuration.here(),
        keyrings: &keyrings,
        vault,
        before: before.as_ref(),
        seen: BTreeMap::new(),
        plain: BTreeSet::new(),
        fresh: Vec::new(),
        locked: BTreeSet::new(),
        findings: Vec::new(),
        open: Vec::new(),
        has_judged_keyrings: keyrings::are_concerned(&keyrings, concerned),
    };
    if judge.has_judged_keyrings {
        let found = keyrings::judge(configuration, tree, since, vault)?;
        judge.findings.extend(found);
    }
    let layers = usage(configuration, tree, environments)?;
    for (path, usage) in &layers {
        let is_concerned = concerned(path);
        for place in usage.places(configuration, tree, path)? {
            judge.place(place, usage, is_concerned)?;
        }
    }
    if let Some(before) = &before {
        judge.beside(before, &layers)?;
        judge.replayed(before, configuration)?;
        let now = before.now(configuration, tree, &layers)?;
        judge.unsealed(&now);
        judge.unsealed_files(before)?;
        judge.dropped(before, &now)?;
    }
    let Judge {
        mut findings, open, ..
    } = judge;
    findings.extend(hidden(open));
    Ok(findings)
}

struct Judge<'a> {
    tree: &'a Snapshot,
    /// The tree of the manifest, where a keyring may lie, too.
    here: &'a Snapshot,
    keyrings: &'a IndexMap<String, Keyring>,
    vault: Option<&'a Vault>,
    /// What stood sealed in the tree before.
    before: Option<&'a Before<'a>>,
    /// Every token, with where it stands first.
    seen: BTreeMap<String, (Location, bool)>,
    /// The plain secrets that are told.
    plain: BTreeSet<(BString, Pointer)>,
    /// The sealed values that the tree before did not have where they stand.
    fresh: Vec<Fresh>,
    /// The keyrings that do not open, as is told.
    locked: BTreeSet<String>,
    findings: Vec<Finding>,
    /// Those that are shown with the lines of plain secrets, which are still to be hidden.
    open: Vec<Finding>,
    has_judged_keyrings: bool,
}

impl Judge<'_> {
    fn place(&mut self, place: Place, usage: &Usage, is_concerned: bool) -> Result<()> {
        let (text, token) = match place.what {
            What::Plain if is_concerned => {
                self.plain(&place.location, &place.pointer.dotted());
                self.plain.insert((place.document, place.pointer));
                return Ok(());
            }
            What::Plain => return Ok(()),
            What::Sealed(_, Err(why)) => {
                if is_concerned {
                    self.malformed(&place.location, &why);
                }
                return Ok(());
            }
            What::Sealed(text, Ok(token)) => (text, token),
        };
        let sealed = SealedAt {
            text: &text,
            document: place.document,
            pointer: place.pointer,
        };
        match self.seen.get(&text).cloned() {
            None => {
                let first = (place.location.clone(), is_concerned);
                self.seen.insert(text.clone(), first);
            }
            Some((first, first_is_concerned)) => {
                if is_concerned || first_is_concerned {
                    self.copied(
                        &sealed,
                        (first, first_is_concerned),
                        (place.location, is_concerned),
                    );
                }
                return Ok(());
            }
        }
        if !is_concerned {
            return Ok(());
        }
        self.moved(&sealed, &place.location, usage)?;
        if !self.keyring(&token, &place.location, &sealed.pointer, usage)? {
            return Ok(());
        }
        if let Some(Err(why)) = self.vault.map(|vault| vault.open(&sealed))
            && !why.is_for_others()
            // What is wrong with a keyring is told once.
            && !(matches!(why, Locked::Mismatch(_)) && self.has_judged_keyrings)
        {
            let is_told = match &why {
                Locked::Keyring(name, _) | Locked::NoFile(name) | Locked::Mismatch(name) => {
                    !self.locked.insert(name.clone())
                }
                _ => false,
            };
            if !is_told {
                self.refused(place.location.clone(), &why);
            }
        }
        self.fresh(&token, &sealed, &place.location);
        Ok(())
    }

    /// Tells of a token that stands twice, at the place that it is not for, as far as that can be
    /// known: where it stood before or opens, it may stay.
    fn copied(&mut self, sealed: &SealedAt<'_>, first: (Location, bool), this: (Location, bool)) {
        let stood = |location: &Location| {
            let before = self.before.and_then(|before| before.of_token(sealed.text));
            before.is_some_and(|(document, pointer)| {
                location.source.name() == document.to_str_lossy()
                    && location.pointer.as_ref() == Some(pointer)
            })
        };
        let opens = || {
            let opened = self.vault.map(|vault| vault.open(sealed));
            matches!(opened, Some(Ok(_)))
        };
        let is_older = !stood(&first.0) && (stood(&this.0) || (first.1 && !this.1) || opens());
        let (copy, other) = match is_older {
            true => (first.0, this.0),
            false => (this.0, first.0),
        };
        let file = other.source.name();
        let place = other.pointer.clone().unwrap_or_default().dotted();
        let at = match copy.source.name() == file {
            true => format!("`{place}`"),
            false => format!("`{place}` in `{file}`"),
        };
        let message = format!("the same sealed value stands at {at}, too");
        self.findings.push(
            Finding::new(&COPIED_TOKEN, message, copy)
                .with_related(other.with_label("here"))
                .with_help("seal the value at this place: `git strata secret seal KEY`"),
        );
    }

    fn plain(&mut self, location: &Location, key: &str) {
        let message = format!("`{key}` is a secret, and stands here for all to read");
        let mut finding = Finding::new(&PLAIN_SECRET, message, location.clone());
        finding = match self.keyrings.is_empty() {
            true => finding.with_help(
                "make a keyring (`git strata secret keyring new NAME --member YOU=age1…`), then \
                 `git strata secret seal --all`",
            ),
            false => finding.with_help(
                "seal it: `git strata secret seal --all`; and change it where it is used",
            ),
        };
        if self.keyrings.is_empty() {
            finding.severity = Severity::Warning;
        }
        self.open.push(finding);
    }

    fn malformed(&mut self, location: &Location, why: &Refused) {
        let message = match why {
            Refused::Malformed(why) => format!("this sealed value is not well-formed: {why}"),
            why => format!("this sealed value is not whole: {why}"),
        };
        self.findings.push(
            Finding::new(&MALFORMED_TOKEN, message, location.clone()).with_help(
                "take it from an older commit, or seal the value anew: `git strata secret seal KEY`",
            ),
        );
    }

    /// Judges the keyring that a token names; gives whether the token may be opened.
    fn keyring(
        &mut self,
        token: &Token,
        location: &Location,
        pointer: &Pointer,
        usage: &Usage,
    ) -> Result<bool> {
        let name = token.keyring();
        let Some(keyring) = self.keyrings.get(name) else {
            let message = format!("there is no keyring `{name}`");
            let names = self.keyrings.keys().map(String::as_str);
            let help = match nearest(name, names).first() {
                Some(near) => format!("did you mean `{near}`? Then seal the value anew"),
                None => format!("make it: `git strata secret keyring new {name}`"),
            };
            let finding = Finding::new(&UNKNOWN_KEYRING, message, location.clone());
            self.findings.push(finding.with_help(help));
            return Ok(false);
        };
        let declared = keyring.location.clone().with_label("the keyring");
        let environments = usage.environments.iter().map(String::as_str);
        if !keyring.is_for(environments, pointer) {
            let message = format!("the keyring `{name}` is not for this: {}", limits(keyring));
            self.findings.push(
                Finding::new(&WRONG_KEYRING, message, location.clone())
                    .with_related(declared)
                    .with_help(
                        "seal the value with the keyring that is: `git strata secret seal KEY`",
                    ),
            );
            return Ok(false);
        }
        if token.generation() != keyring.generation {
            let message = format!(
                "this is sealed with generation {} of the keyring `{name}`, and {} is in force",
                token.generation(),
                keyring.generation
            );
            self.findings.push(
                Finding::new(&REPLACED_KEY, message, location.clone())
                    .with_related(declared)
                    .with_help("seal it with the key in force: `git strata secret adopt`"),
            );
            return Ok(false);
        }
        let path = Keyring::path(name);
        let is_in = |tree: &Snapshot| tree.id(path.as_bytes().as_bstr());
        if is_in(self.tree)?.is_none() && is_in(self.here)?.is_none() {
            let message =
                format!("the keyring `{name}` has no file `{path}`: nobody can open this");
            self.findings.push(
                Finding::new(&UNKNOWN_KEYRING, message, location.clone())
                    .with_related(declared)
                    .with_help("bring the file back, from an older commit"),
            );
            return Ok(false);
        }
        Ok(true)
    }

    fn refused(&mut self, location: Location, why: &Locked) {
        let help = match why {
            Locked::Value(Refused::Elsewhere(_)) => {
                "seal the value at this place (`git strata secret seal KEY`), or, if it was moved \
                 here on purpose: `git strata secret adopt`"
            }
            _ => {
                "take it from an older commit, or seal the value anew: `git strata secret seal KEY`"
            }
        };
        let message = why.to_string();
        self.findings
            .push(Finding::new(&REFUSED_TOKEN, message, location).with_help(help));
    }

    /// Tells of a token that stood elsewhere before, and no longer does.
    fn moved(&mut self, sealed: &SealedAt<'_>, location: &Location, usage: &Usage) -> Result<()> {
        let Some(before) = self.before else {
            return Ok(());
        };
        let Some((document, pointer)) = before.of_token(sealed.text) else {
            return Ok(());
        };
        if *document == sealed.document
            && before.is_same_place(self.tree, sealed, pointer, usage)?
        {
            return Ok(());
        }
        // In a list whose items go by names, one may have got another name.
        if *document == sealed.document
            && *pointer == sealed.pointer
            && self.vault.is_some_and(|vault| vault.open(sealed).is_ok())
        {
            return Ok(());
        }
        let from = match *document == sealed.document {
            true => format!("`{}`", pointer.dotted()),
            false => format!("`{}` in `{document}`", pointer.dotted()),
        };
        let message = match *document == sealed.document && *pointer == sealed.pointer {
            true => "this sealed value stood in an item of another name".to_owned(),
            false => format!("this sealed value was moved here from {from}"),
        };
        self.findings.push(
            Finding::new(&COPIED_TOKEN, message, location.clone()).with_help(
                "seal the value at this place (`git strata secret seal KEY`), or, if it was moved \
                 on purpose: `git strata secret adopt`",
            ),
        );
        Ok(())
    }
}

/// Says what a keyring is limited to.
fn limits(keyring: &Keyring) -> String {
    let mut limits = Vec::new();
    if !keyring.environments.is_empty() {
        limits.push(format!("only for {}", keyring.environments.join(", ")));
    }
    if !keyring.keys.is_empty() {
        let keys: Vec<_> = keyring.keys.iter().map(|key| format!("`{key}`")).collect();
        limits.push(format!("only at {}", keys.join(", ")));
    }
    limits.join(", and ")
}
