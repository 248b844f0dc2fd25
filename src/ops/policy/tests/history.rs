//! Signed histories of a small shop, and what the policy says to them.

use ssh_key::private::Ed25519Keypair;
use ssh_key::{HashAlg, LineEnding, PrivateKey};

use crate::config::Snapshot;
use crate::git::Oid;
use crate::git::testing::Scratch;
use crate::ops::policy::{Asked, Says, Statement, check};
use crate::report::{Finding, Report};
use crate::sign::GIT;

pub(super) use crate::ops::policy::{NAMESPACE, PolicyCheckBody};

/// Everybody has the key of their place here; one who stands here is on the list of signers.
const PEOPLE: [&str; 7] = ["ann", "oli", "lea", "max", "kim", "eve", "dan"];

pub(super) const MANIFEST: &str = "strata: 1
schemas: [schema/app.schema.yaml, 'schema/environments/{environment}.schema.yaml']
migrations: migrations/
layers:
  - config/base.yaml
  - config/environments/{environment}.yaml
  - config/services/{service}/base.yaml
services: config/services/*
environments:
  dev: {}
  staging: { follows: dev }
  prod: { follows: staging }
";

pub(super) const POLICY: &str = "policy: 1
repository: shop-config
roles:
  developer: [config.write, template.write]
  operator: [config.write, secret.write, land]
  lead: [approve]
  admin: [policy.admin, schema.write, config.write, secret.write, template.write, telemetry.write, land]
bindings:
  - { who: [ann], role: developer, environments: [dev, staging] }
  - { who: [oli], role: operator }
  - { who: [lea, max, oli], role: lead }
  - { who: [kim], role: admin }
  - { who: ['e*'], role: developer }
  - { who: ['e*'], role: developer, sections: [payments], deny: true }
approvals:
  - { environments: [prod], sections: [payments], verbs: [config.write], needed: 2, from: lead }
";

pub(super) const BASE: &str = "http:\n  port: 80\n  host: shop\npayments:\n  fee: 1\n";

pub(super) struct History {
    pub(super) scratch: Scratch,
}

fn key(who: &str) -> PrivateKey {
    let seed = PEOPLE.iter().position(|name| *name == who).unwrap_or(99);
    PrivateKey::from(Ed25519Keypair::from_seed(
        &[u8::try_from(seed).unwrap() + 1; 32],
    ))
}

pub(super) fn fingerprint(who: &str) -> String {
    key(who)
        .public_key()
        .fingerprint(HashAlg::Sha256)
        .to_string()
}

pub(super) fn sign(who: &str, namespace: &str, payload: &[u8]) -> String {
    let signature = key(who).sign(namespace, HashAlg::Sha512, payload).unwrap();
    signature.to_pem(LineEnding::LF).unwrap()
}

/// The line of the list of signers for somebody.
pub(super) fn line(who: &str) -> String {
    format!("{who} {}\n", key(who).public_key().to_openssh().unwrap())
}

impl History {
    /// A shop whose first commit is tagged `base`.
    pub(super) fn new() -> Self {
        Self::with(POLICY)
    }

    pub(super) fn with(policy: &str) -> Self {
        let own = Self {
            scratch: Scratch::new(),
        };
        own.write("strata.yaml", MANIFEST);
        own.write("policy.yaml", policy);
        own.write("allowed_signers", PEOPLE.map(line).concat());
        own.write("config/base.yaml", BASE);
        own.write("config/environments/dev.yaml", "http: { host: dev.shop }\n");
        own.write(
            "config/environments/prod.yaml",
            "http: { host: prod.shop }\n",
        );
        own.write("config/services/cart/base.yaml", "cart: { size: 5 }\n");
        own.write("schema/app.schema.yaml", "type: object\n");
        own.write("README.md", "# Shop\n");
        own.by("kim", "start");
        own.scratch.git(&["tag", "base"]);
        own
    }

    pub(super) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        self.scratch.write(path, text);
    }

    pub(super) fn git(&self, arguments: &[&str]) -> String {
        self.scratch.git(arguments)
    }

    /// Commits all that is there, signed by somebody.
    pub(super) fn by(&self, who: &str, message: &str) -> Oid {
        self.commit(message, |payload| Some(sign(who, GIT, payload)))
    }

    pub(super) fn unsigned(&self, message: &str) -> Oid {
        self.commit(message, |_| None)
    }

    /// Commits all that is there, with what signs it.
    pub(super) fn commit(&self, message: &str, sign: impl FnOnce(&[u8]) -> Option<String>) -> Oid {
        self.git(&["add", "-A"]);
        self.commit_index(message, sign)
    }

    /// Commits what the index holds.
    pub(super) fn commit_index(
        &self,
        message: &str,
        sign: impl FnOnce(&[u8]) -> Option<String>,
    ) -> Oid {
        let tree = self.git(&["write-tree"]);
        let has_head = !self.git(&["for-each-ref"]).is_empty();
        let parents: Vec<Oid> = has_head
            .then(|| self.scratch.id("HEAD"))
            .into_iter()
            .collect();
        let made = self.scratch.commit_tree(&tree, &parents, message, sign);
        self.git(&["update-ref", "HEAD", &made.to_string()]);
        made
    }

    /// Merges branches into the one that is checked out: with the tree that Git would make, or with
    /// what is in the work tree then.
    pub(super) fn merge(&self, who: Option<&str>, branches: &[&str], meddle: impl FnOnce()) -> Oid {
        let mut parents = vec![self.scratch.id("HEAD")];
        parents.extend(branches.iter().map(|it| self.scratch.id(it)));
        let mut arguments = vec![
            "merge",
            "-q",
            "--no-commit",
            "--no-ff",
            "--allow-unrelated-histories",
        ];
        arguments.extend(branches);
        self.git(&arguments);
        meddle();
        self.git(&["add", "-A"]);
        let tree = self.git(&["write-tree"]);
        self.git(&["merge", "--quit"]);
        let made = self
            .scratch
            .commit_tree(&tree, &parents, "merge", |payload| {
                who.map(|who| sign(who, GIT, payload))
            });
        self.git(&["reset", "-q", "--hard", &made.to_string()]);
        made
    }

    pub(super) fn switch(&self, branch: &str, from: &str) {
        self.git(&["switch", "-q", "-C", branch, from]);
    }

    pub(super) fn asked(&self, base: &str) -> Asked {
        let reference = Some("refs/heads/main".to_owned());
        let (base, tip) = (self.scratch.id(base), self.scratch.id("HEAD"));
        Asked {
            today: Some("2026-06-01".parse().unwrap()),
            ..Asked::of(Some(base), tip, reference)
        }
    }

    pub(super) fn report(&self, asked: &Asked) -> Report<PolicyCheckBody> {
        let repo = self.scratch.repo();
        let here = Snapshot::of_work_tree(&repo).unwrap();
        check(&repo, &here, asked).unwrap()
    }

    /// What is found from `base` on: a line each.
    pub(super) fn found(&self) -> String {
        said(&self.report(&self.asked("base")).findings)
    }

    /// Puts a statement of somebody about the change from `base` to HEAD into the work tree.
    pub(super) fn agree(&self, who: &str, alter: impl FnOnce(&mut Statement)) {
        let statement = self.statement(alter);
        self.put(who, &statement, &sign(who, NAMESPACE, &statement.payload()));
    }

    pub(super) fn statement(&self, alter: impl FnOnce(&mut Statement)) -> Statement {
        let report = self.report(&self.asked("base"));
        let mut statement = Statement {
            repository: "shop-config".to_owned(),
            reference: "refs/heads/main".to_owned(),
            base: self.scratch.id("base").to_string(),
            change: report.body.change.unwrap(),
            policy: self.git(&["rev-parse", "base:policy.yaml"]),
            decision: Says::Approve,
            expires: None,
        };
        alter(&mut statement);
        statement
    }

    pub(super) fn put(&self, who: &str, statement: &Statement, signature: &str) {
        let approval = crate::ops::policy::Approval {
            statement: statement.clone(),
            signature: signature.to_owned(),
        };
        let text = serde_json::to_string_pretty(&approval).unwrap();
        self.write(&statement.path(&fingerprint(who)), text);
    }
}

/// Writes findings a line each, with the lines of the policy that they name.
pub(super) fn said(findings: &[Finding]) -> String {
    let mut lines: Vec<String> = findings
        .iter()
        .map(|it| {
            let related: Vec<_> = it
                .related
                .iter()
                .map(|at| format!(" [{}:{}]", at.source.name(), at.start().line))
                .collect();
            format!("{}: {}{}", it.rule.id, it.message, related.concat())
        })
        .collect();
    lines.sort();
    lines.join("\n")
}
