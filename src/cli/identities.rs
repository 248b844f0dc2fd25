//! Private keys, and who is asked for their passphrases.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use strata::config::{Configuration, Name, Target, Vault};
use strata::seal::{Ask, Asked, Identities, Silent};
use strata::{Error, Result};

use super::context::{Context, say};
use super::files::in_home;

/// The setting of Git's configuration that names a file of identities.
const SETTING: &str = "strata.identityFile";

#[derive(clap::Args, Clone, Default)]
pub(super) struct IdentityArgs {
    /// A file with your private key: of age, of an age plugin, or of SSH [also: git config
    /// strata.identityFile]
    #[arg(
        long = "identity",
        short = 'i',
        value_name = "FILE",
        env = "STRATA_IDENTITY_FILE",
        hide_env_values = true
    )]
    files: Vec<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct RevealArgs {
    /// Show the secrets that are asked for; what is sealed needs an identity
    #[arg(long)]
    reveal: bool,
    #[command(flatten)]
    identity: IdentityArgs,
}

impl RevealArgs {
    /// Gives what opens secrets, where they are to be shown.
    pub(super) fn vault(
        &self,
        context: &mut Context,
        configuration: &Configuration,
        target: &Target,
    ) -> Result<Option<Vault>> {
        if !self.reveal {
            return Ok(None);
        }
        context.keep_private()?;
        let identities = self.identity.read(context)?;
        let tree = configuration.tree(target.name(Name::Environment))?;
        configuration.vault(&tree, identities).map(Some)
    }
}

impl IdentityArgs {
    /// Reads the identities that the environment or Git's configuration name, without asking
    /// anybody anything; none where none can be read.
    pub(super) fn named(context: &Context) -> Option<Arc<Identities>> {
        let variable = std::env::var_os("STRATA_IDENTITY_FILE").filter(|it| !it.is_empty());
        let file = match variable {
            Some(file) => context.path(std::path::Path::new(&file)),
            None => setting(context)?,
        };
        let bytes = std::fs::read(&file).ok()?;
        let name = file.display().to_string();
        let nobody: Ask = Arc::new(Silent);
        Identities::read(&name, &bytes, &nobody).ok().map(Arc::new)
    }

    /// Says whether any is named.
    pub(super) fn is_given(&self, context: &Context) -> bool {
        !self.files.is_empty() || setting(context).is_some()
    }

    /// Reads the identities that are named; none where none is.
    pub(super) fn read(&self, context: &Context) -> Result<Arc<Identities>> {
        let mut files: Vec<PathBuf> = self.files.iter().map(|file| context.path(file)).collect();
        if files.is_empty() {
            files.extend(setting(context));
        }
        let ask = ask(context);
        let mut identities = Identities::default();
        for file in files {
            let name = file.display().to_string();
            let bytes = std::fs::read(&file).map_err(|cause| {
                Error::io(format!("the identity `{name}` cannot be read"), cause)
                    .with_help("name the file of your private key: `--identity FILE`")
            })?;
            identities.add(&name, &bytes, &ask)?;
        }
        Ok(Arc::new(identities))
    }
}

fn setting(context: &Context) -> Option<PathBuf> {
    let repo = context.repo_with_user_config().ok()?;
    let path = repo.config(SETTING)?;
    Some(in_home(&path))
}

/// Gives who is asked: the person at the terminal, or nobody.
pub(super) fn ask(context: &Context) -> Ask {
    match context.global.no_input || !std::io::stderr().is_terminal() {
        true => Arc::new(Silent),
        false => Arc::new(Terminal),
    }
}

/// The person at the terminal.
struct Terminal;

impl Asked for Terminal {
    fn passphrase(&self, what: &str) -> Option<strata::seal::Passphrase> {
        let text = rpassword::prompt_password(format!("{what}: ")).ok()?;
        Some(text.into())
    }

    fn text(&self, what: &str) -> Option<String> {
        say(&format!("{what}: "));
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).ok()?;
        Some(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    fn confirm(&self, what: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        let choice = match no {
            Some(no) => format!("{yes} (y) or {no} (n)"),
            None => format!("{yes} (y)"),
        };
        let answer = self.text(&format!("{what} [{choice}]"))?;
        Some(answer.trim().eq_ignore_ascii_case("y"))
    }

    fn say(&self, what: &str) {
        say(&format!("{what}\n"));
    }
}
