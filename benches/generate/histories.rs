//! Repositories with long histories, and one in which nearly everything differs.

use std::path::Path;

use strata::Result;
use strata::git::{FileKind, Oid, Repo};

use super::{Shape, commit, edit, git, path, service};

/// How many of the last changes are not carried from staging to prod.
const OPEN: usize = 50;

/// Builds the repository of [`super::repository`], then makes so many changes in staging, each of
/// one parameter by one commit, and the same ones in prod but for the last [`OPEN`].
pub(crate) fn repository(dir: &Path, shape: Shape, commits: usize) -> Result<()> {
    super::repository(dir, shape)?;
    let repo = Repo::discover(dir)?;
    let first = repo.revision("env/staging")?;
    for (branch, count) in [("staging", commits), ("prod", commits - OPEN)] {
        let (mut tip, mut tree) = (first.id, first.tree);
        for number in 0..count {
            let index = number * 7 % shape.services;
            let text = changed(&service(index, shape, None), number);
            tree = repo.write_tree(Some(tree), &[edit(&repo, &path(index), &text)?])?;
            tip = commit(&repo, tree, vec![tip], number + 1)?;
        }
        point(&repo, branch, tip)?;
    }
    git(dir, &["repack", "-adq"]);
    Ok(())
}

/// Builds the repository of [`super::repository`], then makes one commit in prod that changes
/// every parameter but for those in lists and on lines with others.
pub(crate) fn all_different(dir: &Path, shape: Shape) -> Result<()> {
    super::repository(dir, shape)?;
    let repo = Repo::discover(dir)?;
    let tip = repo.revision("env/prod")?;
    let mut edits: Vec<(_, Option<(Oid, FileKind)>)> = Vec::with_capacity(shape.services);
    for index in 0..shape.services {
        let text: String = service(index, shape, None)
            .lines()
            .map(|line| {
                let is_value = line.ends_with(|c: char| c.is_ascii_alphanumeric())
                    && line.contains(": ")
                    && !line.contains("name: ");
                format!("{line}{}\n", if is_value { "9" } else { "" })
            })
            .collect();
        edits.push(edit(&repo, &path(index), &text)?);
    }
    let tree = repo.write_tree(Some(tip.tree), &edits)?;
    let tip = commit(&repo, tree, vec![tip.id], super::DIFFERENCES + 1)?;
    point(&repo, "prod", tip)?;
    git(dir, &["repack", "-adq"]);
    Ok(())
}

/// Makes another value of one parameter.
fn changed(text: &str, number: usize) -> String {
    let places: Vec<usize> = text
        .match_indices("limit5: ")
        .map(|(at, key)| at + key.len())
        .collect();
    let (before, after) = text.split_at(places[number % places.len()]);
    format!("{before}{}{after}", 1 + number)
}

fn point(repo: &Repo, branch: &str, tip: Oid) -> Result<()> {
    let name = format!("refs/heads/env/{branch}");
    let old = repo.revision(&name)?.id;
    repo.update_ref(&name, Some(old), tip, "go on")
}
