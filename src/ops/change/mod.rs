//! Changes of values, made where they are set: validated over every environment that they touch,
//! and committed together or not at all.

mod assignment;
mod body;
mod commit;
mod effects;
mod owner;
mod patch;
mod plan;
#[cfg(test)]
mod tests;

pub use assignment::{Assignment, Given};
pub use body::{ChangeBody, Effect, FileBody, SCHEMA, Stays};
pub use commit::{Author, Outcome, commit, commit_all};
pub(crate) use plan::reference;
pub use plan::{Plan, Wanted, plan, plan_all};
