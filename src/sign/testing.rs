//! Keys and signatures for tests: a number stands for a key.

use ssh_key::private::Ed25519Keypair;
use ssh_key::{HashAlg, LineEnding, PrivateKey};

/// A key that the same number always gives.
pub(crate) fn key(seed: u8) -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]))
}

/// The public key, as a line of a list has it.
pub(crate) fn public(seed: u8) -> String {
    key(seed).public_key().to_openssh().unwrap()
}

/// A signature in its armor.
pub(crate) fn sign(seed: u8, namespace: &str, payload: &[u8]) -> String {
    let signature = key(seed).sign(namespace, HashAlg::Sha512, payload).unwrap();
    signature.to_pem(LineEnding::LF).unwrap()
}
