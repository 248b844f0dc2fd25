//! What is said of differences that a rule of `drift.yaml` speaks about.

use super::{EXPIRED_EXCEPTION, Expectation};
use crate::report::Finding;

/// Adds to a finding what it offends against.
pub(in crate::ops::drift) trait Offending {
    fn offending(self, entry: Option<&Expectation>) -> Self;
}

impl Offending for Finding {
    fn offending(mut self, entry: Option<&Expectation>) -> Self {
        if let Some(entry) = entry {
            self.message.push_str(&format!("; {}", entry.said()));
        }
        self
    }
}

impl Expectation {
    /// Says that its day is over.
    pub(in crate::ops::drift) fn ended(&self) -> Finding {
        let day = self.expires.map(|day| day.to_string()).unwrap_or_default();
        let message = format!("the rule about `{}` held until {day}", self.path);
        Finding::new(&EXPIRED_EXCEPTION, message, self.location.clone())
            .with_help("make the environments alike, or agree on another day")
    }
}
