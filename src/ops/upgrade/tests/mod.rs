mod files;
mod findings;
mod fixtures;
mod layers;

use std::sync::Arc;

use crate::config::{ParsedFile, Snapshot};
use crate::git::testing::Scratch;
use crate::ops::compat;
use crate::report::Report;
use crate::{Error, Result};

use super::{Input, Options, Plan, UpgradeBody, Versions, upgrade};

/// A repository whose schema was released three times, with the migrations between.
pub(super) fn repository() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("strata.yaml", "strata: 1\nschemas: [schema.yaml]\n");
    scratch.write(
        "schema.yaml",
        "type: object
additionalProperties: false
properties:
  region: {type: string}
  host: {type: string}
  pool: {type: integer, description: Connections kept open.}
  timeout_s: {type: integer}
  level: {enum: [verbose, info]}
  legacy: {type: boolean}
  password: {type: string, x-secret: true}
  cache:
    type: object
    properties:
      ttl: {type: integer, default: 60}
",
    );
    scratch.commit("one");
    scratch.git(&["tag", "v1.0.0"]);
    scratch.write(
        "schema.yaml",
        "type: object
additionalProperties: false
properties:
  region: {type: string}
  host: {type: string}
  max_connections: {type: integer, description: Connections kept open.}
  timeout_ms: {type: integer}
  level: {enum: [debug, info]}
  password: {type: string, x-secret: true}
  old_mode: {type: boolean, deprecated: true, description: Use `mode` instead.}
  cache:
    type: object
    properties:
      ttl: {type: integer, default: 30}
",
    );
    scratch.write(
        "migrations/2.0.0.yaml",
        "strata-migration: 1
description: plain names
from: '>=1.0.0'
steps:
  - rename: pool
    to: max_connections
    why: connections are counted, not pools
  - convert: timeout_s
    unit: {from: s, to: ms}
  - rename: timeout_s
    to: timeout_ms
  - map_values: level
    values: {verbose: debug}
  - remove: legacy
    why: nobody used it
",
    );
    scratch.commit("two");
    scratch.git(&["tag", "v2.0.0"]);
    scratch.write(
        "schema.yaml",
        "type: object
additionalProperties: false
required: [region]
properties:
  region: {type: string}
  database:
    type: object
    properties:
      host: {type: string}
      max_connections: {type: integer, description: Connections kept open.}
  timeout_ms: {type: integer, maximum: 60000}
  level: {enum: [debug, info]}
  secrets:
    type: object
    properties:
      password: {type: string, x-secret: true}
  cache:
    type: object
    properties:
      ttl: {type: integer, default: 30}
      size: {type: integer, default: 100, description: How many answers are kept. At most.}
",
    );
    scratch.write(
        "migrations/3.0.0.yaml",
        "strata-migration: 1
steps:
  - move: host
    to: database.host
  - move: max_connections
    to: database.max_connections
  - move: password
    to: secrets.password
  - manual: choose a region
    when: {path: region, absent: true}
  - note: read the release notes about caching
    at: cache
",
    );
    scratch.commit("three");
    scratch.git(&["tag", "v3.0.0"]);
    scratch
}

/// Upgrades a file of a text.
pub(super) fn run(
    scratch: &Scratch,
    from: &str,
    to: &str,
    (name, text): (&str, &str),
    options: Options,
) -> Result<Report<UpgradeBody>> {
    let repo = scratch.repo();
    let here = Snapshot::of_work_tree(&repo)?;
    let manifest = compat::manifest_of(&here)?;
    let versions = Versions::of(Some(&repo), &here, manifest.as_ref(), None)?;
    let find = |name: &str| -> Result<_, Error> {
        let found = versions.find(name).cloned();
        found.ok_or_else(|| versions.unknown(name))
    };
    let (from, to) = (find(from)?, find(to)?);
    let plan = Plan::between(from, to, versions, &here, manifest.as_ref())?;
    let file = Arc::new(ParsedFile::of_bytes(name, text.as_bytes()));
    let input = Input {
        file,
        partial: false,
    };
    upgrade(&plan, &[input], options)
}

/// Shows the findings of a report.
pub(super) fn told(report: &Report<UpgradeBody>) -> String {
    let lines = report.findings.iter().map(|finding| {
        let at = finding.location.start();
        let place = format!("{}:{}", finding.location.source.name(), at.line);
        let help = finding.help.as_ref().map(|help| format!("; {help}"));
        let (severity, rule) = (finding.severity, finding.rule.id);
        format!(
            "{severity}[{rule}] {place} {}{}\n",
            finding.message,
            help.unwrap_or_default()
        )
    });
    lines.collect()
}
