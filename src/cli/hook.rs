use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use clap::Subcommand;
use strata::config::Snapshot;
use strata::git::{OpenOptions, Repo};
use strata::ops;
use strata::ops::check::Options;
use strata::ops::hook::{
    self, Driver, Hook, HookBody, How, Limits, ReceiveBody, ReceiveOptions, RefUpdate, Setup,
};
use strata::render::Format;
use strata::report::{Report, Severity};
use strata::{Error, Result};

use super::access::{decision, note};
use super::authority::authority;
use super::check::check_tree;
use super::context::Context;
use super::environment;

/// Put Git hooks in place that check commits and pushes
///
/// pre-commit checks what is staged, commit-msg looks for secrets in the message, pre-push checks
/// what is about to be pushed. On a server (`install --server`), pre-receive judges a push as a
/// whole before any reference moves, and update judges each reference. A hook that is there already
/// is kept and called, too.
///
/// A hook of your own can be skipped (--no-verify); one on a server cannot. Where there is no server
/// of yours, run `git strata check RANGE` in CI.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata hook install                  # in your clone
  git strata hook status
  git strata -C /srv/config.git hook install --server
  git -C /srv/config.git config strata.timeout 120
  git strata hook run pre-commit           # what `git commit` would be told
  git strata hook uninstall")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Put the hooks in place; or, where one is named, the programs that merge and compare files
    ///
    /// From Git 2.54 on, Git's configuration names the hooks (`hook.strata-pre-commit.command`), and
    /// hooks that are there stay as they are; before, a script in the folder of hooks
    /// (`core.hooksPath`, or `.git/hooks`) calls the one that was there first, with the same
    /// arguments and input, and stops where that fails.
    Install(InstallArgs),
    /// Take hooks and drivers away, and leave everything as it was before
    Uninstall,
    /// Say which hooks and drivers are in place
    Status,
    /// What the hooks call: run the checks of one
    ///
    /// pre-commit takes nothing, commit-msg the file with the message, pre-push and pre-receive lines
    /// on the standard input, update a reference with its old and its new object, as Git hands them
    /// over. Findings go to the standard error, or with another --format to the standard output.
    Run {
        /// pre-commit, commit-msg, pre-push, pre-receive or update
        hook: Hook,
        /// What Git hands over
        arguments: Vec<String>,
        /// Refuse a push that is not judged by then; else `strata.timeout` of Git's configuration
        /// says, or 60
        #[arg(long, value_name = "SECONDS")]
        timeout: Option<u64>,
    },
}

#[derive(clap::Args)]
struct InstallArgs {
    /// Put the hooks of a server in place: pre-receive and update
    #[arg(long, conflicts_with_all = ["merge_driver", "diff_driver"])]
    server: bool,
    /// Write scripts even where Git's configuration can name hooks, such as for an older Git that
    /// uses the same clone
    #[arg(long, conflicts_with_all = ["merge_driver", "diff_driver"])]
    scripts: bool,
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
        Verb::Uninstall => hook::uninstall(&context.repo_with_user_config()?, &setup())?,
        Verb::Status => hook::status(&context.repo_with_user_config()?, &setup())?,
        Verb::Run {
            hook,
            arguments,
            timeout,
        } => {
            return match hook {
                Hook::PreCommit => pre_commit(context),
                Hook::CommitMsg => commit_msg(context, &arguments),
                Hook::PrePush | Hook::PreReceive | Hook::Update => {
                    judge(context, hook, arguments, timeout)
                }
            };
        }
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
    let mut setup = setup();
    if args.scripts {
        setup.how = How::File;
    }
    let hooks: &[Hook] = match args.server {
        true => &Hook::SERVER,
        false => &Hook::CLIENT,
    };
    match (drivers.is_empty(), args.write) {
        (true, false) => hook::install(&repo, hooks, &setup),
        (true, true) => Err(Error::usage("`--write` adds the lines that a driver needs")
            .with_help("name one: `git strata hook install --merge-driver --write`")),
        _ => hook::install_drivers(&repo, &drivers, &setup, args.write),
    }
}

/// Says what the hooks call, and what Git can: `git-strata` where the shell finds it, else this very
/// program.
fn setup() -> Setup {
    const NAME: &str = "git-strata";
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(NAME).is_file()));
    let this = std::env::current_exe().map(|path| path.display().to_string());
    let this = this.unwrap_or_else(|_| NAME.to_owned());
    let version = Command::new("git")
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    Setup {
        program: match found {
            true => NAME.to_owned(),
            false => this.clone(),
        },
        server_program: this,
        how: version.map_or(How::File, |version| {
            How::of_git(&String::from_utf8_lossy(&version.stdout))
        }),
    }
}

fn pre_commit(context: &mut Context) -> Result<u8> {
    context.global.staged = true;
    context.global.rev = None;
    let options = Options {
        today: Some(context.today()),
        ..Options::default()
    };
    let report = check_tree(context, &options)?;
    // Who commits hears of it only where there is something to hear.
    if context.global.format == Format::Human
        && !context.global.verbose
        && !report.fails_at(Severity::Info)
    {
        context.progress_done();
        return Ok(0);
    }
    context.answer("check", &report, &ops::rules())
}

fn commit_msg(context: &mut Context, arguments: &[String]) -> Result<u8> {
    let [name] = arguments else {
        return Err(Error::usage("commit-msg takes the file with the message")
            .with_help("let Git run this hook: `git strata hook install`"));
    };
    let bytes = std::fs::read(context.path(Path::new(name)))
        .map_err(|cause| Error::io(format!("cannot read the message `{name}`"), cause))?;
    let repo = context.repo()?;
    let index = Snapshot::of_index(&repo)?;
    let report = hook::message(name, &bytes, &index, Some(context.today()))?;
    context.answer_text("check", report, None, &ops::rules())
}

/// Judges a push: where it goes, or where it arrives.
fn judge(
    context: &mut Context,
    hook: Hook,
    arguments: Vec<String>,
    timeout: Option<u64>,
) -> Result<u8> {
    let mut input = String::new();
    if hook != Hook::Update {
        let cannot = |cause| {
            Error::io(
                format!("cannot read what Git hands to {}", hook.name()),
                cause,
            )
        };
        std::io::stdin()
            .read_to_string(&mut input)
            .map_err(cannot)?;
    }
    let options = context.open_options();
    let repo = Repo::open_with(&options)?;
    let most = limit(&repo, hook, timeout)?;
    let (least, today) = (context.global.fail_on, context.today());
    let settings = context.repo_with_user_config()?;
    let authority = authority(context, &settings)?;
    let work = move || {
        let known = environment::known;
        let asked = ReceiveOptions {
            check: Options {
                today: Some(today),
                ..Options::default()
            },
            least,
            limits: Limits::default(),
            known: &known,
            authority,
        };
        ask(&options, hook, &arguments, &input, &asked)
    };
    drop(repo);
    let report = within(most, work)?;
    context.progress_done();
    let judged = report.body.refs.iter().map(|it| {
        let findings = match it.refusals {
            0 => &[][..],
            _ => &report.findings,
        };
        let ends = [it.old.clone(), it.new.clone()];
        decision(Some(&it.name), ends, findings)
    });
    note(
        &settings,
        context.global.quiet,
        hook.name(),
        judged.collect(),
    )?;
    let rules = ops::rules();
    if context.global.format != Format::Human {
        return context.answer("hook-push", &report, &rules);
    }
    // Who pushes hears of it only where there is something to hear.
    if report.fails_at(Severity::Warning) {
        context.say_report("hook-push", &report, &rules)?;
    }
    let fails = report.fails_at(least) && !context.global.exit_zero;
    Ok(u8::from(fails))
}

fn ask(
    options: &OpenOptions,
    hook: Hook,
    arguments: &[String],
    input: &str,
    asked: &ReceiveOptions<'_>,
) -> Result<Report<ReceiveBody>> {
    let repo = Repo::open_with(options)?;
    match (hook, arguments) {
        (Hook::PrePush, arguments) => {
            let remote = arguments.first().map(String::as_str);
            hook::push(&repo, remote, &hook::pushed(&repo, input)?, asked)
        }
        (Hook::Update, [name, old, new]) => {
            let update = RefUpdate::of(&repo, name, old, new)?;
            hook::receive(&repo, &[update], asked)
        }
        (Hook::Update, _) => Err(Error::usage("update takes a reference and two objects")
            .with_help("let Git run this hook: `git strata hook install --server`")),
        _ => hook::receive(&repo, &RefUpdate::read(&repo, input)?, asked),
    }
}

/// Says how long a push may be judged; one's own may take as long as it needs.
fn limit(repo: &Repo, hook: Hook, timeout: Option<u64>) -> Result<Option<Duration>> {
    const SECONDS: u64 = 60;
    let configured = repo.config("strata.timeout").map(|text| {
        text.trim().parse::<u64>().map_err(|_| {
            Error::invalid(format!(
                "`strata.timeout` is no number of seconds: `{text}`"
            ))
            .with_help("set another: `git config strata.timeout 60`")
        })
    });
    let seconds = match (timeout, configured) {
        (Some(seconds), _) => Some(seconds),
        (None, _) if !hook.is_of_server() => None,
        (None, configured) => Some(configured.transpose()?.unwrap_or(SECONDS)),
    };
    Ok(seconds.map(Duration::from_secs))
}

/// Does some work, and gives up on it when time is up; this process ends soon after that.
fn within<T: Send + 'static>(
    most: Option<Duration>,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    const STACK: usize = 16 << 20;
    let Some(most) = most else {
        return work();
    };
    let failed = |cause| Error::io("cannot start to judge the push", cause);
    let (done, ended) = mpsc::channel();
    std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || done.send(work()))
        .map_err(failed)?;
    match ended.recv_timeout(most) {
        Ok(outcome) => outcome,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(Error::invalid(format!(
            "the push was not judged within {} seconds, and is refused",
            most.as_secs()
        ))
        .with_help(
            "push fewer commits at a time; on the server, `git config strata.timeout SECONDS` \
             allows more",
        )),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(Error::invalid(
            "the push could not be judged, and is refused",
        )
        .with_help("what stopped it is said above")),
    }
}
