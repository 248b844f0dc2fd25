use std::io::{Read, Write};

use secrecy::zeroize::Zeroizing;

use super::identity::{Ask, Identities};
use super::{Recipient, Refused};
use crate::error::{Error, Result};

/// How the bytes of a sealed file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Armor {
    /// As they are.
    Binary,
    /// As text, `-----BEGIN AGE ENCRYPTED FILE-----`.
    Text,
}

const BINARY: &[u8] = b"age-encryption.org/v1\n";
const TEXT: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

impl Armor {
    /// Says how a sealed file is written; none where it is no sealed file.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match () {
            () if bytes.starts_with(BINARY) => Some(Self::Binary),
            () if bytes.trim_ascii_start().starts_with(TEXT) => Some(Self::Text),
            () => None,
        }
    }
}

/// Says whether these are the bytes of a file that age sealed.
#[must_use]
pub fn is_sealed_file(bytes: &[u8]) -> bool {
    Armor::of(bytes).is_some()
}

/// Seals bytes for recipients.
///
/// # Errors
///
/// Where there is no recipient, one of them cannot be used, or they cannot stand together.
pub fn seal_file(
    plain: &[u8],
    recipients: &[Recipient],
    armor: Armor,
    ask: &Ask,
) -> Result<Vec<u8>> {
    let ready: Vec<Box<dyn age::Recipient>> = recipients
        .iter()
        .map(|recipient| recipient.to_age(ask))
        .collect::<Result<_>>()?;
    let refused = |cause: age::EncryptError| match cause {
        age::EncryptError::MissingRecipients => {
            Error::usage("there is nobody to seal it for").with_help("name a recipient")
        }
        cause => Error::usage("it cannot be sealed for these recipients")
            .because(cause)
            .with_help("leave out the one that cannot stand beside the others"),
    };
    let all = ready
        .iter()
        .map(|recipient| &**recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(all).map_err(refused)?;
    let write = || -> std::io::Result<Vec<u8>> {
        let mut sealed = Vec::new();
        match armor {
            Armor::Binary => {
                let mut out = encryptor.wrap_output(&mut sealed)?;
                out.write_all(plain)?;
                out.finish()?;
            }
            Armor::Text => {
                let format = age::armor::Format::AsciiArmor;
                let text = age::armor::ArmoredWriter::wrap_output(&mut sealed, format)?;
                let mut out = encryptor.wrap_output(text)?;
                out.write_all(plain)?;
                out.finish()?.finish()?;
            }
        }
        Ok(sealed)
    };
    write().map_err(|cause| Error::io("cannot seal", cause))
}

/// Opens what was sealed, as text or as it is.
///
/// # Errors
///
/// Where it is not sealed for any of the identities, or is damaged.
pub fn open_file(
    bytes: &[u8],
    identities: &Identities,
) -> std::result::Result<Zeroizing<Vec<u8>>, Refused> {
    if !is_sealed_file(bytes) {
        return Err(Refused::Malformed("it is none of age".to_owned()));
    }
    let reader = age::armor::ArmoredReader::new(bytes);
    let decryptor = age::Decryptor::new_buffered(reader).map_err(fault)?;
    let opened = decryptor.decrypt(identities.to_age()).map_err(fault)?;
    read_all(opened).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Refused::CutOff,
        _ => Refused::Damaged,
    })
}

/// Counts those that a file is sealed for, without opening it; none where it is no sealed file. What
/// age adds to keep its form open (`…-grease`) does not count.
#[must_use]
pub fn sealed_for(bytes: &[u8]) -> Option<usize> {
    if !is_sealed_file(bytes) {
        return None;
    }
    let plain = read_all(age::armor::ArmoredReader::new(bytes)).ok()?;
    let header = plain
        .split(|byte| *byte == b'\n')
        .take_while(|line| !line.starts_with(b"---"));
    let is_somebody = |line: &&[u8]| {
        let kind = line
            .strip_prefix(b"-> ")
            .and_then(|rest| rest.split(|byte| *byte == b' ').next());
        kind.is_some_and(|kind| !kind.ends_with(b"-grease"))
    };
    Some(header.filter(is_somebody).count())
}

/// Reads all; what was read into memory that is given up is overwritten.
pub(super) fn read_all(mut from: impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut all = Zeroizing::new(Vec::new());
    let mut piece = Zeroizing::new([0; 4096]);
    loop {
        let count = from.read(&mut *piece)?;
        if count == 0 {
            return Ok(all);
        }
        if all.capacity() - all.len() < count {
            let mut larger = Zeroizing::new(Vec::with_capacity((all.len() + count) * 2));
            larger.extend_from_slice(&all);
            all = larger;
        }
        all.extend_from_slice(&piece[..count]);
    }
}

/// Says what age has against a file.
pub(super) fn fault(error: age::DecryptError) -> Refused {
    use age::DecryptError as Fault;
    match error {
        Fault::NoMatchingKeys => Refused::NotForYou,
        Fault::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Refused::CutOff,
        Fault::ExcessiveWork { .. } => {
            Refused::Malformed("it asks for more work than is reasonable".to_owned())
        }
        Fault::UnknownFormat | Fault::InvalidHeader => {
            Refused::Malformed("it is none of age".to_owned())
        }
        Fault::InvalidMac | Fault::DecryptionFailed | Fault::Io(_) => Refused::Damaged,
        other => Refused::Failed(other.to_string()),
    }
}
