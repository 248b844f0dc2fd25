//! Secrets at rest: sealed where they stand, opened by who is a member of their keyring, and
//! judged without any key.
//!
//! ```text
//! tree ──▶ Usage (which files, for whom) ──▶ Place[] (tokens, plain secrets) ──▶ Finding[]
//!                                                │
//! Secret ──▶ Token at a Place ──▶ Plan (one commit)
//! ```

mod adopt;
mod edit;
mod exec;
mod history;
mod judge;
mod keyring;
mod places;
mod recipients;
mod rules;
mod seal;
pub mod sops;
#[cfg(test)]
mod tests;
mod trusted;

pub use adopt::{Adopted, Adopting, adopt};
pub use edit::{Editing, open_text, shown_text};
pub use exec::{EnvironmentVariables, variables};
pub use history::{
    AGES_SCHEMA, Age, AgesBody, HISTORY_SCHEMA, HistoryBody, InForce, Version, ages, history,
};
pub use judge::judge;
pub use keyring::{Elsewhere, Hand, KeyringChange, KeyringPlan, change_keyring};
pub use places::{Place, Usage, What, places, usage};
pub use recipients::{KeyringBody, RECIPIENTS_SCHEMA, RecipientsBody, recipients};
pub use rules::RULES;
pub use seal::{Sealing, seal, seal_all, seal_work_tree};
pub use trusted::{sealed_for, trusted};
