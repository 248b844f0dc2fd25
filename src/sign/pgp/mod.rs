//! OpenPGP: certificates and signatures of commits and tags, verified by the `pgp` crate.
//!
//! ```text
//! NAME.asc ──armor──▶ packets ──certificate──▶ Certificate { key, users, subkeys } with what its owner says of each
//! gpgsig   ──armor──▶ packet  ──detached─────▶ Detached ──verify(payload, Clock)──▶ Verdict
//! ```
//!
//! Keys and signatures are those of version 4, as GnuPG makes them. A verdict is never laxer than
//! that of `gpg` with the same certificates; it is stricter where a signature could be written in
//! two ways, where a hash or key is weak, and where programs differ in what they take a certificate
//! to say.

mod armor;
mod certificate;
mod detached;
mod life;
mod packet;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use certificate::{About, Certificate};
use detached::Detached;
use life::{Use, Why};

use super::signers::{Clock, Standing, Verdict};
use super::{Certificates, Revoked};
use crate::error::{Error, Result};

/// RSA keys below this size are too weak to count.
const RSA_BITS: u16 = 2048;

/// A certificate, and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    principal: String,
    own: Arc<Certificate>,
}

/// Names a key in a way that none of SSH has.
fn name(fingerprint: &[u8]) -> String {
    format!("openpgp:{}", packet::digits(fingerprint))
}

fn cannot_read(name: &str, line: usize, what: &str) -> Error {
    Error::invalid(format!("`{name}`, line {line}: {what}")).with_help(format!(
        "write the file anew: `gpg --armor --export-options export-minimal --export ann@shop.example \
         > {name}`"
    ))
}

/// Reads the certificates of a file.
pub(super) fn read(name: &str, principal: &str, bytes: &[u8]) -> Result<Vec<Held>> {
    let mut held = Vec::new();
    let blocks = armor::keys(bytes).map_err(|(line, what)| cannot_read(name, line, what))?;
    for block in &blocks {
        let all = certificate::certificates(block);
        let all = all.map_err(|what| cannot_read(name, 1, &what))?;
        held.extend(all.into_iter().map(|own| Held {
            principal: principal.to_owned(),
            own: Arc::new(own),
        }));
    }
    match held.is_empty() {
        true => Err(cannot_read(name, 1, "there is no public key in it")),
        false => Ok(held),
    }
}

/// Names the keys of a file.
pub(super) fn keys(name: &str, bytes: &[u8]) -> Result<Vec<String>> {
    let blocks = armor::keys(bytes).map_err(|(line, what)| cannot_read(name, line, what))?;
    let mut keys = Vec::new();
    for block in &blocks {
        let all = certificate::fingerprints(block);
        let all = all.map_err(|what| cannot_read(name, 1, &what))?;
        keys.extend(all.iter().map(|it| self::name(it)));
    }
    match keys.is_empty() {
        true => Err(cannot_read(name, 1, "there is no public key in it")),
        false => Ok(keys),
    }
}

/// Takes up what other texts of the same certificates say; certificates that are not there are put
/// there.
pub(super) fn and(all: &mut Vec<Held>, others: &[Held]) {
    for other in others {
        let mut known = all.iter_mut();
        match known.find(|it| it.own.about == other.own.about) {
            Some(known) if Arc::ptr_eq(&known.own, &other.own) => {}
            Some(known) => Arc::make_mut(&mut known.own).and(&other.own),
            None => all.push(other.clone()),
        }
    }
}

/// A key that may have made a signature.
struct Candidate<'c> {
    held: &'c Held,
    /// Which of its subkeys; none for the key itself.
    subkey: Option<&'c About>,
}

/// Judges a signature over bytes.
pub(super) fn verify(
    certificates: &Certificates,
    revoked: &Revoked,
    payload: &[u8],
    armored: &[u8],
    clock: &Clock<'_>,
) -> Verdict {
    let signature = match Detached::read(armored) {
        Ok(signature) => signature,
        Err(why) => return Verdict::malformed(why),
    };
    let mut verdict = Verdict::none();
    verdict.key = signature.claimed.as_ref().map(|it| format!("openpgp:{it}"));
    if let Some(fault) = signature.fault {
        return verdict.because(Standing::Bad, fault);
    }
    let mut worst = None;
    for candidate in candidates(&certificates.held, &signature) {
        let own = &*candidate.held.own;
        verdict.key = Some(name(&own.about.fingerprint));
        let is_of = match candidate.subkey {
            None => signature.is_of(&own.key, payload),
            Some(about) => own
                .subkeys
                .iter()
                .any(|it| it.about == *about && signature.is_of(&it.key, payload)),
        };
        if !is_of {
            worst = worst.or(Some((Standing::Bad, "it is not of what is signed here")));
            continue;
        }
        verdict.signer = Some(candidate.held.principal.clone());
        if verdict.key.as_ref().is_some_and(|key| revoked.has(key)) {
            return verdict.because(Standing::Bad, "its key is revoked");
        }
        // What the owner says since then counts, too.
        let mut later = clock.later.held.iter();
        let later = later.find(|it| it.own.about == own.about);
        let whole = later.map_or(own, |it| &it.own);
        match counts(whole, candidate.subkey, &signature, clock) {
            Ok(()) => {
                verdict.standing = Standing::Good;
                return verdict;
            }
            Err((standing, why)) => return verdict.because(standing, why),
        }
    }
    match worst {
        Some((standing, why)) => verdict.because(standing, why),
        None => verdict.because(Standing::Unknown, "nobody is listed with its key"),
    }
}

/// Finds the keys that a signature names.
fn candidates<'c>(
    held: &'c [Held],
    signature: &'c Detached,
) -> impl Iterator<Item = Candidate<'c>> {
    held.iter().flat_map(move |held| {
        let own = &held.own;
        let main = signature.is_by(&own.about.fingerprint).then_some(None);
        let subkeys = own.subkeys.iter().map(|it| &it.about);
        let subkeys = subkeys
            .filter(|it| signature.is_by(&it.fingerprint))
            .map(Some);
        let all = main.into_iter().chain(subkeys);
        all.map(move |subkey| Candidate { held, subkey })
    })
}

/// Says whether a key counts for a signature that it made.
///
/// # Errors
///
/// Why not.
fn counts(
    own: &Certificate,
    subkey: Option<&About>,
    signature: &Detached,
    clock: &Clock<'_>,
) -> std::result::Result<(), Why> {
    let bad = |why| Err((Standing::Bad, why));
    let at = clock.at.max(signature.created);
    let about = subkey.unwrap_or(&own.about);
    if own.is_revoked {
        return bad("its key was revoked by its owner");
    }
    if about.algorithm != signature.algorithm {
        return bad("it says it was made by another kind of key");
    }
    if [&own.about, about]
        .iter()
        .any(|it| it.rsa_bits.is_some_and(|bits| bits < RSA_BITS))
    {
        return bad("its RSA key has fewer than 2048 bits");
    }
    if signature.created < about.made.max(own.about.made) {
        return bad("it says it was made before its key");
    }
    if clock.now.is_some_and(|now| signature.created > now) {
        return bad("it says it was made in the future");
    }
    // The key itself, by what is said of it directly and beside each name that is in force.
    let mut use_of_key = Use::Unsaid;
    let mut has_name = false;
    let users = own.users.iter().filter(|user| {
        let newest = user.life.newest(clock.now);
        newest.is_some() && user.revoked < newest
    });
    let lives = users.map(|user| (user.is_name, &user.life));
    for (is_name, life) in lives.chain([(false, &own.direct)]) {
        let Some(counts) = life.counts(at, clock.now) else {
            continue;
        };
        has_name |= is_name;
        use_of_key = match (use_of_key, counts?) {
            (Use::Other, _) | (_, Use::Other) => Use::Other,
            (Use::Signs, _) | (_, Use::Signs) => Use::Signs,
            (Use::Unsaid, Use::Unsaid) => Use::Unsaid,
        };
    }
    if !has_name {
        return bad("its certificate has no name that its owner stands by");
    }
    match subkey {
        None if use_of_key == Use::Other => return bad("its key is not for signing"),
        None => {}
        Some(about) => {
            let mut subkeys = own.subkeys.iter();
            let Some(sub) = subkeys.find(|it| it.about == *about) else {
                return bad("its subkey is not bound to its certificate");
            };
            if sub.is_revoked {
                return bad("its subkey was revoked by its owner");
            }
            match sub.life.counts(at, clock.now) {
                None => return bad("its subkey is not bound to its certificate"),
                Some(used) if used? != Use::Signs => return bad("its subkey is not for signing"),
                Some(_) => {}
            }
        }
    }
    match signature.until {
        Some(until) if until <= at => Err((Standing::Expired, "it has expired")),
        _ => Ok(()),
    }
}
