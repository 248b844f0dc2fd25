//! Packets and what a signature packet says, read from their bytes.
//!
//! The `pgp` crate verifies; what a signature means is read here, and it is given nothing that this
//! reader did not take first. See <https://www.rfc-editor.org/rfc/rfc9580.html#name-packet-syntax>.

use pgp::packet::{PacketHeader, Signature};
use pgp::ser::Serialize;
use pgp::types::{PacketLength, Tag};

/// A packet.
#[derive(Clone, Copy)]
pub(super) struct Packet<'b> {
    pub(super) header: PacketHeader,
    pub(super) tag: Tag,
    pub(super) body: &'b [u8],
}

/// Takes packets apart.
///
/// # Errors
///
/// Where one ends before its length says, or has none.
pub(super) fn packets(mut bytes: &[u8]) -> Result<Vec<Packet<'_>>, &'static str> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let header = PacketHeader::try_from_reader(&mut bytes).map_err(|_| "it cannot be read")?;
        let PacketLength::Fixed(length) = header.packet_length() else {
            return Err("a part of it has no length");
        };
        let length = usize::try_from(length).map_err(|_| "it is too long")?;
        let (body, rest) = bytes.split_at_checked(length).ok_or("it breaks off")?;
        bytes = rest;
        all.push(Packet {
            header,
            tag: header.tag(),
            body,
        });
    }
    Ok(all)
}

/// Kinds of subpackets.
pub(super) mod sub {
    pub(in super::super) const CREATED: u8 = 2;
    pub(in super::super) const UNTIL: u8 = 3;
    pub(in super::super) const KEY_UNTIL: u8 = 9;
    pub(in super::super) const REVOKER: u8 = 12;
    pub(in super::super) const ISSUER: u8 = 16;
    pub(in super::super) const FLAGS: u8 = 27;
    pub(in super::super) const EMBEDDED: u8 = 32;
    pub(in super::super) const ISSUER_FINGERPRINT: u8 = 33;
}

/// A part of what a signature says.
#[derive(Clone, Copy)]
pub(super) struct Sub<'b> {
    pub(super) kind: u8,
    /// Whether who does not know it may not take the signature.
    pub(super) is_critical: bool,
    pub(super) data: &'b [u8],
}

/// What a signature of version 4 says.
pub(super) struct Parts<'b> {
    pub(super) kind: u8,
    pub(super) algorithm: u8,
    pub(super) hash: u8,
    /// What was signed with it.
    pub(super) hashed: Vec<Sub<'b>>,
    /// What anybody may have put there.
    pub(super) unhashed: Vec<Sub<'b>>,
}

/// How a signature names a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Issuer {
    /// It names nobody.
    Nobody,
    /// It names this key, and no other.
    This,
    /// It names this key and another one.
    Both,
    /// It names another key.
    Other,
}

impl<'b> Parts<'b> {
    /// Takes the body of a signature packet of version 4 apart.
    pub(super) fn read(body: &'b [u8]) -> Option<Self> {
        let parts = Self::take(body)?;
        // The crate cannot write every signature again that may stand within one.
        let can_write =
            |it: &Sub<'b>| it.kind != sub::EMBEDDED || Self::read_embedded(it.data).is_some();
        let are_fine = parts.all().all(can_write);
        are_fine.then_some(parts)
    }

    /// Takes a signature apart that stands within another one; it holds none itself.
    pub(super) fn read_embedded(body: &'b [u8]) -> Option<Self> {
        let parts = Self::take(body)?;
        let is_last = parts.all().all(|it| it.kind != sub::EMBEDDED);
        is_last.then_some(parts)
    }

    fn take(body: &'b [u8]) -> Option<Self> {
        let [4, kind, algorithm, hash, rest @ ..] = body else {
            return None;
        };
        let (hashed, rest) = area(rest)?;
        let (unhashed, _) = area(rest)?;
        let parts = Self {
            kind: *kind,
            algorithm: *algorithm,
            hash: *hash,
            hashed: subpackets(hashed)?,
            unhashed: subpackets(unhashed)?,
        };
        // Names of keys have these lengths; a shorter one would be the end of many.
        let is_name = |it: &Sub<'_>| match (it.kind, it.data.first()) {
            (sub::ISSUER, _) => it.data.len() == 8,
            (sub::ISSUER_FINGERPRINT, Some(4)) => it.data.len() == 21,
            (sub::ISSUER_FINGERPRINT, _) => it.data.len() == 33,
            _ => true,
        };
        let are_names = parts.all().all(is_name);
        are_names.then_some(parts)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Sub<'b>> {
        self.hashed.iter().chain(&self.unhashed)
    }

    /// Gives what is signed of a kind.
    ///
    /// # Errors
    ///
    /// Where it is there twice: programs differ in which one they take.
    pub(super) fn one(&self, kind: u8) -> Result<Option<&'b [u8]>, &'static str> {
        let mut all = self.hashed.iter().filter(|it| it.kind == kind);
        match (all.next(), all.next()) {
            (one, None) => Ok(one.map(|it| it.data)),
            _ => Err("it says the same thing twice"),
        }
    }

    /// Gives a number of seconds that is signed; none where it is 0, which says nothing.
    ///
    /// # Errors
    ///
    /// Where it is there twice, or no number.
    pub(super) fn seconds(&self, kind: u8) -> Result<Option<i64>, &'static str> {
        let Some(data) = self.one(kind)? else {
            return Ok(None);
        };
        let four: [u8; 4] = data.try_into().map_err(|_| "it says a time that is none")?;
        Ok(Some(i64::from(u32::from_be_bytes(four))).filter(|it| *it != 0))
    }

    /// Reads a time, or says in `fault` why it is none.
    pub(super) fn seconds_or(&self, kind: u8, fault: &mut Option<&'static str>) -> Option<i64> {
        self.seconds(kind).unwrap_or_else(|why| {
            *fault = Some(why);
            None
        })
    }

    /// Says whether something critical is signed that is none of these kinds.
    pub(super) fn has_critical_but(&self, known: &[u8]) -> bool {
        let mut critical = self.all().filter(|it| it.is_critical);
        critical.any(|it| !known.contains(&it.kind))
    }

    /// Gives the fingerprints that it names as those of its key, or the ends of them; what is neither
    /// of version 4 is told as it is, and ends no fingerprint.
    pub(super) fn issuers(&self) -> impl Iterator<Item = &'b [u8]> {
        self.all().filter_map(|it| match (it.kind, it.data) {
            (sub::ISSUER, id) => Some(id),
            (sub::ISSUER_FINGERPRINT, [4, rest @ ..]) => Some(rest),
            (sub::ISSUER_FINGERPRINT, other) => Some(other),
            _ => None,
        })
    }

    /// Says whether it names a key as the one that made it.
    pub(super) fn is_by(&self, fingerprint: &[u8; 20]) -> Issuer {
        let is_this = |it: &&[u8]| fingerprint.ends_with(it);
        let this = self.issuers().filter(is_this).count();
        match (this, self.issuers().count()) {
            (_, 0) => Issuer::Nobody,
            (0, _) => Issuer::Other,
            (this, all) if this == all => Issuer::This,
            _ => Issuer::Both,
        }
    }

    /// Names the key that it says it is of, in hexadecimal digits.
    pub(super) fn claimed(&self) -> Option<String> {
        let longest = self.issuers().max_by_key(|it| it.len());
        longest.map(digits)
    }
}

/// Splits a part off whose length stands before it in two bytes.
fn area(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

fn subpackets(mut bytes: &[u8]) -> Option<Vec<Sub<'_>>> {
    let mut all = Vec::new();
    while let Some((&first, rest)) = bytes.split_first() {
        let (length, rest) = match first {
            0..=191 => (usize::from(first), rest),
            192..=254 => {
                let (&second, rest) = rest.split_first()?;
                (
                    (usize::from(first) - 192) * 256 + usize::from(second) + 192,
                    rest,
                )
            }
            255 => {
                let (four, rest) = rest.split_first_chunk::<4>()?;
                (usize::try_from(u32::from_be_bytes(*four)).ok()?, rest)
            }
        };
        let (sub, rest) = rest.split_at_checked(length)?;
        let (&kind, data) = sub.split_first()?;
        all.push(Sub {
            kind: kind & 0x7f,
            is_critical: kind & 0x80 != 0,
            data,
        });
        bytes = rest;
    }
    Some(all)
}

/// Reads a signature packet of version 4 for the crate that verifies; none where it would be
/// written otherwise than it is, so that other bytes would be verified.
pub(super) fn signature(packet: &Packet<'_>) -> Option<Signature> {
    let signature = Signature::try_from_reader(packet.header, packet.body).ok()?;
    (signature.to_bytes().ok()? == packet.body).then_some(signature)
}

/// Whether a hash is one that nobody can make two texts for: SHA-2.
pub(super) const fn is_sound_hash(hash: u8) -> bool {
    matches!(hash, 8..=11)
}

/// Writes bytes in hexadecimal digits, as `gpg` shows a fingerprint.
pub(super) fn digits(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02X}");
    }
    text
}
