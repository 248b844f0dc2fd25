use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::places::{Usage, usage};
use super::seal::{choose, token};
use crate::config::{
    Configuration, Keyring, ParsedFile, SOPS, SealedAt, Snapshot, Vault, is_sops, secret_of,
    value_of, walk_sealed,
};
use crate::document::{Document, Kind, RewriteOptions, Value, rewrite};
use crate::error::{Error, Result};
use crate::seal::{Secret, Token, is_token};
use crate::text::Pointer;

/// A file whose secrets are open for a person to edit.
#[derive(Debug)]
pub struct Editing {
    path: BString,
    /// The text with open secrets.
    open: Secret,
    /// What was sealed: the token as it is written, and what it holds.
    sealed: BTreeMap<Pointer, (String, Secret)>,
    /// What stays sealed, since it is for others.
    closed: BTreeMap<Pointer, String>,
    usage: Usage,
    /// The file as it was.
    root: Arc<Value>,
}

/// Writes a file with its secrets opened, comments and order kept.
///
/// # Errors
///
/// Where it cannot be read, or a secret does not open.
pub fn open_text(file: &ParsedFile, vault: &Vault) -> Result<Secret> {
    let opened = opened(file, vault)?;
    match opened.refused {
        Some(error) => Err(error),
        None => Ok(opened.text),
    }
}

/// Writes a file for somebody to look at, with those of its secrets opened that open, wherever
/// they were sealed for; none where it cannot be read, or none opens.
#[must_use]
pub fn shown_text(file: &ParsedFile, vault: &Vault) -> Option<Secret> {
    let document = only(file).ok()?;
    let mut root = (*document.root).clone();
    let mut any = false;
    document.root.each_text(&mut |pointer, text, _| {
        if let Ok(secret) = vault.open_anywhere(text)
            && let Some(value) = root.at_mut(pointer)
        {
            value.kind = value_of(&secret).kind;
            any = true;
        }
    });
    let text = written(&file.path, document, root).ok().filter(|_| any)?;
    Some(Secret::text(text))
}

/// A file with its secrets opened.
struct Opened {
    text: Secret,
    /// What was sealed: the token as it is written, and what it holds.
    sealed: BTreeMap<Pointer, (String, Secret)>,
    /// What is for others, as it is written.
    closed: BTreeMap<Pointer, String>,
    /// Why the first of those stays sealed.
    refused: Option<Error>,
}

/// Opens the secrets of a file; those for others stay as they are.
fn opened(file: &ParsedFile, vault: &Vault) -> Result<Opened> {
    let document = only(file)?;
    let (mut sealed, mut closed) = (BTreeMap::new(), BTreeMap::new());
    let (mut refused, mut broken) = (None, None);
    walk_sealed(
        &document.root,
        &mut Pointer::root(),
        &mut |pointer, value| {
            let Some(text) = value.as_str().filter(|_| broken.is_none()) else {
                return;
            };
            let at = SealedAt {
                text,
                document: file.path.clone(),
                pointer: pointer.clone(),
            };
            match vault.open(&at) {
                Ok(secret) => {
                    sealed.insert(pointer.clone(), (text.to_owned(), secret));
                }
                Err(why) if why.is_for_others() => {
                    closed.insert(pointer.clone(), text.to_owned());
                    refused.get_or_insert_with(|| why.into_error(&pointer.dotted()));
                }
                Err(why) => broken = Some(why.into_error(&pointer.dotted())),
            }
        },
    );
    if let Some(error) = broken {
        return Err(error);
    }
    let mut root = (*document.root).clone();
    for (pointer, (_, secret)) in &sealed {
        if let Some(value) = root.at_mut(pointer) {
            value.kind = value_of(secret).kind;
        }
    }
    if is_sops(&root)
        && let Kind::Object(map) = &mut root.kind
    {
        map.remove(SOPS);
    }
    let text = written(&file.path, document, root)?;
    Ok(Opened {
        text: Secret::text(text),
        sealed,
        closed,
        refused,
    })
}

impl Editing {
    /// Opens the secrets of a layer, to edit it. Those of keyrings that are for others stay sealed
    /// in the text.
    ///
    /// # Errors
    ///
    /// Where it is none, cannot be read, or a secret is damaged, or none opens.
    pub fn begin(
        configuration: &Configuration,
        tree: &Snapshot,
        path: &str,
        vault: &Vault,
    ) -> Result<Self> {
        let path = BString::from(path);
        let file = tree.file(path.as_ref())?;
        let file = file.ok_or_else(|| Error::not_found(format!("there is no file `{path}`")))?;
        if file
            .documents()
            .iter()
            .any(|document| is_sops(&document.root))
        {
            return Err(Error::usage(format!(
                "`{path}` is a SOPS file, which only SOPS can change"
            ))
            .with_help(format!(
                "`sops edit {path}`, or take it over: `git strata secret import {path}`"
            )));
        }
        let environments: Vec<Option<&str>> = configuration
            .manifest()
            .environment_names()
            .map(Some)
            .chain([None])
            .collect();
        let usage = usage(configuration, tree, &environments)?.remove(&path);
        let opened = opened(&file, vault)?;
        let root = Arc::clone(&only(&file)?.root);
        if let (Some(error), true) = (opened.refused, opened.sealed.is_empty()) {
            return Err(error);
        }
        Ok(Self {
            path,
            open: opened.text,
            sealed: opened.sealed,
            closed: opened.closed,
            usage: usage.unwrap_or_default(),
            root,
        })
    }

    /// Gives the text to edit. It holds secrets.
    #[must_use]
    pub fn text(&self) -> &Secret {
        &self.open
    }

    /// Seals what was edited: what was not changed stays as it was sealed; what was changed, what
    /// the schema calls a secret, and every value that was a secret elsewhere in the file is sealed
    /// anew.
    ///
    /// # Errors
    ///
    /// Where the text cannot be read (the message shows nothing of it), or no keyring is right.
    pub fn finish(&self, edited: &Secret, vault: &Vault) -> Result<String> {
        let file = ParsedFile::of_bytes(&self.path.to_str_lossy(), edited.expose().as_bytes());
        let document = only(&file).map_err(|_| {
            let first = file.findings().next();
            let line = first.map_or(1, |finding| finding.location.start().line);
            Error::invalid(format!("what was edited cannot be read (line {line})"))
                .with_help("edit it again; the file is as it was")
        })?;
        let environments: Vec<&str> = self.usage.environments.iter().map(String::as_str).collect();
        let known: Vec<Value> = self.sealed.values().map(|(_, it)| value_of(it)).collect();
        // Where a secret is gone from its place, any value that equals one may be it.
        let moved = self
            .sealed
            .keys()
            .any(|pointer| document.root.at(pointer).is_none());
        let is_telling = |value: &Value| {
            let is_long = value.as_str().is_some_and(|text| text.len() >= 6);
            is_long || (moved && !value.is_null() && value.as_str() != Some(""))
        };
        let mut wanted: Vec<Pointer> = Vec::new();
        each_leaf(
            &document.root,
            &mut Pointer::root(),
            &mut |pointer, value| {
                let is_secret = self.sealed.contains_key(pointer)
                    || (self.closed.contains_key(pointer) && !value.is_null())
                    || (self.usage.is_secret(pointer) && !value.is_null())
                    || (is_telling(value) && known.contains(value));
                let is_sealed = value.as_str().is_some_and(is_token);
                if is_secret && !is_sealed {
                    wanted.push(pointer.clone());
                }
            },
        );
        let mut root = (*document.root).clone();
        // A list or map that was sealed as a whole is sealed as a whole again.
        for pointer in self.sealed.keys().chain(self.closed.keys()) {
            let is_plain =
                |value: &Value| !value.is_null() && !value.as_str().is_some_and(is_token);
            if root.at(pointer).is_some_and(is_plain) {
                wanted.retain(|it| it == pointer || !pointer.contains(it));
                if !wanted.contains(pointer) {
                    wanted.push(pointer.clone());
                }
            }
        }
        for pointer in wanted {
            let Some(value) = root.at_mut(&pointer) else {
                continue;
            };
            let secret = secret_of(value);
            let place = self.usage.place(&document.root, &pointer);
            value.kind = match self.sealed.get(&pointer) {
                Some((token, old)) if *old == secret && place == self.place(&pointer) => {
                    Kind::String(token.as_str().into())
                }
                _ => {
                    let own = self.own_keyring(&pointer, vault);
                    let to = match own {
                        Some(own) => own,
                        None => choose(vault.keyrings(), None, &environments, &pointer)?,
                    };
                    token(&secret, to, self.path.as_ref(), place)?.kind
                }
            };
        }
        written(&self.path, document, root)
    }

    /// Gives the place that a value was sealed for, by the name that its item had.
    fn place(&self, pointer: &Pointer) -> String {
        self.usage.place(&self.root, pointer)
    }

    /// Gives the keyring that a value was sealed with, which stays its own.
    fn own_keyring<'a>(
        &self,
        pointer: &Pointer,
        vault: &'a Vault,
    ) -> Option<(&'a str, &'a Keyring)> {
        let opened = self.sealed.get(pointer).map(|(token, _)| token);
        let token = Token::parse(opened.or_else(|| self.closed.get(pointer))?).ok()?;
        let (name, keyring) = vault.keyrings().get_key_value(token.keyring())?;
        Some((name, keyring))
    }
}

/// Visits every value that is no map or list with something in it.
fn each_leaf(value: &Value, at: &mut Pointer, visit: &mut dyn FnMut(&Pointer, &Value)) {
    match &value.kind {
        Kind::Object(map) if !map.is_empty() => {
            for (key, value) in map.iter() {
                at.push(key.clone());
                each_leaf(value, at, visit);
                at.pop();
            }
        }
        Kind::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                at.push(index.to_string());
                each_leaf(item, at, visit);
                at.pop();
            }
        }
        _ => visit(at, value),
    }
}

fn only(file: &ParsedFile) -> Result<&Document> {
    match file.documents() {
        [document] if file.is_sound() => Ok(document),
        _ => {
            let path = &file.path;
            Err(Error::invalid(format!(
                "`{path}` cannot be read, or holds several documents"
            ))
            .with_help(format!("see what is wrong: `git strata check {path}`")))
        }
    }
}

fn written(path: &BString, document: &Document, root: Value) -> Result<String> {
    let options = RewriteOptions {
        refuse_shared: true,
        ..RewriteOptions::default()
    };
    let done = rewrite(std::slice::from_ref(document), &[root], &options);
    // The cause may tell of the text, and so of secrets.
    let done = done.map_err(|_| {
        Error::usage(format!(
            "`{path}` cannot be written with its secrets opened"
        ))
        .with_help("write anchors and aliases out where they hold secrets")
    })?;
    Ok(done.text)
}
