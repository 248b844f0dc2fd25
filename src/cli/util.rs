use std::path::{Path, PathBuf};

use clap::{CommandFactory, Subcommand};
use clap_complete::Shell;
use strata::render::envelope_schema;
use strata::{Error, Result, config, ops};

use super::Cli;
use super::context::Context;

/// Completion for shells, manual pages, published schemas
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Print the completion script of a shell
    ///
    /// For bash: git strata util completion bash > ~/.local/share/bash-completion/completions/git-strata
    Completion {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, or write the pages of all commands to a folder
    Man {
        /// The folder
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Print the JSON Schema of a command's output, or of a file that people write
    ///
    /// Without a name, the names are listed.
    Schema {
        /// A command, or a file: `manifest`, `policy`, …
        name: Option<String>,
    },
}

/// The published schemas of the bodies, by command.
const BODIES: &[(&str, &str)] = &[
    ("audit", ops::audit::SCHEMA),
    ("audit-log", ops::access::SCHEMA),
    ("audit-tags", ops::audit::TAGS_SCHEMA),
    ("blame", ops::blame::SCHEMA),
    ("check", ops::check::SCHEMA),
    ("compat", ops::compat::SCHEMA),
    ("convert", ops::convert::SCHEMA),
    ("demo", ops::demo::SCHEMA),
    ("diff", ops::diff::SCHEMA),
    ("drift", ops::drift::SCHEMA),
    ("explain", ops::explain::SCHEMA),
    ("fix", ops::promote::FIX_SCHEMA),
    ("get", ops::read::GET_SCHEMA),
    ("hook", ops::hook::SCHEMA),
    ("hook-push", ops::hook::RECEIVE_SCHEMA),
    ("init", ops::init::SCHEMA),
    ("log", ops::log::SCHEMA),
    ("policy-approve", ops::policy::STATED_SCHEMA),
    ("policy-check", ops::policy::CHECK_SCHEMA),
    ("policy-pending", ops::policy::PENDING_SCHEMA),
    ("policy-show", ops::policy::SHOW_SCHEMA),
    ("policy-withdraw", ops::policy::STATED_SCHEMA),
    ("promote", ops::change::SCHEMA),
    ("scan", ops::scan::SCHEMA),
    ("secret", ops::secret::RECIPIENTS_SCHEMA),
    ("secret-age", ops::secret::AGES_SCHEMA),
    ("secret-history", ops::secret::HISTORY_SCHEMA),
    ("set", ops::change::SCHEMA),
    (
        "migration-report",
        ops::upgrade::migrations::MIGRATIONS_SCHEMA,
    ),
    ("show", ops::read::SHOW_SCHEMA),
    ("trace", ops::trace::SCHEMA),
    ("upgrade", ops::upgrade::SCHEMA),
];

/// The published schemas of the files that people write.
const FILES: [(&str, &str); 6] = [
    ("accepted-breaks", ops::compat::ACCEPTED_BREAKS_SCHEMA),
    ("drift-rules", ops::drift::EXPECTATIONS_SCHEMA),
    ("manifest", config::MANIFEST_SCHEMA),
    ("migration", ops::migration::MIGRATION_SCHEMA),
    ("policy", ops::policy::POLICY_SCHEMA),
    ("secrets-allowed", ops::scan::SECRETS_ALLOWED_SCHEMA),
];

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    match args.verb {
        Verb::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "git-strata", &mut script);
            context.text(&script)
        }
        Verb::Man { dir: None } => {
            let mut page = Vec::new();
            let man = clap_mangen::Man::new(Cli::command());
            man.render(&mut page)
                .map_err(|cause| Error::io("cannot write the page", cause))?;
            context.text(&page)
        }
        Verb::Man { dir: Some(dir) } => {
            let dir = context.path(&dir);
            pages(&dir)?;
            context.text(b"")
        }
        Verb::Schema { name: None } => {
            let mut names: Vec<_> = BODIES.iter().map(|(name, _)| *name).collect();
            names.extend(FILES.map(|(name, _)| name));
            context.text(format!("{}\n", names.join("\n")).as_bytes())
        }
        Verb::Schema { name: Some(name) } => context.text(schema(&name)?.as_bytes()),
    }
}

fn pages(dir: &Path) -> Result<()> {
    let fail = |cause| Error::io(format!("cannot write pages to `{}`", dir.display()), cause);
    std::fs::create_dir_all(dir).map_err(fail)?;
    clap_mangen::generate_to(Cli::command(), dir).map_err(fail)
}

fn schema(name: &str) -> Result<String> {
    if let Some((_, schema)) = FILES.iter().find(|(known, _)| *known == name) {
        return Ok((*schema).to_owned());
    }
    let Some((name, body)) = BODIES.iter().find(|(known, _)| *known == name) else {
        let names: Vec<_> = BODIES
            .iter()
            .map(|(name, _)| *name)
            .chain(FILES.map(|(name, _)| name))
            .collect();
        return Err(
            Error::not_found(format!("there is no published schema `{name}`"))
                .with_names(name, names),
        );
    };
    let body = serde_json::from_str(body).expect("a test reads every published schema");
    let schema = envelope_schema(name, body);
    Ok(format!("{schema:#}\n"))
}
