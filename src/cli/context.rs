use std::error::Error as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style as Ansi};
use bstr::{BStr, BString, ByteVec};
use strata::config::{Configuration, ParsedFile, Snapshot};
use strata::git::{Endpoint, OpenOptions, Repo, Revision, object_folders};
use strata::ops::diff::Side;
use strata::render::{Answer, Format, Style, render};
use strata::report::{Block, Report, Rule, Severity, View};
use strata::text::Date;
use strata::{Error, Result};

use super::environment;
use super::files::replace_file;
use super::global::{Color, Global};
use super::identity;
use super::overrides::overrides;
use super::private;
use super::progress::Progress;

/// What a command runs in: the options that every command takes, the folder, the repository.
pub(crate) struct Context {
    pub(crate) global: Global,
    folder: PathBuf,
    progress: Option<Progress>,
    /// Whether the answer holds opened secrets.
    holds_secrets: bool,
}

impl Context {
    pub(crate) fn new(global: Global) -> Result<Self> {
        let folder = match &global.dir {
            Some(dir) => dir.clone(),
            None => PathBuf::from("."),
        };
        if !folder.is_dir() {
            let message = format!("`{}` is no folder", folder.display());
            return Err(Error::usage(message).with_help("name a folder that exists with `-C`"));
        }
        Ok(Self {
            global,
            folder,
            progress: None,
            holds_secrets: false,
        })
    }

    /// Reads a path of the command line as seen from the folder.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// Opens the repository around the folder, as Git's environment variables say.
    pub(crate) fn repo(&self) -> Result<Repo> {
        Repo::open_with(&self.open_options())
    }

    /// Opens the repository with the user's own Git configuration, which may say where hooks are.
    pub(crate) fn repo_with_user_config(&self) -> Result<Repo> {
        Repo::open_with(&OpenOptions {
            user_config: true,
            overrides: overrides(),
            ..self.open_options()
        })
    }

    /// Says where to look for the repository.
    pub(crate) fn open_options(&self) -> OpenOptions {
        let path = |name: &str| {
            std::env::var_os(name)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        };
        OpenOptions {
            dir: self.folder.clone(),
            git_dir: path("GIT_DIR"),
            work_tree: path("GIT_WORK_TREE"),
            index_file: path("GIT_INDEX_FILE"),
            object_dir: path("GIT_OBJECT_DIRECTORY"),
            more_objects: std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES")
                .map(|list| object_folders(&list))
                .unwrap_or_default(),
            user_config: false,
            overrides: Vec::new(),
            now: Some(self.now()),
        }
    }

    /// Opens the repository, if there is one.
    pub(crate) fn repo_if_any(&self) -> Result<Option<Repo>> {
        match self.repo() {
            Ok(repo) => Ok(Some(repo)),
            Err(error) if error.kind() == strata::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes the tree that the options name: a revision, the index, or the work tree.
    pub(crate) fn snapshot(&self, repo: Option<&Repo>) -> Result<Snapshot> {
        let kept = |snapshot: Snapshot, repo: &Repo| match self.global.no_cache {
            true => snapshot,
            false => snapshot.with_cache(repo),
        };
        let tree = match (repo, &self.global.rev) {
            (Some(repo), Some(rev)) => {
                let revision = repo.revision(rev)?;
                kept(Snapshot::of_revision(repo, &revision), repo)
            }
            (Some(repo), None) if self.global.staged => kept(Snapshot::of_index(repo)?, repo),
            (Some(repo), None) => kept(Snapshot::of_work_tree(repo)?, repo),
            (None, None) if !self.global.staged => Snapshot::of_folder(&self.folder),
            // There is none; opening it says so.
            (None, _) => return self.repo().and_then(|repo| self.snapshot(Some(&repo))),
        };
        Ok(environment::known(tree))
    }

    /// Opens the configuration of the tree that the options name.
    pub(crate) fn configuration(&self) -> Result<Configuration> {
        let repo = self.repo_if_any()?;
        let snapshot = self.snapshot(repo.as_ref())?;
        let configuration = Configuration::open(repo, snapshot)?;
        Ok(match self.global.rev {
            Some(_) => configuration.pinned(),
            None => configuration,
        })
    }

    /// Finds one side of a comparison: a folder or file on disk, a revision, a file at one.
    pub(crate) fn side(&self, repo: Option<&Repo>, name: &str) -> Result<Side> {
        let on_disk = self.path(Path::new(name));
        let is_path = name.contains(std::path::MAIN_SEPARATOR) || name.starts_with('.');
        if on_disk.is_dir() && (is_path || repo.is_none_or(|repo| repo.revision(name).is_err())) {
            return Ok(Side::Tree(name.to_owned(), Snapshot::of_folder(&on_disk)));
        }
        let Some(repo) = repo else {
            return Ok(Side::File(name.to_owned(), self.file(name)?));
        };
        Ok(match repo.endpoint(name)? {
            Endpoint::Revision(revision) => {
                Side::Tree(name.to_owned(), Snapshot::of_revision(repo, &revision))
            }
            Endpoint::Blob { revision, path } => {
                let file = blob(repo, &revision, path.as_ref())?;
                Side::File(name.to_owned(), file)
            }
            Endpoint::File(_) => Side::File(name.to_owned(), self.file(name)?),
        })
    }

    /// Reads a file on disk; it is shown as it was named.
    pub(crate) fn file(&self, name: &str) -> Result<Arc<ParsedFile>> {
        let path = self.path(Path::new(name));
        let bytes = std::fs::read(&path).map_err(|cause| {
            let error = Error::io(format!("cannot read `{name}`"), cause);
            match path.exists() {
                true => error,
                false => error.with_help("name a file, or REVISION:PATH"),
            }
        })?;
        Ok(Arc::new(ParsedFile::of_bytes(name, &bytes)))
    }

    /// Gives the day that counts as today.
    pub(crate) fn today(&self) -> Date {
        (self.global.today).unwrap_or_else(|| Date::of_unix(identity::seconds()))
    }

    /// Gives what counts as now, in seconds since 1970: where a day is given for today, its end.
    fn now(&self) -> i64 {
        match self.global.today {
            Some(day) => (day.days_since(Date::of_unix(0)) + 1) * 86_400 - 1,
            None => identity::seconds(),
        }
    }

    /// Shows on a terminal that a long command is at work.
    pub(crate) fn progress(&mut self, what: &'static str) {
        if !self.global.quiet {
            self.progress = Progress::start(what);
        }
    }

    pub(crate) fn progress_done(&mut self) {
        self.progress = None;
    }

    /// Writes the answer, and gives the exit status that its findings ask for.
    pub(crate) fn answer<T: View>(
        &mut self,
        command: &str,
        report: &Report<T>,
        rules: &[&'static Rule],
    ) -> Result<u8> {
        self.answer_as(self.global.format, command, report, rules)
    }

    /// Writes the answer in a format of the command's own choice.
    pub(crate) fn answer_as<T: View>(
        &mut self,
        format: Format,
        command: &str,
        report: &Report<T>,
        rules: &[&'static Rule],
    ) -> Result<u8> {
        self.progress_done();
        let answer = Answer {
            command,
            report,
            rules,
            tool_version: env!("CARGO_PKG_VERSION"),
        };
        let mut bytes = Vec::new();
        render(format, &answer, &self.style(), &mut bytes).map_err(cannot_write)?;
        self.text(&bytes)?;
        let fails = report.fails_at(self.global.fail_on) && !self.global.exit_zero;
        Ok(u8::from(fails))
    }

    /// Writes an answer that is a text of its own, such as a file in another format: to a person,
    /// the findings stand beside it, on the standard error. Without a text, nothing is written.
    pub(crate) fn answer_text<T: View>(
        &mut self,
        command: &str,
        report: Report<T>,
        text: Option<&str>,
        rules: &[&'static Rule],
    ) -> Result<u8> {
        if self.global.format != Format::Human {
            return self.answer(command, &report, rules);
        }
        self.text_beside(command, report, text, rules)
    }

    /// Writes a text, whatever the format, and what there is to say of it beside it.
    pub(crate) fn text_beside<T: View>(
        &mut self,
        command: &str,
        report: Report<T>,
        text: Option<&str>,
        rules: &[&'static Rule],
    ) -> Result<u8> {
        self.progress_done();
        let fails = report.fails_at(self.global.fail_on) && !self.global.exit_zero;
        let least = match self.global.quiet {
            true => Severity::Warning,
            false => Severity::Info,
        };
        if report.fails_at(least) {
            let report = Report::new(report.revision, report.findings, Beside);
            self.say_report(command, &report, rules)?;
        }
        if let Some(text) = text {
            self.text(text.as_bytes())?;
        }
        Ok(u8::from(fails))
    }

    /// Says a whole report to a person, on the standard error.
    pub(crate) fn say_report<T: View>(
        &self,
        command: &str,
        report: &Report<T>,
        rules: &[&'static Rule],
    ) -> Result<()> {
        let answer = Answer {
            command,
            report,
            rules,
            tool_version: env!("CARGO_PKG_VERSION"),
        };
        let style = Style {
            color: self.colour_errors(),
            ..self.style()
        };
        let mut bytes = Vec::new();
        render(Format::Human, &answer, &style, &mut bytes).map_err(cannot_write)?;
        say(&String::from_utf8_lossy(&bytes));
        Ok(())
    }

    /// Writes a text that is no report: a script, a manual page, a schema.
    pub(crate) fn text(&mut self, text: &[u8]) -> Result<u8> {
        self.progress_done();
        match &self.global.output {
            None => print(text)?,
            Some(file) if self.holds_secrets => {
                let repo = self.repo_if_any()?;
                private::replace(&self.path(file), text, repo.as_ref())?;
            }
            Some(file) => replace_file(&self.path(file), text)?,
        }
        Ok(0)
    }

    /// Takes care of an answer that holds opened secrets: a file that it is written to is for its
    /// owner alone, and none that Git keeps.
    ///
    /// # Errors
    ///
    /// Where it is to be written to a file that Git keeps, or to a link.
    pub(crate) fn keep_private(&mut self) -> Result<()> {
        self.holds_secrets = true;
        match &self.global.output {
            Some(file) => private::writable(&self.path(file), self.repo_if_any()?.as_ref()),
            None => Ok(()),
        }
    }

    fn style(&self) -> Style {
        let color = match (self.global.color, &self.global.output) {
            (Color::Always, _) => true,
            (Color::Never, _) | (Color::Auto, Some(_)) => false,
            (Color::Auto, None) => AutoStream::choice(&io::stdout()) != ColorChoice::Never,
        };
        let width = match &self.global.output {
            None => terminal_size::terminal_size().map_or(0, |(width, _)| usize::from(width.0)),
            Some(_) => 0,
        };
        Style {
            color,
            width,
            quiet: self.global.quiet,
            verbose: self.global.verbose,
        }
    }

    pub(crate) fn colour_errors(&self) -> bool {
        match self.global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
        }
    }
}

/// The body of a report whose findings stand beside the answer.
#[derive(serde::Serialize)]
struct Beside;

impl View for Beside {
    fn view(&self) -> Vec<Block> {
        Vec::new()
    }
}

/// Reads a file at a revision.
pub(crate) fn blob(repo: &Repo, revision: &Revision, path: &BStr) -> Result<Arc<ParsedFile>> {
    let snapshot = Snapshot::of_revision(repo, revision);
    snapshot
        .file(path)?
        .ok_or_else(|| Error::not_found(format!("there is no file `{path}` at {}", revision.name)))
}

/// Reads a path of the command line as the bytes Git knows it by.
pub(crate) fn bytes_of(path: &Path) -> BString {
    BString::from(Vec::from_path_buf(path.to_owned()).unwrap_or_default())
}

/// Writes to the standard output; a reader that went away is no failure.
pub(crate) fn print(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(cannot_write(error)),
        _ => Ok(()),
    }
}

/// Says something on the standard error, which may be closed.
pub(crate) fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Says an error with its causes and its help.
pub(crate) fn say_error(error: &Error, color: bool, verbose: bool) {
    let style = |style: Ansi| if color { style } else { Ansi::new() };
    let red = style(AnsiColor::Red.on_default().bold());
    let cyan = style(AnsiColor::Cyan.on_default().bold());
    let mut text = format!("{red}error{red:#}: {error}\n");
    // The first cause is for people; what lies behind it is for who mends this program.
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!("  because: {error}\n"));
        cause = error.source().filter(|_| verbose);
    }
    if let Some(help) = error.help() {
        text.push_str(&format!("{cyan}help{cyan:#}: {help}\n"));
    }
    say(&text);
}

fn cannot_write(cause: io::Error) -> Error {
    Error::io("cannot write the answer", cause)
}
