//! Certificates: a key, its subkeys, and what its owner says of them.

use pgp::packet::{PublicKey, PublicSubkey, Signature};
use pgp::ser::Serialize;
use pgp::types::{EcdsaPublicParams, EddsaLegacyPublicParams, Fingerprint};
use pgp::types::{KeyDetails, PublicParams, Tag};

use super::life::{Life, Said};
use super::packet::{Issuer, Packet, Parts, is_sound_hash, packets, signature, sub};

/// A key with its subkeys: an OpenPGP "transferable public key" of version 4.
///
/// See <https://www.rfc-editor.org/rfc/rfc9580.html#name-transferable-public-keys>.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Certificate {
    pub(super) key: PublicKey,
    pub(super) about: About,
    /// Whether the owner, or one they named, revoked it.
    pub(super) is_revoked: bool,
    /// What is said of the key itself.
    pub(super) direct: Life,
    /// What is said of the key beside each name, or picture, of its owner.
    pub(super) users: Vec<User>,
    pub(super) subkeys: Vec<Subkey>,
    /// Who else may revoke it, by their fingerprints.
    revokers: Vec<Vec<u8>>,
    /// The fingerprints and names of keys that others revoked it with, unverified.
    strangers: Vec<Vec<u8>>,
}

/// What is known of a key from its packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct About {
    pub(super) fingerprint: [u8; 20],
    pub(super) algorithm: u8,
    /// When it was made, in seconds since 1970.
    pub(super) made: i64,
    /// The size of an RSA key.
    pub(super) rsa_bits: Option<u16>,
}

/// A name of the owner, or a picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct User {
    pub(super) is_name: bool,
    id: Vec<u8>,
    pub(super) life: Life,
    /// When it was revoked last.
    pub(super) revoked: Option<i64>,
}

/// A key that the key has bound to itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Subkey {
    pub(super) key: PublicSubkey,
    pub(super) about: About,
    pub(super) is_revoked: bool,
    pub(super) life: Life,
}

/// What signatures that follow are about.
#[derive(Clone, Copy)]
enum Of {
    Key,
    User,
    Subkey,
    /// Something that signs nothing.
    Other,
}

/// Where OpenPGP has the kinds of signatures.
mod kind {
    pub(super) const NAMES: std::ops::RangeInclusive<u8> = 0x10..=0x13;
    pub(super) const SUBKEY: u8 = 0x18;
    pub(super) const BACK: u8 = 0x19;
    pub(super) const KEY: u8 = 0x1f;
    pub(super) const KEY_REVOKED: u8 = 0x20;
    pub(super) const SUBKEY_REVOKED: u8 = 0x28;
    pub(super) const NAME_REVOKED: u8 = 0x30;
}

/// Reads the certificates that stand in some bytes.
///
/// # Errors
///
/// What is wrong with one: it is no such thing, or what its owner says of it does not verify.
pub(super) fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let mut all: Vec<Certificate> = Vec::new();
    let mut of = Of::Key;
    for packet in packets(bytes)? {
        match (packet.tag, all.last_mut()) {
            // Padding, and what a keyring notes for itself.
            (Tag::Marker | Tag::Trust, _) => {}
            (Tag::PublicKey, _) => {
                all.push(Certificate::begin(&packet)?);
                of = Of::Key;
            }
            (Tag::SecretKey | Tag::SecretSubkey, _) => {
                return Err("there is a private key in it".to_owned());
            }
            (_, None) => return Err("it does not begin with a public key".to_owned()),
            (Tag::Signature, Some(own)) => own.take(of, &packet)?,
            (Tag::UserId | Tag::UserAttribute, Some(own)) => {
                own.users.push(User {
                    is_name: packet.tag == Tag::UserId,
                    id: packet.body.to_vec(),
                    life: Life::default(),
                    revoked: None,
                });
                of = Of::User;
            }
            (Tag::PublicSubkey, Some(own)) => of = own.subkey(&packet)?,
            _ => return Err("it holds something besides public keys".to_owned()),
        }
    }
    for own in &mut all {
        let named = own.strangers.iter();
        own.is_revoked |= named.clone().any(|it| {
            let mut revokers = own.revokers.iter();
            revokers.any(|revoker| !it.is_empty() && revoker.ends_with(it))
        });
    }
    Ok(all)
}

/// Reads the fingerprints of the keys that stand in some bytes, whatever is said of them; what is
/// of another version than 4 signs nothing here.
///
/// # Errors
///
/// Where there is no key, or one cannot be read.
pub(super) fn fingerprints(bytes: &[u8]) -> Result<Vec<[u8; 20]>, String> {
    let all = packets(bytes)?;
    let keys = all.iter().filter(|it| it.tag == Tag::PublicKey);
    let known = keys.filter(|it| it.body.first() == Some(&4));
    let read = |it: &Packet<'_>| {
        let key =
            PublicKey::try_from_reader(it.header, it.body).map_err(|_| "a key cannot be read")?;
        Ok(About::of(&key, it)?.fingerprint)
    };
    let found: Vec<_> = known.map(read).collect::<Result<_, String>>()?;
    match found.is_empty() {
        true => Err("there is no public key in it".to_owned()),
        false => Ok(found),
    }
}

impl About {
    fn of(key: &(impl KeyDetails + Serialize), packet: &Packet<'_>) -> Result<Self, String> {
        // What would be written otherwise has another name than it seems.
        if key.to_bytes().ok().as_deref() != Some(packet.body) {
            return Err("a key is not written as it should be".to_owned());
        }
        let Fingerprint::V4(fingerprint) = key.fingerprint() else {
            return Err("a key is not of version 4".to_owned());
        };
        let is_rsa = matches!(key.public_params(), PublicParams::RSA(_));
        let bits = packet.body.get(6..8).filter(|_| is_rsa);
        Ok(Self {
            fingerprint,
            algorithm: packet.body.get(5).copied().unwrap_or_default(),
            made: i64::from(key.created_at().as_secs()),
            rsa_bits: bits.map(|it| u16::from_be_bytes([it[0], it[1]])),
        })
    }
}

/// Says whether keys of an algorithm can sign here: RSA, ECDSA, and EdDSA as version 4 has it.
const fn can_sign(algorithm: u8) -> bool {
    matches!(algorithm, 1 | 3 | 19 | 22)
}

/// Says whether the curve is one that the crate can verify with.
fn is_supported(params: &PublicParams) -> bool {
    match params {
        PublicParams::RSA(_) => true,
        PublicParams::ECDSA(own) => !matches!(own, EcdsaPublicParams::Unsupported { .. }),
        PublicParams::EdDSALegacy(own) => matches!(own, EddsaLegacyPublicParams::Ed25519 { .. }),
        _ => false,
    }
}

impl Certificate {
    fn begin(packet: &Packet<'_>) -> Result<Self, String> {
        match packet.body {
            [4, _, _, _, _, algorithm, ..] if can_sign(*algorithm) => {}
            [4, ..] => return Err(
                "its key is of a kind that cannot be verified here; RSA, ECDSA and Ed25519 (in the form that gpg makes) can".to_owned(),
            ),
            [version, ..] => return Err(format!("its key is of version {version}; only version 4 can be verified")),
            [] => return Err("there is an empty key".to_owned()),
        }
        let read = PublicKey::try_from_reader(packet.header, packet.body);
        let key = read.map_err(|_| "its key cannot be read")?;
        if !is_supported(key.public_params()) {
            return Err("its key is on a curve that cannot be verified with".to_owned());
        }
        Ok(Self {
            about: About::of(&key, packet)?,
            key,
            is_revoked: false,
            direct: Life::default(),
            users: Vec::new(),
            subkeys: Vec::new(),
            revokers: Vec::new(),
            strangers: Vec::new(),
        })
    }

    fn subkey(&mut self, packet: &Packet<'_>) -> Result<Of, String> {
        if !matches!(packet.body, [4, _, _, _, _, algorithm, ..] if can_sign(*algorithm)) {
            return Ok(Of::Other);
        }
        let read = PublicSubkey::try_from_reader(packet.header, packet.body);
        let key = read.map_err(|_| "a subkey cannot be read")?;
        if !is_supported(key.public_params()) {
            return Ok(Of::Other);
        }
        self.subkeys.push(Subkey {
            about: About::of(&key, packet)?,
            key,
            is_revoked: false,
            life: Life::default(),
        });
        Ok(Of::Subkey)
    }

    /// Takes a signature up that follows a part of the certificate.
    fn take(&mut self, of: Of, packet: &Packet<'_>) -> Result<(), String> {
        let body = packet.body;
        if body.first() != Some(&4) {
            // Those of versions 2 and 3 name their key at a fixed place; those of others are none
            // that a key of version 4 makes.
            let is_old = matches!(body.first(), Some(2 | 3));
            let is_own = body.get(7..15) == Some(&self.about.fingerprint[12..]);
            let is_end = matches!(body.get(2), Some(0x20 | 0x28 | 0x30));
            return match is_old && is_own && is_end {
                true => Err("it is revoked in a form that is too old".to_owned()),
                false => Ok(()),
            };
        }
        let parts = Parts::read(body).ok_or("a signature in it cannot be read")?;
        if parts.is_by(&self.about.fingerprint) == Issuer::Other {
            if matches!(parts.kind, kind::KEY_REVOKED | kind::SUBKEY_REVOKED) {
                self.strangers.extend(parts.issuers().map(<[u8]>::to_vec));
            }
            return Ok(());
        }
        if matches!(of, Of::Other) {
            return Ok(());
        }
        let read = signature(packet).ok_or("a signature of its owner cannot be read")?;
        self.verify(of, &parts, &read)
            .ok_or("a signature of its owner does not verify")?;
        let revokers = parts.hashed.iter().filter(|it| it.kind == sub::REVOKER);
        self.revokers
            .extend(revokers.filter_map(|it| Some(it.data.get(2..)?.to_vec())));
        self.note(of, &parts, &read).map_err(str::to_owned)
    }

    /// Says whether the owner made a signature over the part that it follows.
    fn verify(&self, of: Of, parts: &Parts<'_>, read: &Signature) -> Option<()> {
        let verified = match of {
            Of::Key => read.verify_key(&self.key),
            Of::User => {
                let user = self.users.last()?;
                let tag = if user.is_name {
                    Tag::UserId
                } else {
                    Tag::UserAttribute
                };
                read.verify_certification(&self.key, tag, &Raw(&user.id))
            }
            Of::Subkey => read.verify_subkey_binding(&self.key, &self.subkeys.last()?.key),
            Of::Other => return None,
        };
        (verified.is_ok() && parts.algorithm == self.about.algorithm).then_some(())
    }

    /// Takes up what a signature says that is verified.
    fn note(&mut self, of: Of, parts: &Parts<'_>, read: &Signature) -> Result<(), &'static str> {
        const ASTRAY: &str = "a signature of its owner stands where it does not belong";
        match (of, self.users.last_mut(), self.subkeys.last_mut()) {
            (Of::Key, ..) if parts.kind == kind::KEY => {
                self.direct.add(Said::read(parts, self.about.made)?);
            }
            (Of::Key, ..) if parts.kind == kind::KEY_REVOKED => self.is_revoked = true,
            (Of::User, Some(user), _) if kind::NAMES.contains(&parts.kind) => {
                user.life.add(Said::read(parts, self.about.made)?);
            }
            (Of::User, Some(user), _) if parts.kind == kind::NAME_REVOKED => {
                let when = Said::read(parts, self.about.made)?.created();
                user.revoked = user.revoked.max(Some(when));
            }
            (Of::Subkey, _, Some(own)) if parts.kind == kind::SUBKEY => {
                let said = Said::read(parts, own.about.made)?;
                let is_bound = !said.says_it_signs() || binds_back(parts, read, &self.key, own);
                own.life.add(match is_bound {
                    true => said,
                    false => said.but("its subkey did not agree to be one of this certificate"),
                });
            }
            (Of::Subkey, _, Some(own)) if parts.kind == kind::SUBKEY_REVOKED => {
                own.is_revoked = true;
            }
            _ => return Err(ASTRAY),
        }
        Ok(())
    }

    /// Takes up what another text of the same certificate says.
    pub(super) fn and(&mut self, other: &Self) {
        self.is_revoked |= other.is_revoked;
        self.direct.and(&other.direct);
        for user in &other.users {
            let is_same = |own: &&mut User| own.is_name == user.is_name && own.id == user.id;
            match self.users.iter_mut().find(is_same) {
                Some(own) => {
                    own.life.and(&user.life);
                    own.revoked = own.revoked.max(user.revoked);
                }
                None => self.users.push(user.clone()),
            }
        }
        for subkey in &other.subkeys {
            let own = self.subkeys.iter_mut();
            match own.into_iter().find(|own| own.about == subkey.about) {
                Some(own) => {
                    own.life.and(&subkey.life);
                    own.is_revoked |= subkey.is_revoked;
                }
                None => self.subkeys.push(subkey.clone()),
            }
        }
    }
}

/// Says whether a subkey signed that it belongs to a key, so that nobody takes it for theirs.
fn binds_back(parts: &Parts<'_>, read: &Signature, key: &PublicKey, own: &Subkey) -> bool {
    let mut within = parts.all().filter(|it| it.kind == sub::EMBEDDED);
    let (Some(back), None) = (within.next(), within.next()) else {
        return false;
    };
    let Some(back) = Parts::read_embedded(back.data) else {
        return false;
    };
    back.kind == kind::BACK
        && back.algorithm == own.about.algorithm
        && is_sound_hash(back.hash)
        && !back.has_critical_but(&[sub::CREATED, sub::ISSUER, sub::ISSUER_FINGERPRINT])
        && matches!(
            back.is_by(&own.about.fingerprint),
            Issuer::This | Issuer::Nobody
        )
        && read
            .embedded_signature()
            .is_some_and(|it| it.verify_primary_key_binding(&own.key, key).is_ok())
}

/// Bytes that are hashed as they are.
struct Raw<'b>(&'b [u8]);

impl Serialize for Raw<'_> {
    fn to_writer<W: std::io::Write>(&self, writer: &mut W) -> pgp::errors::Result<()> {
        Ok(writer.write_all(self.0)?)
    }

    fn write_len(&self) -> usize {
        self.0.len()
    }
}
