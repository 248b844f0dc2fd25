//! The repository: revisions and ranges, files at a revision, in the index or in the work tree,
//! history, tags, and the writing of commits.
//!
//! Git is the database, and this is the only room that reads it. Paths are bytes, as Git's are,
//! with `/` between their parts and no `/` in front. Replace objects are never followed, nothing
//! here reads an environment variable unless [`OpenOptions::user_config`] asks for the user's own
//! configuration, and no document is parsed.

mod brought;
mod cache;
mod checkout;
mod commit;
mod compare;
mod config;
mod endpoint;
mod files;
mod follow;
mod history;
mod journal;
mod landing;
mod locks;
mod oid;
mod packed;
mod range;
mod received;
mod refs;
mod repo;
mod revision;
mod signed;
mod store;
#[cfg(test)]
pub(crate) mod testing;
mod trail;
mod write;

pub use cache::Cache;
pub use commit::{Commit, Person};
pub use compare::FileChange;
pub use endpoint::Endpoint;
pub use files::{Blob, FileEntry, FileKind, Files};
pub use follow::{Followed, Left};
pub use history::History;
pub use journal::Journal;
pub use landing::{Landing, Landings};
pub(crate) use oid::fingerprint;
pub use oid::{ObjectFormat, Oid};
pub use range::{Range, looks_like_range};
pub use received::object_folders;
pub use refs::branch_name;
pub(crate) use refs::released;
pub use refs::{TagObject, VersionTag};
pub use repo::{Head, OpenOptions, Repo};
pub use revision::Revision;
pub use signed::Signed;
pub(crate) use trail::Trail;
pub use write::{NewCommit, RefMove};
