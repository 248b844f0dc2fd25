use std::borrow::Cow;
use std::io::{Read, Write};

use secrecy::zeroize::Zeroizing;

use super::identity::{Ask, Identities, Passphrase};
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

/// Opens what was sealed, as text or as it is. What is sealed by a passphrase stays so:
/// [`open_file_asking`] asks for it.
///
/// # Errors
///
/// Where it is not sealed for any of the identities, or is damaged.
pub fn open_file(
    bytes: &[u8],
    identities: &Identities,
) -> std::result::Result<Zeroizing<Vec<u8>>, Refused> {
    open(bytes, identities, &|| None)
}

/// Opens what was sealed, like [`open_file`]; where it is sealed by a passphrase, asks for that.
/// The name is for the question.
///
/// # Errors
///
/// The same; and where the passphrase is another, or there is nobody to ask for it.
pub fn open_file_asking(
    name: &str,
    bytes: &[u8],
    identities: &Identities,
    ask: &Ask,
) -> std::result::Result<Zeroizing<Vec<u8>>, Refused> {
    let passphrase = || ask.passphrase(&format!("Passphrase of {name}"));
    open(bytes, identities, &passphrase)
}

fn open(
    bytes: &[u8],
    identities: &Identities,
    passphrase: &dyn Fn() -> Option<Passphrase>,
) -> std::result::Result<Zeroizing<Vec<u8>>, Refused> {
    let bare = without_armor(bytes)?;
    let decryptor = decryptor(&bare)?;
    let opened = match decryptor.is_scrypt() {
        true => {
            let passphrase = passphrase().ok_or(Refused::NeedsPassphrase)?;
            let identity = age::scrypt::Identity::new(passphrase);
            let one: [&dyn age::Identity; 1] = [&identity];
            let opened = decryptor.decrypt(one.into_iter());
            opened.map_err(|error| match error {
                age::DecryptError::DecryptionFailed => Refused::OtherPassphrase,
                error => fault(error),
            })?
        }
        false => decryptor.decrypt(identities.to_age()).map_err(fault)?,
    };
    read_all(opened).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Refused::CutOff,
        _ => Refused::Damaged,
    })
}

/// Counts those that a file is sealed for, without opening it; none where it is no sealed file. What
/// age adds to keep its form open (`…-grease`) does not count.
#[must_use]
pub fn sealed_for(bytes: &[u8]) -> Option<usize> {
    let bare = without_armor(bytes).ok()?;
    let header = bare
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

/// Gives the bytes of a sealed file as they were before they were written as text.
pub(super) fn without_armor(bytes: &[u8]) -> std::result::Result<Cow<'_, [u8]>, Refused> {
    match Armor::of(bytes) {
        None => Err(Refused::Malformed("it is none of age".to_owned())),
        Some(Armor::Binary) => Ok(Cow::Borrowed(bytes)),
        Some(Armor::Text) => {
            // Blanks may stand around it, and the reader takes only those behind it.
            let mut reader = age::armor::ArmoredReader::new(bytes.trim_ascii_start());
            let mut bare = Vec::new();
            let read = reader.read_to_end(&mut bare);
            read.map_err(|error| fault(age::DecryptError::Io(error)))?;
            Ok(Cow::Owned(bare))
        }
    }
}

/// Reads the header of what was sealed.
pub(super) fn decryptor(bytes: &[u8]) -> std::result::Result<age::Decryptor<&[u8]>, Refused> {
    if !has_whole_stanzas(bytes) {
        return Err(Refused::Malformed(
            "a part of its header has no end".to_owned(),
        ));
    }
    age::Decryptor::new_buffered(bytes).map_err(fault)
}

/// Says whether each part of a header ends with a line of less than 64 characters, as
/// <https://c2sp.org/age#recipient-stanza> has it: the age crate takes some that do not.
fn has_whole_stanzas(bytes: &[u8]) -> bool {
    let mut is_open = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.starts_with(b"---") {
            return !is_open;
        }
        if line.starts_with(b"->") {
            if is_open {
                return false;
            }
            is_open = true;
        } else if is_open {
            is_open = line.len() >= 64;
        }
    }
    // There is no end of the header; the crate has more to say about that.
    true
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
