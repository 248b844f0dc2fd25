use std::path::PathBuf;

use clap::ValueEnum;
use strata::render::Format;
use strata::report::Severity;
use strata::text::Date;

/// What every command takes.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Run as if started in this folder
    #[arg(
        id = "folder",
        short = 'C',
        global = true,
        value_name = "DIR",
        env = "STRATA_DIR",
        hide_env = true
    )]
    pub(crate) dir: Option<PathBuf>,

    /// Read the tree of this revision instead of the work tree; environments too, whatever their
    /// `ref` says
    #[arg(
        long,
        global = true,
        value_name = "REVISION",
        env = "STRATA_REV",
        hide_env = true,
        conflicts_with = "staged"
    )]
    pub(crate) rev: Option<String>,

    /// Read what is staged (the index) instead of the work tree
    #[arg(long, global = true, env = "STRATA_STAGED", hide_env = true)]
    pub(crate) staged: bool,

    /// How to write the answer
    #[arg(long, global = true, value_name = "FORMAT", env = "STRATA_FORMAT", hide_env = true, default_value = "human", value_parser = parse_format)]
    pub(crate) format: Format,

    /// Write the answer to this file
    #[arg(
        short = 'o',
        long,
        global = true,
        value_name = "FILE",
        env = "STRATA_OUTPUT",
        hide_env = true
    )]
    pub(crate) output: Option<PathBuf>,

    /// Exit with 1 if there is a finding of at least this severity: error, warning or info
    #[arg(
        long,
        global = true,
        value_name = "SEVERITY",
        env = "STRATA_FAIL_ON",
        hide_env = true,
        default_value = "error"
    )]
    pub(crate) fail_on: Severity,

    /// Exit with 0 whatever was found, as for a step that uploads a report
    #[arg(long, global = true, env = "STRATA_EXIT_ZERO", hide_env = true)]
    pub(crate) exit_zero: bool,

    /// Use colours: when writing to a terminal, always, or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        env = "STRATA_COLOR",
        hide_env = true,
        default_value = "auto"
    )]
    pub(crate) color: Color,

    /// Say less: no tally, nothing of severity info
    #[arg(
        short,
        long,
        global = true,
        env = "STRATA_QUIET",
        hide_env = true,
        conflicts_with = "verbose"
    )]
    pub(crate) quiet: bool,

    /// Say more: how to read about each rule, and the causes of errors
    #[arg(short, long, global = true, env = "STRATA_VERBOSE", hide_env = true)]
    pub(crate) verbose: bool,

    /// Take this day, such as 2026-03-01, for today
    #[arg(
        long,
        global = true,
        value_name = "DATE",
        env = "STRATA_TODAY",
        hide_env = true
    )]
    pub(crate) today: Option<Date>,

    /// Keep nothing in `.git/strata`, and use nothing of it: what was parsed is kept there by
    /// content, so that it is never out of date
    #[arg(long, global = true, env = "STRATA_NO_CACHE", hide_env = true)]
    pub(crate) no_cache: bool,

    /// Never ask anything
    #[arg(long, global = true, env = "STRATA_NO_INPUT", hide_env = true)]
    pub(crate) no_input: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

fn parse_format(text: &str) -> Result<Format, String> {
    text.parse()
}
