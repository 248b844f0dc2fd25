use std::collections::BTreeMap;

use bstr::ByteSlice;
use foldhash::HashMap;

use super::{CERTIFICATES, REVOKED, SIGNERS};
use crate::error::{Error, Result};
use crate::git::{Oid, Repo};
use crate::sign::{AllowedSigners, Certificates, KeyFile, Revoked, Signers};

/// The lists that stood at one time: the object of each file, and of the folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Files {
    allowed: Option<Oid>,
    revoked: Option<Oid>,
    certificates: Option<Oid>,
}

impl Files {
    /// Finds the lists of a tree.
    ///
    /// # Errors
    ///
    /// When the tree cannot be read.
    pub(super) fn of(repo: &Repo, tree: Oid) -> Result<Self> {
        let [allowed, revoked, folder] = repo.listed(tree, [SIGNERS, REVOKED, CERTIFICATES])?;
        Ok(Self {
            allowed: allowed.filter(|it| it.is_file).map(|it| it.id),
            revoked: revoked.filter(|it| it.is_file).map(|it| it.id),
            certificates: folder.filter(|it| it.is_folder).map(|it| it.id),
        })
    }

    /// Whether they say who may sign.
    pub(super) fn say_who(self) -> bool {
        self.allowed.is_some() || self.certificates.is_some()
    }
}

/// Certificates that were read, by the object and name of their file, so that a folder of which one
/// file changes is not verified anew.
#[derive(Debug, Default)]
pub(super) struct Lists {
    known: HashMap<(Oid, String), Certificates>,
}

impl Lists {
    /// Reads the lists of one time, on top of what was revoked before, with what is wrong with
    /// them; then nobody is on them.
    ///
    /// # Errors
    ///
    /// When the repository cannot be read.
    pub(super) fn read(
        &mut self,
        repo: &Repo,
        files: &Files,
        revoked: &Revoked,
    ) -> Result<(Signers, Vec<Error>)> {
        let mut signers = Signers {
            revoked: revoked.clone(),
            ..Signers::default()
        };
        let mut faults = Vec::new();
        if let Some(id) = files.revoked {
            match Revoked::read(REVOKED, &repo.bytes(id)?) {
                Ok(gone) => signers.revoked.and(&gone),
                Err(error) => faults.push(error),
            }
        }
        if let Some(id) = files.allowed {
            match AllowedSigners::read(SIGNERS, &repo.bytes(id)?) {
                Ok(allowed) => signers.allowed = allowed,
                Err(error) => faults.push(error),
            }
        }
        if let Some(id) = files.certificates {
            self.folder(repo, id, &mut signers, &mut faults)?;
        }
        if !faults.is_empty() {
            signers.allowed = AllowedSigners::default();
            signers.certificates = Certificates::default();
        }
        Ok((signers, faults))
    }

    /// Reads the folder of certificates.
    fn folder(
        &mut self,
        repo: &Repo,
        folder: Oid,
        signers: &mut Signers,
        faults: &mut Vec<Error>,
    ) -> Result<()> {
        let listing = repo.listing(folder)?;
        let named: BTreeMap<_, _> = listing.iter().map(|it| (&it.name, it)).collect();
        for (name, listed) in named {
            let path = format!("{CERTIFICATES}/{}", name.to_str_lossy());
            if !listed.is_file {
                let error = Error::invalid(format!("`{path}` is no plain file"));
                faults.push(error.with_help("put the certificate itself there, or take it out"));
                continue;
            }
            let read = match KeyFile::read(&path, &name.to_str_lossy()) {
                Ok(KeyFile::About) => Ok(()),
                Ok(KeyFile::Revoked) => Revoked::read_certificates(&path, &repo.bytes(listed.id)?)
                    .map(|gone| signers.revoked.and(&gone)),
                Ok(KeyFile::Of(who)) => {
                    let known = (listed.id, path.clone());
                    match self.known.get(&known) {
                        Some(own) => Ok(own.clone()),
                        None => Certificates::read(&path, &who, &repo.bytes(listed.id)?),
                    }
                    .map(|own| {
                        self.known.insert(known, own.clone());
                        signers.certificates.extend(own);
                    })
                }
                Err(error) => Err(error),
            };
            faults.extend(read.err());
        }
        Ok(())
    }
}
