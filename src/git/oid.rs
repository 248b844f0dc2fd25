use std::fmt;

/// Names an object in the repository by its hash, SHA-1 or SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(pub(super) gix::ObjectId);

/// Says which hash a repository names its objects by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ObjectFormat {
    /// The usual one: 40 hexadecimal digits.
    #[default]
    Sha1,
    /// The newer one: 64 hexadecimal digits.
    Sha256,
}

impl Oid {
    /// Gives the first twelve digits, enough for a person.
    #[must_use]
    pub fn short(&self) -> String {
        self.0.to_hex_with_len(12).to_string()
    }
}

/// Names a text by the first sixteen digits of the name that Git has for a file of these bytes: the
/// same in every repository, and of no use to who cannot guess the text.
#[must_use]
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    let id = gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Blob, bytes);
    let id = id.expect("no text has the bytes of a SHA-1 attack on Git");
    id.to_hex_with_len(16).to_string()
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

impl From<ObjectFormat> for gix::hash::Kind {
    fn from(format: ObjectFormat) -> Self {
        match format {
            ObjectFormat::Sha1 => Self::Sha1,
            ObjectFormat::Sha256 => Self::Sha256,
        }
    }
}
