use super::{Kind, Value};
use crate::text::Pointer;

impl Value {
    /// Says whether any text in a value is of a kind.
    #[must_use]
    pub fn holds_text(&self, kind: impl Fn(&str) -> bool) -> bool {
        let mut any = false;
        self.each_text(&mut |_, text, _| any = any || kind(text));
        any
    }

    /// Visits every text in a value, with its place and its node.
    pub fn each_text<'a>(&'a self, visit: &mut dyn FnMut(&Pointer, &'a str, &'a Self)) {
        fn step<'a>(
            value: &'a Value,
            at: &mut Pointer,
            visit: &mut dyn FnMut(&Pointer, &'a str, &'a Value),
        ) {
            match &value.kind {
                Kind::String(text) => visit(at, text, value),
                Kind::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        at.push(index.to_string());
                        step(item, at, visit);
                        at.pop();
                    }
                }
                Kind::Object(map) => {
                    for (key, item) in map.iter() {
                        at.push(key.clone());
                        step(item, at, visit);
                        at.pop();
                    }
                }
                _ => {}
            }
        }
        step(self, &mut Pointer::root(), visit);
    }
}
