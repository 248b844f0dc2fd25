use crate::config::merge::Strategies;
use crate::config::{MergeStrategy, Schemas};
use crate::document::{Kind, Value};
use crate::seal::is_sealed;
use crate::text::Pointer;

/// What an item begins with that goes by its name and not by its number: `~=KEY=VALUE`. In a JSON
/// Pointer, no `~` stands before anything but 0 and 1.
const NAMED: &str = "~=";

impl Schemas {
    /// Gives the place that a value is sealed for: its JSON Pointer, in which an item of a list that
    /// layers merge by a key goes by that key, as in `/users/~=name="ann"/password`: it may stand at
    /// another number later on. One whose key is a secret, or is that of another item, too, goes by
    /// its number.
    pub(crate) fn sealing_place(
        &self,
        merge: &[(Pointer, MergeStrategy)],
        root: &Value,
        pointer: &Pointer,
    ) -> String {
        let mut way = self.strategies(merge);
        if way.is_silent() {
            return pointer.to_string();
        }
        let mut value = Some(root);
        let mut at = Pointer::root();
        let mut out = String::new();
        for (depth, token) in pointer.tokens().iter().enumerate() {
            let below = pointer.tokens().get(depth + 1);
            let item = at.join(token.clone());
            let named = match (way.here(), below) {
                (Some(MergeStrategy::ByKey(key)), Some(below))
                    if *below != key && !self.is_secret(&item.join(key.clone())) =>
                {
                    value.and_then(|list| name(list, token, &key))
                }
                _ => None,
            };
            out.push('/');
            out.push_str(&named.unwrap_or_else(|| escaped(token)));
            way = way.below(token);
            value = value.and_then(|value| value.child(token));
            at = item;
        }
        out
    }
}

/// Says whether a place that a value was sealed for names items.
#[must_use]
pub fn is_named(place: &str) -> bool {
    place.split('/').any(|part| part.starts_with(NAMED))
}

/// Finds the place that a value was sealed for; none where an item is not there, or not the only one
/// of its name.
#[must_use]
pub fn find_place(root: &Value, place: &str) -> Option<Pointer> {
    let mut at = Pointer::root();
    let mut value = Some(root);
    for part in place.split('/').skip(1) {
        let token = match part.strip_prefix(NAMED) {
            Some(_) => numbered(value?, part)?.to_string(),
            None => part.replace("~1", "/").replace("~0", "~"),
        };
        value = value.and_then(|value| value.child(&token));
        at.push(token);
    }
    Some(at)
}

/// Names an item of a list.
fn name(list: &Value, token: &str, key: &str) -> Option<String> {
    let items = list.as_array()?;
    let id = list.child(token)?.get(key)?;
    let is_one = items.iter().filter(|it| it.get(key) == Some(id)).count() == 1;
    let id = identity(id).filter(|_| is_one)?;
    let key = escaped(key).replace('=', "~2");
    Some(format!("{NAMED}{key}={}", escaped(&id)))
}

/// Finds an item by its name.
fn numbered(list: &Value, part: &str) -> Option<usize> {
    let (key, id) = part.strip_prefix(NAMED)?.split_once('=')?;
    let key = unescaped(&key.replace("~2", "="));
    let id = unescaped(id);
    let items = list.as_array()?.iter().enumerate();
    let mut same = items.filter(|(_, it)| it.get(&key).and_then(identity).as_ref() == Some(&id));
    let (index, _) = same.next()?;
    same.next().is_none().then_some(index)
}

/// Writes what tells an item from others: a value that all can read.
fn identity(id: &Value) -> Option<String> {
    let is_open = match &id.kind {
        Kind::String(text) => !is_sealed(text),
        Kind::Number(_) | Kind::Bool(_) => true,
        _ => false,
    };
    is_open.then(|| id.to_json().to_string())
}

fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{Format, parse};
    use crate::text::Source;

    fn root(text: &str) -> Value {
        let parsed = parse(&Arc::new(Source::new("a.yaml", text)), Format::Yaml);
        (*parsed.documents[0].root).clone()
    }

    #[test]
    fn place_is_found_again_whatever_the_names_are() {
        for key in ["name", "a=b", "a\"=b", "~=x", "a/b", "0", "\\", "~2", "ä"] {
            let text = format!(
                "l:\n  - {{{0}: 1}}\n  - {{{0}: 'x/~=\"y', p: 1}}\n",
                serde_json::Value::from(key)
            );
            let list = root(&text);
            let named = name(list.get("l").unwrap(), "1", key).unwrap();
            let place = format!("/l/{named}/p");
            assert!(is_named(&place), "{place}");
            let found = find_place(&list, &place).unwrap();
            assert_eq!(found.to_string(), "/l/1/p", "{place}");
        }
    }

    #[test]
    fn name_that_is_not_there_or_there_twice_leads_nowhere() {
        let place = "/l/~=name=\"ann\"/p";
        let found = |text: &str| find_place(&root(text), place).map(|it| it.to_string());
        assert_eq!(found("l: [{name: bob}, {name: ann}]").unwrap(), "/l/1/p");
        assert_eq!(found("l: [{name: ann}, {name: ann}]"), None);
        assert_eq!(found("l: [{name: bob}]"), None);
        assert_eq!(found("l: {'~=name=\"ann\"': {p: 1}}"), None);
        assert_eq!(found("l: 1"), None);
        let plain = find_place(&root("{}"), "/a~1b/~01").unwrap();
        assert_eq!(plain.tokens(), ["a/b", "~1"]);
    }
}
