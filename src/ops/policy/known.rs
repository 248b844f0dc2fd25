//! Whom a tree knows: who is on its lists of signers, and whom its policy names.

use std::collections::BTreeSet;

use bstr::ByteSlice;

use super::model::Policy;
use super::who::Who;
use crate::config::Snapshot;
use crate::error::{Error, Result};
use crate::ops::trust::{CERTIFICATES, SIGNERS};
use crate::sign::{AllowedSigners, KeyFile};

/// Refuses a name that is neither on a list of signers nor meant by a binding.
pub(super) fn is_known(tree: &Snapshot, policy: &Policy, name: &str) -> Result<()> {
    let who = [name];
    let who = Who::meant(&who);
    if policy.bindings.iter().any(|binding| binding.is_about(who)) {
        return Ok(());
    }
    let mut names: BTreeSet<String> = BTreeSet::new();
    let plain = |name: &&str| !name.is_empty() && !name.contains(['*', '?', '!']);
    // A list that cannot be read is a matter of `audit`.
    if let Some(list) = tree.files().read(SIGNERS.into())?
        && let Ok(list) = AllowedSigners::read(SIGNERS, &list.bytes)
    {
        if list.entries().iter().any(|entry| entry.is_about(name)) {
            return Ok(());
        }
        let all = list.entries().iter();
        let all = all
            .flat_map(|entry| entry.principals.split(','))
            .filter(plain);
        names.extend(all.map(str::to_owned));
    }
    for (file, _) in tree.files().list(CERTIFICATES.into())? {
        let file = file.to_str_lossy();
        if let Ok(KeyFile::Of(owner)) = KeyFile::read(&file, &file) {
            names.insert(owner);
        }
    }
    if names.contains(name) {
        return Ok(());
    }
    let bound = policy.bindings.iter().flat_map(|binding| &binding.who);
    let bound = bound.map(String::as_str).filter(plain);
    names.extend(bound.map(str::to_owned));
    let message = format!("nobody here is called `{name}`");
    Err(Error::not_found(message).with_names(name, names.iter().map(String::as_str)))
}
