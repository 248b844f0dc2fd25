use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

use super::super::{Kind, Number, Value};

type State = foldhash::fast::RandomState;

/// Digests of values, equal for equal values; those of lists and maps are computed once.
#[derive(Default)]
pub(in crate::document) struct Digests {
    state: State,
    /// By address: the values are borrowed for as long as this lives.
    known: HashMap<usize, u64, State>,
}

impl Digests {
    pub(in crate::document) fn of(&mut self, value: &Value) -> u64 {
        let address = std::ptr::from_ref(value) as usize;
        let is_container = matches!(value.kind, Kind::Array(_) | Kind::Object(_));
        if is_container && let Some(&known) = self.known.get(&address) {
            return known;
        }
        let mut hasher = self.state.build_hasher();
        value.tag.hash(&mut hasher);
        match &value.kind {
            Kind::Null => hasher.write_u8(0),
            Kind::Bool(truth) => hasher.write_u8(1 + u8::from(*truth)),
            Kind::Number(number) => {
                hasher.write_u8(3);
                hasher.write_u64(number_bits(number));
            }
            Kind::String(text) => {
                hasher.write_u8(4);
                text.hash(&mut hasher);
            }
            Kind::Array(items) => {
                hasher.write_u8(5);
                for item in items {
                    hasher.write_u64(self.of(item));
                }
            }
            Kind::Object(map) => {
                hasher.write_u8(6);
                // A sum, since order means nothing.
                let sum = map.iter().fold(0_u64, |sum, (key, value)| {
                    let entry = (key.as_str(), self.of(value));
                    sum.wrapping_add(self.state.hash_one(entry))
                });
                hasher.write_u64(sum);
            }
        }
        let digest = hasher.finish();
        if is_container {
            self.known.insert(address, digest);
        }
        digest
    }
}

/// Gives the nearest float's bits: equal numbers have equal ones.
fn number_bits(number: &Number) -> u64 {
    let plain = number.as_str().parse::<f64>().ok();
    let float = plain.unwrap_or_else(|| number.to_f64());
    if float == 0.0 { 0 } else { float.to_bits() }
}
