//! The outside authority on people: a command that Git's configuration names, never the repository.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use strata::git::Repo;
use strata::ops::policy::Authority;
use strata::{Error, Result};

use super::context::Context;

/// How long it may take, in seconds, where nothing is said.
const SECONDS: u64 = 10;

/// How long it may be let, in seconds.
const LONGEST: u64 = 3_600;

/// How much it may say, in bytes.
const MOST: u64 = 1 << 20;

/// Gives what answers for people, if `strata.authority` names a command; `settings` knows what the
/// user set, too.
pub(super) fn authority(context: &Context, settings: &Repo) -> Result<Option<Authority>> {
    let Some(command) = settings
        .command("strata.authority")?
        .filter(|it| !it.trim().is_empty())
    else {
        return Ok(None);
    };
    let limit = limit(settings)?;
    let folder = context.path(Path::new("."));
    Ok(Some(Authority(Arc::new(move |question| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).current_dir(&folder);
        ask(shell, question, limit)
    }))))
}

fn limit(repo: &Repo) -> Result<Duration> {
    const KEY: &str = "strata.authorityTimeout";
    let Some(text) = repo.config(KEY) else {
        return Ok(Duration::from_secs(SECONDS));
    };
    match text.trim().parse() {
        Ok(seconds) if (1..=LONGEST).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(Error::usage(format!(
            "`{KEY}` is no number of seconds up to {LONGEST}: `{text}`"
        ))
        .with_help(format!("name one: `git config {KEY} {SECONDS}`"))),
    }
}

/// Runs a command on a question. What it says beside its answer goes to the person.
fn ask(mut command: Command, question: &str, limit: Duration) -> Result<String> {
    let end = Instant::now() + limit;
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let failed = |what: String| Error::usage(format!("it {what}"));
    let mut child = command
        .spawn()
        .map_err(|cause| failed("cannot be run".to_owned()).because(cause))?;
    // Neither may wait for the other, and nothing for what never ends.
    if let Some(mut stdin) = child.stdin.take() {
        let question = question.as_bytes().to_owned();
        // What reads nothing says so by its answer.
        thread::spawn(move || drop(stdin.write_all(&question)));
    }
    let (send, answers) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            let mut answer = Vec::new();
            let read = stdout.take(MOST + 1).read_to_end(&mut answer);
            drop(send.send(read.map(|_| answer)));
        });
    }
    let late = || failed(format!("took longer than {} seconds", limit.as_secs()));
    let answer = match answers.recv_timeout(end.saturating_duration_since(Instant::now())) {
        Ok(Ok(answer)) if answer.len() as u64 > MOST => {
            stop(&mut child);
            return Err(failed(format!("printed more than {MOST} bytes")));
        }
        Ok(Ok(answer)) => answer,
        Ok(Err(cause)) => {
            stop(&mut child);
            return Err(failed("cannot be heard".to_owned()).because(cause));
        }
        Err(_) => {
            stop(&mut child);
            return Err(late());
        }
    };
    loop {
        let status = child.try_wait();
        match status.map_err(|cause| failed("cannot be waited for".to_owned()).because(cause))? {
            Some(status) if status.success() => break,
            Some(status) => return Err(failed(format!("failed ({status})"))),
            None if Instant::now() >= end => {
                stop(&mut child);
                return Err(late());
            }
            None => thread::sleep(Duration::from_millis(2)),
        }
    }
    String::from_utf8(answer).map_err(|_| failed("printed what is no text".to_owned()))
}

/// Ends a command with all that it began, which would keep open what it inherited.
fn stop(child: &mut Child) {
    #[cfg(unix)]
    drop(
        Command::new("sh")
            .args(["-c", &format!("kill -KILL -{}", child.id())])
            .stderr(Stdio::null())
            .status(),
    );
    // It may be gone already.
    drop(child.kill());
    drop(child.wait());
}
