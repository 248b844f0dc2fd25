//! The message of a commit: it stays in the history, where no scan of files looks.

use crate::config::Snapshot;
use crate::error::Result;
use crate::ops::check::CheckBody;
use crate::ops::scan::{self, Allowances};
use crate::report::Report;
use crate::text::{Date, Source};

/// What ends the line below which Git cuts a message off; a comment character stands before it.
const SCISSORS: &str = " ------------------------ >8 ------------------------";

/// Checks the message of a commit for what nothing but a secret looks like.
///
/// `name` is the file that Git hands to `commit-msg`, and `index` says what may look like one.
///
/// # Errors
///
/// Where the list of what is allowed cannot be read.
pub fn message(
    name: &str,
    bytes: &[u8],
    index: &Snapshot,
    today: Option<Date>,
) -> Result<Report<CheckBody>> {
    let text = String::from_utf8_lossy(bytes);
    let end = text
        .split_inclusive('\n')
        .take_while(|line| {
            let comment = line.trim_end().strip_suffix(SCISSORS);
            !comment.is_some_and(|it| !it.is_empty() && !it.contains(' '))
        })
        .map(str::len)
        .sum();
    let source = Source::new(name, &text[..end]);
    let allowed = Allowances::read(index, today)?;
    let findings = scan::prose(&source, &allowed).into_iter().map(|mut it| {
        it.help = Some(
            "take it out and commit again, and withdraw it where it was issued if anybody saw it; \
             the message is kept: `git commit --edit --file .git/COMMIT_EDITMSG`"
                .to_owned(),
        );
        it
    });
    let mut body = CheckBody::default();
    body.files.insert(name.to_owned());
    Ok(Report::new(None, findings.collect(), body))
}
