use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use cel::objects::Key;
use cel::{Env, Value as Cel};
use smol_str::SmolStr;

use super::check::explain;
use super::expression::{Budget, Expression};
use super::value::to_cel;
use crate::document::{Kind, Map, Number, Value};

/// The most steps that one evaluation may take.
const MAX_STEPS: u64 = 200_000;

/// An expression of the Common Expression Language that gives a value, from values by name.
///
/// ```
/// use strata::config::schema::{Formula, Given};
/// use strata::document::{Kind, Number, Value};
///
/// let formula = Formula::compile("self * 1000", &["self"])?;
/// let two = Value::detached(Kind::Number(Number::new("2").ok_or("no number")?));
/// let result = formula.evaluate([("self", Given::of(&two))])?;
/// assert_eq!(result.as_number().map(Number::as_str), Some("2000"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Formula {
    text: String,
    expression: Expression,
    env: Arc<Env>,
}

/// A value as a formula takes it; a copy costs nothing.
#[derive(Clone, Debug)]
pub struct Given(Cel);

impl Given {
    /// Takes a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        Self(to_cel(value))
    }
}

impl Formula {
    /// Reads a formula that may use these names.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as a phrase.
    pub fn compile(text: &str, names: &[&str]) -> Result<Self, String> {
        let env = Env::stdlib();
        let expression = Expression::compile_with(text, &env, names)?;
        if expression.uses_old {
            return Err("`oldSelf` is known only in a schema".to_owned());
        }
        Ok(Self {
            text: text.to_owned(),
            expression,
            env: Arc::new(env),
        })
    }

    /// Says whether the formula uses a name.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        self.expression.named.iter().any(|known| known == name)
    }

    /// Gives the formula as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Evaluates the formula; the result stands nowhere, and the keys of its maps are in order.
    ///
    /// # Errors
    ///
    /// Why there is no result, as a phrase that shows no value.
    pub fn evaluate<'n>(
        &self,
        values: impl IntoIterator<Item = (&'n str, Given)>,
    ) -> Result<Value, String> {
        let budget = Budget::new(MAX_STEPS);
        let values = values.into_iter().map(|(name, given)| (name, given.0));
        match self.expression.evaluate_with(&self.env, values, &budget) {
            Ok(result) => from_cel(result),
            Err(_) if budget.is_spent() => Err("it takes too many steps".to_owned()),
            Err(error) => Err(explain(&error).0),
        }
    }
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Formula").field(&self.text).finish()
    }
}

fn from_cel(value: Cel) -> Result<Value, String> {
    let number = |text: String| match Number::new(&text) {
        Some(number) => Ok(Kind::Number(number)),
        None => Err("it gives no number".to_owned()),
    };
    let kind = match value {
        Cel::Null => Kind::Null,
        Cel::Bool(truth) => Kind::Bool(truth),
        Cel::Int(int) => number(int.to_string())?,
        Cel::UInt(int) => number(int.to_string())?,
        Cel::Float(float) if float.is_finite() => number(float.to_string())?,
        Cel::String(text) => Kind::String(text.as_str().into()),
        Cel::List(items) => {
            let items = items.iter().cloned().map(from_cel);
            Kind::Array(items.collect::<Result<_, _>>()?)
        }
        Cel::Map(map) => {
            let named = map.map.iter().map(|(key, value)| {
                let key: SmolStr = match key {
                    Key::String(text) => text.as_str().into(),
                    Key::Int(int) => int.to_string().into(),
                    Key::Uint(int) => int.to_string().into(),
                    Key::Bool(truth) => truth.to_string().into(),
                };
                (key, value)
            });
            let named: BTreeMap<SmolStr, &Cel> = named.collect();
            let mut map = Map::new();
            for (key, value) in named {
                map.set(key, from_cel(value.clone())?);
            }
            Kind::Object(map)
        }
        _ => return Err("it gives something that no configuration can hold".to_owned()),
    };
    Ok(Value::detached(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gives(text: &str) -> String {
        let given = Value::from_json(&serde_json::json!({"a": [1, 2.5], "b": "x"}));
        let formula = match Formula::compile(text, &["self", "root"]) {
            Ok(formula) => formula,
            Err(why) => return why,
        };
        let given = Given::of(&given);
        match formula.evaluate([("self", given.clone()), ("root", given)]) {
            Ok(value) => value.to_json().to_string(),
            Err(why) => why,
        }
    }

    #[test]
    fn formulas_give_values() {
        assert_eq!(gives("self.a[0] * 2"), "2");
        assert_eq!(gives("self.a[1] * 2.0"), "5");
        assert_eq!(
            gives("{'z': self.b, 'a': [true, null]}"),
            r#"{"a":[true,null],"z":"x"}"#
        );
        assert_eq!(gives("root.b + 'y'"), "\"xy\"");
        assert_eq!(gives("{2: 'b', 1: 'a'}"), r#"{"1":"a","2":"b"}"#);
        assert_eq!(gives("{7u: 8u, true: null}"), r#"{"7":8,"true":null}"#);
        assert_eq!(gives("{2: 'b', 1: 'a'}.map(k, k)"), "[1,2]");
        assert_eq!(gives("{2u: 'b', 1u: 'a'}.map(k, k)"), "[1,2]");
        assert_eq!(gives("{true: 1, false: 2}.map(k, k)"), "[false,true]");
        assert_eq!(gives("self.no"), "there is no `no`");
        assert_eq!(
            gives("1.0 / 0.0"),
            "it gives something that no configuration can hold"
        );
        assert_eq!(gives("oldSelf"), "`oldSelf` is known only in a schema");
        assert!(gives("rooot").contains("did you mean `root`"));
        let formula = Formula::compile("root.b", &["root"]).unwrap();
        assert!(formula.uses("root") && !formula.uses("self"));
        assert_eq!(formula.as_str(), "root.b");
        assert_eq!(format!("{formula:?}"), "Formula(\"root.b\")");
    }

    #[test]
    fn formulas_end() {
        let many = "[1,2,3,4,5,6,7,8,9,0]";
        let mut loops = many.to_owned();
        for name in ["a", "b", "c", "d", "e", "f", "g"] {
            loops = format!("{many}.map({name}, {loops})");
        }
        assert!(gives(&loops) == "it takes too many steps");
    }

    #[test]
    fn loops_go_over_keys_in_order() {
        let names: Vec<String> = (10..40).rev().map(|number| format!("k{number}")).collect();
        let map: serde_json::Map<_, _> = names.iter().map(|it| (it.clone(), true.into())).collect();
        let given = Given::of(&Value::from_json(&map.into()));
        let formula = Formula::compile("self.filter(k, self[k])", &["self"]).unwrap();
        let result = formula.evaluate([("self", given)]).unwrap();
        let keys = result
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap());
        assert!(keys.eq(names.iter().rev()));
    }
}
