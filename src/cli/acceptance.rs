use std::path::PathBuf;

use strata::config::{ParsedFile, Snapshot};
use strata::git::Repo;
use strata::ops::compat::{self, AcceptedBreaks, Agreement, CompatBody};
use strata::text::{Date, Pointer};
use strata::{Error, Result};

use super::context::{Context, say};
use super::files::replace_file;

/// What is said of breaks that are agreed to.
#[derive(clap::Args)]
pub(super) struct Acceptance {
    /// Write down, in the file of accepted breaks, that what breaks is agreed to: all of it, or
    /// one rule, or one rule at one place. Accepted breaks are listed and fail nothing until their
    /// day
    #[arg(
        long,
        value_name = "RULE[:PLACE]",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "all",
        requires_all = ["reason", "expires"],
        conflicts_with = "changelog"
    )]
    accept: Option<String>,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT", requires = "accept")]
    reason: Option<String>,
    /// The last day on which it is accepted, such as 2030-12-31
    #[arg(long, value_name = "DATE", requires = "accept")]
    expires: Option<Date>,
    /// Who answers for it; without it, the name that Git has
    #[arg(long, value_name = "NAME", requires = "accept")]
    owner: Option<String>,
}

impl Acceptance {
    pub(super) fn is_asked_for(&self) -> bool {
        self.accept.is_some()
    }

    /// Adds what breaks to the file of accepted breaks, and gives what stands there then.
    pub(super) fn write(
        &self,
        context: &Context,
        repo: &Repo,
        body: &CompatBody,
    ) -> Result<AcceptedBreaks> {
        let (Some(what), Some(reason), Some(expires)) = (&self.accept, &self.reason, self.expires)
        else {
            return Err(Error::usage("`--accept` needs `--reason` and `--expires`"));
        };
        to_come(context, expires)?;
        let only = match what.as_str() {
            "all" => None,
            what => {
                let (rule, place) = match what.split_once(':') {
                    Some((rule, place)) => (
                        rule,
                        Some(
                            place
                                .parse::<Pointer>()
                                .map_err(|error| Error::usage(error.to_string()))?,
                        ),
                    ),
                    None => (what, None),
                };
                if compat::find(rule).is_none() {
                    let ids = compat::CATALOGUE.iter().map(|rule| rule.id());
                    let error = Error::usage(format!("there is no rule `{rule}`"));
                    return Err(error.with_names(rule, ids));
                }
                Some((rule.to_owned(), place))
            }
        };
        let owner = owner(context, self.owner.as_ref())?;
        let agreement = Agreement {
            reason: reason.clone(),
            owner,
            expires,
            only,
        };
        let manifest = compat::manifest_of(&Snapshot::of_work_tree(repo)?)?;
        let named = manifest.and_then(|manifest| manifest.compat.accepted);
        let name = named.as_deref().unwrap_or(compat::ACCEPTED_BREAKS);
        let own = OwnFile::open(repo, name)?;
        let (text, added) = compat::accept(name, own.text.as_deref(), body, &agreement)?;
        if added == 0 {
            return Err(Error::not_found("there is nothing to accept")
                .with_help("run the same without `--accept` to see what breaks"));
        }
        replace_file(&own.path, text.as_bytes())?;
        if !context.global.quiet {
            let noun = if added == 1 { "entry" } else { "entries" };
            say(&format!(
                "added {added} {noun} to `{name}`; commit it with the change\n"
            ));
        }
        Ok(AcceptedBreaks::of(&ParsedFile::of_bytes(
            name,
            text.as_bytes(),
        )))
    }
}

/// Refuses a day that is over.
pub(super) fn to_come(context: &Context, expires: Date) -> Result<()> {
    if expires < context.today() {
        return Err(Error::usage(format!("{expires} is over"))
            .with_help("name a day to come with `--expires`"));
    }
    Ok(())
}

/// Gives who answers for what is agreed to: the one named, or the name that Git has.
pub(super) fn owner(context: &Context, named: Option<&String>) -> Result<Option<String>> {
    match named {
        Some(owner) => Ok(Some(owner.clone())),
        None => Ok(context.repo_with_user_config()?.config("user.name")),
    }
}

/// A file of agreements in the work tree.
pub(super) struct OwnFile {
    pub(super) path: PathBuf,
    /// What it says; none where it is not there yet.
    pub(super) text: Option<String>,
}

impl OwnFile {
    pub(super) fn open(repo: &Repo, name: &str) -> Result<Self> {
        let root = repo.work_dir().ok_or_else(|| {
            Error::usage("a bare repository has no files to write to")
                .with_help("write down what is agreed to in a clone of it")
        })?;
        let path = root.join(name);
        let text = match std::fs::read(&path) {
            Ok(bytes) => Some(String::from_utf8(bytes).map_err(|cause| {
                Error::invalid(format!("`{name}` is not UTF-8")).because(cause)
            })?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io(format!("cannot read `{name}`"), error)),
        };
        Ok(Self { path, text })
    }
}
