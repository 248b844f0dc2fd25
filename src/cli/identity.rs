//! Who makes a commit, as Git itself finds out.

use std::time::{SystemTime, UNIX_EPOCH};

use strata::git::{Person, Repo};
use strata::{Error, Result};

/// Gives the author and the committer: by `GIT_AUTHOR_…` and `GIT_COMMITTER_…`, or else by
/// `user.name` and `user.email` of Git's configuration.
pub(super) fn people(repo: &Repo) -> Result<(Person, Person)> {
    Ok((person(repo, "AUTHOR")?, person(repo, "COMMITTER")?))
}

/// Gives the moment, as RFC 3339 has it, in UTC.
pub(super) fn now() -> String {
    let person = Person {
        name: String::new(),
        email: String::new(),
        time: seconds(),
        offset: 0,
    };
    person.date()
}

/// Names whoever Git takes the person for, as far as it is told.
pub(super) fn name(repo: &Repo) -> Option<String> {
    let author = person(repo, "AUTHOR").ok()?;
    Some(format!("{} <{}>", author.name, author.email))
}

/// Names the person as the system knows them.
pub(super) fn user() -> Option<String> {
    let variables = ["USER", "LOGNAME", "USERNAME"];
    let mut found = variables.iter().filter_map(|name| std::env::var(name).ok());
    found.find(|name| !name.is_empty())
}

/// Gives what the clock says, in seconds since 1970.
pub(super) fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0))
}

fn person(repo: &Repo, role: &str) -> Result<Person> {
    let variable = |what: &str| {
        std::env::var(format!("GIT_{role}_{what}"))
            .ok()
            .filter(|text| !text.trim().is_empty())
    };
    let known = |what: &str, key: &str| {
        variable(what).or_else(|| repo.config(key)).ok_or_else(|| {
            Error::usage("Git does not know who you are, so nothing can be committed").with_help(
                "say it once: `git config --global user.name \"Your Name\"` and `git config --global user.email you@example.com`",
            )
        })
    };
    let now = seconds();
    let (time, offset) = match variable("DATE") {
        None => (now, 0),
        Some(text) => Person::moment(&text).ok_or_else(|| {
            Error::usage(format!("`GIT_{role}_DATE` is no date: `{text}`"))
                .with_help("write it like 2026-03-01T12:00:00Z")
        })?,
    };
    Ok(Person {
        name: known("NAME", "user.name")?,
        email: known("EMAIL", "user.email")?,
        time,
        offset,
    })
}
