use std::path::PathBuf;

use strata::config::Snapshot;
use strata::config::schema::Schema;
use strata::git::{Endpoint, Repo, Revision};
use strata::ops::compat;
use strata::report::Finding;
use strata::{Error, Result};

use super::context::{Context, bytes_of};

/// A schema that an argument names: where it stands, and its path there.
pub(crate) struct SchemaArg {
    pub(super) tree: Snapshot,
    pub(super) path: String,
    pub(super) revision: Option<Revision>,
}

impl SchemaArg {
    /// Finds the schema: a file on disk or at a revision, or a version of a custom resource in
    /// one, `FILE#NAME/VERSION`. Files that it refers to are looked for in the same tree: the
    /// repository where it stands in one, else the folder one stands in, or its own.
    pub(crate) fn find(context: &Context, repo: Option<&Repo>, name: &str) -> Result<Self> {
        let error = match Self::find_file(context, repo, name) {
            Ok(found) => return Ok(found),
            Err(error) => error,
        };
        let Some((file, version)) = name.rsplit_once('#') else {
            return Err(error);
        };
        let mut found = Self::find_file(context, repo, file)?;
        found.path = compat::version_in(&found.tree, &found.path, version)?;
        Ok(found)
    }

    fn find_file(context: &Context, repo: Option<&Repo>, name: &str) -> Result<Self> {
        if let Some(repo) = repo
            && let Endpoint::Blob { revision, path } = repo.endpoint(name)?
        {
            return Ok(Self {
                tree: Snapshot::of_revision(repo, &revision),
                path: path.to_string(),
                revision: Some(revision),
            });
        }
        let on_disk = context.path(name.as_ref());
        if !on_disk.is_file() {
            return Err(Error::not_found(format!("there is no schema `{name}`"))
                .with_help("name a file, or REVISION:PATH"));
        }
        let cannot = |cause| Error::io(format!("cannot read `{name}`"), cause);
        // The file keeps the name it was given, links and all, where the tree knows it by that.
        let here = context.path("".as_ref()).canonicalize().map_err(cannot)?;
        let parent = on_disk.parent().unwrap_or(&here);
        let parent = parent.canonicalize().map_err(cannot)?;
        let names = [
            here.join(name.trim_start_matches("./")),
            parent.join(on_disk.file_name().unwrap_or_default()),
        ];
        let root = repo.and_then(Repo::work_dir);
        let root = root.and_then(|root| root.canonicalize().ok());
        for (root, repo) in [(root, repo), (Some(here), None)] {
            let Some(root) = root else { continue };
            // Another repository inside this one is read as the folder it is.
            let trees = [
                repo.and_then(|repo| Snapshot::of_work_tree(repo).ok()),
                Some(Snapshot::of_folder(&root)),
            ];
            for tree in trees.into_iter().flatten() {
                let inside = names
                    .iter()
                    .filter_map(|name| name.strip_prefix(&root).ok());
                for path in inside.map(bytes_of) {
                    if tree.file(path.as_ref())?.is_some() {
                        return Ok(Self {
                            tree,
                            path: path.to_string(),
                            revision: None,
                        });
                    }
                }
            }
        }
        let real = on_disk.canonicalize().map_err(cannot)?;
        let inside = real.file_name().map(PathBuf::from).unwrap_or_default();
        Ok(Self {
            tree: Snapshot::of_folder(real.parent().unwrap_or(&real)),
            path: bytes_of(&inside).to_string(),
            revision: None,
        })
    }

    /// Reads the schema with all that it refers to.
    pub(crate) fn load(&self) -> Result<(Option<Schema>, Vec<Finding>)> {
        Schema::load(&self.tree, &self.path)
    }
}
