use strata::Result;
use strata::ops::{self, init};

use super::context::Context;

/// Start a configuration repository here, ready to check
///
/// Asks nothing and overwrites nothing. Where there is no Git repository yet, one is made.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The template to start from
    #[arg(long, short, value_name = "TEMPLATE", default_value = init::DEFAULT_TEMPLATE)]
    template: String,
    /// List the templates instead
    #[arg(long, conflicts_with = "template")]
    list: bool,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    if args.list {
        return context.answer("init", &init::TemplatesBody::report()?, ops::NO_RULES);
    }
    let report = init::init(&context.open_options(), &args.template)?;
    context.answer("init", &report, ops::NO_RULES)
}
