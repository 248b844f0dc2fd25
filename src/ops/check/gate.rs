use indexmap::IndexMap;
use serde::Serialize;

use crate::config::{Name, Target};
use crate::report::{Block, Finding, Severity};

/// What may be deployed: a verdict for each service in each environment.
#[derive(Clone, Debug, Serialize)]
pub struct GateBody {
    /// The verdict on all of it.
    pub verdict: Verdict,
    /// What speaks against all of it.
    pub reasons: Vec<Reason>,
    /// Each service in each environment that was checked.
    pub targets: Vec<GateTarget>,
}

/// One service in one environment.
#[derive(Clone, Debug, Serialize)]
pub struct GateTarget {
    /// The environment.
    pub environment: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// Whether it may go.
    pub verdict: Verdict,
    /// What speaks against it alone.
    pub reasons: Vec<Reason>,
}

/// Whether something may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It may.
    Go,
    /// It may not.
    NoGo,
}

/// A finding that speaks against a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// The file.
    pub file: String,
    /// The revision; none for the work tree.
    pub revision: Option<String>,
    /// The line, from 1.
    pub line: u32,
}

/// How many reasons a person is shown for one target.
const MOST_SHOWN: usize = 3;

/// Keeps what speaks against each target.
#[derive(Default)]
pub(super) struct Gate {
    targets: IndexMap<(Option<String>, Option<String>), Vec<Reason>>,
}

impl Gate {
    /// Takes a target in, with what speaks against it.
    pub(super) fn add(&mut self, target: &Target, reasons: &[Reason]) {
        let name = |name| target.name(name).map(str::to_owned);
        let key = (name(Name::Environment), name(Name::Service));
        let known = self.targets.entry(key).or_default();
        for reason in reasons {
            if !known.contains(reason) {
                known.push(reason.clone());
            }
        }
    }

    /// Gives the verdicts; what speaks against all holds up each.
    pub(super) fn into_body(self, mut reasons: Vec<Reason>) -> GateBody {
        let mut seen = Vec::new();
        reasons.retain(|reason| {
            let new = !seen.contains(reason);
            seen.push(reason.clone());
            new
        });
        let all_go = reasons.is_empty();
        let targets: Vec<GateTarget> = self
            .targets
            .into_iter()
            .map(|((environment, service), reasons)| GateTarget {
                environment,
                service,
                verdict: Verdict::of(all_go && reasons.is_empty()),
                reasons,
            })
            .collect();
        let go = all_go && targets.iter().all(|it| it.verdict == Verdict::Go);
        GateBody {
            verdict: Verdict::of(go),
            reasons,
            targets,
        }
    }
}

impl Verdict {
    fn of(go: bool) -> Self {
        if go { Self::Go } else { Self::NoGo }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::NoGo => "no-go",
        }
    }
}

impl Reason {
    /// Gives the findings that are severe enough.
    pub(super) fn of<'a>(
        findings: impl IntoIterator<Item = &'a Finding>,
        least: Severity,
    ) -> Vec<Self> {
        let severe = findings.into_iter().filter(|it| it.severity >= least);
        severe.map(Self::new).collect()
    }

    fn new(finding: &Finding) -> Self {
        let at = &finding.location;
        Self {
            rule: finding.rule.id,
            message: finding.message.clone(),
            file: at.source.name().to_owned(),
            revision: at.source.revision().map(str::to_owned),
            line: at.start().line,
        }
    }
}

impl GateBody {
    pub(super) fn view(&self) -> Vec<Block> {
        let word = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".to_owned());
        let everything = (!self.reasons.is_empty()).then(|| {
            let all = "(all)".to_owned();
            vec![
                all.clone(),
                all,
                Verdict::NoGo.as_str().to_owned(),
                shown(&self.reasons),
            ]
        });
        let rows = self.targets.iter().map(|target| {
            vec![
                word(&target.environment),
                word(&target.service),
                target.verdict.as_str().to_owned(),
                match (target.verdict, target.reasons.is_empty()) {
                    (Verdict::NoGo, true) => "what speaks against all".to_owned(),
                    _ => shown(&target.reasons),
                },
            ]
        });
        let rows: Vec<_> = everything.into_iter().chain(rows).collect();
        let mut blocks = vec![Block::Heading(format!("gate: {}", self.verdict.as_str()))];
        blocks.push(match rows.is_empty() {
            true => Block::Text("no environment is concerned".to_owned()),
            false => Block::Table {
                columns: ["environment", "service", "verdict", "why"]
                    .map(str::to_owned)
                    .to_vec(),
                rows,
            },
        });
        blocks
    }
}

fn shown(reasons: &[Reason]) -> String {
    let first = reasons.iter().take(MOST_SHOWN);
    let mut texts: Vec<String> = first
        .map(|it| format!("{} ({}:{})", it.message, it.file, it.line))
        .collect();
    if reasons.len() > MOST_SHOWN {
        texts.push(format!("and {} more", reasons.len() - MOST_SHOWN));
    }
    texts.join("; ")
}
