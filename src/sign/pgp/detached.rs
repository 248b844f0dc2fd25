//! A signature of a commit or tag.

use pgp::packet::Signature;
use pgp::ser::Serialize as _;
use pgp::types::Tag;

use super::armor;
use super::packet::{Parts, is_sound_hash, packets, signature, sub};

/// A signature, read.
pub(super) struct Detached {
    signature: Signature,
    /// The fingerprint of its key, or the end of that.
    pub(super) claimed: Option<String>,
    /// The fingerprints of its key that it names, or the ends of them.
    issuers: Vec<Vec<u8>>,
    pub(super) algorithm: u8,
    /// When it was made, in seconds since 1970.
    pub(super) created: i64,
    /// When it is over.
    pub(super) until: Option<i64>,
    /// Why it may not count, whoever made it.
    pub(super) fault: Option<&'static str>,
}

impl Detached {
    /// Reads a signature that is one, and nothing beside it, written in the one way there is.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn read(armored: &[u8]) -> Result<Self, &'static str> {
        let bytes = armor::signature(armored)?;
        let packets = packets(&bytes)?;
        let [packet] = packets.as_slice() else {
            return Err("it holds more than one signature, or none");
        };
        if packet.tag != Tag::Signature {
            return Err("it holds something that is no signature");
        }
        if packet.body.first() != Some(&4) {
            return Err("it is of a version that is not known here");
        }
        let parts = Parts::read(packet.body).ok_or("it cannot be read")?;
        let read =
            signature(packet).ok_or("it cannot be read, or is not written as it should be")?;
        // Another text of the same signature would give the commit another name.
        let mut plain = packet.header.to_bytes().map_err(|_| "it cannot be read")?;
        plain.extend_from_slice(packet.body);
        let mut ids = parts.unhashed.iter().map(|it| it.kind);
        let names_only = [sub::ISSUER, sub::ISSUER_FINGERPRINT];
        if plain != bytes
            || !ids.all(|it| names_only.contains(&it))
            || names_only
                .iter()
                .any(|kind| parts.unhashed.iter().filter(|it| it.kind == *kind).count() > 1)
        {
            return Err("it holds something that nobody signed");
        }
        let mut fault = None;
        let created = parts.seconds_or(sub::CREATED, &mut fault);
        let until = parts.seconds_or(sub::UNTIL, &mut fault);
        let fault = fault.or_else(|| whats_wrong(&parts, created));
        let created = created.unwrap_or_default();
        Ok(Self {
            signature: read,
            claimed: parts.claimed(),
            algorithm: parts.algorithm,
            created,
            until: until.map(|it| created + it),
            fault,
            issuers: parts.issuers().map(<[u8]>::to_vec).collect(),
        })
    }

    /// Says whether it names a key as its own, and no other.
    pub(super) fn is_by(&self, fingerprint: &[u8; 20]) -> bool {
        !self.issuers.is_empty() && self.issuers.iter().all(|it| fingerprint.ends_with(it))
    }

    /// Says whether a key made it over these bytes.
    pub(super) fn is_of(&self, key: &impl pgp::types::VerifyingKey, payload: &[u8]) -> bool {
        self.signature.verify(key, payload).is_ok()
    }
}

/// Finds why a signature may not count, whoever made it.
fn whats_wrong(parts: &Parts<'_>, created: Option<i64>) -> Option<&'static str> {
    /// The kind that is over bytes as they are.
    const BINARY: u8 = 0x00;
    const KNOWN: &[u8] = &[
        sub::CREATED,
        sub::UNTIL,
        sub::ISSUER,
        sub::ISSUER_FINGERPRINT,
    ];
    match () {
        () if parts.kind != BINARY => Some("it was made for another purpose"),
        () if parts.hash == 2 => Some("it was made with SHA-1"),
        () if !is_sound_hash(parts.hash) => Some("it was made with a hash that does not count"),
        () if parts.algorithm == 17 => Some("it was made with DSA"),
        () if parts.has_critical_but(KNOWN) => {
            Some("it says something critical that is not known here")
        }
        () if created.is_none() => Some("it does not say when it was made"),
        () => None,
    }
}
