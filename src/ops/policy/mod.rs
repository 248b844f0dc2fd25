//! Who may change what, and who agreed: `policy.yaml`, and histories held to it.
//!
//! ```text
//! policy.yaml of the step before ─┐
//! Landings ──▶ Walk: what each commit does ──▶ Touch { verb, environment, key, file } ──▶ Decision
//!                                  └─ Trust: who signed it           approvals/ ──▶ who agreed
//! ```
//!
//! Each step of a branch is held to the policy of the step before it, so nobody grants what they do
//! not hold. A change is what it does: every service is resolved in every environment before and
//! after, and what became another value needs the right where it did. What a merge brought is
//! judged commit by commit; whoever merged answers for the rest.

mod agreed;
mod ahead;
mod approve;
mod asks;
mod authority;
mod body;
mod check;
mod effect;
mod file;
mod known;
mod model;
mod paths;
mod pending;
mod read;
mod refuse;
mod rules;
mod show;
mod state;
mod statement;
#[cfg(test)]
mod tests;
mod touch;
mod walk;
mod who;

pub use agreed::Heard;
pub use ahead::foresee;
pub use approve::{STATED_SCHEMA, StatedBody, place, state, stated};
pub use authority::{Ask, Authority};
pub use body::{AgreementBody, CHECK_SCHEMA, PartBody, PolicyCheckBody, StepBody, TouchBody};
pub use check::{Asked, check};
pub use file::{POLICY, POLICY_SCHEMA, faults};
pub use model::{Agreement, Binding, Decision, Policy, Protection, Role, Scope, Verb};
pub use pending::{PENDING_SCHEMA, PendingBody, WaitingBody, pending};
pub(crate) use rules::HISTORY_REWRITTEN;
pub use rules::RULES;
pub use show::{About, ApprovalBody, BindingBody, PolicyShowBody, SHOW_SCHEMA, ScopeBody, show};
pub use statement::{APPROVALS, Approval, NAMESPACE, Says, Statement, change_digest};
pub use touch::{Keys, Touch};
pub use who::{GROUP, Who};
