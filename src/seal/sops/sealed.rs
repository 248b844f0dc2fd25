use std::fmt;

use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{AeadInPlace, Key, KeyInit, Nonce, Tag};
use aes_gcm::{AesGcm, aes::Aes256};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::zeroize::Zeroizing;

use super::super::Refused;
use super::{DataKey, Plain, Type, random};
use crate::error::{Error, Result};

/// What a sealed value begins with.
const HEAD: &str = "ENC[AES256_GCM,";

/// How many bytes the start value has; AES-GCM as such would take 12.
const IV: usize = 32;
const TAG: usize = 16;

type Cipher = AesGcm<Aes256, U32>;

/// Says whether a text is meant to be a value that SOPS sealed, well-formed or not.
#[must_use]
pub fn is_sealed_value(text: &str) -> bool {
    text.starts_with(HEAD)
}

/// A value that SOPS sealed, as it stands in the place of the value:
/// `ENC[AES256_GCM,data:…,iv:…,tag:…,type:str]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedValue {
    data: Vec<u8>,
    iv: [u8; IV],
    tag: [u8; TAG],
    kind: Type,
}

impl SealedValue {
    /// Reads a sealed value.
    ///
    /// # Errors
    ///
    /// Where the text is none, or not a whole one.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let wrong = |why: &str| Refused::Malformed(why.to_owned());
        let rest = text
            .strip_prefix(HEAD)
            .ok_or_else(|| wrong("a value of SOPS begins with `ENC[AES256_GCM,`"))?;
        let rest = rest.strip_suffix(']').ok_or(Refused::CutOff)?;
        let mut parts = rest.split(',');
        let mut part = |name: &str| {
            let part = parts.next().ok_or(Refused::CutOff)?;
            let part = part.strip_prefix(name).and_then(|it| it.strip_prefix(':'));
            part.ok_or_else(|| Refused::Malformed(format!("a sealed value has no `{name}`")))
        };
        let bytes = |text: &str| {
            let decoded = BASE64_STANDARD.decode(text);
            decoded.map_err(|_| wrong("a sealed value is no base64"))
        };
        let sealed = Self {
            data: bytes(part("data")?)?,
            iv: bytes(part("iv")?)?
                .try_into()
                .map_err(|_| wrong("the `iv` of a sealed value has not 32 bytes"))?,
            tag: bytes(part("tag")?)?
                .try_into()
                .map_err(|_| wrong("the `tag` of a sealed value has not 16 bytes"))?,
            kind: Type::of(part("type")?)
                .ok_or_else(|| wrong("a sealed value is of no type that is known"))?,
        };
        match parts.next() {
            None => Ok(sealed),
            Some(_) => Err(wrong("a sealed value has more parts than it should")),
        }
    }

    /// Seals a value about something that must be said again to open it.
    ///
    /// # Errors
    ///
    /// Where the system has no random numbers, or the value is larger than 64 GiB.
    pub fn seal(plain: &Plain, key: &DataKey, about: &str) -> Result<Self> {
        let mut iv = [0; IV];
        random(&mut iv)?;
        let mut data = Zeroizing::new(plain.expose().as_bytes().to_vec());
        let tag = cipher(key)
            .encrypt_in_place_detached(&iv.into(), about.as_bytes(), &mut data)
            .map_err(|_| Error::usage("a secret cannot be so large"))?;
        Ok(Self {
            data: std::mem::take(&mut *data),
            iv,
            tag: tag.into(),
            kind: plain.kind(),
        })
    }

    /// Opens a value.
    ///
    /// # Errors
    ///
    /// [`Refused::Damaged`] where it was changed, or sealed with another key or about something
    /// else; another one where it is not what its type says.
    pub fn open(&self, key: &DataKey, about: &str) -> Result<Plain, Refused> {
        let mut data = Zeroizing::new(self.data.clone());
        let (iv, tag) = (
            Nonce::<Cipher>::from(self.iv),
            Tag::<Cipher>::from(self.tag),
        );
        cipher(key)
            .decrypt_in_place_detached(&iv, about.as_bytes(), &mut data, &tag)
            .map_err(|_| Refused::Damaged)?;
        Plain::of_bytes(data, self.kind)
    }

    /// Says what it was before it was sealed.
    #[must_use]
    pub fn kind(&self) -> Type {
        self.kind
    }
}

fn cipher(key: &DataKey) -> Cipher {
    Cipher::new(Key::<Cipher>::from_slice(&*key.0))
}

impl fmt::Display for SealedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [data, iv, tag] =
            [&self.data[..], &self.iv, &self.tag].map(|bytes| BASE64_STANDARD.encode(bytes));
        let kind = self.kind.as_str();
        write!(f, "{HEAD}data:{data},iv:{iv},tag:{tag},type:{kind}]")
    }
}
