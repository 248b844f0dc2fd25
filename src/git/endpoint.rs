use std::path::{Component, Path, PathBuf};

use bstr::{BStr, BString, ByteSlice, ByteVec};

use super::{FileKind, Repo, Revision, looks_like_range};
use crate::{Error, Result};

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// All files at a revision: `v1.2`.
    Revision(Revision),
    /// One file at a revision: `v1.2:schema/app.yaml`.
    Blob {
        /// The revision.
        revision: Revision,
        /// The path from the repository's root.
        path: BString,
    },
    /// A file on disk: `old.yaml`.
    File(PathBuf),
}

impl Repo {
    /// Finds what one side of a comparison means: a revision, a file at one, or a file on disk.
    ///
    /// A word that is both a revision and a file is the revision; `./word` is always the file.
    /// After `REVISION:` a path counts from the repository's root, or, where it begins with `./`
    /// or `../`, from the folder one stands in.
    ///
    /// # Errors
    ///
    /// When the word is none of the three; near names are offered.
    pub fn endpoint(&self, spec: &str) -> Result<Endpoint> {
        if ["./", "../", "/"]
            .iter()
            .any(|start| spec.starts_with(start))
        {
            return self.disk_file(spec).ok_or_else(|| no_file(spec));
        }
        if let Some(id) = self
            .resolve(spec)
            .or_else(|error| self.tolerate(spec, error))?
        {
            if let Some((name, path)) = split(spec) {
                return self.blob(name, path);
            }
            return Ok(Endpoint::Revision(self.peel(spec, id)?));
        }
        if let Some(file) = self.disk_file(spec) {
            return Ok(file);
        }
        if let Some((name, path)) = split(spec) {
            return self.blob(name, path);
        }
        if looks_like_range(spec) {
            return Err(Error::usage(format!(
                "`{spec}` is a range, where one revision or file is wanted"
            )));
        }
        let error = self.unknown_revision(spec);
        let help = error.help().map(str::to_owned);
        let error = Error::not_found(format!("`{spec}` is neither a revision nor a file"));
        Err(match help {
            Some(help) => error.with_help(help),
            None => error,
        })
    }

    /// Lets a file stand in for a name that is no good as a revision's.
    fn tolerate(&self, spec: &str, error: Error) -> Result<Option<gix::ObjectId>> {
        match self.disk_file(spec) {
            Some(_) => Ok(None),
            None => Err(error),
        }
    }

    fn blob(&self, name: &str, path: &str) -> Result<Endpoint> {
        if name.is_empty() {
            return Err(
                Error::usage(format!("`:{path}` names a file without a revision"))
                    .with_help(format!("name one: `HEAD:{path}`")),
            );
        }
        let revision = self.revision(name)?;
        let path = self.path_from_root(path)?;
        let files = self.files(&revision);
        if let Some((folder, commit)) = files.submodule_of(path.as_bstr())? {
            let commit = commit.map_or("HEAD".to_owned(), |commit| commit.short());
            let error = Error::usage(format!(
                "`{folder}` is a submodule, a repository of its own"
            ));
            let inside = path[folder.len()..].trim_start_with(|c| c == '/').as_bstr();
            return Err(error.with_help(match inside.is_empty() {
                true => format!("see what it holds: `git -C {folder} show {commit}:`"),
                false => format!("see the file there: `git -C {folder} show {commit}:{inside}`"),
            }));
        }
        match files.entry(path.as_bstr())? {
            Some(entry) if entry.kind == FileKind::Directory => Err(Error::usage(format!(
                "`{path}` is a folder at `{name}`, where a file is wanted"
            ))),
            Some(entry) if entry.kind == FileKind::Symlink && files.read(path.as_bstr())?.is_none() => {
                Err(Error::not_found(format!(
                    "`{path}` is a symbolic link at `{name}` that leads to no file of the repository"
                ))
                .with_help("name the file itself"))
            }
            Some(_) => Ok(Endpoint::Blob { revision, path }),
            // The way there may lead through a link to a folder.
            None if files.read(path.as_bstr())?.is_some() => Ok(Endpoint::Blob { revision, path }),
            None => {
                let walked = files.walk(BStr::new(b""))?;
                let names: Vec<String> = walked.iter().map(|(path, _)| path.to_string()).collect();
                let wanted = path.to_string();
                Err(
                    Error::not_found(format!("there is no file `{path}` at `{name}`"))
                        .with_names(&wanted, names.iter().map(String::as_str)),
                )
            }
        }
    }

    fn disk_file(&self, spec: &str) -> Option<Endpoint> {
        let path = self.dir.join(spec);
        path.is_file().then_some(Endpoint::File(path))
    }

    /// Makes a path count from the root of the repository.
    fn path_from_root(&self, path: &str) -> Result<BString> {
        let relative = path.starts_with("./") || path.starts_with("../") || path == ".";
        let mut parts: Vec<&[u8]> = Vec::new();
        let standing = match self.work_dir() {
            Some(root) if relative => below(&self.dir, root),
            _ => None,
        };
        let standing = standing.unwrap_or_default();
        let standing = Vec::from_path_lossy(&standing).into_owned();
        for part in standing
            .split_str("/")
            .chain(path.as_bytes().split_str("/"))
        {
            match part {
                b"" | b"." => {}
                b".." if parts.pop().is_none() => {
                    return Err(Error::usage(format!(
                        "`{path}` leads out of the repository"
                    )));
                }
                b".." => {}
                part => parts.push(part),
            }
        }
        Ok(bstr::join("/", parts).into())
    }
}

/// Gives a folder's path below another, links resolved if need be.
fn below(dir: &Path, root: &Path) -> Option<PathBuf> {
    let stripped = |dir: &Path, root: &Path| {
        let rest = dir.strip_prefix(root).ok()?;
        let plain = rest
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        plain.then(|| rest.to_owned())
    };
    stripped(dir, root).or_else(|| stripped(&dir.canonicalize().ok()?, &root.canonicalize().ok()?))
}

/// Splits `REVISION:PATH`; a colon inside `@{…}` or `^{…}` parts nothing.
fn split(spec: &str) -> Option<(&str, &str)> {
    let mut depth = 0;
    let at = spec.find(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ':' && depth == 0
    })?;
    let (name, path) = spec.split_at(at);
    let is_search = name.is_empty() && path.starts_with(":/");
    (!is_search).then_some((name, &path[1..]))
}

fn no_file(spec: &str) -> Error {
    Error::not_found(format!("there is no file `{spec}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    fn blob(endpoint: Endpoint) -> (String, String) {
        match endpoint {
            Endpoint::Blob { revision, path } => (revision.name, path.to_string()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn revision_blob_and_file_are_told_apart() {
        let scratch = Scratch::diverged();
        let repo = scratch.repo();
        let endpoint = repo.endpoint("main").unwrap();
        assert!(matches!(endpoint, Endpoint::Revision(revision) if revision.name == "main"));
        let file = Endpoint::File(scratch.path().join("dir/b.yaml"));
        assert_eq!(repo.endpoint("dir/b.yaml").unwrap(), file);
        for (spec, name) in [
            ("main:dir/b.yaml", "main"),
            ("HEAD^{/start}:dir/b.yaml", "HEAD^{/start}"),
        ] {
            let found = blob(repo.endpoint(spec).unwrap());
            assert_eq!(found, (name.to_owned(), "dir/b.yaml".to_owned()));
        }
    }

    #[test]
    fn word_that_is_both_is_the_revision() {
        let scratch = Scratch::started();
        scratch.write("main", "x: 1\n");
        let repo = scratch.repo();
        assert!(matches!(
            repo.endpoint("main").unwrap(),
            Endpoint::Revision(_)
        ));
        assert!(matches!(
            repo.endpoint("./main").unwrap(),
            Endpoint::File(_)
        ));
        let absolute = scratch.path().join("main");
        let endpoint = repo.endpoint(absolute.to_str().unwrap()).unwrap();
        assert_eq!(endpoint, Endpoint::File(absolute));
        scratch.write("odd:name", "");
        assert!(matches!(
            repo.endpoint("odd:name").unwrap(),
            Endpoint::File(_)
        ));
    }

    #[test]
    fn dot_path_counts_from_the_folder_one_stands_in() {
        let scratch = Scratch::started();
        let repo = Repo::discover(scratch.path().join("dir")).unwrap();
        assert_eq!(
            blob(repo.endpoint("HEAD:./b.yaml").unwrap()).1,
            "dir/b.yaml"
        );
        assert_eq!(blob(repo.endpoint("HEAD:../a.yaml").unwrap()).1, "a.yaml");
        assert_eq!(
            blob(repo.endpoint("HEAD:dir/b.yaml").unwrap()).1,
            "dir/b.yaml"
        );
        assert!(repo.endpoint("HEAD:b.yaml").is_err());
        let error = repo.endpoint("HEAD:../../x").unwrap_err();
        assert_eq!(error.to_string(), "`../../x` leads out of the repository");
        assert!(matches!(
            repo.endpoint("../a.yaml").unwrap(),
            Endpoint::File(_)
        ));
    }

    #[cfg(unix)]
    #[test]
    fn dot_path_counts_from_a_linked_folder_too() {
        let scratch = Scratch::started();
        let link = scratch.beside("link");
        std::os::unix::fs::symlink(scratch.path(), &link).unwrap();
        let options = crate::git::OpenOptions {
            dir: link.join("dir"),
            git_dir: Some(scratch.path().join(".git")),
            ..crate::git::OpenOptions::default()
        };
        let repo = Repo::open_with(&options).unwrap();
        assert_eq!(
            blob(repo.endpoint("HEAD:./b.yaml").unwrap()).1,
            "dir/b.yaml"
        );
    }

    #[test]
    fn branch_of_origin_serves_before_a_colon() {
        let scratch = Scratch::diverged();
        let clone = scratch.beside("clone");
        scratch.git(&["clone", "-q", ".", clone.to_str().unwrap()]);
        let repo = Repo::discover(&clone).unwrap();
        assert_eq!(blob(repo.endpoint("main:a.yaml").unwrap()).0, "main");
    }

    #[test]
    fn nothing_found_says_what_there_is() {
        let scratch = Scratch::started();
        let repo = scratch.repo();
        let help = |spec: &str| {
            let error = repo.endpoint(spec).unwrap_err();
            (
                error.to_string(),
                error.help().unwrap_or_default().to_owned(),
            )
        };
        assert_eq!(
            help("mian"),
            (
                "`mian` is neither a revision nor a file".into(),
                "did you mean `main`?".into()
            )
        );
        assert_eq!(
            help("HEAD:dir/c.yaml"),
            (
                "there is no file `dir/c.yaml` at `HEAD`".into(),
                "did you mean `dir/b.yaml` or `dir/sub/c.yaml`?".into()
            )
        );
        assert_eq!(help("./x.yaml").0, "there is no file `./x.yaml`");
        assert_eq!(
            help("HEAD:dir").0,
            "`dir` is a folder at `HEAD`, where a file is wanted"
        );
        assert_eq!(help(":a.yaml").1, "name one: `HEAD:a.yaml`");
        assert_eq!(help("x:a.yaml").0, "no revision `x`");
        assert!(help("main..HEAD").0.starts_with("`main..HEAD` is a range"));
        assert_eq!(help("").0, "a revision cannot be empty");
    }
}
