//! The commits that changed one value: from what to what, by whom.

use std::sync::Arc;

use bstr::BString;
use serde::Serialize;

use super::own;
use crate::config::{Configuration, MANIFEST, Name, Snapshot, Target, is_template};
use crate::document::{Value, write_flow};
use crate::error::{Error, Result};
use crate::git::{Commit, Oid, Repo};
use crate::ops::trust::{Signature, Trust};
use crate::report::{Block, Report, View};
use crate::text::{Pointer, shell_word};

/// The published JSON Schema of the body of `log`.
pub const SCHEMA: &str = include_str!("log.schema.json");

/// The commits that changed a value, the newest first.
#[derive(Debug, Serialize)]
pub struct LogBody {
    /// The key.
    pub pointer: Pointer,
    /// The environment.
    pub environment: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The commits.
    pub commits: Vec<Entry>,
    /// Whether more commits were there than were asked for, or the history is not here to its
    /// beginning.
    pub cut: bool,
}

/// A commit that changed the value.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// The commit.
    pub commit: String,
    /// Who wrote it.
    pub author: String,
    /// Their address.
    pub email: String,
    /// When, as RFC 3339 has it.
    pub date: String,
    /// The first line of its message.
    pub title: String,
    /// The layers that it changed.
    pub files: Vec<String>,
    /// What the value was; null where there was none.
    pub old: Option<Value>,
    /// What it became; null where it was taken away.
    pub new: Option<Value>,
    /// Whose signature the commit has, where the repository says who may sign.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// Whether the schema says that it is a secret: then neither is shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

/// Lists the commits up to `tip` that changed what a key resolves to, at most so many. A merge is
/// listed where it made a value that none of its parents has.
///
/// # Errors
///
/// Where the history cannot be read, or the key was never set.
pub fn log(
    repo: &Repo,
    configuration: &Configuration,
    target: &Target,
    tip: Oid,
    key: &Pointer,
    most: usize,
) -> Result<Report<LogBody>> {
    let layers = configuration.layer_paths(target);
    // What a template includes may be any file, and its variables stand in the manifest.
    let is_rendered = layers.iter().any(|path| is_template(path.as_ref()));
    let paths = if is_rendered { &[][..] } else { &layers };
    let tree = configuration.here().of_commit(repo, &repo.commit(tip)?);
    let schemas = configuration.schemas(&tree, target)?;
    // What is a secret now, or was one when a value was given or taken.
    let mut marking = vec![schemas];
    let mut body = LogBody {
        pointer: key.clone(),
        environment: target.name(Name::Environment).map(str::to_owned),
        service: target.name(Name::Service).map(str::to_owned),
        commits: Vec::new(),
        cut: repo.is_shallow(),
    };
    let trust = Trust::up_to(repo, &[tip])?;
    for commit in repo.history(tip, paths) {
        let commit = commit?;
        if body.commits.len() == most {
            body.cut = true;
            break;
        }
        let Some((old, new, files)) = change(repo, configuration, target, &layers, key, &commit)?
        else {
            continue;
        };
        let parents = commit.parents.iter().filter_map(|id| repo.commit(*id).ok());
        let own = configuration.here().of_commit(repo, &commit);
        let before = parents.map(|parent| configuration.here().of_commit(repo, &parent));
        for tree in before.chain([own]) {
            let then = configuration.schemas(&tree, target)?;
            if !marking.iter().any(|known| Arc::ptr_eq(known, &then)) {
                marking.push(then);
            }
        }
        body.commits.push(Entry {
            commit: commit.id.to_string(),
            author: commit.author.name.clone(),
            email: commit.author.email.clone(),
            date: commit.author.date(),
            title: commit.title(),
            signature: (trust.as_ref())
                .map(|trust| trust.signature(repo, &commit))
                .transpose()?,
            files,
            old,
            new,
            secret: false,
        });
    }
    let secret = marking.iter().any(|schemas| schemas.is_secret(key));
    for entry in &mut body.commits {
        entry.secret = secret;
        for value in [&mut entry.old, &mut entry.new] {
            *value = value.take().filter(|_| !secret).map(|value| {
                let all = marking.iter();
                all.fold(value, |value, schemas| own::shown(&value, key, schemas))
            });
        }
    }
    if body.commits.is_empty() && !body.cut {
        return Err(
            Error::not_found(format!("`{}` was never set for {target}", key.dotted()))
                .with_help(elsewhere(configuration, target, key)),
        );
    }
    Ok(Report::new(None, Vec::new(), body))
}

/// Says where a key is set that was never set for a target: in another environment, or for one of
/// the first services.
fn elsewhere(configuration: &Configuration, target: &Target, key: &Pointer) -> String {
    const MOST: usize = 100;
    let manifest = configuration.manifest();
    let (environment, service) = (target.name(Name::Environment), target.name(Name::Service));
    let services = match service {
        None => configuration
            .services(configuration.here())
            .unwrap_or_default(),
        Some(_) => Vec::new(),
    };
    let environments = std::iter::once(environment).chain(manifest.environment_names().map(Some));
    let services = services.iter().map(|name| Some(name.as_str())).take(MOST);
    for environment in environments {
        let Ok(tree) = configuration.tree(environment) else {
            continue;
        };
        for service in std::iter::once(service).chain(services.clone()) {
            let target = manifest.target(environment, service);
            let resolved = configuration.resolve_in(&tree, &target);
            if resolved.is_ok_and(|(resolved, _)| resolved.value().at(key).is_some()) {
                let option = |name, value: Option<&str>| {
                    value.map_or_else(String::new, |value| {
                        format!(" {name} {}", shell_word(value))
                    })
                };
                let options = [option("--env", environment), option("--service", service)];
                return format!(
                    "it is set for {target}: `git strata log {}{}`",
                    shell_word(&key.dotted()),
                    options.concat()
                );
            }
        }
    }
    "see what is: `git strata show`".to_owned()
}

type Changed = (Option<Value>, Option<Value>, Vec<String>);

/// Says how a commit changed the value; `None` where it did not.
fn change(
    repo: &Repo,
    configuration: &Configuration,
    target: &Target,
    layers: &[BString],
    key: &Pointer,
    commit: &Commit,
) -> Result<Option<Changed>> {
    let after = configuration.here().of_commit(repo, commit);
    let is_rendered = layers.iter().any(|path| is_template(path.as_ref()));
    let read = |tree: &Snapshot| -> Result<(Option<Value>, Vec<BString>)> {
        if !is_rendered {
            let (resolved, _) = configuration.resolve_in(tree, target)?;
            return Ok((resolved.value().at(key).cloned(), Vec::new()));
        }
        let then = configuration.with_variables_of(tree)?;
        let (resolved, _) = then.resolve_in(tree, target)?;
        let mut files: Vec<BString> = then.closure(tree, target)?.files().cloned().collect();
        files.push(MANIFEST.into());
        Ok((resolved.value().at(key).cloned(), files))
    };
    let (new, mut concerned) = read(&after)?;
    let mut old = None;
    let mut files = Vec::new();
    for (number, parent) in commit.parents.iter().enumerate() {
        // In a shallow clone it may not be there.
        let Ok(parent) = repo.commit(*parent) else {
            continue;
        };
        let before = configuration.here().of_commit(repo, &parent);
        let (was, more) = read(&before)?;
        if was == new {
            return Ok(None);
        }
        if number == 0 {
            old = was;
            let changes = repo.compare(before.files(), after.files())?;
            let paths = changes.into_iter().map(|change| change.path);
            concerned.extend(more);
            files = paths
                .filter(|path| layers.contains(path) || concerned.contains(path))
                .collect();
        }
    }
    if commit.parents.is_empty() {
        files = layers.to_vec();
        files.retain(|path| matches!(after.id(path.as_ref()), Ok(Some(_))));
    }
    if old == new {
        return Ok(None);
    }
    let files = files.iter().map(ToString::to_string).collect();
    Ok(Some((old, new, files)))
}

impl View for LogBody {
    fn view(&self) -> Vec<Block> {
        let word = |value: &Option<Value>, secret: bool| match value {
            _ if secret => "<secret>".to_owned(),
            None => "(not set)".to_owned(),
            Some(value) => write_flow(value),
        };
        let row = |entry: &Entry| {
            vec![
                entry.commit.chars().take(10).collect(),
                entry.date.chars().take(10).collect(),
                Signature::beside(entry.signature.as_ref(), &entry.author),
                word(&entry.old, entry.secret),
                word(&entry.new, entry.secret),
                entry.title.clone(),
            ]
        };
        let columns = ["commit", "date", "author", "was", "became", "title"];
        let mut blocks = vec![Block::Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: self.commits.iter().map(row).collect(),
        }];
        if self.cut {
            blocks.push(Block::Text(
                "there may be more: the list, or the history that is here, ends early".to_owned(),
            ));
        }
        blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    fn told(scratch: &Scratch, environment: Option<&str>, key: &str, most: usize) -> String {
        let repo = scratch.repo();
        let here = Snapshot::of_work_tree(&repo).unwrap();
        let configuration = Configuration::open(Some(scratch.repo()), here).unwrap();
        let target = configuration.target(environment, None).unwrap();
        let tip = repo.revision("HEAD").unwrap().id;
        match log(
            &repo,
            &configuration,
            &target,
            tip,
            &key.parse().unwrap(),
            most,
        ) {
            Ok(report) => {
                let line = |entry: &Entry| {
                    let word =
                        |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), write_flow);
                    format!(
                        "{}: {} -> {} in {}\n",
                        entry.title,
                        word(&entry.old),
                        word(&entry.new),
                        entry.files.join(" ")
                    )
                };
                let lines: String = report.body.commits.iter().map(line).collect();
                format!("{lines}{}", if report.body.cut { "…\n" } else { "" })
            }
            Err(error) => format!("{error} (help: {})", error.help().unwrap_or_default()),
        }
    }

    fn shop() -> Scratch {
        let scratch = Scratch::new();
        scratch.write("strata.yaml", "strata: 1\nschemas: [s.yaml]\nlayers: [base.yaml, '{environment}.yaml']\nenvironments: {prod: {}}\n");
        scratch.write("s.yaml", "properties: {key: {x-secret: true}}\n");
        scratch.write("base.yaml", "pool: 1\nother: 1\nkey: a\n");
        scratch.commit("first");
        scratch.write("base.yaml", "pool: 1.0 # the same\nother: 2\nkey: a\n");
        scratch.commit("something else");
        scratch.write("prod.yaml", "pool: 9\n");
        scratch.commit("for prod");
        scratch.git(&["checkout", "-q", "-b", "side"]);
        scratch.write("base.yaml", "pool: 2\nother: 2\nkey: b\n");
        scratch.commit("on the side");
        scratch.git(&["checkout", "-q", "main"]);
        scratch.write("unrelated.yaml", "x: 1\n");
        scratch.commit("unrelated");
        scratch.git(&["merge", "-q", "--no-ff", "-m", "merged", "side"]);
        scratch.write("base.yaml", "other: 2\nkey: b\n");
        scratch.commit("taken away");
        scratch
    }

    #[test]
    fn every_commit_that_changed_the_value_is_told_once() {
        let scratch = shop();
        insta::assert_snapshot!(told(&scratch, None, "pool", 99), @"
        taken away: 2 -> - in base.yaml
        on the side: 1.0 -> 2 in base.yaml
        first: - -> 1 in base.yaml
        ");
        insta::assert_snapshot!(told(&scratch, Some("prod"), "pool", 99), @"
        for prod: 1.0 -> 9 in prod.yaml
        first: - -> 1 in base.yaml
        ");
        insta::assert_snapshot!(told(&scratch, None, "pool", 1), @"
        taken away: 2 -> - in base.yaml
        …
        ");
        assert_eq!(
            told(&scratch, None, "nothing", 9),
            "`nothing` was never set for the configuration (help: see what is: `git strata show`)"
        );
        scratch.write("prod.yaml", "own: 1\n");
        insta::assert_snapshot!(told(&scratch, None, "own", 9), @"`own` was never set for the configuration (help: it is set for prod: `git strata log own --env prod`)");
    }

    #[test]
    fn secrets_are_not_shown() {
        let scratch = shop();
        insta::assert_snapshot!(told(&scratch, None, "key", 9), @"
        on the side: - -> - in base.yaml
        first: - -> - in base.yaml
        ");
    }

    #[test]
    fn what_was_a_secret_stays_one() {
        let scratch = shop();
        scratch.write("s.yaml", "properties: {}\n");
        scratch.write("base.yaml", "other: 2\nkey: c\n");
        scratch.commit("no secret any more");
        scratch.write("base.yaml", "other: 2\nkey: d\n");
        scratch.commit("another");
        insta::assert_snapshot!(told(&scratch, None, "key", 1), @"
        another: c -> d in base.yaml
        …
        ");
        insta::assert_snapshot!(told(&scratch, None, "key", 2), @"
        another: - -> - in base.yaml
        no secret any more: - -> - in base.yaml
        …
        ");
    }

    #[test]
    fn a_value_of_a_template_changes_with_all_that_it_reads() {
        let scratch = Scratch::new();
        let manifest = |pool: u8| {
            format!(
                "strata: 1\nlayers: [t.yaml.j2]\nvars: {{ pool: {pool} }}\nenvironments: {{prod: {{}}}}\n"
            )
        };
        scratch.write("strata.yaml", manifest(1));
        scratch.write("t.yaml.j2", "pool: {{ vars.pool }}\n");
        scratch.commit("first");
        scratch.write("strata.yaml", manifest(2));
        scratch.commit("another variable");
        scratch.write("common/pool.yaml", "pool: 3\n");
        scratch.commit("not read yet");
        scratch.write("t.yaml.j2", "{% include 'common/pool.yaml' %}\n");
        scratch.commit("included");
        scratch.write("common/pool.yaml", "pool: {{ 2 + 2 }}\n");
        scratch.commit("what is included");
        scratch.write("t.yaml.j2", "pool: 5\n");
        scratch.commit("no longer included");
        insta::assert_snapshot!(told(&scratch, Some("prod"), "pool", 99), @"
        no longer included: 4 -> 5 in t.yaml.j2
        what is included: 3 -> 4 in common/pool.yaml
        included: 2 -> 3 in t.yaml.j2
        another variable: 1 -> 2 in strata.yaml
        first: - -> 1 in t.yaml.j2
        ");
    }
}
