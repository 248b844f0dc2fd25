use strata::config::{Configuration, Snapshot};
use strata::ops::drift::{self, Agreement, EXPECTATIONS};
use strata::text::Date;
use strata::{Error, Result};

use super::acceptance::{OwnFile, owner, to_come};
use super::context::{Context, say};
use super::drift::{Part, compare, filter};
use super::files::replace_file;

/// Write down that differences are meant, in drift.yaml
///
/// Each is named as `SERVICE:KEY`, or as a key in every service. What is accepted are the values
/// of today: when they change to something else, the difference is told again. Commit drift.yaml
/// to make it so for everybody.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata drift accept payments:http.request_timeout_ms --reason 'a slow bank' --expires 2031-01-31
  git strata drift accept log.level --in staging --in prod --reason 'prod is quiet' --any-value
  git strata drift accept --everything --reason 'as we found it' --owner platform --expires 2031-01-31")]
pub(crate) struct Args {
    /// The differences
    #[arg(value_name = "DIFFERENCE", required_unless_present = "everything")]
    ids: Vec<String>,
    /// All that are not meant yet
    #[arg(long, conflicts_with = "ids")]
    everything: bool,
    /// Compare these, each with the next [default: all environments]
    #[arg(long = "in", value_name = "ENVIRONMENT")]
    names: Vec<String>,
    #[command(flatten)]
    part: Part,
    /// Why they are meant
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The last day on which they are meant, such as 2031-01-31; without it, always
    #[arg(long, value_name = "DATE")]
    expires: Option<Date>,
    /// Who answers for it; without it, the name that Git has
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Accept other values than those of today, too
    #[arg(long)]
    any_value: bool,
}

pub(super) fn run(args: Args, context: &mut Context) -> Result<u8> {
    if context.global.rev.is_some() || context.global.staged {
        return Err(Error::usage("rules are written to the work tree")
            .with_help("leave `--rev` and `--staged` out"));
    }
    if args.reason.trim().is_empty() {
        return Err(Error::usage("the reason is empty").with_help("say why: `--reason '…'`"));
    }
    if let Some(expires) = args.expires {
        to_come(context, expires)?;
    }
    let agreement = Agreement {
        reason: args.reason,
        owner: owner(context, args.owner.as_ref())?,
        expires: args.expires,
        any_value: args.any_value,
        only: args.ids,
    };
    let filter = filter(context, args.part);
    let report = compare(context, &args.names, &filter)?;
    let repo = context.repo()?;
    let (configuration, _) = Configuration::read(None, Snapshot::of_work_tree(&repo)?)?;
    let manifest = configuration.as_ref().map(Configuration::manifest);
    let own = OwnFile::open(&repo, EXPECTATIONS)?;
    let (text, ids) = drift::accept(own.text.as_deref(), &report.body, manifest, &agreement)?;
    if ids.is_empty() {
        return Err(Error::not_found("there is no difference that is not meant"));
    }
    replace_file(&own.path, text.as_bytes())?;
    if !context.global.quiet {
        let count = ids.len();
        let noun = if count == 1 {
            "difference is"
        } else {
            "differences are"
        };
        say(&format!(
            "{count} {noun} meant by `{EXPECTATIONS}` now; commit it\n"
        ));
    }
    let report = drift::accepted(compare(context, &args.names, &filter)?, &ids);
    context.answer("drift", &report, drift::RULES)
}
