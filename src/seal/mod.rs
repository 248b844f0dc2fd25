//! Secrets at rest: sealed with [age], the value by itself, in a text that stands where the value
//! would stand.
//!
//! ```text
//! members ──age──▶ keyrings/prod.age ──▶ Keys (one X25519 identity a generation)
//!                                          │
//! password: ENC[age1,prod.2,YWdl…]  ──────▶ Secret
//! ```
//!
//! A [`Token`] names the keyring and the generation of its key. What is sealed holds, beside the
//! value, the place that it was sealed for: a token that was copied or moved does not open. All
//! cryptography is that of the `age` crate; [`sops`] knows that of SOPS files, too.
//!
//! [age]: https://age-encryption.org/v1

mod file;
mod identity;
mod keyring;
mod payload;
mod recipient;
mod secret;
pub mod sops;
mod token;

pub use file::{Armor, is_sealed_file, open_file, open_file_asking, seal_file, sealed_for};
pub use identity::{Ask, Asked, Identities, Passphrase, Silent};
pub use keyring::{Keys, new_identity};
pub use payload::Context;
pub use recipient::Recipient;
pub use secrecy::zeroize::Zeroizing;
pub use secret::Secret;
pub use token::{Refused, Token, is_keyring_name, is_token};

/// Says whether a text stands for a value that is sealed: a [`Token`], or a value of SOPS.
#[must_use]
pub fn is_sealed(text: &str) -> bool {
    is_token(text) || sops::is_sealed_value(text)
}

#[cfg(test)]
mod tests;
