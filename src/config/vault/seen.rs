use std::collections::BTreeSet;
use std::sync::Mutex;

use super::Vault;
use crate::config::snapshot::lock;

/// The places whose values were opened: the file and the key of each.
#[derive(Default)]
pub(super) struct Seen(Mutex<BTreeSet<(String, String)>>);

impl Vault {
    /// Says which values were opened so far, by where they stand or were sealed for:
    /// `config/prod.yaml:database.password`.
    #[must_use]
    pub fn seen(&self) -> Vec<String> {
        let seen = lock(&self.seen.0);
        let told = seen.iter().map(|(file, key)| format!("{file}:{key}"));
        told.collect()
    }

    pub(super) fn note(&self, file: &str, key: String) {
        lock(&self.seen.0).insert((file.to_owned(), key));
    }
}
