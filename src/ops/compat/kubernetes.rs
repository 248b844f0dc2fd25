//! What Kubernetes does with fields that a schema does not name: it drops them.

use super::draft::{Draft, Outcome};
use super::flat::Flat;
use super::objects::truth;
use super::rules;
use super::types::Types;

/// Says that fields which the schema does not name are kept. Where the schema of a custom resource
/// says nothing, they are dropped, and reading it has put that into words.
pub(super) const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";

/// Compares what happens to fields that the schema does not name.
pub(super) fn pruning<'s>(old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
    let (a, b) = (old.notes.get(PRESERVE), new.notes.get(PRESERVE));
    if a.is_none() && b.is_none() {
        return;
    }
    match (keeps(old), keeps(new)) {
        (true, false) if new.types().meets(Types::OBJECT) => {
            let message = "fields of {at} that the schema does not name were kept, and are dropped \
                           in silence now";
            let help = "keep `x-kubernetes-preserve-unknown-fields: true`, or name the fields that \
                        are in use";
            out.say(
                Draft::new(&rules::UNKNOWN_FIELDS_PRUNED, message)
                    .between(a, b)
                    .help(help),
            );
        }
        (false, true) if a.is_some() && truth(new, PRESERVE) => {
            let message = "fields of {at} that the schema does not name are kept now";
            out.say(Draft::new(&rules::UNKNOWN_FIELDS_KEPT, message).between(a, b));
        }
        _ => {}
    }
}

/// Says whether fields without a name in the schema are kept: it says so, or has a schema for all.
fn keeps(flat: &Flat<'_>) -> bool {
    let mut parts = flat.object.parts.iter();
    truth(flat, PRESERVE)
        || parts.any(|part| {
            let additional = part.additional.as_ref();
            additional.is_some_and(|node| node.value.as_bool() != Some(false))
        })
}
