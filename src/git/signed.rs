use bstr::ByteSlice;

use super::{ObjectFormat, Oid, Repo};
use crate::{Error, Result};

/// A commit or tag as far as a signature is about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The bytes that were signed: the object without its signature.
    pub payload: Vec<u8>,
    /// The signature, in its armor; none where nothing is signed.
    pub signature: Option<Vec<u8>>,
    /// What is wrong with the way it is signed, where Git would look past it.
    pub fault: Option<&'static str>,
}

/// The lines that begin a signature in a tag, as Git knows them.
const BEGINNINGS: [&[u8]; 4] = [
    b"-----BEGIN SSH SIGNATURE-----",
    b"-----BEGIN PGP SIGNATURE-----",
    b"-----BEGIN PGP MESSAGE-----",
    b"-----BEGIN SIGNED MESSAGE-----",
];

impl Signed {
    /// Takes a commit apart, as Git does before it verifies: the header `gpgsig` of the
    /// repository's own format is the signature, headers of that name for the other format belong
    /// to neither part, and all the rest was signed.
    #[must_use]
    pub fn commit(object: &[u8], format: ObjectFormat) -> Self {
        let header: &[u8] = match format {
            ObjectFormat::Sha1 => b"gpgsig ",
            ObjectFormat::Sha256 => b"gpgsig-sha256 ",
        };
        let mut payload = Vec::with_capacity(object.len());
        let mut signature: Option<Vec<u8>> = None;
        let mut fault = None;
        let (mut in_signature, mut in_other) = (false, false);
        let mut rest = object;
        while !rest.is_empty() {
            let end = rest.find_byte(b'\n').map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at(end);
            if line == b"\n" {
                payload.extend_from_slice(rest);
                break;
            }
            rest = after;
            let continued = line.strip_prefix(b" ");
            let text = match continued {
                Some(text) if in_signature => Some(text),
                Some(_) => None,
                None => line.strip_prefix(header),
            };
            if continued.is_none() {
                in_signature = text.is_some();
                in_other = text.is_none() && line.starts_with(b"gpgsig");
                if in_signature && signature.is_some() {
                    fault = Some("it has more than one signature");
                }
            }
            match text {
                Some(text) => signature.get_or_insert_default().extend_from_slice(text),
                None if in_other => {}
                None => payload.extend_from_slice(line),
            }
        }
        Self {
            payload,
            signature,
            fault,
        }
    }

    /// Takes a tag apart: what follows the line that begins a signature is one.
    #[must_use]
    pub fn tag(object: &[u8]) -> Self {
        let mut begins = Vec::new();
        let mut at = 0;
        for line in object.lines_with_terminator() {
            if BEGINNINGS
                .iter()
                .any(|beginning| line.starts_with(beginning))
            {
                begins.push(at);
            }
            at += line.len();
        }
        let fault = (begins.len() > 1).then_some("it has more than one signature");
        match begins.last() {
            None => Self {
                payload: object.to_owned(),
                signature: None,
                fault,
            },
            Some(&at) => Self {
                payload: object[..at].to_owned(),
                signature: Some(object[at..].to_owned()),
                fault,
            },
        }
    }
}

impl Repo {
    /// Reads a commit and takes it apart as [`Signed::commit`] says.
    ///
    /// # Errors
    ///
    /// When there is no such commit.
    pub fn signed_commit(&self, id: Oid) -> Result<Signed> {
        let broken =
            |cause| Error::repository(format!("cannot read the commit {id}")).because(cause);
        let object = self.git.find_commit(id.0).map_err(broken)?;
        Ok(Signed::commit(&object.data, self.object_format()))
    }

    /// Reads a tag and takes it apart as [`Signed::tag`] says.
    ///
    /// # Errors
    ///
    /// When there is no such tag.
    pub fn signed_tag(&self, id: Oid) -> Result<Signed> {
        let broken = |cause| Error::repository(format!("cannot read the tag {id}")).because(cause);
        let object = self.git.find_tag(id.0).map_err(broken)?;
        Ok(Signed::tag(&object.data))
    }

    /// Tells how the repository names its objects.
    #[must_use]
    pub fn object_format(&self) -> ObjectFormat {
        match self.git.object_hash() {
            gix::hash::Kind::Sha256 => ObjectFormat::Sha256,
            _ => ObjectFormat::Sha1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    const COMMIT: &[u8] = b"tree 1\nauthor a\ngpgsig -----BEGIN\n  x\n \n -----END\n\
        gpgsig-sha256 other\n more\ncommitter c\n\ngpgsig in the message\n";

    #[test]
    fn the_signature_of_a_commit_is_the_header_of_its_own_format() {
        let signed = Signed::commit(COMMIT, ObjectFormat::Sha1);
        assert_eq!(
            signed.payload.as_bstr(),
            "tree 1\nauthor a\ncommitter c\n\ngpgsig in the message\n"
        );
        assert_eq!(
            signed.signature.unwrap().as_bstr(),
            "-----BEGIN\n x\n\n-----END\n"
        );
        assert_eq!(signed.fault, None);
        let other = Signed::commit(COMMIT, ObjectFormat::Sha256);
        assert_eq!(other.payload, signed.payload);
        assert_eq!(other.signature.unwrap().as_bstr(), "other\nmore\n");
    }

    #[test]
    fn a_second_signature_is_a_fault_wherever_it_stands() {
        let doubled = b"tree 1\ngpgsig a\nauthor a\ngpgsig b\n\nm\n";
        let signed = Signed::commit(doubled, ObjectFormat::Sha1);
        assert_eq!(signed.fault, Some("it has more than one signature"));
        let tag =
            b"object 1\n\nm\n-----BEGIN SSH SIGNATURE-----\na\n-----BEGIN PGP SIGNATURE-----\nb\n";
        assert_eq!(Signed::tag(tag).fault, signed.fault);
    }

    #[test]
    fn nothing_is_signed_where_no_signature_stands() {
        for object in [&b"tree 1\n\nm"[..], b"", b"tree 1", b"tree 1\n more\n\n"] {
            let signed = Signed::commit(object, ObjectFormat::Sha1);
            assert_eq!(signed.payload, object);
            assert_eq!(signed.signature, None);
            assert_eq!(Signed::tag(object).payload, object);
            assert_eq!(Signed::tag(object).signature, None);
        }
    }

    #[test]
    fn commits_and_tags_are_read_from_the_repository() {
        let scratch = Scratch::started();
        scratch.git(&["tag", "-a", "-m", "one", "v1"]);
        let repo = scratch.repo();
        let commit = repo.signed_commit(scratch.id("HEAD")).unwrap();
        assert!(commit.payload.starts_with(b"tree "));
        let tag = repo.signed_tag(scratch.id("v1")).unwrap();
        assert!(tag.payload.ends_with(b"\n\none\n"));
        assert!(repo.signed_commit(scratch.id("v1^{tree}")).is_err());
        assert!(repo.signed_tag(scratch.id("HEAD")).is_err());
        assert_eq!(repo.object_format(), ObjectFormat::Sha1);
    }
}
