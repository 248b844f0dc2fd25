use indexmap::IndexMap;

use crate::config::{Keyring, MANIFEST};
use crate::error::{Error, Result};
use crate::seal::{Keys, Recipient};
use crate::text::shell_word;

type Members = IndexMap<String, Recipient>;

/// Says who the members of a keyring are once these are added and those are out.
///
/// Whoever may write can put a member into the manifest; only who can read the secrets writes the
/// keyring's file. So it is the file that says who is in, and where the manifest says something
/// else nothing is sealed for anybody, until a member has said who was meant.
pub(super) fn members(
    (name, keyring): (&str, &Keyring),
    keys: &Keys,
    confirmed: bool,
    (add, without): (&Members, &[String]),
) -> Result<Members> {
    let declared = &keyring.members;
    let known = match keys.members() {
        Some(known) => known,
        None if confirmed => declared,
        None => return Err(unlisted(name, declared)),
    };
    for (who, key) in add {
        added((name, known), who, key)?;
    }
    for who in without {
        if !known.contains_key(who) && !declared.contains_key(who) {
            let names = known.keys().map(String::as_str);
            let message = format!("`{who}` is no member of the keyring `{name}`");
            return Err(Error::not_found(message).with_names(who, names));
        }
    }
    let changed = |members: &Members| -> Members {
        let all = members.iter().chain(add);
        all.filter(|(who, _)| !without.contains(who))
            .map(|(who, key)| (who.clone(), key.clone()))
            .collect()
    };
    let (members, listed) = (changed(known), changed(declared));
    match difference(name, &listed, &members) {
        Some((message, help)) => Err(Error::invalid(message).with_help(help)),
        None => Ok(members),
    }
}

/// Refuses who is in already with another key, and a key that another has.
pub(super) fn added((name, known): (&str, &Members), who: &str, key: &Recipient) -> Result<()> {
    if known.get(who).is_some_and(|known| known != key) {
        return Err(Error::usage(format!(
            "`{who}` is a member of the keyring `{name}` with another key"
        ))
        .with_help(format!(
            "take the old key out first, since it could read all there is: `git strata secret \
             keyring remove {name} {}`; then add the new one",
            shell_word(who)
        )));
    }
    let other = known
        .iter()
        .find(|(other, has)| *other != who && *has == key);
    match other {
        Some((other, _)) => Err(Error::usage(format!(
            "the key of `{who}` is that of `{other}`, who is a member of the keyring `{name}`"
        ))
        .with_help("give each member a key of their own")),
        None => Ok(()),
    }
}

fn unlisted(name: &str, declared: &Members) -> Error {
    let all: Vec<_> = declared
        .iter()
        .map(|(who, key)| format!("{who} ({key})"))
        .collect();
    Error::usage(format!(
        "`{}` was written by an earlier version and does not say who its members are; `{MANIFEST}` \
         lists {}",
        Keyring::path(name),
        match all.is_empty() {
            true => "nobody".to_owned(),
            false => all.join(", "),
        }
    ))
    .with_help("look whether they are, each with that key; if so, add `--confirm-members`")
}

/// Says how the members that the manifest lists differ from those that the keyring's file tells,
/// and what can be done.
pub(in crate::ops::secret) fn difference(
    name: &str,
    listed: &Members,
    known: &Members,
) -> Option<(String, String)> {
    let path = Keyring::path(name);
    let command = |verb: &str, who: &str, key: Option<&Recipient>| {
        let member = key.map_or_else(|| who.to_owned(), |key| format!("{who}={key}"));
        let member = shell_word(&member);
        format!("`git strata secret keyring {verb} {name} {member}`")
    };
    for (who, key) in listed {
        let Some(has) = known.get(who) else {
            let message = format!(
                "`{MANIFEST}` lists `{who}` as a member of the keyring `{name}`, and no member let \
                 them in"
            );
            let add = command("add", who, Some(key));
            let help = format!(
                "see who wrote it (`git log {MANIFEST}`), and take the line out; or, where it is \
                 right, a member lets them in: {add}"
            );
            return Some((message, help));
        };
        if has != key {
            let message = format!(
                "`{MANIFEST}` gives `{who}` another key than `{path}`, which a member wrote"
            );
            let help = format!(
                "see who wrote it (`git log {MANIFEST}`), and put `{who}: {has}` back; another key \
                 is another member: remove, then add"
            );
            return Some((message, help));
        }
    }
    let (who, key) = known.iter().find(|(who, _)| !listed.contains_key(*who))?;
    let message = format!(
        "`{who}` can read the secrets of the keyring `{name}`, and `{MANIFEST}` does not list them"
    );
    let help = format!(
        "put the line `{who}: {key}` back; or let them no longer read: {}",
        command("remove", who, None)
    );
    Some((message, help))
}
