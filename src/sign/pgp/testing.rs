//! OpenPGP keys, certificates and signatures for tests: a number stands for a key.

use pgp::armor::{self, BlockType};
use pgp::composed::KeyType;
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{
    KeyFlags, PacketHeader, PacketTrait, PubKeyInner, PublicKey, PublicSubkey, SecretKey,
    SecretSubkey, Signature, SignatureConfig, SignatureType, Subpacket, SubpacketData, UserId,
};
use pgp::ser::Serialize;
use pgp::types::{
    Duration, KeyDetails, KeyVersion, PacketHeaderVersion, Password, SigningKey, Tag, Timestamp,
};
use rand::SeedableRng;
use rand::rngs::StdRng;

/// When the keys are made: 2024-01-01.
pub(crate) const MADE: u32 = 1_704_067_200;

/// A day, in seconds.
pub(crate) const DAY: u32 = 86_400;

/// Somebody with a key.
pub(crate) struct Owner {
    pub(crate) key: SecretKey,
    id: UserId,
}

/// A subkey of somebody.
pub(crate) struct Sub(pub(crate) SecretSubkey);

fn inner(kind: &KeyType, seed: u64, made: u32) -> (PubKeyInner, pgp::types::SecretParams) {
    let (public, secret) = kind.generate(StdRng::seed_from_u64(seed)).unwrap();
    let made = Timestamp::from_secs(made);
    let inner = PubKeyInner::new(KeyVersion::V4, kind.to_alg(), made, None, public).unwrap();
    (inner, secret)
}

/// Says that a key may sign, or may not.
pub(crate) fn signs(yes: bool) -> SubpacketData {
    let mut flags = KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(yes);
    SubpacketData::KeyFlags(flags)
}

/// Says that a key is over after so many days.
pub(crate) fn key_ends(days: u32) -> SubpacketData {
    SubpacketData::KeyExpirationTime(Duration::from_secs(days * DAY))
}

/// Says that a signature is over after so many days.
pub(crate) fn ends(days: u32) -> SubpacketData {
    SubpacketData::SignatureExpirationTime(Duration::from_secs(days * DAY))
}

pub(crate) fn regular(data: SubpacketData) -> Subpacket {
    Subpacket::regular(data).unwrap()
}

/// The frame of a signature that is made on a day.
pub(crate) fn config(
    kind: SignatureType,
    by: &impl SigningKey,
    day: u32,
    more: Vec<SubpacketData>,
) -> SignatureConfig {
    let mut config = SignatureConfig::v4(kind, by.algorithm(), HashAlgorithm::Sha256);
    let created = Timestamp::from_secs(MADE + day * DAY);
    let first = [
        SubpacketData::SignatureCreationTime(created),
        SubpacketData::IssuerFingerprint(by.fingerprint()),
    ];
    config.hashed_subpackets = first.into_iter().chain(more).map(regular).collect();
    config.unhashed_subpackets = vec![regular(SubpacketData::IssuerKeyId(by.legacy_key_id()))];
    config
}

/// A packet with its header.
pub(crate) fn bytes(packet: &impl PacketTrait) -> Vec<u8> {
    let mut bytes = Vec::new();
    packet.to_writer_with_header(&mut bytes).unwrap();
    bytes
}

struct Raw<'b>(&'b [u8]);

impl Serialize for Raw<'_> {
    fn to_writer<W: std::io::Write>(&self, writer: &mut W) -> pgp::errors::Result<()> {
        Ok(writer.write_all(self.0)?)
    }

    fn write_len(&self) -> usize {
        self.0.len()
    }
}

fn text(packets: &[u8], kind: BlockType) -> String {
    let mut text = Vec::new();
    armor::write(&Raw(packets), kind, &mut text, None, true).unwrap();
    String::from_utf8(text).unwrap()
}

/// The text of certificates.
pub(crate) fn keys_text(packets: &[u8]) -> String {
    text(packets, BlockType::PublicKey)
}

/// The text of a signature.
pub(crate) fn signature_text(packets: &[u8]) -> String {
    text(packets, BlockType::Signature)
}

/// Signs, as a frame says.
pub(crate) fn sign(by: &impl SigningKey, payload: &[u8], config: SignatureConfig) -> Signature {
    config.sign(by, &Password::empty(), payload).unwrap()
}

impl Owner {
    /// Somebody with an Ed25519 key.
    pub(crate) fn new(seed: u64) -> Self {
        Self::with(&KeyType::Ed25519Legacy, seed)
    }

    pub(crate) fn with(kind: &KeyType, seed: u64) -> Self {
        let (inner, secret) = inner(kind, seed, MADE);
        let public = PublicKey::from_inner(inner).unwrap();
        let name = format!("Owner {seed} <{seed}@shop.example>");
        Self {
            key: SecretKey::new(public, secret).unwrap(),
            id: UserId::from_str(PacketHeaderVersion::New, name).unwrap(),
        }
    }

    /// The fingerprint, as verdicts have it.
    pub(crate) fn name_of_key(&self) -> String {
        let print = self.key.fingerprint();
        format!("openpgp:{}", super::packet::digits(print.as_bytes()))
    }

    pub(crate) fn key_packet(&self) -> Vec<u8> {
        bytes(self.key.public_key())
    }

    pub(crate) fn id_packet(&self) -> Vec<u8> {
        bytes(&self.id)
    }

    /// Binds the name, as a frame says.
    pub(crate) fn bind(&self, config: SignatureConfig) -> Vec<u8> {
        let public = self.key.public_key();
        let password = Password::empty();
        let made = config.sign_certification(&self.key, public, &password, Tag::UserId, &self.id);
        bytes(&made.unwrap())
    }

    /// A signature over the key itself: what is said of it directly, or a revocation.
    pub(crate) fn direct(&self, config: SignatureConfig) -> Vec<u8> {
        let made = config.sign_key(&self.key, &Password::empty(), self.key.public_key());
        bytes(&made.unwrap())
    }

    /// The name, bound on a day, with what more is said.
    pub(crate) fn named(&self, day: u32, more: Vec<SubpacketData>) -> Vec<u8> {
        let config = config(SignatureType::CertPositive, &self.key, day, more);
        [self.id_packet(), self.bind(config)].concat()
    }

    /// The key, and its name with what is said of it.
    pub(crate) fn certificate(&self, more: Vec<SubpacketData>) -> Vec<u8> {
        [self.key_packet(), self.named(0, more)].concat()
    }

    /// The text of a certificate that says the key may sign.
    pub(crate) fn exported(&self) -> String {
        keys_text(&self.certificate(vec![signs(true)]))
    }

    /// The text of a signature that is made on a day.
    pub(crate) fn signs(&self, payload: &[u8], day: u32) -> String {
        let config = config(SignatureType::Binary, &self.key, day, Vec::new());
        signature_text(&bytes(&sign(&self.key, payload, config)))
    }
}

impl Sub {
    pub(crate) fn new(seed: u64) -> Self {
        let (inner, secret) = inner(&KeyType::Ed25519Legacy, seed, MADE);
        let public = PublicSubkey::from_inner(inner).unwrap();
        Self(SecretSubkey::new(public, secret).unwrap())
    }

    pub(crate) fn key_packet(&self) -> Vec<u8> {
        bytes(self.0.public_key())
    }

    /// What the subkey signs to agree to be one of a key.
    pub(crate) fn back(&self, owner: &Owner) -> Signature {
        let config = config(SignatureType::KeyBinding, &self.0, 0, Vec::new());
        let (password, key) = (Password::empty(), owner.key.public_key());
        config
            .sign_primary_key_binding(&self.0, self.0.public_key(), &password, key)
            .unwrap()
    }

    /// Binds it to a key, or revokes it, with what more is said.
    pub(crate) fn bound(
        &self,
        owner: &Owner,
        kind: SignatureType,
        day: u32,
        more: Vec<SubpacketData>,
    ) -> Vec<u8> {
        let config = config(kind, &owner.key, day, more);
        let (password, key) = (Password::empty(), owner.key.public_key());
        let made = config.sign_subkey_binding(&owner.key, key, &password, self.0.public_key());
        bytes(&made.unwrap())
    }

    /// The subkey and its binding, with what is said of it and that it agrees.
    pub(crate) fn whole(&self, owner: &Owner, mut more: Vec<SubpacketData>) -> Vec<u8> {
        more.push(SubpacketData::EmbeddedSignature(Box::new(self.back(owner))));
        let bound = self.bound(owner, SignatureType::SubkeyBinding, 0, more);
        [self.key_packet(), bound].concat()
    }

    pub(crate) fn signs(&self, payload: &[u8], day: u32) -> String {
        let config = config(SignatureType::Binary, &self.0, day, Vec::new());
        signature_text(&bytes(&sign(&self.0, payload, config)))
    }
}

/// A packet of a kind that holds bytes.
pub(crate) fn packet(tag: Tag, body: &[u8]) -> Vec<u8> {
    let header = PacketHeader::new_fixed(tag, u32::try_from(body.len()).unwrap());
    let mut bytes = header.to_bytes().unwrap();
    bytes.extend_from_slice(body);
    bytes
}
