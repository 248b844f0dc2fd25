use std::io::Read;

use clap::Subcommand;
use strata::ops;
use strata::ops::check::Options;
use strata::ops::hook::{self, Driver, Hook, HookBody, Pushed};
use strata::report::Report;
use strata::{Error, Result};

use super::check::{check_range, check_tree};
use super::context::Context;

/// Put Git hooks in place that check commits and pushes
///
/// pre-commit checks what is staged, pre-push what is about to be pushed. A hook that is there
/// already is kept and called first. A hook can be skipped (--no-verify), so run
/// `git strata check RANGE` in CI, too.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Put the hooks in place; or, where one is named, the programs that merge and compare files
    Install(InstallArgs),
    /// Take hooks and drivers away, and put back the hooks that were there before
    Uninstall,
    /// Say which hooks and drivers are in place
    Status,
    /// What the hooks call: run the checks of one
    Run {
        /// pre-commit or pre-push
        hook: Hook,
        /// What Git hands over
        arguments: Vec<String>,
    },
}

#[derive(clap::Args)]
struct InstallArgs {
    /// Have Git merge YAML, JSON and TOML by value; leaves the hooks as they are
    #[arg(long)]
    merge_driver: bool,
    /// Have Git compare YAML, JSON and TOML by value; leaves the hooks as they are
    #[arg(long)]
    diff_driver: bool,
    /// Add the lines to .gitattributes that say which files the driver is for
    #[arg(long)]
    write: bool,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    let report = match args.verb {
        Verb::Install(args) => install(&args, context)?,
        Verb::Uninstall => hook::uninstall(&context.repo_with_user_config()?, &program())?,
        Verb::Status => hook::status(&context.repo_with_user_config()?, &program())?,
        Verb::Run {
            hook: Hook::PreCommit,
            ..
        } => return pre_commit(context),
        Verb::Run {
            hook: Hook::PrePush,
            arguments,
        } => return pre_push(context, &arguments),
    };
    context.answer("hook", &report, ops::NO_RULES)
}

fn install(args: &InstallArgs, context: &Context) -> Result<Report<HookBody>> {
    let repo = context.repo_with_user_config()?;
    let wanted = [
        (args.merge_driver, Driver::Merge),
        (args.diff_driver, Driver::Diff),
    ];
    let drivers: Vec<Driver> = wanted.iter().filter(|it| it.0).map(|it| it.1).collect();
    match (drivers.is_empty(), args.write) {
        (true, false) => hook::install(&repo, &program()),
        (true, true) => Err(Error::usage("`--write` adds the lines that a driver needs")
            .with_help("name one: `git strata hook install --merge-driver --write`")),
        _ => hook::install_drivers(&repo, &drivers, &program(), args.write),
    }
}

/// Gives what the hooks call: `git-strata` where the shell finds it, else this very program.
fn program() -> String {
    const NAME: &str = "git-strata";
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(NAME).is_file()));
    match std::env::current_exe() {
        Ok(path) if !found => path.display().to_string(),
        _ => NAME.to_owned(),
    }
}

fn pre_commit(context: &mut Context) -> Result<u8> {
    context.global.staged = true;
    context.global.rev = None;
    let report = check_tree(context, &options(context))?;
    context.answer("check", &report, &ops::rules())
}

fn pre_push(context: &mut Context, arguments: &[String]) -> Result<u8> {
    let mut input = String::new();
    std::io::stdin()
        .read_to_string(&mut input)
        .map_err(|cause| Error::io("cannot read what Git hands to pre-push", cause))?;
    let repo = context.repo()?;
    let remote = arguments.first().map(String::as_str);
    let mut status = 0;
    for pushed in hook::pushed(&repo, remote, &input)? {
        let report = match pushed {
            Pushed::Range(range) => check_range(context, &range.spec, &options(context))?,
            Pushed::Tree(revision) => {
                context.global.rev = Some(revision);
                let report = check_tree(context, &options(context))?;
                context.global.rev = None;
                report
            }
        };
        status = status.max(context.answer("check", &report, &ops::rules())?);
    }
    Ok(status)
}

/// Says what a hook asks for: what `check` does by itself.
fn options(context: &Context) -> Options {
    Options {
        today: Some(context.today()),
        ..Options::default()
    }
}
