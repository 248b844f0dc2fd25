use bstr::{BString, ByteSlice};

use super::body::{ChangeBody, FileBody};
use super::effects::{effects, touched};
use super::patch::patch;
use super::plan::Plan;
use crate::config::{Configuration, Snapshot};
use crate::error::{Error, Result};
use crate::git::{FileKind, Oid, Repo, Revision, branch_name};
use crate::text::Pointer;

/// A file as it is to be.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Its path.
    pub path: BString,
    /// What it is to hold.
    pub text: String,
    /// Places that are written anew as a whole: comments in them may be gone.
    pub anew: Vec<Pointer>,
}

/// Plans to write whole files on the branch that an environment lives on; none is the branch one
/// stands on. `edits` makes them of the tree as it is there.
///
/// # Errors
///
/// Where the branch cannot be committed to, a file is a link, or the tree cannot be read.
pub fn plan_files(
    repo: &Repo,
    configuration: &Configuration,
    environment: Option<&str>,
    edits: impl FnOnce(&Snapshot) -> Result<Vec<Edit>>,
) -> Result<Plan> {
    if let Some(name) = environment {
        configuration.tree(Some(name))?;
    }
    plan_on(
        repo,
        configuration,
        reference(configuration, environment),
        edits,
    )
}

/// Plans the same on a branch; none is the one that one stands on.
///
/// # Errors
///
/// As for [`plan_files`].
pub fn plan_on(
    repo: &Repo,
    configuration: &Configuration,
    branch: Option<String>,
    edits: impl FnOnce(&Snapshot) -> Result<Vec<Edit>>,
) -> Result<Plan> {
    let base = Base::find(repo, configuration, branch)?;
    let edits = edits(&base.before)?;
    base.plan(edits)
}

/// Where a change begins.
pub(super) struct Base<'a> {
    repo: &'a Repo,
    configuration: &'a Configuration,
    pub(super) reference: Option<String>,
    branch: String,
    base: Revision,
    /// The files as they are.
    pub(super) before: Snapshot,
}

impl<'a> Base<'a> {
    pub(super) fn find(
        repo: &'a Repo,
        configuration: &'a Configuration,
        reference: Option<String>,
    ) -> Result<Self> {
        let (branch, base) = branch(repo, reference.as_deref())?;
        let before = configuration.here().beside(repo.files(&base));
        Ok(Self {
            repo,
            configuration,
            reference,
            branch,
            base,
            before,
        })
    }

    /// Writes the objects of files, and says what becomes of the values.
    pub(super) fn plan(self, files: Vec<Edit>) -> Result<Plan> {
        let Self {
            repo,
            configuration,
            before,
            base,
            ..
        } = &self;
        let mut edits = Vec::new();
        let mut bodies = Vec::new();
        let mut patches = String::new();
        for Edit { path, text, anew } in files {
            let known = before.files().entry(path.as_bstr())?;
            let kind = known.map_or(FileKind::File, |entry| entry.kind);
            if kind == FileKind::Symlink {
                return Err(Error::usage(format!("`{path}` is a link to another file"))
                    .with_help("name that file: `--layer FILE`"));
            }
            let old = before.files().read(path.as_bstr())?;
            let old = old.map(|blob| String::from_utf8_lossy(&blob.bytes).into_owned());
            if old.as_deref() == Some(&text) {
                continue;
            }
            patches.push_str(&patch(path.as_bstr(), kind, old.as_deref(), &text));
            edits.push((
                path.clone(),
                Some((repo.write_blob(text.as_bytes())?, kind)),
            ));
            bodies.push(FileBody {
                path: path.to_string(),
                new: known.is_none(),
                anew,
            });
        }
        let tree = repo.write_tree(Some(base.tree), &edits)?;
        let mut body = ChangeBody {
            branch: branch_name(&self.branch).to_owned(),
            files: bodies,
            ..ChangeBody::default()
        };
        let after = after(repo, configuration, base, tree);
        let paths: Vec<&BString> = edits.iter().map(|(path, _)| path).collect();
        let mut findings = Vec::new();
        for target in touched(configuration, before, self.reference.as_deref(), &paths)? {
            effects(
                configuration,
                [before, &after],
                &target,
                &mut body.changes,
                &mut findings,
            )?;
        }
        Ok(Plan {
            branch: self.branch,
            base: self.base,
            tree,
            findings,
            left: Vec::new(),
            body,
            patch: patches,
        })
    }
}

/// Gives the branch or revision that an environment lives at; none for the tree one stands on.
pub(crate) fn reference(
    configuration: &Configuration,
    environment: Option<&str>,
) -> Option<String> {
    let declared = configuration.manifest().environments.get(environment?)?;
    declared.reference.clone()
}

pub(super) fn after(
    repo: &Repo,
    configuration: &Configuration,
    base: &Revision,
    tree: Oid,
) -> Snapshot {
    configuration.here().beside(repo.files(&Revision {
        name: "the change".to_owned(),
        id: base.id,
        tree,
    }))
}

/// Finds the reference that an environment lives at, and where it stands.
fn branch(repo: &Repo, reference: Option<&str>) -> Result<(String, Revision)> {
    let Some(name) = reference else {
        let head = repo.head()?;
        let short = head.branch.as_deref();
        if head.commit.is_none() {
            let short = short.unwrap_or("HEAD");
            return Err(Error::usage(format!(
                "`{short}` has no commit yet, so there is nothing to change"
            ))
            .with_help("commit the files first: `git add --all && git commit -m start`"));
        }
        let branch = short.map_or_else(|| "HEAD".to_owned(), |name| format!("refs/heads/{name}"));
        return Ok((branch, repo.revision("HEAD")?));
    };
    let short = branch_name(name);
    let full = format!("refs/heads/{short}");
    if let Some(folder) = repo.checked_out_elsewhere(&full)? {
        let folder = folder.display();
        return Err(Error::usage(format!(
            "`{short}` is checked out in `{folder}`, whose files would be behind it"
        ))
        .with_help(format!("run this there: `cd '{folder}'`")));
    }
    match repo.revision(&full) {
        Ok(revision) => Ok((
            full,
            Revision {
                name: short.to_owned(),
                ..revision
            },
        )),
        Err(_) => {
            let found = repo.revision(name);
            let what = match &found {
                Ok(_) => "is no branch of this repository",
                Err(_) => "is no revision here",
            };
            Err(
                Error::not_found(format!("cannot commit to `{name}`: it {what}")).with_help(
                    format!("make the branch: `git branch {short} origin/{short}`"),
                ),
            )
        }
    }
}
