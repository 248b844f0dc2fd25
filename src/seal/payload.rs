use std::fmt;

use secrecy::zeroize::Zeroizing;

use super::Secret;

/// What every sealed value begins with, beneath age; the last byte is the version.
const MAGIC: &[u8; 8] = b"strata\0\x01";

/// Sealed values are filled up to a multiple of so many bytes, so that their length says little.
pub(super) const BLOCK: usize = 32;

/// The place that a value is sealed for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Context {
    /// The keyring.
    pub keyring: String,
    /// The path of the file, from the root of the repository.
    pub document: String,
    /// The place in the file, as a JSON Pointer; items of lists may go by a name there.
    pub pointer: String,
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` in `{}`", self.pointer, self.document)
    }
}

/// Writes what is to be sealed: a magic, the context, the type, the value, each behind its length
/// in four bytes (big-endian), and zeros.
pub(super) fn write(context: &Context, secret: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    let kind = match secret.is_text() {
        true => "text",
        false => "json",
    };
    let parts = [
        &context.keyring,
        &context.document,
        &context.pointer,
        kind,
        secret.expose(),
    ];
    let sizes = parts.iter().map(|part| part.len() + 4);
    // All of it at once: a vector that grows would leave copies of the secret behind.
    let length = (MAGIC.len() + sizes.sum::<usize>()).next_multiple_of(BLOCK);
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    bytes.extend_from_slice(MAGIC);
    for part in parts {
        bytes.extend_from_slice(&u32::try_from(part.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.resize(length, 0);
    Some(bytes)
}

/// Reads what was sealed; none where it is not of this form.
pub(super) fn read(bytes: &[u8]) -> Option<(Context, Secret)> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let mut part = || -> Option<&[u8]> {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (part, behind) = behind.split_at_checked(length)?;
        rest = behind;
        Some(part)
    };
    let mut name = || Some(std::str::from_utf8(part()?).ok()?.to_owned());
    let context = Context {
        keyring: name()?,
        document: name()?,
        pointer: name()?,
    };
    let is_text = match name()?.as_str() {
        "text" => true,
        "json" => false,
        _ => return None,
    };
    let value = Zeroizing::new(part()?.to_vec());
    let is_filled_up = rest.len() < BLOCK && rest.iter().all(|byte| *byte == 0);
    if !is_filled_up || !bytes.len().is_multiple_of(BLOCK) {
        return None;
    }
    Some((context, Secret::of_bytes(value, is_text)?))
}
