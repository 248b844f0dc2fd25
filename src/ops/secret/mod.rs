//! Secrets in files: sealed where they stand, and carried to and from other tools.

pub mod sops;
