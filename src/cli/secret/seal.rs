use std::io::{IsTerminal, Read};
use std::sync::Mutex;

use strata::config::Snapshot;
use strata::ops::change::Plan;
use strata::ops::secret::{self, Adopting, Sealing};
use strata::seal::{Armor, Secret, Zeroizing, seal_file};
use strata::text::Pointer;
use strata::{Error, Result};

use super::Place;
use crate::cli::context::{Context, say};
use crate::cli::drift::parse_key;
use crate::cli::files::replace_file;
use crate::cli::identities::{IdentityArgs, ask};
use crate::cli::set::{Way, change_branches, only};

/// Seal a value where it is set
///
/// The value comes from the standard input (its last line break left out) or is asked for on the
/// terminal, never from an argument, which others could see. It is sealed with the keyring that is
/// for the place, in the layer that sets it, in one commit. With --all, every value that the schema
/// calls a secret and that stands there for all to read is sealed, in what is committed and in the
/// files of the work tree; Git keeps what was committed, so change those where they are used.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret seal database.password --env prod -m 'seal the password'
  pass show db/prod | git strata secret seal database.password --env prod
  git strata secret seal tls.key --env prod < key.pem
  git strata secret seal --file tls/server.key --keyring prod
  git strata secret seal --all -m 'seal what was plain'")]
pub(super) struct Args {
    /// The key
    #[arg(required_unless_present_any = ["all", "file"], value_parser = parse_key)]
    key: Option<Pointer>,
    #[command(flatten)]
    place: Place,
    /// In this layer, whomever it concerns
    #[arg(long, value_name = "FILE")]
    layer: Option<String>,
    /// With this keyring, and not the one that is closest
    #[arg(long, value_name = "NAME")]
    keyring: Option<String>,
    /// The value is YAML, not a text: a number, a list, a map
    #[arg(long, conflicts_with = "all")]
    yaml: bool,
    /// A whole file, such as a certificate's key: FILE.age is written beside it, for a keyring
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "all", "service", "layer", "yaml", "message"], requires = "keyring")]
    file: Option<String>,
    /// Every plain value that the schema calls a secret
    #[arg(long, conflicts_with_all = ["key", "service", "layer"])]
    all: bool,
    #[command(flatten)]
    how: How,
}

#[derive(clap::Args)]
pub(super) struct How {
    /// What the commit says [default: what is sealed]
    #[arg(long, short, value_name = "MESSAGE")]
    message: Option<String>,
    /// Show what would change, and commit nothing
    #[arg(long)]
    pub(super) dry_run: bool,
}

impl How {
    pub(super) fn way(&self, title: String) -> Way {
        Way {
            dry_run: self.dry_run,
            patch: false,
            message: self.message.clone().unwrap_or(title),
        }
    }
}

pub(super) fn run(args: Args, context: &mut Context) -> Result<u8> {
    if let (Some(file), Some(keyring)) = (&args.file, &args.keyring) {
        return whole(file, keyring, args.how.dry_run, context);
    }
    let environment = args.place.env;
    let Some(key) = args.key else {
        let way = args.how.way("secrets: seal what was plain".to_owned());
        let (env, keyring) = (environment.as_deref(), args.keyring.as_deref());
        let plans = change_branches(context, &way, &|repo, configuration| {
            let plan = secret::seal_all(repo, configuration, env, keyring)?;
            Ok(vec![plan])
        })?;
        let said = match plans.first() {
            Some(plan) if plan.findings.is_empty() => {
                in_work_tree(plan, env, keyring, way.dry_run, context)?
            }
            _ => String::new(),
        };
        let status = way.answer(context, "set", plans, only)?;
        say(&said);
        return Ok(status);
    };
    let dotted = key.dotted();
    let text = given(context, &dotted)?;
    let secret = match args.yaml {
        true => {
            let given = strata::ops::change::Given::yaml(text.expose()).map_err(|_| {
                Error::usage("the value is no YAML").with_help("leave `--yaml` out for a text")
            })?;
            strata::config::secret_of(&given.value)
        }
        false => text,
    };
    let way = args.how.way(format!("secrets: seal {dotted}"));
    let sealing = Sealing {
        environment,
        service: args.place.service,
        layer: args.layer,
        key,
        secret,
        keyring: args.keyring,
    };
    let plans = change_branches(context, &way, &|repo, configuration| {
        let plan = secret::seal(repo, configuration, std::slice::from_ref(&sealing))?;
        Ok(vec![plan])
    })?;
    way.answer(context, "set", plans, only)
}

/// Seals what stands for all to read in the files of the work tree and is not committed, and says of
/// which files.
fn in_work_tree(
    plan: &Plan,
    env: Option<&str>,
    keyring: Option<&str>,
    dry_run: bool,
    context: &Context,
) -> Result<String> {
    let repo = context.repo()?;
    let Some(root) = repo.work_dir() else {
        return Ok(String::new());
    };
    let configuration = context.configuration()?;
    let tree = configuration.tree(env)?;
    if tree.label() != configuration.here().label() {
        return Ok(String::new());
    }
    let before = Snapshot::of_revision(&repo, &plan.base);
    let after = plan.after(&repo, &configuration);
    let staged = Snapshot::of_index(&repo)?;
    let edits = secret::seal_work_tree(&configuration, env, keyring, [&before, &after])?;
    let mut said = String::new();
    for edit in edits {
        let path = &edit.path;
        if dry_run {
            // What the commit would do is told already.
            if tree.id(path.as_ref())? != before.id(path.as_ref())? {
                said.push_str(&format!("{path} holds changes that would be sealed, too\n"));
            }
            continue;
        }
        replace_file(&root.join(path.to_string()), edit.text.as_bytes())?;
        said.push_str(&format!(
            "{path}: sealed in the file, too, with its changes that are not committed\n"
        ));
        let index = staged.id(path.as_ref())?;
        if index.is_some() && index != after.id(path.as_ref())? {
            said.push_str(&format!(
                "{path} is staged as it was: stage it anew, with `git add`\n"
            ));
        }
    }
    Ok(said)
}

/// Seals a file of the work tree as a whole.
fn whole(file: &str, name: &str, dry_run: bool, context: &mut Context) -> Result<u8> {
    let configuration = context.configuration()?;
    let keyrings = configuration.keyrings(configuration.here())?;
    let names = keyrings.keys().map(String::as_str);
    let keyring = keyrings.get(name).ok_or_else(|| {
        Error::not_found(format!("there is no keyring `{name}`")).with_names(name, names)
    })?;
    if let Some(repo) = context.repo_if_any()? {
        secret::trusted(&repo, &configuration, configuration.here(), (name, keyring))?;
    }
    let plain = std::fs::read(context.path(file.as_ref())).map_err(|cause| {
        Error::io(format!("cannot read `{file}`"), cause).with_help("name a file that exists")
    })?;
    let to = std::slice::from_ref(&keyring.recipient);
    if dry_run {
        return context.text(format!("would be sealed and written: {file}.age\n").as_bytes());
    }
    let sealed = seal_file(&plain, to, Armor::Text, &ask(context))?;
    let target = format!("{file}.age");
    replace_file(&context.path(target.as_ref()), &sealed)?;
    say(&format!(
        "keep `{file}` out of Git: `echo '/{file}' >> .gitignore`\n"
    ));
    context.text(format!("sealed and written: {target}\n").as_bytes())
}

/// Gives a value from the standard input, or from who is at the terminal.
fn given(context: &Context, key: &str) -> Result<Secret> {
    if std::io::stdin().is_terminal() {
        if context.global.no_input {
            return Err(Error::usage(format!("there is no value for `{key}`"))
                .with_help("give it on the standard input: `… | git strata secret seal KEY`"));
        }
        let prompt = |what: &str| {
            rpassword::prompt_password(format!("{what} of {key}: "))
                .map(Secret::text)
                .map_err(|cause| Error::io("cannot ask for the value", cause))
        };
        let (first, second) = (prompt("value")?, prompt("value once more")?);
        return match first == second {
            true => Ok(first),
            false => Err(Error::usage("the two values are not the same").with_help("try again")),
        };
    }
    let mut bytes = Zeroizing::new(Vec::new());
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|cause| Error::io("cannot read the value", cause))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Error::usage(format!(
            "what came for `{key}` is no text, as a key in binary form is none"
        ))
        .with_help(format!(
            "seal it as text, for the program to decode: `base64 -w0 FILE | git strata secret \
                 seal {key}`; or as a file: `git strata secret seal --file FILE --keyring NAME`"
        ))
    })?;
    let text = without_line_end(text.to_owned());
    match text.is_empty() {
        true => Err(
            Error::usage(format!("nothing came for `{key}` on the standard input")).with_help(
                "an empty text is given as YAML: `echo \"''\" | git strata secret seal KEY --yaml`",
            ),
        ),
        false => Ok(Secret::text(text)),
    }
}

pub(super) fn without_line_end(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

/// Seal anew what was moved here, or is sealed with an older key
///
/// A sealed value opens only where it was sealed for. When keys or files were renamed, look at what
/// was moved, and adopt it: each value is opened, and sealed for the place where it stands, with
/// the key in force. It tells from where each one came: a secret may have been moved to a key that
/// is shown. What was moved to another environment is only sealed for its keyring where that is
/// named.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata secret adopt -m 'the keys have other names now'
  git strata secret adopt config/prod.yaml --keyring prod")]
pub(super) struct AdoptArgs {
    /// Only in this file
    file: Option<String>,
    /// With this keyring what was moved to another environment, whose members will read it
    #[arg(long, value_name = "NAME")]
    keyring: Option<String>,
    /// On the branch that this environment lives on
    #[arg(
        long,
        short,
        value_name = "ENVIRONMENT",
        env = "STRATA_ENV",
        hide_env = true
    )]
    env: Option<String>,
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    how: How,
}

pub(super) fn adopt(args: &AdoptArgs, context: &mut Context) -> Result<u8> {
    let identities = args.identity.read(context)?;
    let way = args
        .how
        .way("secrets: seal for where they stand".to_owned());
    let found = Mutex::new(Vec::new());
    let plans = change_branches(context, &way, &|repo, configuration| {
        let adopting = Adopting {
            environment: args.env.as_deref(),
            only: args.file.as_deref(),
            keyring: args.keyring.as_deref(),
        };
        let (plan, adopted) = secret::adopt(repo, configuration, adopting, &identities)?;
        if let Ok(mut found) = found.lock() {
            *found = adopted;
        }
        Ok(vec![plan])
    })?;
    let status = way.answer(context, "set", plans, only)?;
    for it in found.into_inner().unwrap_or_default() {
        if !context.global.quiet {
            say(&format!(
                "{} in {}: sealed for {}, generation {}{}\n",
                it.pointer.dotted(),
                it.document,
                it.from,
                it.generation,
                match it.keyring == it.from.keyring {
                    true => String::new(),
                    false => format!(
                        " of `{}`; from now on the members of `{}` read it",
                        it.from.keyring, it.keyring
                    ),
                }
            ));
        }
    }
    Ok(status)
}
