use strata::Result;
use strata::ops::{self, explain};

use super::context::Context;

/// Explain a rule: what it means, why it matters, what to do
///
/// Without a name, all rules are listed.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The rule, as it stands in brackets behind `error` or `warning`
    rule: Option<String>,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    let report = explain::explain(args.rule.as_deref())?;
    context.answer("explain", &report, ops::NO_RULES)
}
