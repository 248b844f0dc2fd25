//! Makes the repositories and texts that are measured: the same ones on every machine.

// Each benchmark uses its part.
#![allow(dead_code)]

pub(crate) mod histories;
pub(crate) mod pair;
pub(crate) mod schemas;
pub(crate) mod secrets;
pub(crate) mod services;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use bstr::BString;
use strata::Result;
use strata::git::{FileKind, NewCommit, ObjectFormat, Oid, Person, Repo};

/// How many differences there are between staging and prod.
pub(crate) const DIFFERENCES: usize = 50;

/// Parameters of a service that stand outside of groups: name, team, four resources, and two
/// endpoints with a name and a port.
const OUTSIDE: usize = 10;
const IN_GROUP: usize = 10;

/// How large a repository is.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// How many services it has.
    pub(crate) services: usize,
    /// How many parameters each service has, in tens.
    pub(crate) parameters: usize,
}

const MANIFEST: &str = r#"strata: 1
schemas:
  - schema/app.schema.yaml
versions: "v*"
layers:
  - config/base.yaml
  - config/environments/{environment}.yaml
  - config/services/{service}.yaml
services: config/services/*
environments:
  dev: { ref: env/dev }
  staging: { ref: env/staging, follows: dev }
  prod: { ref: env/prod, follows: staging }
"#;

const BASE: &str = "region: eu-central-1\nlog:\n  level: info\n  format: json\n";

/// Builds a repository with the branches `main`, `env/dev`, `env/staging` and `env/prod`, on
/// `main`, packed. Every environment has the same services; prod differs from staging in
/// [`DIFFERENCES`] parameters, each changed by a commit of its own.
///
/// # Errors
///
/// Where the folder cannot be written.
pub(crate) fn repository(dir: &Path, shape: Shape) -> Result<()> {
    let repo = Repo::init(dir, "main", false, ObjectFormat::Sha1)?;
    let mut files = BTreeMap::new();
    files.insert("strata.yaml".to_owned(), MANIFEST.to_owned());
    files.insert("schema/app.schema.yaml".to_owned(), schema(shape));
    files.insert("config/base.yaml".to_owned(), BASE.to_owned());
    for (environment, level) in [("dev", "debug"), ("staging", "info"), ("prod", "info")] {
        let text = format!("# What is its own in {environment}.\nlog:\n  level: {level}\n");
        files.insert(format!("config/environments/{environment}.yaml"), text);
    }
    for index in 0..shape.services {
        files.insert(path(index), service(index, shape, None));
    }
    let mut edits = Vec::new();
    for (path, text) in &files {
        edits.push(edit(&repo, path, text)?);
    }
    let tree = repo.write_tree(None, &edits)?;
    let first = commit(&repo, tree, Vec::new(), 0)?;
    for branch in ["main", "env/dev", "env/staging"] {
        repo.update_ref(&format!("refs/heads/{branch}"), None, first, "start")?;
    }
    let (mut tip, mut tree) = (first, tree);
    for number in 0..DIFFERENCES {
        let index = number * shape.services / DIFFERENCES;
        let text = service(index, shape, Some(number));
        tree = repo.write_tree(Some(tree), &[edit(&repo, &path(index), &text)?])?;
        tip = commit(&repo, tree, vec![tip], number + 1)?;
    }
    repo.update_ref("refs/heads/env/prod", None, tip, "start")?;
    repo.checkout(&repo.revision("main")?)?;
    git(dir, &["repack", "-adq"]);
    Ok(())
}

/// The path of a service.
pub(crate) fn path(index: usize) -> String {
    format!("config/services/{}.yaml", name(index))
}

/// The name of a service.
pub(crate) fn name(index: usize) -> String {
    format!("service-{index:04}")
}

/// A command of Git, away from the machine's own configuration.
pub(crate) fn git_command(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null");
    command
}

/// Runs Git, which must succeed.
pub(crate) fn git(dir: &Path, args: &[&str]) {
    let status = git_command(dir).args(args).status().expect("Git is there");
    assert!(status.success(), "git {args:?}");
}

fn edit(repo: &Repo, path: &str, text: &str) -> Result<(BString, Option<(Oid, FileKind)>)> {
    let id = repo.write_blob(text.as_bytes())?;
    Ok((path.into(), Some((id, FileKind::File))))
}

fn commit(repo: &Repo, tree: Oid, parents: Vec<Oid>, number: usize) -> Result<Oid> {
    let person = Person {
        name: "Ada Example".to_owned(),
        email: "ada@example.org".to_owned(),
        time: 1_750_000_000 + 60 * i64::try_from(number).unwrap_or(0),
        offset: 0,
    };
    repo.write_commit(&NewCommit {
        tree,
        parents,
        author: person.clone(),
        committer: person,
        message: format!("change {number}\n").into(),
    })
}

fn groups(shape: Shape) -> usize {
    shape.parameters.saturating_sub(OUTSIDE) / IN_GROUP
}

/// The text of a service; `changed` names the difference that it carries, if any.
pub(crate) fn service(index: usize, shape: Shape, changed: Option<usize>) -> String {
    let mut text = format!(
        "# The settings of {}.\nname: {}\n",
        name(index),
        name(index)
    );
    let mut line = |line: std::fmt::Arguments<'_>| {
        text.write_fmt(line)
            .expect("writing to memory does not fail");
        text.push('\n');
    };
    line(format_args!("labels: {{ team: team-{} }}", index % 7));
    let kind = changed.map(|number| number % 3);
    let cpu = if kind == Some(1) {
        4001
    } else {
        1000 + index % 5 * 250
    };
    line(format_args!("resources:"));
    line(format_args!(
        "  cpu: {{ request: {}, limit: {cpu} }}",
        100 + index % 9
    ));
    line(format_args!("  memory:"));
    line(format_args!("    request: {}", 128 + index % 64));
    line(format_args!("    limit: {}", 512 + index % 64));
    line(format_args!("endpoints:"));
    let port = if kind == Some(2) { 65_000 } else { 8080 };
    line(format_args!("  - name: http\n    port: {port}"));
    line(format_args!(
        "  - name: metrics\n    port: {}",
        9000 + index % 100
    ));
    for group in 0..groups(shape) {
        let mut number = (index * 31 + group * 7) % 997;
        if kind == Some(0) && group == index % groups(shape) {
            number += 100_000;
        }
        line(format_args!("group{group:02}:"));
        line(format_args!("  enabled: {}", group % 2 == 0));
        line(format_args!(
            "  mode: {}",
            ["off", "safe", "fast"][(index + group) % 3]
        ));
        line(format_args!("  timeout: {}s", 1 + (index + group) % 60));
        line(format_args!("  ratio: 0.{}", 1 + (index + group) % 9));
        line(format_args!("  size: {number}"));
        for extra in 5..IN_GROUP {
            line(format_args!(
                "  limit{extra}: {}",
                (index + group * extra) % 1000
            ));
        }
    }
    text
}

fn schema(shape: Shape) -> String {
    let mut text = String::from(
        r##"$schema: https://json-schema.org/draft/2020-12/schema
title: A service
type: object
additionalProperties: false
required: [name, region, log]
properties:
  name: { type: string, pattern: "^service-[0-9]+$", description: What it is called. }
  region: { type: string, enum: [eu-central-1, eu-west-1, us-east-1] }
  log:
    type: object
    additionalProperties: false
    properties:
      level: { type: string, enum: [debug, info, warn, error], default: info, x-env-specific: true }
      format: { type: string, enum: [text, json] }
  labels: { type: object, additionalProperties: { type: string, maxLength: 63 } }
  resources:
    type: object
    additionalProperties: false
    properties:
      cpu: { $ref: "#/$defs/amount" }
      memory: { $ref: "#/$defs/amount" }
  endpoints:
    type: array
    x-merge: by-key(name)
    items:
      type: object
      required: [name, port]
      additionalProperties: false
      properties:
        name: { type: string, minLength: 1 }
        port: { type: integer, minimum: 1, maximum: 65535 }
"##,
    );
    for group in 0..groups(shape) {
        let _ = writeln!(text, "  group{group:02}: {{ $ref: \"#/$defs/group\" }}");
    }
    text.push_str(
        r##"$defs:
  amount:
    type: object
    required: [request, limit]
    additionalProperties: false
    properties:
      request: { type: integer, minimum: 1 }
      limit: { type: integer, minimum: 1 }
    x-validations:
      - rule: self.request <= self.limit
        message: the request is above the limit
  group:
    type: object
    additionalProperties: false
    required: [enabled]
    properties:
      enabled: { type: boolean, default: false }
      mode: { type: string, enum: ["off", safe, fast], default: safe }
      timeout: { type: string, pattern: "^[0-9]+(ms|s|m)$" }
      ratio: { type: number, minimum: 0, maximum: 1 }
      size: { type: integer, minimum: 0, maximum: 1000000 }
"##,
    );
    for extra in 5..IN_GROUP {
        let _ = writeln!(
            text,
            "      limit{extra}: {{ type: integer, minimum: 0, maximum: 1000 }}"
        );
    }
    text
}

/// A YAML document of at least so many bytes: comments, nested maps, lists of maps, quoted and
/// plain strings, numbers.
pub(crate) fn yaml(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 1024);
    let mut index = 0;
    while text.len() < bytes {
        let _ = write!(
            text,
            "# What service {index} needs.\nservice-{index:06}:\n  enabled: {}\n  image: \
             \"registry.example.org/shop/service:{index}\"\n  replicas: {}\n  ratio: 0.{}\n  \
             database:\n    host: db-{}.internal\n    port: 5432\n    pool: {{ min: 1, max: {} \
             }}\n  endpoints:\n    - name: http\n      port: 8080\n    - name: metrics\n      \
             port: 9090\n  features: [search, vouchers, 'two words']\n  note: >\n    Folded text \
             that\n    goes over two lines.\n\n",
            index % 2 == 0,
            index % 7,
            1 + index % 9,
            index % 40,
            index % 100,
        );
        index += 1;
    }
    text
}

/// A TOML document of at least so many bytes.
pub(crate) fn toml(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 1024);
    let mut index = 0;
    while text.len() < bytes {
        let _ = write!(
            text,
            "# What service {index} needs.\n[service-{index:06}]\nenabled = {}\nimage = \
             \"registry.example.org/shop/service:{index}\"\nreplicas = {}\nratio = 0.{}\nfeatures \
             = [\"search\", \"vouchers\"]\ndatabase = {{ host = \"db-{}.internal\", port = 5432 \
             }}\n\n[[service-{index:06}.endpoints]]\nname = \"http\"\nport = 8080\n\n",
            index % 2 == 0,
            index % 7,
            1 + index % 9,
            index % 40,
        );
        index += 1;
    }
    text
}
