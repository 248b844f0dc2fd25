//! Places in texts: one file's text at one revision, spans within it, and pointers into the
//! values it holds.
//!
//! Everything here works on memory; nothing reads a file, a repository, the clock or the
//! environment.

mod date;
mod key_pattern;
mod merge;
mod nearest;
mod pointer;
mod same;
mod shell;
mod source;
mod span;
mod unified;

pub use date::Date;
pub use key_pattern::{KeyPattern, name_matches};
pub use merge::{Favour, Markers, merge_lines, resolve_lines};
pub(crate) use merge::{Part, parts};
pub use nearest::nearest;
pub(crate) use nearest::{edit_distance, similarity};
pub use pointer::{Pointer, PointerError};
pub(crate) use same::{same_end, same_start};
pub(crate) use shell::shell_word;
pub use source::{Position, Source};
pub use span::Span;
pub(crate) use unified::compared;
pub(crate) use unified::hunks;
pub use unified::unified;
