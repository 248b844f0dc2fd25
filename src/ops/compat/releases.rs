//! What was released, as the tags say: when, and which options were deprecated then.

use crate::Result;
use crate::config::schema::{Loader, Schema};
use crate::config::{Snapshot, Window};
use crate::git::{Oid, Repo};
use crate::text::{Date, Pointer};

/// A version that was released.
#[derive(Clone)]
pub struct Release {
    /// The tag.
    pub name: String,
    /// The day of its commit.
    pub date: Date,
    /// Its files.
    pub tree: Snapshot,
}

/// Finds the versions that were released on the way to a commit, the newest first. What comes
/// before a release (`-rc.1`) is none.
///
/// # Errors
///
/// When the tags or the history cannot be read.
pub fn releases(repo: &Repo, tags: &str, tip: Oid, beside: &Snapshot) -> Result<Vec<Release>> {
    let mut found = Vec::new();
    for tag in repo.versions(tags)?.into_iter().rev() {
        if !tag.version.pre.is_empty() || !repo.is_ancestor(tag.revision.id, tip)? {
            continue;
        }
        let time = repo.commit(tag.revision.id)?.committer.time;
        found.push(Release {
            name: tag.name,
            date: Date::of_unix(time),
            tree: beside.beside(repo.files(&tag.revision)),
        });
    }
    Ok(found)
}

/// How long options of one schema have been deprecated.
pub(super) struct Deprecations {
    pub(super) window: Window,
    /// The schema in each release that has it, the newest first, with the day.
    pub(super) past: Vec<(Date, Schema)>,
    /// The day that counts as now.
    pub(super) now: Date,
}

impl Deprecations {
    pub(super) fn of(window: Window, releases: &[Release], path: &str, now: Date) -> Result<Self> {
        let mut past = Vec::new();
        for release in releases {
            if release.tree.load(path)?.is_some()
                && let (Some(schema), _) = Schema::load(&release.tree, path)?
            {
                past.push((release.date, schema));
            }
        }
        Ok(Self { window, past, now })
    }

    /// Says how long an option has been deprecated, in words, where that is not long enough.
    pub(super) fn too_short(&self, place: &Pointer) -> Option<String> {
        // Any item or name stands for all.
        let tokens = place.tokens().iter();
        let place = Pointer::from_tokens(tokens.map(|token| match token.as_str() {
            "*" => "0",
            name => name,
        }));
        let mut releases = 0_u32;
        let mut since = None;
        for (date, schema) in &self.past {
            let mut nodes = schema.annotations_at(&place);
            // A map that refuses other names has no such option either.
            nodes.retain(|node| node.value.as_bool() != Some(false));
            if nodes.is_empty() && releases == 0 {
                continue; // It is gone from here on.
            }
            let deprecated = |value: &crate::document::Value| value.get("deprecated")?.as_bool();
            if !nodes
                .iter()
                .any(|node| deprecated(node.value) == Some(true))
            {
                break;
            }
            releases += 1;
            since = Some(*date);
        }
        let days = since.map_or(0, |since| self.now.days_since(since).max(0));
        let (been, enough) = match self.window {
            Window::Releases(count) => (Window::Releases(releases), releases >= count),
            Window::Days(count) => (
                Window::Days(u32::try_from(days).unwrap_or(u32::MAX)),
                days >= i64::from(count),
            ),
        };
        (!enough).then(|| match releases {
            0 => format!(
                "no release said so yet, and the policy asks for {}",
                self.window
            ),
            _ => format!(
                "that was {been} ago, and the policy asks for {}",
                self.window
            ),
        })
    }
}
