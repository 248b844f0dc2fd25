//! Changes of values, made where they are set: validated over every environment that they touch,
//! and committed together or not at all.

mod assignment;
mod base;
mod body;
mod commit;
mod effects;
mod owner;
mod patch;
mod plan;
#[cfg(test)]
mod tests;

pub use assignment::{Assignment, Given};
pub(crate) use base::reference;
pub use base::{Edit, plan_files, plan_on};
pub use body::{ChangeBody, Effect, FileBody, SCHEMA, Stays};
pub use commit::{Author, Judge, Judging, Outcome, Sign, Signing, commit, commit_all, foresee};
pub use plan::{Plan, Wanted, layer_for, plan, plan_all};
