//! TOML, edited: what is not changed keeps every byte.
//!
//! The text is taken apart into its statements, headers and pairs, each with the comments that
//! belong to it; the intended value says which of them stay, move, get other names or values, and
//! what is new between them.

mod emit;
mod join;
mod left;
mod line;
mod outline;
mod plan;
mod scan;

use std::collections::HashMap;

use super::super::Value;
use super::super::write::toml::unwritable;
use emit::Emitter;
use line::Lines;
use outline::Outline;
use plan::Plan;
use scan::Scan;

/// Writes an intended value into the text that `old` was read from, so that comments, order and
/// spelling of all that stays are kept. What was there is known by the places that the nodes of
/// `intended` carry.
///
/// `removed` says of removed entries, by where their key starts, what to note above the comments
/// they leave; the comments of others go with them. `None` where TOML cannot say the value.
pub(super) fn rewrite(
    text: &str,
    old: &Value,
    intended: &Value,
    removed: &HashMap<u32, String>,
) -> Option<String> {
    if unwritable(intended).is_some() {
        return None;
    }
    let scan = Scan::read(text)?;
    let outline = Outline::new(&scan, old)?;
    let plan = Plan::new(&outline, intended);
    let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines = Lines {
        scan: &scan,
        outline: &outline,
        eol,
    };
    Some(Emitter::new(lines, &plan, removed).text())
}

#[cfg(test)]
mod tests;
