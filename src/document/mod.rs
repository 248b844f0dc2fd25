//! Text into values whose every node knows where it stands, and back.
//!
//! The only room that names a YAML, JSON or TOML parser.

mod number;
mod value;

pub use number::{Decimal, Number};
pub use value::{Entry, Kind, Map, Value};
