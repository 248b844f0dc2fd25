//! Arguments, environment, terminal: one file a verb. Nothing here decides anything about
//! configuration.

mod acceptance;
mod access;
mod audit;
mod authority;
mod blame;
mod check;
mod compat;
mod context;
mod convert;
mod demo;
mod diff;
mod drift;
mod drift_accept;
mod environment;
mod explain;
mod files;
mod global;
mod hook;
mod identities;
mod identity;
mod init;
mod log;
mod merge;
mod migration;
mod overrides;
mod policy;
mod private;
mod progress;
mod promote;
mod read;
mod schema_arg;
mod secret;
mod set;
mod signing;
mod upgrade;
mod util;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use context::Context;
use global::Global;

/// Configuration management inside Git: schemas, layers, environments, and the history of all
/// three.
///
/// Every command works in any Git repository as it is; a manifest, strata.yaml, only adds names.
/// Wherever a command compares, each side is a revision (v1.2), a file at a revision
/// (v1.2:schema/app.yaml), or a file on disk (./old.yaml); A..B and A...B mean what they mean in
/// Git.
///
/// Exit status: 0 when the question was answered and nothing at or above --fail-on was found,
/// 1 when something was, 2 when it could not be answered.
#[derive(Parser)]
#[command(
    name = "git-strata",
    bin_name = "git strata",
    version,
    propagate_version = true,
    after_help = "New here? `git strata demo` builds an example repository and shows the main jobs on it."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Args),
    Demo(demo::Args),
    Check(check::Args),
    Get(read::GetArgs),
    Show(read::ShowArgs),
    Set(set::Args),
    Diff(diff::Args),
    DiffDriver(diff::DriverArgs),
    Textconv(diff::TextconvArgs),
    Log(log::Args),
    Blame(blame::Args),
    Audit(audit::Args),
    Policy(policy::Args),
    Drift(drift::Args),
    Promote(promote::Args),
    Compat(compat::Args),
    Convert(convert::Args),
    Upgrade(upgrade::Args),
    Migration(migration::Args),
    Explain(explain::Args),
    Secret(secret::Args),
    Hook(hook::Args),
    MergeDriver(merge::Args),
    Util(util::Args),
}

/// Runs the program and gives its exit status.
pub(crate) fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // A reader that went away while help was printed is no failure.
            let _ = error.print();
            return if error.use_stderr() { 2 } else { 0 };
        }
    };
    let mut context = match Context::new(cli.global) {
        Ok(context) => context,
        Err(error) => {
            context::say_error(&error, false, false);
            return 2;
        }
    };
    let outcome = match cli.command {
        Command::Init(args) => init::run(args, &mut context),
        Command::Demo(args) => demo::run(args, &mut context),
        Command::Check(args) => check::run(args, &mut context),
        Command::Get(args) => read::get(args, &mut context),
        Command::Show(args) => read::show(args, &mut context),
        Command::Set(args) => set::run(args, &mut context),
        Command::Diff(args) => diff::run(args, &mut context),
        Command::DiffDriver(args) => diff::driver(args, &mut context),
        Command::Textconv(args) => diff::textconv(&args, &mut context),
        Command::Log(args) => log::run(args, &mut context),
        Command::Blame(args) => blame::run(args, &mut context),
        Command::Audit(args) => audit::run(args, &mut context),
        Command::Policy(args) => policy::run(args, &mut context),
        Command::Drift(args) => drift::run(args, &mut context),
        Command::Promote(args) => promote::run(args, &mut context),
        Command::Compat(args) => compat::run(args, &mut context),
        Command::Convert(args) => convert::run(args, &mut context),
        Command::Upgrade(args) => upgrade::run(args, &mut context),
        Command::Migration(args) => migration::run(args, &mut context),
        Command::Explain(args) => explain::run(args, &mut context),
        Command::Secret(args) => secret::run(args, &mut context),
        Command::Hook(args) => hook::run(args, &mut context),
        Command::MergeDriver(args) => merge::run(args, &mut context),
        Command::Util(args) => util::run(args, &mut context),
    };
    match outcome {
        Ok(status) => status,
        Err(error) => {
            context.progress_done();
            context::say_error(&error, context.colour_errors(), context.global.verbose);
            2
        }
    }
}
