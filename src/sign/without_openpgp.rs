//! What stands in for OpenPGP where the program is built without it: no signature of that kind
//! counts.

use super::signers::{Clock, Standing, Verdict};
use super::{Certificates, Revoked};
use crate::error::Result;

/// A certificate; there is none.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Held {}

#[expect(clippy::unnecessary_wraps, reason = "as where OpenPGP is built in")]
pub(super) fn read(_: &str, _: &str, _: &[u8]) -> Result<Vec<Held>> {
    Ok(Vec::new())
}

#[expect(clippy::unnecessary_wraps, reason = "as where OpenPGP is built in")]
pub(super) fn keys(_: &str, _: &[u8]) -> Result<Vec<String>> {
    Ok(Vec::new())
}

pub(super) fn and(_: &mut Vec<Held>, _: &[Held]) {}

pub(super) fn verify(_: &Certificates, _: &Revoked, _: &[u8], _: &[u8], _: &Clock<'_>) -> Verdict {
    Verdict::none().because(
        Standing::Unknown,
        "this program was built without OpenPGP, and cannot verify it",
    )
}
